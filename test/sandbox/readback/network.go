package readback

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

func readVPC(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	vpc, err := only(out.Vpcs)
	if err != nil {
		return nil, err
	}
	p := shapeOf(vpc)
	names, err := a.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &r.PhysicalID, Attribute: types.VpcAttributeNameEnableDnsHostnames})
	if err != nil {
		return nil, err
	}
	support, err := a.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &r.PhysicalID, Attribute: types.VpcAttributeNameEnableDnsSupport})
	if err != nil {
		return nil, err
	}
	if names.EnableDnsHostnames != nil {
		put(p, "EnableDnsHostnames", names.EnableDnsHostnames.Value)
	}
	if support.EnableDnsSupport != nil {
		put(p, "EnableDnsSupport", support.EnableDnsSupport.Value)
	}
	return p, nil
}

func readSubnet(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	subnet, err := only(out.Subnets)
	return shapeOf(subnet), err
}

func (a *account) routeTable(ctx context.Context, id string) (types.RouteTable, error) {
	out, err := a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{id}})
	if err != nil {
		return types.RouteTable{}, err
	}
	return only(out.RouteTables)
}

func readRouteTable(ctx context.Context, a *account, r resource) (properties, error) {
	table, err := a.routeTable(ctx, r.PhysicalID)
	return shapeOf(table), err
}

func readRoute(ctx context.Context, a *account, r resource) (properties, error) {
	table, err := a.routeTable(ctx, *r.in("RouteTableId"))
	if err != nil {
		return nil, err
	}
	var found []types.Route
	for _, route := range table.Routes {
		if destination(shapeOf(route)) == destination(r.asked) {
			found = append(found, route)
		}
	}
	route, err := only(found)
	if err != nil {
		return nil, err
	}
	p := shapeOf(route)
	put(p, "RouteTableId", table.RouteTableId)
	return p, nil
}

// destination is where a route leads, by which it is known within its table.
func destination(route properties) string {
	for _, name := range []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"} {
		if value, is := route[name].(string); is && value != "" {
			return value
		}
	}
	return ""
}

func readRouteTableAssociation(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: filter("association.route-table-association-id", r.PhysicalID)})
	if err != nil {
		return nil, err
	}
	var found []types.RouteTableAssociation
	for _, table := range out.RouteTables {
		for _, association := range table.Associations {
			if aws.ToString(association.RouteTableAssociationId) == r.PhysicalID {
				found = append(found, association)
			}
		}
	}
	association, err := only(found)
	return shapeOf(association), err
}

func readInternetGateway(ctx context.Context, a *account, r resource) (properties, error) {
	gateway, err := a.internetGateway(ctx, r.PhysicalID)
	return shapeOf(gateway), err
}

func (a *account) internetGateway(ctx context.Context, id string) (types.InternetGateway, error) {
	out, err := a.ec2.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{id}})
	if err != nil {
		return types.InternetGateway{}, err
	}
	return only(out.InternetGateways)
}

func readGatewayAttachment(ctx context.Context, a *account, r resource) (properties, error) {
	gateway, err := a.internetGateway(ctx, *r.in("InternetGatewayId"))
	if err != nil {
		return nil, err
	}
	p := properties{}
	put(p, "InternetGatewayId", gateway.InternetGatewayId)
	for _, attachment := range gateway.Attachments {
		put(p, "VpcId", attachment.VpcId)
	}
	return p, nil
}

func readVPCEndpoint(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ec2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	endpoint, err := only(out.VpcEndpoints)
	if err != nil {
		return nil, err
	}
	p := shapeOf(endpoint)
	p["SecurityGroupIds"] = pick(p["Groups"], "GroupId")
	if policy := aws.ToString(endpoint.PolicyDocument); policy != "" {
		p["PolicyDocument"], err = document(policy)
	}
	return p, err
}

func readSecurityGroup(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	group, err := only(out.SecurityGroups)
	if err != nil {
		return nil, err
	}
	p := shapeOf(group)
	rename(p, "Description", "GroupDescription")

	// The rules that are resources of their own are read there; the rest must be the group's.
	elsewhere := a.physicalIDs("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
	inbound, outbound := []any{}, []any{}
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(a.ec2, &ec2.DescribeSecurityGroupRulesInput{Filters: filter("group-id", r.PhysicalID)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, rule := range page.SecurityGroupRules {
			switch {
			case elsewhere[aws.ToString(rule.SecurityGroupRuleId)]:
			case aws.ToBool(rule.IsEgress):
				outbound = append(outbound, securityGroupRule(rule))
			default:
				inbound = append(inbound, securityGroupRule(rule))
			}
		}
	}
	p["SecurityGroupIngress"], p["SecurityGroupEgress"] = inbound, outbound
	return p, nil
}

func readSecurityGroupRule(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	rule, err := only(out.SecurityGroupRules)
	if err != nil {
		return nil, err
	}
	if aws.ToBool(rule.IsEgress) != strings.HasSuffix(r.Type, "Egress") {
		return nil, absentError("a rule of the other direction")
	}
	return securityGroupRule(rule), nil
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
	if group := rule.ReferencedGroupInfo; group != nil {
		put(p, from+"SecurityGroupId", group.GroupId)
	}
	return p
}
