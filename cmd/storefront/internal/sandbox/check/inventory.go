package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	gatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	cloudcontroltypes "github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

// Inventory is the resources of an account in a region, by kind, as their services list them.
type Inventory map[string][]string

// list lists the names of the resources of one kind.
type list func(ctx context.Context) ([]string, error)

// Take lists the resources of a region with the APIs of their services, since a deleted stack does not show what it left behind.
func Take(ctx context.Context, t *target.Target, region string) (Inventory, error) {
	config := t.In(region)
	found, lists := Inventory{}, lists(config)
	if t.Emulator == nil { // which only records them
		lists["scalable target"] = byCloudControl(config, "AWS::ApplicationAutoScaling::ScalableTarget", `{"ServiceNamespace": "ecs"}`)
		lists["VPC link"] = page(apigatewayv2.NewFromConfig(config).GetVpcLinks, nil,
			func(p *apigatewayv2.GetVpcLinksOutput) []gatewaytypes.VpcLink { return p.Items },
			func(l gatewaytypes.VpcLink) *string {
				return unless(l.VpcLinkStatus == gatewaytypes.VpcLinkStatusDeleting, l.VpcLinkId)
			})
	}
	for kind, list := range lists {
		names, err := list(ctx)
		if err != nil {
			return nil, fmt.Errorf("list every %s: %w", kind, err)
		}
		slices.Sort(names)
		found[kind] = names
	}
	if t.Emulator != nil { // resources for which it has no service
		recorded, err := t.Emulator.Recorded(ctx)
		if err != nil {
			return nil, err
		}
		maps.Copy(found, recorded)
	}
	return found, nil
}

// Changes returns what is in a later inventory and was not in this one, and the reverse, except for the given names.
func (before Inventory) Changes(now Inventory, except ...string) (findings []string) {
	kinds := map[string]bool{}
	for kind := range before {
		kinds[kind] = true
	}
	for kind := range now {
		kinds[kind] = true
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, name := range now[kind] {
			if !slices.Contains(before[kind], name) && !slices.Contains(except, name) {
				findings = append(findings, fmt.Sprintf("%s %s is left", kind, name))
			}
		}
		for _, name := range before[kind] {
			if !slices.Contains(now[kind], name) {
				findings = append(findings, fmt.Sprintf("%s %s is gone, and was there before", kind, name))
			}
		}
	}
	return findings
}

// pager is a paginator of any service.
type pager[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// pages lists the resources on all pages of a list. A resource without a name is left out.
func pages[Page, Options, Resource any](pages pager[Page, Options], resources func(Page) []Resource, name func(Resource) *string) list {
	return func(ctx context.Context) ([]string, error) {
		var names []string
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, resource := range resources(page) {
				if name := name(resource); name != nil {
					names = append(names, *name)
				}
			}
		}
		return names, nil
	}
}

// page lists the resources of a list without a paginator, of which a sandbox has less than a page.
func page[In, Out, Options, Resource any](operation func(context.Context, *In, ...func(*Options)) (*Out, error), in *In, resources func(*Out) []Resource, name func(Resource) *string) list {
	return func(ctx context.Context) ([]string, error) {
		out, err := operation(ctx, in)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, resource := range resources(out) {
			if name := name(resource); name != nil {
				names = append(names, *name)
			}
		}
		return names, nil
	}
}

// byCloudControl lists the identifiers of a type's resources with the given properties.
func byCloudControl(config aws.Config, kind, model string) list {
	return pages(cloudcontrol.NewListResourcesPaginator(cloudcontrol.NewFromConfig(config), &cloudcontrol.ListResourcesInput{TypeName: &kind, ResourceModel: &model}),
		func(p *cloudcontrol.ListResourcesOutput) []cloudcontroltypes.ResourceDescription {
			return p.ResourceDescriptions
		},
		func(r cloudcontroltypes.ResourceDescription) *string { return r.Identifier })
}

func itself(name string) *string { return &name }

// unless returns a name, or nil for a resource that is about to disappear or that AWS manages.
func unless(gone bool, name *string) *string {
	if gone {
		return nil
	}
	return name
}

