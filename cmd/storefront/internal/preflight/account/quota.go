package account

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/need"
)

// quota is one of the quotas that Service Quotas has.
type quota struct{ service, code string }

var (
	quotaOnDemand     = quota{"fargate", "L-3032A538"}              // Fargate On-Demand vCPU resource count
	quotaSpot         = quota{"fargate", "L-36FBB829"}              // Fargate Spot vCPU resource count
	quotaRules        = quota{"elasticloadbalancing", "L-7EED9B64"} // Rules per Application Load Balancer
	quotaTargetGroups = quota{"elasticloadbalancing", "L-822D1B1B"} // Target Groups per Application Load Balancer, fixed
	quotaRoutes       = quota{"apigateway", "L-65B5C802"}           // Routes per HTTP API
	quotaVPCLinks     = quota{"apigateway", "L-608BDCD4"}           // VPC links(V2)
	quotaElasticIPs   = quota{"ec2", "L-0263D0A3"}                  // EC2-VPC Elastic IPs
	quotaVPCs         = quota{"vpc", "L-F678F1CE"}                  // VPCs per Region
	quotaNATGateways  = quota{"vpc", "L-FE5A380F"}                  // NAT gateways per Availability Zone
)

// integrationsPerAPI is a fixed quota that Service Quotas does not have. From
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const integrationsPerAPI = 300

// allowed returns the value of a quota: the one applied to the account, or AWS's default where none was.
func (l *look) allowed(ctx context.Context, q quota) (value float64, action string, err error) {
	client := servicequotas.NewFromConfig(l.Config)
	applied, err := client.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code})
	if err == nil && applied.Quota != nil {
		return aws.ToFloat64(applied.Quota.Value), "", nil
	}
	if !coded(err, "NoSuchResourceException") {
		return 0, "servicequotas:GetServiceQuota", err
	}
	general, err := client.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code})
	if err != nil {
		return 0, "servicequotas:GetAWSDefaultServiceQuota", err
	}
	return aws.ToFloat64(general.Quota.Value), "", nil
}

// raise returns the command that requests a higher quota.
func (l *look) raise(q quota, to int) string {
	return fmt.Sprintf("aws service-quotas request-service-quota-increase --region %s \\\n  --service-code %s --quota-code %s --desired-value %d",
		l.Environment.Region, q.service, q.code, to)
}

// use is how much of a quota is used and needed.
type use struct {
	check, subject    string
	needed, new, used int
	quota             quota  // or, if it is zero,
	fixed             int    // a quota that is the same in every account
	fix               string // if the quota cannot be raised
}

// compare returns the finding about one quota.
func (l *look) compare(ctx context.Context, u use) []finding.Finding {
	limit := u.fixed
	if u.quota != (quota{}) {
		value, action, err := l.allowed(ctx, u.quota)
		if err != nil {
			return unknown(u.check, action, err)
		}
		limit = int(value)
	}
	after := u.used + u.new
	f := ok(u.check, "%d needed, %d used, %d allowed, %d left", u.needed, u.used, limit, limit-after)
	f.Subject = u.subject
	switch {
	case after > limit:
		f.Status = finding.Missing
	case after*5 > limit*4:
		f.Status, f.Detail = finding.Warning, f.Detail+": more than 80 % of the quota"
	}
	if f.Status != finding.OK {
		if f.Fix = u.fix; f.Fix == "" {
			f.Fix = l.raise(u.quota, after*2)
		}
	}
	return []finding.Finding{f}
}

// fargate compares the need of vCPUs with the quotas. Above them ECS starts no tasks, which the deployment circuit
// breaker does not count.
func (l *look) fargate(ctx context.Context) []finding.Finding {
	var findings []finding.Finding
	for _, kind := range []struct {
		of           need.Capacity
		check, class string
		quota        quota
	}{
		{need.OnDemand, "Fargate vCPU", "Standard/OnDemand", quotaOnDemand},
		{need.Spot, "Fargate Spot vCPU", "Standard/Spot", quotaSpot},
	} {
		wanted := l.need.VCPU(kind.of, l.deployed)
		if wanted.Maximum == 0 {
			continue
		}
		limit, action, err := l.allowed(ctx, kind.quota)
		if err != nil {
			f := unknown(kind.check, action, err)
			f[0].Detail += "; " + amounts(wanted)
			findings = append(findings, f...)
			continue
		}
		used, err := l.vCPUsInUse(ctx, kind.class)
		if err != nil {
			f := unknown(kind.check, "cloudwatch:GetMetricStatistics", err)
			f[0].Detail += fmt.Sprintf("; %s; allowed: %s", amounts(wanted), vCPU(int(limit*1024)))
			findings = append(findings, f...)
			continue
		}
		findings = append(findings, l.compareVCPU(kind.check, kind.quota, wanted, used, int(limit*1024)))
	}
	return findings
}

