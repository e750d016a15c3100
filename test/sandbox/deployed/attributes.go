package deployed

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
)

// attribute finds what Fn::GetAtt gives of a resource with a physical ID.
type attribute func(ctx context.Context, s *Storefront, id string) (string, error)

// attributes are those that templates ask for, by type and name: from the physical ID where the service documents the
// form, otherwise as the service tells.
var attributes = map[string]attribute{
	"AWS::ApiGatewayV2::Api.ApiEndpoint":                             apiEndpoint,
	"AWS::ApiGatewayV2::Api.ApiId":                                   physicalID,
	"AWS::CloudWatch::Alarm.Arn":                                     inARN("cloudwatch", "alarm:"),
	"AWS::CloudWatch::CompositeAlarm.Arn":                            inARN("cloudwatch", "alarm:"),
	"AWS::Cognito::UserPool.Arn":                                     inARN("cognito-idp", "userpool/"),
	"AWS::DynamoDB::GlobalTable.Arn":                                 inARN("dynamodb", "table/"),
	"AWS::EC2::EIP.AllocationId":                                     allocationID,
	"AWS::EC2::SecurityGroup.GroupId":                                physicalID,
	"AWS::EC2::VPC.CidrBlock":                                        networkRange,
	"AWS::EC2::VPC.VpcId":                                            physicalID,
	"AWS::ECS::Cluster.Arn":                                          inARN("ecs", "cluster/"),
	"AWS::ECS::Service.Name":                                         after("/", lastOne),
	"AWS::ECS::Service.ServiceArn":                                   physicalID,
	"AWS::ElasticLoadBalancingV2::Listener.ListenerArn":              physicalID,
	"AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName":              balancerName,
	"AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerArn":      physicalID,
	"AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerFullName": after("loadbalancer/", firstOne),
	"AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupArn":        physicalID,
	"AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupFullName":   after(":", lastOne),
	"AWS::Events::EventBus.Arn":                                      inARN("events", "event-bus/"),
	"AWS::Events::EventBus.Name":                                     physicalID,
	"AWS::IAM::Role.Arn":                                             roleARN,
	"AWS::KMS::Key.Arn":                                              inARN("kms", "key/"),
	"AWS::KMS::Key.KeyId":                                            physicalID,
	"AWS::Logs::LogGroup.Arn":                                        logGroupARN,
	"AWS::OpenSearchService::Domain.Arn":                             inARN("es", "domain/"),
	"AWS::OpenSearchService::Domain.DomainArn":                       inARN("es", "domain/"),
	"AWS::OpenSearchService::Domain.DomainEndpoint":                  domainEndpoint,
	"AWS::S3::Bucket.Arn":                                            bucketARN,
	"AWS::SNS::Topic.TopicArn":                                       physicalID,
	"AWS::SNS::Topic.TopicName":                                      after(":", lastOne),
	"AWS::SQS::Queue.Arn":                                            queueARN,
	"AWS::SQS::Queue.QueueName":                                      after("/", lastOne),
	"AWS::SQS::Queue.QueueUrl":                                       physicalID,
	"AWS::ServiceDiscovery::HttpNamespace.Arn":                       inARN("servicediscovery", "namespace/"),
	"AWS::ServiceDiscovery::HttpNamespace.Id":                        physicalID,
}

func physicalID(_ context.Context, _ *Storefront, id string) (string, error) { return id, nil }

// inARN is the ARN of a resource whose physical ID ends it.
func inARN(service, before string) attribute {
	return func(_ context.Context, s *Storefront, id string) (string, error) {
		return s.arn(service, before+id), nil
	}
}

func (s *Storefront) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", s.partition(), service, s.Config.Region, s.Account, resource)
}

var (
	firstOne = strings.Index
	lastOne  = strings.LastIndex
)

// after is what stands after a part of the physical ID.
func after(part string, find func(s, substr string) int) attribute {
	return func(_ context.Context, _ *Storefront, id string) (string, error) {
		at := find(id, part)
		if at < 0 {
			return "", nil
		}
		return id[at+len(part):], nil
	}
}

func bucketARN(_ context.Context, s *Storefront, id string) (string, error) {
	return fmt.Sprintf("arn:%s:s3:::%s", s.partition(), id), nil
}

func logGroupARN(_ context.Context, s *Storefront, id string) (string, error) {
	return s.arn("logs", "log-group:"+id+":*"), nil
}

func queueARN(_ context.Context, s *Storefront, id string) (string, error) {
	return s.arn("sqs", id[strings.LastIndex(id, "/")+1:]), nil
}

// roleARN asks, since a role may have a path.
func roleARN(ctx context.Context, s *Storefront, id string) (string, error) {
	out, err := iam.NewFromConfig(s.Config).GetRole(ctx, &iam.GetRoleInput{RoleName: &id})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Role.Arn), nil
}

func allocationID(ctx context.Context, s *Storefront, id string) (string, error) {
	out, err := ec2.NewFromConfig(s.Config).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{PublicIps: []string{id}})
	if err != nil {
		return "", err
	}
	for _, address := range out.Addresses {
		if aws.ToString(address.PublicIp) == id {
			return aws.ToString(address.AllocationId), nil
		}
	}
	return "", nil
}

func networkRange(ctx context.Context, s *Storefront, id string) (string, error) {
	out, err := ec2.NewFromConfig(s.Config).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{id}})
	if err != nil || len(out.Vpcs) == 0 {
		return "", err
	}
	return aws.ToString(out.Vpcs[0].CidrBlock), nil
}

func balancerName(ctx context.Context, s *Storefront, id string) (string, error) {
	out, err := elasticloadbalancingv2.NewFromConfig(s.Config).DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{id}})
	if err != nil || len(out.LoadBalancers) == 0 {
		return "", err
	}
	return aws.ToString(out.LoadBalancers[0].DNSName), nil
}

func apiEndpoint(ctx context.Context, s *Storefront, id string) (string, error) {
	out, err := apigatewayv2.NewFromConfig(s.Config).GetApi(ctx, &apigatewayv2.GetApiInput{ApiId: &id})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ApiEndpoint), nil
}

// domainEndpoint is the one of a domain within a network, or of a public one.
func domainEndpoint(ctx context.Context, s *Storefront, id string) (string, error) {
	out, err := opensearch.NewFromConfig(s.Config).DescribeDomain(ctx, &opensearch.DescribeDomainInput{DomainName: &id})
	if err != nil {
		return "", err
	}
	if within := out.DomainStatus.Endpoints["vpc"]; within != "" {
		return within, nil
	}
	return aws.ToString(out.DomainStatus.Endpoint), nil
}
