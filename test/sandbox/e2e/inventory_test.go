package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
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
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// inventory is the resources of an account in a region, by kind, as their services list them.
type inventory map[string][]string

// inventory lists the resources with the APIs of their services, since a deleted stack does not show what it left behind.
func (s *suite) inventory(t *testing.T, config aws.Config) inventory {
	t.Helper()
	found := inventory{}
	for kind, list := range map[string]func(context.Context, aws.Config) ([]string, error){
		"table": tables, "bucket": buckets, "log group": logGroups, "role": roles, "user pool": userPools, "API": apis,
		"network": networks, "security group": securityGroups, "cluster": clusters, "load balancer": balancers,
		"target group": targetGroups, "event bus": buses, "instance": instances, "VPC endpoint": endpoints, "address": addresses,
		"queue": queues, "topic": topics, "alarm": alarms,
		"VPC link":        byCloudControl("AWS::ApiGatewayV2::VpcLink", ""),
		"scalable target": byCloudControl("AWS::ApplicationAutoScaling::ScalableTarget", `{"ServiceNamespace": "ecs"}`),
	} {
		names, err := list(s.ctx, config)
		if err != nil {
			t.Fatalf("list every %s: %v", kind, err)
		}
		slices.Sort(names)
		found[kind] = names
	}
	if s.target.Emulator != nil { // resources for which it has no service
		recorded, err := s.target.Emulator.Recorded(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for kind, ids := range recorded {
			found[kind] = ids
		}
	}
	return found
}

// nothingNew fails if the inventory has changed, except for the given names.
func (s *suite) nothingNew(t *testing.T, before inventory, config aws.Config, except ...string) {
	t.Helper()
	now := s.inventory(t, config)
	for kind, names := range now {
		now[kind] = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(except, name) })
	}
	if diff := cmp.Diff(before, now, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("resources are left (-before +now):\n%s", diff)
	}
}

// pager is a paginator of any service.
type pager[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// listed reads all pages of a list.
func listed[Page, Options, Thing any](ctx context.Context, pages pager[Page, Options], things func(Page) []Thing, name func(Thing) *string) ([]string, error) {
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, thing := range things(page) {
			names = append(names, aws.ToString(name(thing)))
		}
	}
	return names, nil
}

func tables(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, dynamodb.NewListTablesPaginator(dynamodb.NewFromConfig(config), nil),
		func(page *dynamodb.ListTablesOutput) []string { return page.TableNames },
		func(name string) *string { return &name })
}

func buckets(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, s3.NewListBucketsPaginator(s3.NewFromConfig(config), &s3.ListBucketsInput{BucketRegion: &config.Region}),
		func(page *s3.ListBucketsOutput) []s3types.Bucket { return page.Buckets },
		func(bucket s3types.Bucket) *string { return bucket.Name })
}

func logGroups(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, cloudwatchlogs.NewDescribeLogGroupsPaginator(cloudwatchlogs.NewFromConfig(config), nil),
		func(page *cloudwatchlogs.DescribeLogGroupsOutput) []logstypes.LogGroup { return page.LogGroups },
		func(group logstypes.LogGroup) *string { return group.LogGroupName })
}

func roles(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, iam.NewListRolesPaginator(iam.NewFromConfig(config), nil),
		func(page *iam.ListRolesOutput) []iamtypes.Role { return page.Roles },
		func(role iamtypes.Role) *string { return role.RoleName })
}

func userPools(ctx context.Context, config aws.Config) ([]string, error) {
	client := cognitoidentityprovider.NewFromConfig(config)
	return listed(ctx, cognitoidentityprovider.NewListUserPoolsPaginator(client, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(60)}),
		func(page *cognitoidentityprovider.ListUserPoolsOutput) []cognitotypes.UserPoolDescriptionType {
			return page.UserPools
		},
		func(pool cognitotypes.UserPoolDescriptionType) *string { return pool.Id })
}

// apis lists the HTTP APIs. There is no paginator, and a sandbox has less than a page.
func apis(ctx context.Context, config aws.Config) ([]string, error) {
	page, err := apigatewayv2.NewFromConfig(config).GetApis(ctx, &apigatewayv2.GetApisInput{MaxResults: aws.String("500")})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, api := range page.Items {
		ids = append(ids, aws.ToString(api.ApiId))
	}
	return ids, nil
}

func networks(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, ec2.NewDescribeVpcsPaginator(ec2.NewFromConfig(config), nil),
		func(page *ec2.DescribeVpcsOutput) []ec2types.Vpc { return page.Vpcs },
		func(vpc ec2types.Vpc) *string { return vpc.VpcId })
}

func securityGroups(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, ec2.NewDescribeSecurityGroupsPaginator(ec2.NewFromConfig(config), nil),
		func(page *ec2.DescribeSecurityGroupsOutput) []ec2types.SecurityGroup { return page.SecurityGroups },
		func(group ec2types.SecurityGroup) *string { return group.GroupId })
}

