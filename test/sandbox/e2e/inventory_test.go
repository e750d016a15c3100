package e2e

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
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
	"github.com/google/go-cmp/cmp"
)

// inventory is what an account has in a region, by kind, as its services list it.
type inventory map[string][]string

// inventory asks the services themselves, since a stack that is deleted tells of nothing that it has left behind.
func (s *suite) inventory(t *testing.T, config aws.Config) inventory {
	t.Helper()
	found := inventory{}
	for kind, list := range map[string]func(context.Context, aws.Config) ([]string, error){
		"table": tables, "bucket": buckets, "log group": logGroups, "role": roles, "user pool": userPools, "API": apis,
		"network": networks, "security group": securityGroups, "cluster": clusters, "load balancer": balancers,
		"target group": targetGroups, "event bus": buses,
	} {
		names, err := list(s.ctx, config)
		if err != nil {
			t.Fatalf("list every %s: %v", kind, err)
		}
		slices.Sort(names)
		found[kind] = names
	}
	return found
}

// nothingNew wants the inventory as it was.
func (s *suite) nothingNew(t *testing.T, before inventory, config aws.Config) {
	t.Helper()
	if diff := cmp.Diff(before, s.inventory(t, config)); diff != "" {
		t.Errorf("something is left (-before +now):\n%s", diff)
	}
}

// pager is a paginator of any service.
type pager[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// listed reads a list to its end: one name of each thing on each page.
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

// apis are the APIs of the gateway. Their list has no paginator; nobody has more than a page of them for a test.
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

// buses are the event buses. Their list has no paginator; nobody has more than a page of them for a test.
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