func amounts(v need.VCPU) string {
	return fmt.Sprintf("needed: %s at the minimum, %s while one service is deployed, %s while all are, %s at the maximum",
		vCPU(v.Minimum), vCPU(v.Minimum+v.OneDeploying), vCPU(v.Minimum+v.AllDeploying), vCPU(v.Maximum))
}

func (l *look) compareVCPU(check string, q quota, v need.VCPU, used, limit int) finding.Finding {
	f := ok(check, "%s; in use: %s, allowed: %s", amounts(v), vCPU(used), vCPU(limit))
	// What runs is all of the account's, and of these services those that are deployed.
	base := used + v.New
	maximum := used + v.Maximum
	if l.anyDeployed() {
		maximum = v.Maximum
	}
	switch {
	case base+v.OneDeploying > limit:
		f.Status = finding.Missing
		f.Detail += ". Above the quota ECS starts no tasks and does not fail the deployment, which hangs"
	case base+v.AllDeploying > limit:
		f.Status = finding.Warning
		f.Detail += ". Deploy one service at a time"
	case maximum > limit:
		f.Status = finding.Warning
		f.Detail += ". Services cannot scale to their maximum"
	}
	if f.Status != finding.OK {
		f.Fix = l.raise(q, (max(maximum, base)+v.Peak+1023)/1024)
	}
	return f
}

// vCPU writes units of 1/1024 as a number of vCPUs.
func vCPU(units int) string { return strconv.FormatFloat(float64(units)/1024, 'f', -1, 64) }

// vCPUsInUse returns what all Fargate tasks of the account use in the region, in units of 1/1024. Fargate publishes
// nothing while none runs.
func (l *look) vCPUsInUse(ctx context.Context, class string) (int, error) {
	now := time.Now()
	dimension := func(name, value string) cwtypes.Dimension { return cwtypes.Dimension{Name: &name, Value: &value} }
	got, err := cloudwatch.NewFromConfig(l.Config).GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("AWS/Usage"), MetricName: aws.String("ResourceCount"),
		Dimensions: []cwtypes.Dimension{
			dimension("Service", "Fargate"), dimension("Type", "Resource"), dimension("Resource", "vCPU"), dimension("Class", class),
		},
		StartTime: aws.Time(now.Add(-15 * time.Minute)), EndTime: &now, Period: aws.Int32(300),
		Statistics: []cwtypes.Statistic{cwtypes.StatisticMaximum},
	})
	if err != nil {
		return 0, err
	}
	var latest time.Time
	used := 0.0
	for _, point := range got.Datapoints {
		if at := aws.ToTime(point.Timestamp); at.After(latest) {
			latest, used = at, aws.ToFloat64(point.Maximum)
		}
	}
	return int(used * 1024), nil
}

// loadBalancers compares rules and target groups with the quotas of one load balancer.
func (l *look) loadBalancers(ctx context.Context) []finding.Finding {
	var findings []finding.Finding
	wanted := map[string]need.LoadBalancer{} // by ARN, since services may refer to one by different listeners
	for _, place := range places(l.need.LoadBalancers) {
		arn, action, err := l.balancer(ctx, place)
		if err != nil {
			findings = append(findings, unknown("listener rules", action, err)...)
			continue
		}
		if arn == "" {
			arn = fmt.Sprint(place)
		}
		of := l.need.LoadBalancers[place]
		wanted[arn] = need.LoadBalancer{Rules: wanted[arn].Rules.Plus(of.Rules), TargetGroups: wanted[arn].TargetGroups.Plus(of.TargetGroups)}
	}
	for _, arn := range sorted(wanted) {
		rules, groups, action, err := l.loadBalancer(ctx, arn)
		if err != nil {
			findings = append(findings, unknown("listener rules", action, err)...)
			continue
		}
		of := wanted[arn]
		findings = append(findings, l.compare(ctx, use{
			check: "listener rules", needed: of.Rules.Total(), new: of.Rules.New(l.deployed), used: rules, quota: quotaRules,
		})...)
		findings = append(findings, l.compare(ctx, use{
			check: "target groups", needed: of.TargetGroups.Total(), new: of.TargetGroups.New(l.deployed), used: groups,
			quota: quotaTargetGroups, fix: "this quota cannot be raised: define a second platform for further services",
		})...)
	}
	return findings
}

