package readback

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	gatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// resource is one resource to read.
type resource struct {
	deployed.Resource
	asked properties // the resolved properties of the template: some resources are found only with the ID of their parent
}

// in returns a property of the template with which the resource is found.
func (r resource) in(property string) *string {
	value, _ := r.asked[property].(string)
	return &value
}

// reader reads a resource through its service's API, and returns it in the form of a template.
type reader func(q *query, r resource) properties

// readers read the types whose services the emulator has. A type without a reader is read by Cloud Control.
var readers = map[string]reader{
	"AWS::ApiGatewayV2::Api":                    readAPI,
	"AWS::ApiGatewayV2::Authorizer":             readAuthorizer,
	"AWS::ApiGatewayV2::Integration":            readIntegration,
	"AWS::ApiGatewayV2::Route":                  readAPIRoute,
	"AWS::ApiGatewayV2::Stage":                  readStage,
	"AWS::CloudWatch::Alarm":                    readAlarm,
	"AWS::Cognito::UserPool":                    readUserPool,
	"AWS::Cognito::UserPoolClient":              readUserPoolClient,
	"AWS::DynamoDB::GlobalTable":                readGlobalTable,
	"AWS::EC2::InternetGateway":                 readInternetGateway,
	"AWS::EC2::Route":                           readRoute,
	"AWS::EC2::RouteTable":                      readRouteTable,
	"AWS::EC2::SecurityGroup":                   readSecurityGroup,
	"AWS::EC2::SecurityGroupEgress":             readSecurityGroupRule,
	"AWS::EC2::SecurityGroupIngress":            readSecurityGroupRule,
	"AWS::EC2::Subnet":                          readSubnet,
	"AWS::EC2::SubnetRouteTableAssociation":     readRouteTableAssociation,
	"AWS::EC2::VPC":                             readVPC,
	"AWS::EC2::VPCEndpoint":                     readVPCEndpoint,
	"AWS::EC2::VPCGatewayAttachment":            readGatewayAttachment,
	"AWS::ECS::Cluster":                         readCluster,
	"AWS::ECS::Service":                         readService,
	"AWS::ECS::TaskDefinition":                  readTaskDefinition,
	"AWS::ElasticLoadBalancingV2::Listener":     readListener,
	"AWS::ElasticLoadBalancingV2::ListenerRule": readListenerRule,
	"AWS::ElasticLoadBalancingV2::LoadBalancer": readLoadBalancer,
	"AWS::ElasticLoadBalancingV2::TargetGroup":  readTargetGroup,
	"AWS::Events::EventBus":                     readEventBus,
	"AWS::IAM::InstanceProfile":                 readInstanceProfile,
	"AWS::IAM::Policy":                          readPolicy,
	"AWS::IAM::Role":                            readRole,
	"AWS::KMS::Key":                             readKey,
	"AWS::Logs::LogGroup":                       readLogGroup,
	"AWS::Logs::MetricFilter":                   readMetricFilter,
	"AWS::OpenSearchService::Domain":            readDomain,
	"AWS::S3::Bucket":                           readBucket,
	"AWS::S3::BucketPolicy":                     readBucketPolicy,
	"AWS::SNS::Subscription":                    readSubscription,
	"AWS::SNS::Topic":                           readTopic,
	"AWS::SNS::TopicPolicy":                     readTopicPolicy,
	"AWS::SQS::Queue":                           readQueue,
	"AWS::SQS::QueuePolicy":                     readQueuePolicy,
	"AWS::ServiceDiscovery::HttpNamespace":      readNamespace,
}

// mixed are the types for which Cloud Control also returns parts that templates define as resources of their own: policies of
// a role, rules of a security group. Their readers leave those out, so they are used on an account, too.
var mixed = []string{"AWS::EC2::SecurityGroup", "AWS::IAM::Role"}

// account is the clients of all services, and the storefront.
type account struct {
	storefront *deployed.App

	alarms        *cloudwatch.Client
	loadBalancers *elasticloadbalancingv2.Client
	buckets       *s3.Client
	domains       *opensearch.Client
	ec2           *ec2.Client
	ecs           *ecs.Client
	events        *eventbridge.Client
	gateway       *apigatewayv2.Client
	iam           *iam.Client
	keys          *kms.Client
	logs          *cloudwatchlogs.Client
	names         *servicediscovery.Client
	queues        *sqs.Client
	tables        *dynamodb.Client
	topics        *sns.Client
	users         *cognitoidentityprovider.Client

	apiRoutes       map[string][]gatewaytypes.Route // by API, cached
	apiIntegrations map[string][]gatewaytypes.Integration
}

func newAccount(storefront *deployed.App) *account {
	config := storefront.Config
	return &account{
		storefront:    storefront,
		alarms:        cloudwatch.NewFromConfig(config),
		loadBalancers: elasticloadbalancingv2.NewFromConfig(config),
		// An emulator has no host name for each bucket.
		buckets: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = config.BaseEndpoint != nil }),
		domains: opensearch.NewFromConfig(config),
		ec2:     ec2.NewFromConfig(config),
		ecs:     ecs.NewFromConfig(config),
		events:  eventbridge.NewFromConfig(config),
		gateway: apigatewayv2.NewFromConfig(config),
		iam:     iam.NewFromConfig(config),
		keys:    kms.NewFromConfig(config),
		logs:    cloudwatchlogs.NewFromConfig(config),
		names:   servicediscovery.NewFromConfig(config),
		queues:  sqs.NewFromConfig(config),
		tables:  dynamodb.NewFromConfig(config),
		topics:  sns.NewFromConfig(config),
		users:   cognitoidentityprovider.NewFromConfig(config),

		apiRoutes:       map[string][]gatewaytypes.Route{},
		apiIntegrations: map[string][]gatewaytypes.Integration{},
	}
}

// query is the reading of one resource. After its first error it makes no request and every answer is empty, so that
// readers need not look at each error.
type query struct {
	*account
	ctx context.Context
	err error
}

// ask calls an operation of a service.
func ask[In, Out, Option any](q *query, operation func(context.Context, *In, ...func(*Option)) (*Out, error), in *In) *Out {
	if q.err == nil {
		out, err := operation(q.ctx, in)
		if err == nil {
			return out
		}
		q.err = err
	}
	return new(Out)
}

// pager is a paginator of any service.
type pager[Page, Option any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Option)) (*Page, error)
}

// all returns what is on the pages of a list.
func all[Page, Option, Item any](q *query, pages pager[Page, Option], items func(*Page) []Item) []Item {
	var found []Item
	for q.err == nil && pages.HasMorePages() {
		page, err := pages.NextPage(q.ctx)
		if err != nil {
			q.err = err
			return nil
		}
		found = append(found, items(page)...)
	}
	return found
}

// only returns the one answer that there must be.
func only[T any](q *query, answers []T) T {
	if len(answers) == 1 {
		return answers[0]
	}
	if q.err == nil {
		q.err = absentError(fmt.Sprintf("the service has %d of it", len(answers)))
	}
	var none T
	return none
}

// of returns what a pointer points to, or an empty value.
func of[T any](pointer *T) T {
	if pointer == nil {
		var none T
		return none
	}
	return *pointer
}
