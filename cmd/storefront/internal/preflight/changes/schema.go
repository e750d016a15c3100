package changes

import (
	_ "embed"
	"slices"
	"strings"
)

//go:generate go run ./schema

//go:embed schema.txt
var schemaText string

// schemas has the properties of each type for which an update replaces the resource.
var schemas = parseSchemas(schemaText)

// schema is a part of CloudFormation's schema of a type. Its properties are dotted paths.
type schema struct {
	// replaces are the properties that CloudFormation can only set by a new resource.
	replaces []string
	// mayReplace are those of which the resource decides.
	mayReplace []string
	// is identifies the resource, if the template does: no two resources have the same.
	is []string
}

func parseSchemas(text string) map[string]schema {
	known := map[string]schema{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		var s schema
		for _, field := range fields[1:] {
			key, properties, _ := strings.Cut(field, "=")
			*map[string]*[]string{"replaces": &s.replaces, "may-replace": &s.mayReplace, "is": &s.is}[key] = strings.Split(properties, ",")
		}
		// DynamoDB cannot change the keys of a table. The schema has them for a global table only if it has one replica.
		if strings.HasSuffix(fields[0], "::GlobalTable") {
			s.replaces = append(s.replaces, "KeySchema")
			s.mayReplace = slices.DeleteFunc(s.mayReplace, func(p string) bool { return p == "KeySchema" })
		}
		known[fields[0]] = s
	}
	return known
}

// nameOf returns the property that is the physical name of a type, such as TableName, or "". CloudFormation cannot
// replace a resource whose name stays the same.
func nameOf(resourceType string) string {
	last := resourceType[strings.LastIndex(resourceType, ":")+1:]
	for _, property := range schemas[resourceType].replaces {
		if kind, is := strings.CutSuffix(property, "Name"); is && strings.HasSuffix(last, kind) {
			return property
		}
	}
	return ""
}

// holds is what a resource has that a replacement loses.
type holds int

const (
	// nothing is lost: CloudFormation creates the new one, switches over, and deletes the old one.
	nothing holds = iota
	// requests reach it, or need it on their way.
	requests
	// data is in it.
	data
)

// holdsOf returns what a type has that a replacement loses. A type that is not named here may be on the way of requests.
func holdsOf(resourceType string) holds {
	switch {
	case slices.Contains(keepData, resourceType):
		return data
	case slices.Contains(replaceable, resourceType):
		return nothing
	}
	return requests
}

var keepData = []string{
	"AWS::Backup::BackupVault", "AWS::Cognito::UserPool", "AWS::DSQL::Cluster", "AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table",
	"AWS::ECR::Repository", "AWS::EFS::FileSystem", "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::ServerlessCache",
	"AWS::Events::Archive", "AWS::KMS::Key", "AWS::Kinesis::Stream", "AWS::Logs::LogGroup", "AWS::MemoryDB::Cluster",
	"AWS::OpenSearchService::Domain", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::SQS::Queue",
	"AWS::SecretsManager::Secret", "AWS::SSM::Parameter",
}

// replaceable are the types of which the new resource works before the old one goes, and nothing is in it.
var replaceable = []string{
	"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy",
	"AWS::CloudFormation::WaitCondition", "AWS::CloudFormation::WaitConditionHandle", "AWS::CloudWatch::Alarm",
	"AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard", "AWS::EC2::FlowLog", "AWS::EC2::LaunchTemplate",
	"AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SubnetRouteTableAssociation",
	"AWS::ECS::ClusterCapacityProviderAssociations", "AWS::ECS::TaskDefinition", "AWS::Events::Rule", "AWS::IAM::InstanceProfile",
	"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::Permission", "AWS::Logs::MetricFilter",
	"AWS::Logs::ResourcePolicy", "AWS::Logs::SubscriptionFilter", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription",
	"AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::Scheduler::Schedule", "AWS::SecretsManager::ResourcePolicy",
}

// consequences are what a replacement does to requests, where it is not the same for all types.
var consequences = map[string]string{
	"AWS::ApiGatewayV2::Api":                    "clients call the address of the old one, which is deleted with all of its routes",
	"AWS::ApiGatewayV2::VpcLink":                "integrations that have its ID respond with 500",
	"AWS::Cognito::UserPoolClient":              "applications that have the ID of the old one can no longer sign users in, and its tokens are rejected",
	"AWS::EC2::Instance":                        "traffic through it is interrupted until the new one runs",
	"AWS::ElasticLoadBalancingV2::Listener":     "the listener rules of other stacks are deleted with the old one",
	"AWS::ElasticLoadBalancingV2::LoadBalancer": "the listener rules of other stacks are deleted with the old one",
	"AWS::ElasticLoadBalancingV2::TargetGroup":  "the listener rule forwards to an empty one: requests get 503 until tasks are registered in it",
}