// balancer returns the ARN of a load balancer, given its place or that of one of its listeners, and an empty text if it does
// not exist.
func (l *look) balancer(ctx context.Context, place need.Place) (arn, action string, err error) {
	arn, action, err = l.place(ctx, place)
	// …:listener/app/name/id/listener-id is of …:loadbalancer/app/name/id.
	if strings.Contains(arn, ":listener/") {
		arn = strings.Replace(arn[:strings.LastIndex(arn, "/")], ":listener/", ":loadbalancer/", 1)
	}
	return arn, action, err
}

// loadBalancer returns the rules and target groups that a load balancer has.
func (l *look) loadBalancer(ctx context.Context, arn string) (rules, groups int, action string, err error) {
	if !strings.HasPrefix(arn, "arn:") { // not deployed
		return 0, 0, "", nil
	}
	client := elb.NewFromConfig(l.Config)
	listeners := elb.NewDescribeListenersPaginator(client, &elb.DescribeListenersInput{LoadBalancerArn: &arn})
	for listeners.HasMorePages() {
		page, err := listeners.NextPage(ctx)
		if err != nil {
			return 0, 0, "elasticloadbalancing:DescribeListeners", err
		}
		for _, listener := range page.Listeners {
			n, err := rulesOf(ctx, client, listener.ListenerArn)
			if err != nil {
				return 0, 0, "elasticloadbalancing:DescribeRules", err
			}
			rules += n
		}
	}
	pages := elb.NewDescribeTargetGroupsPaginator(client, &elb.DescribeTargetGroupsInput{LoadBalancerArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, 0, "elasticloadbalancing:DescribeTargetGroups", err
		}
		groups += len(page.TargetGroups)
	}
	return rules, groups, "", nil
}

// rulesOf returns the number of a listener's rules that count against the quota, which are all but the default one.
func rulesOf(ctx context.Context, client *elb.Client, listener *string) (int, error) {
	rules := 0
	pages := elb.NewDescribeRulesPaginator(client, &elb.DescribeRulesInput{ListenerArn: listener})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, rule := range page.Rules {
			if !aws.ToBool(rule.IsDefault) {
				rules++
			}
		}
	}
	return rules, nil
}