func lists(config aws.Config) map[string]list {
	network, loadBalancers := ec2.NewFromConfig(config), elb.NewFromConfig(config)
	alarms := func(kind cloudwatchtypes.AlarmType) *cloudwatch.DescribeAlarmsPaginator {
		return cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(config), &cloudwatch.DescribeAlarmsInput{AlarmTypes: []cloudwatchtypes.AlarmType{kind}})
	}
	return map[string]list{
		"table": pages(dynamodb.NewListTablesPaginator(dynamodb.NewFromConfig(config), nil),
			func(p *dynamodb.ListTablesOutput) []string { return p.TableNames }, itself),
		"bucket": pages(s3.NewListBucketsPaginator(s3.NewFromConfig(config), &s3.ListBucketsInput{BucketRegion: &config.Region}),
			func(p *s3.ListBucketsOutput) []s3types.Bucket { return p.Buckets }, func(b s3types.Bucket) *string { return b.Name }),
		"log group": pages(cloudwatchlogs.NewDescribeLogGroupsPaginator(cloudwatchlogs.NewFromConfig(config), nil),
			func(p *cloudwatchlogs.DescribeLogGroupsOutput) []logstypes.LogGroup { return p.LogGroups },
			func(g logstypes.LogGroup) *string { return g.LogGroupName }),
		"role": pages(iam.NewListRolesPaginator(iam.NewFromConfig(config), nil),
			func(p *iam.ListRolesOutput) []iamtypes.Role { return p.Roles }, func(r iamtypes.Role) *string { return r.RoleName }),
		"user pool": pages(cognitoidentityprovider.NewListUserPoolsPaginator(cognitoidentityprovider.NewFromConfig(config), &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(60)}),
			func(p *cognitoidentityprovider.ListUserPoolsOutput) []cognitotypes.UserPoolDescriptionType {
				return p.UserPools
			},
			func(u cognitotypes.UserPoolDescriptionType) *string { return u.Id }),
		"API": page(apigatewayv2.NewFromConfig(config).GetApis, &apigatewayv2.GetApisInput{MaxResults: aws.String("500")},
			func(p *apigatewayv2.GetApisOutput) []gatewaytypes.Api { return p.Items }, func(a gatewaytypes.Api) *string { return a.ApiId }),
		"network": pages(ec2.NewDescribeVpcsPaginator(network, nil),
			func(p *ec2.DescribeVpcsOutput) []ec2types.Vpc { return p.Vpcs }, func(v ec2types.Vpc) *string { return v.VpcId }),
		"security group": pages(ec2.NewDescribeSecurityGroupsPaginator(network, nil),
			func(p *ec2.DescribeSecurityGroupsOutput) []ec2types.SecurityGroup { return p.SecurityGroups },
			func(g ec2types.SecurityGroup) *string { return g.GroupId }),
		// EC2 lists terminated instances for an hour, and deleted endpoints for a while.
		"instance": pages(ec2.NewDescribeInstancesPaginator(network, nil),
			func(p *ec2.DescribeInstancesOutput) (instances []ec2types.Instance) {
				for _, reservation := range p.Reservations {
					instances = append(instances, reservation.Instances...)
				}
				return instances
			},
			func(i ec2types.Instance) *string {
				return unless(i.State.Name == ec2types.InstanceStateNameTerminated, i.InstanceId)
			}),
		"VPC endpoint": pages(ec2.NewDescribeVpcEndpointsPaginator(network, nil),
			func(p *ec2.DescribeVpcEndpointsOutput) []ec2types.VpcEndpoint { return p.VpcEndpoints },
			func(e ec2types.VpcEndpoint) *string {
				return unless(strings.HasPrefix(strings.ToLower(string(e.State)), "delet"), e.VpcEndpointId)
			}),
		"address": page(network.DescribeAddresses, nil,
			func(p *ec2.DescribeAddressesOutput) []ec2types.Address { return p.Addresses }, func(a ec2types.Address) *string { return a.PublicIp }),
		"cluster": pages(ecs.NewListClustersPaginator(ecs.NewFromConfig(config), nil),
			func(p *ecs.ListClustersOutput) []string { return p.ClusterArns }, itself),
		"load balancer": pages(elb.NewDescribeLoadBalancersPaginator(loadBalancers, nil),
			func(p *elb.DescribeLoadBalancersOutput) []elbtypes.LoadBalancer { return p.LoadBalancers },
			func(b elbtypes.LoadBalancer) *string { return b.LoadBalancerName }),
		"target group": pages(elb.NewDescribeTargetGroupsPaginator(loadBalancers, nil),
			func(p *elb.DescribeTargetGroupsOutput) []elbtypes.TargetGroup { return p.TargetGroups },
			func(g elbtypes.TargetGroup) *string { return g.TargetGroupName }),
		"event bus": page(eventbridge.NewFromConfig(config).ListEventBuses, nil,
			func(p *eventbridge.ListEventBusesOutput) []eventtypes.EventBus { return p.EventBuses }, func(b eventtypes.EventBus) *string { return b.Name }),
		"queue": pages(sqs.NewListQueuesPaginator(sqs.NewFromConfig(config), nil),
			func(p *sqs.ListQueuesOutput) []string { return p.QueueUrls }, itself),
		"topic": pages(sns.NewListTopicsPaginator(sns.NewFromConfig(config), nil),
			func(p *sns.ListTopicsOutput) []snstypes.Topic { return p.Topics }, func(t snstypes.Topic) *string { return t.TopicArn }),
		"alarm": pages(alarms(cloudwatchtypes.AlarmTypeMetricAlarm),
			func(p *cloudwatch.DescribeAlarmsOutput) []cloudwatchtypes.MetricAlarm { return p.MetricAlarms },
			func(a cloudwatchtypes.MetricAlarm) *string { // Application Auto Scaling manages alarms of its own
				return unless(strings.HasPrefix(aws.ToString(a.AlarmName), "TargetTracking-"), a.AlarmName)
			}),
		"composite alarm": pages(alarms(cloudwatchtypes.AlarmTypeCompositeAlarm),
			func(p *cloudwatch.DescribeAlarmsOutput) []cloudwatchtypes.CompositeAlarm { return p.CompositeAlarms },
			func(a cloudwatchtypes.CompositeAlarm) *string { return a.AlarmName }),
	}
}
