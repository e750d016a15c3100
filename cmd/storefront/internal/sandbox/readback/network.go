package readback

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

func readVPC(q *query, r resource) properties {
	p := shapeOf(only(q, ask(q, q.ec2.DescribeVpcs, &ec2.DescribeVpcsInput{VpcIds: []string{r.PhysicalID}}).Vpcs))
	attribute := func(name types.VpcAttributeName) *ec2.DescribeVpcAttributeOutput {
		return ask(q, q.ec2.DescribeVpcAttribute, &ec2.DescribeVpcAttributeInput{VpcId: &r.PhysicalID, Attribute: name})
	}
	put(p, "EnableDnsHostnames", of(attribute(types.VpcAttributeNameEnableDnsHostnames).EnableDnsHostnames).Value)
	put(p, "EnableDnsSupport", of(attribute(types.VpcAttributeNameEnableDnsSupport).EnableDnsSupport).Value)
	return p
}

func readSubnet(q *query, r resource) properties {
	return shapeOf(only(q, ask(q, q.ec2.DescribeSubnets, &ec2.DescribeSubnetsInput{SubnetIds: []string{r.PhysicalID}}).Subnets))
}

func (q *query) routeTable(id string) types.RouteTable {
	return only(q, ask(q, q.ec2.DescribeRouteTables, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{id}}).RouteTables)
}

func readRouteTable(q *query, r resource) properties { return shapeOf(q.routeTable(r.PhysicalID)) }

func readRoute(q *query, r resource) properties {
	table := q.routeTable(*r.in("RouteTableId"))
	p := shapeOf(only(q, where(table.Routes, func(route types.Route) bool { return destination(shapeOf(route)) == destination(r.asked) })))
	put(p, "RouteTableId", table.RouteTableId)
	return p
}

// destination is the destination of a route, which identifies it within its table.
func destination(route properties) string {
	for _, name := range []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"} {
		if value, is := route[name].(string); is && value != "" {
			return value
		}
	}
	return ""
}

func readRouteTableAssociation(q *query, r resource) properties {
	var found []types.RouteTableAssociation
	for _, table := range ask(q, q.ec2.DescribeRouteTables, &ec2.DescribeRouteTablesInput{Filters: filter("association.route-table-association-id", r.PhysicalID)}).RouteTables {
		found = append(found, where(table.Associations, func(a types.RouteTableAssociation) bool {
			return aws.ToString(a.RouteTableAssociationId) == r.PhysicalID
		})...)
	}
	return shapeOf(only(q, found))
}

func readInternetGateway(q *query, r resource) properties {
	return shapeOf(q.internetGateway(r.PhysicalID))
}

func (q *query) internetGateway(id string) types.InternetGateway {
	return only(q, ask(q, q.ec2.DescribeInternetGateways, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{id}}).InternetGateways)
}

func readGatewayAttachment(q *query, r resource) properties {
	gateway := q.internetGateway(*r.in("InternetGatewayId"))
	p := properties{}
	put(p, "InternetGatewayId", gateway.InternetGatewayId)
	for _, attachment := range gateway.Attachments {
		put(p, "VpcId", attachment.VpcId)
	}
	return p
}

func readVPCEndpoint(q *query, r resource) properties {
	endpoint := only(q, ask(q, q.ec2.DescribeVpcEndpoints, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{r.PhysicalID}}).VpcEndpoints)
	p := shapeOf(endpoint)
	p["SecurityGroupIds"] = pick(p["Groups"], "GroupId")
	q.decode(p, "PolicyDocument")
	return p
}

func readSecurityGroup(q *query, r resource) properties {
	p := shapeOf(only(q, ask(q, q.ec2.DescribeSecurityGroups, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{r.PhysicalID}}).SecurityGroups))
	rename(p, "Description", "GroupDescription")
	// The rules that are resources of their own are read there; the rest must be the group's.
	elsewhere := q.physicalIDs("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
	inbound, outbound := []any{}, []any{}
	for _, rule := range all(q, ec2.NewDescribeSecurityGroupRulesPaginator(q.ec2, &ec2.DescribeSecurityGroupRulesInput{Filters: filter("group-id", r.PhysicalID)}),
		func(page *ec2.DescribeSecurityGroupRulesOutput) []types.SecurityGroupRule {
			return page.SecurityGroupRules
		}) {
		switch {
		case elsewhere[aws.ToString(rule.SecurityGroupRuleId)]:
		case aws.ToBool(rule.IsEgress):
			outbound = append(outbound, securityGroupRule(rule))
		default:
			inbound = append(inbound, securityGroupRule(rule))
		}
	}
	p["SecurityGroupIngress"], p["SecurityGroupEgress"] = inbound, outbound
	return p
}

func readSecurityGroupRule(q *query, r resource) properties {
	rule := only(q, ask(q, q.ec2.DescribeSecurityGroupRules, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{r.PhysicalID}}).SecurityGroupRules)
	if q.err == nil && aws.ToBool(rule.IsEgress) != strings.HasSuffix(r.Type, "Egress") {
		q.err = absentError("a rule of the other direction")
	}
	return securityGroupRule(rule)
}

func securityGroupRule(rule types.SecurityGroupRule) properties {
	from, list := "Source", "SourcePrefixListId"
	if aws.ToBool(rule.IsEgress) {
		from, list = "Destination", "DestinationPrefixListId"
	}
	p := properties{}
	put(p, "CidrIp", rule.CidrIpv4)
	put(p, "CidrIpv6", rule.CidrIpv6)
	put(p, "Description", rule.Description)
	put(p, "FromPort", rule.FromPort)
	put(p, "GroupId", rule.GroupId)
	put(p, "IpProtocol", rule.IpProtocol)
	put(p, "ToPort", rule.ToPort)
	put(p, list, rule.PrefixListId)
	put(p, from+"SecurityGroupId", of(rule.ReferencedGroupInfo).GroupId)
	return p
}