// places returns the keys of a map in order.
func places[V any](of map[need.Place]V) []need.Place {
	return slices.SortedFunc(maps.Keys(of), func(a, b need.Place) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

// apis compares routes and integrations with the quotas of one API.
func (l *look) apis(ctx context.Context) []finding.Finding {
	client := apigatewayv2.NewFromConfig(l.Config)
	var findings []finding.Finding
	for _, place := range places(l.need.APIs) {
		wanted := l.need.APIs[place]
		id, action, err := l.place(ctx, place)
		routes, integrations := 0, 0
		if err == nil && id != "" {
			action = "apigateway:GET"
			routes, err = count(func(token *string) (int, *string, error) {
				page, err := client.GetRoutes(ctx, &apigatewayv2.GetRoutesInput{ApiId: &id, NextToken: token})
				if err != nil {
					return 0, nil, err
				}
				return len(page.Items), page.NextToken, nil
			})
		}
		if err == nil && id != "" {
			integrations, err = count(func(token *string) (int, *string, error) {
				page, err := client.GetIntegrations(ctx, &apigatewayv2.GetIntegrationsInput{ApiId: &id, NextToken: token})
				if err != nil {
					return 0, nil, err
				}
				return len(page.Items), page.NextToken, nil
			})
		}
		if err != nil {
			findings = append(findings, unknown("API routes", action, err)...)
			continue
		}
		findings = append(findings, l.compare(ctx, use{
			check: "API routes", needed: wanted.Routes.Total(), new: wanted.Routes.New(l.deployed), used: routes, quota: quotaRoutes,
		})...)
		findings = append(findings, l.compare(ctx, use{
			check: "API integrations", needed: wanted.Integrations.Total(), new: wanted.Integrations.New(l.deployed), used: integrations,
			fixed: integrationsPerAPI, fix: "this quota cannot be raised: define a second platform for further services",
		})...)
	}
	return findings
}

// count adds up pages of API Gateway, for which the SDK has no paginators.
func count(page func(token *string) (int, *string, error)) (int, error) {
	total := 0
	var token *string
	for {
		n, next, err := page(token)
		if err != nil {
			return 0, err
		}
		total += n
		if aws.ToString(next) == "" {
			return total, nil
		}
		token = next
	}
}

// network compares what the region has of networks with its quotas.
func (l *look) network(ctx context.Context) []finding.Finding {
	client := ec2.NewFromConfig(l.Config)
	var findings []finding.Finding
	compare := func(check string, of need.Count, q quota, action string, used func() (int, error)) {
		if of.Total() == 0 {
			return
		}
		n, err := used()
		if err != nil {
			findings = append(findings, unknown(check, action, err)...)
			return
		}
		findings = append(findings, l.compare(ctx, use{check: check, needed: of.Total(), new: of.New(l.deployed), used: n, quota: q})...)
	}
	compare("VPCs", l.need.VPCs, quotaVPCs, "ec2:DescribeVpcs", func() (int, error) {
		vpcs := 0
		pages := ec2.NewDescribeVpcsPaginator(client, &ec2.DescribeVpcsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return 0, err
			}
			vpcs += len(page.Vpcs)
		}
		return vpcs, nil
	})
	compare("elastic IPs", l.need.ElasticIPs, quotaElasticIPs, "ec2:DescribeAddresses", func() (int, error) {
		got, err := client.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
		if err != nil {
			return 0, err
		}
		return len(got.Addresses), nil
	})
	findings = append(findings, l.natGateways(ctx, client)...)
	compare("VPC links", l.need.VPCLinks, quotaVPCLinks, "apigateway:GET", func() (int, error) {
		links := apigatewayv2.NewFromConfig(l.Config)
		return count(func(token *string) (int, *string, error) {
			page, err := links.GetVpcLinks(ctx, &apigatewayv2.GetVpcLinksInput{NextToken: token})
			if err != nil {
				return 0, nil, err
			}
			return len(page.Items), page.NextToken, nil
		})
	})
	return findings
}

// natGateways compares each zone with the quota, and returns the finding about the fullest one.
func (l *look) natGateways(ctx context.Context, client *ec2.Client) []finding.Finding {
	const check = "NAT gateways"
	if len(l.need.NATGateways) == 0 {
		return nil
	}
	zoneOf := map[string]string{}
	subnets := ec2.NewDescribeSubnetsPaginator(client, &ec2.DescribeSubnetsInput{})
	for subnets.HasMorePages() {
		page, err := subnets.NextPage(ctx)
		if err != nil {
			return unknown(check, "ec2:DescribeSubnets", err)
		}
		for _, subnet := range page.Subnets {
			zoneOf[aws.ToString(subnet.SubnetId)] = aws.ToString(subnet.AvailabilityZone)
		}
	}
	used := map[string]int{}
	gateways := ec2.NewDescribeNatGatewaysPaginator(client, &ec2.DescribeNatGatewaysInput{})
	for gateways.HasMorePages() {
		page, err := gateways.NextPage(ctx)
		if err != nil {
			return unknown(check, "ec2:DescribeNatGateways", err)
		}
		for _, gateway := range page.NatGateways {
			if gateway.State != ec2types.NatGatewayStateDeleted && gateway.State != ec2types.NatGatewayStateFailed {
				used[zoneOf[aws.ToString(gateway.SubnetId)]]++
			}
		}
	}
	var fullest use
	for _, zone := range sorted(l.need.NATGateways) {
		of := l.need.NATGateways[zone]
		u := use{check: check, subject: zone, needed: of.Total(), new: of.New(l.deployed), used: used[zone], quota: quotaNATGateways}
		if fullest.check == "" || u.used+u.new > fullest.used+fullest.new {
			fullest = u
		}
	}
	return l.compare(ctx, fullest)
}