func clusters(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, ecs.NewListClustersPaginator(ecs.NewFromConfig(config), nil),
		func(page *ecs.ListClustersOutput) []string { return page.ClusterArns },
		func(arn string) *string { return &arn })
}

func balancers(ctx context.Context, config aws.Config) ([]string, error) {
	client := elasticloadbalancingv2.NewFromConfig(config)
	return listed(ctx, elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(client, nil),
		func(page *elasticloadbalancingv2.DescribeLoadBalancersOutput) []elbtypes.LoadBalancer {
			return page.LoadBalancers
		},
		func(balancer elbtypes.LoadBalancer) *string { return balancer.LoadBalancerName })
}

func targetGroups(ctx context.Context, config aws.Config) ([]string, error) {
	client := elasticloadbalancingv2.NewFromConfig(config)
	return listed(ctx, elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(client, nil),
		func(page *elasticloadbalancingv2.DescribeTargetGroupsOutput) []elbtypes.TargetGroup {
			return page.TargetGroups
		},
		func(group elbtypes.TargetGroup) *string { return group.TargetGroupName })
}

// instances lists those that are not terminated: EC2 lists terminated ones for an hour.
func instances(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, ec2.NewDescribeInstancesPaginator(ec2.NewFromConfig(config), nil),
		func(page *ec2.DescribeInstancesOutput) (running []ec2types.Instance) {
			for _, reservation := range page.Reservations {
				for _, instance := range reservation.Instances {
					if instance.State.Name != ec2types.InstanceStateNameTerminated {
						running = append(running, instance)
					}
				}
			}
			return running
		},
		func(instance ec2types.Instance) *string { return instance.InstanceId })
}

// addresses lists the Elastic IP addresses. Their list has no pages.
func addresses(ctx context.Context, config aws.Config) ([]string, error) {
	all, err := ec2.NewFromConfig(config).DescribeAddresses(ctx, nil)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, address := range all.Addresses {
		names = append(names, aws.ToString(address.PublicIp))
	}
	return names, nil
}

func endpoints(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, ec2.NewDescribeVpcEndpointsPaginator(ec2.NewFromConfig(config), nil),
		func(page *ec2.DescribeVpcEndpointsOutput) []ec2types.VpcEndpoint {
			return slices.DeleteFunc(page.VpcEndpoints, func(e ec2types.VpcEndpoint) bool { // still listed for a while
				return strings.EqualFold(string(e.State), "deleting") || strings.EqualFold(string(e.State), "deleted")
			})
		},
		func(endpoint ec2types.VpcEndpoint) *string { return endpoint.VpcEndpointId })
}

// byCloudControl lists the identifiers of a type's resources.
func byCloudControl(kind, model string) func(context.Context, aws.Config) ([]string, error) {
	return func(ctx context.Context, config aws.Config) ([]string, error) {
		input := &cloudcontrol.ListResourcesInput{TypeName: &kind}
		if model != "" { // which some types require
			input.ResourceModel = &model
		}
		return listed(ctx, cloudcontrol.NewListResourcesPaginator(cloudcontrol.NewFromConfig(config), input),
			func(page *cloudcontrol.ListResourcesOutput) []cloudcontroltypes.ResourceDescription {
				return page.ResourceDescriptions
			},
			func(resource cloudcontroltypes.ResourceDescription) *string { return resource.Identifier })
	}
}

func queues(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, sqs.NewListQueuesPaginator(sqs.NewFromConfig(config), nil),
		func(page *sqs.ListQueuesOutput) []string { return page.QueueUrls },
		func(url string) *string { return &url })
}

func topics(ctx context.Context, config aws.Config) ([]string, error) {
	return listed(ctx, sns.NewListTopicsPaginator(sns.NewFromConfig(config), nil),
		func(page *sns.ListTopicsOutput) []snstypes.Topic { return page.Topics },
		func(topic snstypes.Topic) *string { return topic.TopicArn })
}

// alarms lists metric alarms and composite alarms.
func alarms(ctx context.Context, config aws.Config) ([]string, error) {
	pages := cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(config), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []cloudwatchtypes.AlarmType{cloudwatchtypes.AlarmTypeMetricAlarm, cloudwatchtypes.AlarmTypeCompositeAlarm},
	})
	return listed(ctx, pages,
		func(page *cloudwatch.DescribeAlarmsOutput) (names []*string) {
			for _, alarm := range page.MetricAlarms {
				if !strings.HasPrefix(aws.ToString(alarm.AlarmName), "TargetTracking-") { // managed by Application Auto Scaling
					names = append(names, alarm.AlarmName)
				}
			}
			for _, alarm := range page.CompositeAlarms {
				names = append(names, alarm.AlarmName)
			}
			return names
		},
		func(name *string) *string { return name })
}

// buses lists the event buses. There is no paginator, and a sandbox has less than a page.
func buses(ctx context.Context, config aws.Config) ([]string, error) {
	page, err := eventbridge.NewFromConfig(config).ListEventBuses(ctx, nil)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, bus := range page.EventBuses {
		names = append(names, aws.ToString(bus.Name))
	}
	return names, nil
}
