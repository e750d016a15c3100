package readback

// rule says how one property of one type is compared where the plain comparison would be wrong.
type rule struct {
	kind string // the resource's type
	path string // with [] for the elements of a list
	why  string

	key        string // an unordered list whose elements have a name in this property
	open       bool   // … to which services may add elements
	set        bool   // an unordered list
	closed     bool   // a map of free keys, which must have no others
	name       bool   // a name or an ARN
	ending     string // an optional suffix
	silent     any    // the value if the service returns none
	unsaid     any    // the value if the template has none, where another one would do harm
	unreadable bool   // no API returns it
}

// everyType is the type of a rule for all types.
const everyType = "*"

const (
	isDefault    = "the service leaves out the default"
	isSet        = "the service does not keep the order"
	isNamed      = "elements are compared by name, in any order"
	isOnlyAtCall = "a parameter of the call, which the service does not keep"
)

var rules = []rule{
	// CloudFormation and services add tags of their own.
	{kind: everyType, path: "Tags", key: "Key", open: true, why: "CloudFormation adds its own"},

	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration", unsaid: map[string]any{"AllowOrigins": []any{}}, why: "the API would respond to CORS preflights itself, before its routes"},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.AllowHeaders", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.AllowMethods", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.AllowOrigins", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.ExposeHeaders", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Authorizer", path: "JwtConfiguration.Audience", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Integration", path: "RequestParameters", closed: true, why: "another mapping lets a client forge a header, or removes one"},
	{kind: "AWS::ApiGatewayV2::Route", path: "AuthorizationType", unsaid: "NONE", why: "a public route that requires a token rejects everyone"},
	{kind: "AWS::ApiGatewayV2::Route", path: "AuthorizationScopes", set: true, silent: []any{}, why: isSet},
	{kind: "AWS::ApiGatewayV2::Stage", path: "AccessLogSettings.DestinationArn", ending: ":*", why: "the ARN of a log group, with or without the suffix for its streams"},

	{kind: "AWS::ApplicationAutoScaling::ScalableTarget", path: "ScheduledActions", key: "ScheduledActionName", unsaid: []any{}, why: isNamed},

	{kind: "AWS::CloudWatch::Alarm", path: "Dimensions", key: "Name", why: isNamed},
	{kind: "AWS::CloudWatch::Alarm", path: "Metrics", key: "Id", why: isNamed},
	{kind: "AWS::CloudWatch::Alarm", path: "Metrics[].MetricStat.Metric.Dimensions", key: "Name", why: isNamed},
	{kind: "AWS::CloudWatch::Alarm", path: "AlarmActions", set: true, unsaid: []any{}, why: isSet},
	{kind: "AWS::CloudWatch::Alarm", path: "OKActions", set: true, unsaid: []any{}, why: isSet},
	{kind: "AWS::CloudWatch::Alarm", path: "InsufficientDataActions", set: true, unsaid: []any{}, why: isSet},
	{kind: "AWS::CloudWatch::CompositeAlarm", path: "AlarmActions", set: true, unsaid: []any{}, why: isSet},
	{kind: "AWS::CloudWatch::CompositeAlarm", path: "OKActions", set: true, unsaid: []any{}, why: isSet},
	{kind: "AWS::CloudWatch::CompositeAlarm", path: "InsufficientDataActions", set: true, unsaid: []any{}, why: isSet},

	{kind: "AWS::Cognito::UserPool", path: "AutoVerifiedAttributes", set: true, why: isSet},
	{kind: "AWS::Cognito::UserPool", path: "EnabledMfas", set: true, why: isSet},
	{kind: "AWS::Cognito::UserPool", path: "UsernameAttributes", set: true, why: isSet},
	{kind: "AWS::Cognito::UserPoolClient", path: "ExplicitAuthFlows", set: true, why: isSet},
	{kind: "AWS::Cognito::UserPoolClient", path: "SupportedIdentityProviders", set: true, why: isSet},
	{kind: "AWS::Cognito::UserPoolClient", path: "AllowedOAuthFlowsUserPoolClient", silent: false, why: isDefault},

	{kind: "AWS::DynamoDB::GlobalTable", path: "AttributeDefinitions", key: "AttributeName", why: isNamed},
	{kind: "AWS::DynamoDB::GlobalTable", path: "GlobalSecondaryIndexes", key: "IndexName", unsaid: []any{}, why: isNamed},
	{kind: "AWS::DynamoDB::GlobalTable", path: "LocalSecondaryIndexes", key: "IndexName", why: isNamed},
	{kind: "AWS::DynamoDB::GlobalTable", path: "Replicas", key: "Region", why: isNamed},
	{kind: "AWS::DynamoDB::GlobalTable", path: "Replicas[].GlobalSecondaryIndexes", key: "IndexName", why: isNamed},
	{kind: "AWS::DynamoDB::GlobalTable", path: "Replicas[].Tags", key: "Key", open: true, why: "CloudFormation adds its own"},
	{kind: "AWS::DynamoDB::GlobalTable", path: "Replicas[].DeletionProtectionEnabled", silent: false, why: isDefault},
	{kind: "AWS::DynamoDB::GlobalTable", path: "TimeToLiveSpecification", unsaid: map[string]any{"Enabled": false}, why: "items would be deleted"},

	{kind: "AWS::EC2::SecurityGroup", path: "SecurityGroupIngress", set: true, unsaid: []any{}, why: "another rule opens the network"},
	{kind: "AWS::EC2::SecurityGroup", path: "SecurityGroupEgress", set: true, unsaid: []any{allOutbound}, why: "another rule opens the network; without any, EC2 allows all outbound traffic"},
	{kind: "AWS::EC2::VPCEndpoint", path: "RouteTableIds", set: true, why: isSet},
	{kind: "AWS::EC2::VPCEndpoint", path: "SecurityGroupIds", set: true, why: isSet},
	{kind: "AWS::EC2::VPCEndpoint", path: "SubnetIds", set: true, why: isSet},

	{kind: "AWS::ECS::Cluster", path: "ClusterSettings", key: "Name", open: true, why: "the account's settings are returned, too"},
	{kind: "AWS::ECS::ClusterCapacityProviderAssociations", path: "CapacityProviders", set: true, why: isSet},
	{kind: "AWS::ECS::ClusterCapacityProviderAssociations", path: "Cluster", name: true, why: "Ref of a cluster is its name, and the API returns either"},
	{kind: "AWS::ECS::Service", path: "CapacityProviderStrategy", key: "CapacityProvider", why: isNamed},
	{kind: "AWS::ECS::Service", path: "Cluster", name: true, why: "Ref of a cluster is its name, and the API returns the ARN"},
	{kind: "AWS::ECS::Service", path: "LoadBalancers", key: "ContainerName", why: isNamed},
	{kind: "AWS::ECS::Service", path: "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups", set: true, why: isSet},
	{kind: "AWS::ECS::Service", path: "NetworkConfiguration.AwsvpcConfiguration.Subnets", set: true, why: isSet},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions", key: "Name", why: isNamed},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].DockerLabels", closed: true, why: "free names"},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].Environment", key: "Name", why: isNamed},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].LogConfiguration.Options", closed: true, why: "free names"},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].Secrets", key: "Name", why: isNamed},
	{kind: "AWS::ECS::TaskDefinition", path: "RequiresCompatibilities", set: true, why: isSet},
	{kind: "AWS::ECS::TaskDefinition", path: "Volumes", key: "Name", why: isNamed},

	{kind: "AWS::ElasticLoadBalancingV2::ListenerRule", path: "Conditions", set: true, why: "an unordered list; there may be several of one field"},
	{kind: "AWS::ElasticLoadBalancingV2::ListenerRule", path: "Conditions[].HttpHeaderConfig.Values", set: true, why: isSet},
	{kind: "AWS::ElasticLoadBalancingV2::LoadBalancer", path: "LoadBalancerAttributes", key: "Key", open: true, why: "the service returns a value for every attribute"},
	{kind: "AWS::ElasticLoadBalancingV2::LoadBalancer", path: "SecurityGroups", set: true, why: isSet},
	{kind: "AWS::ElasticLoadBalancingV2::LoadBalancer", path: "Subnets", set: true, why: isSet},
	{kind: "AWS::ElasticLoadBalancingV2::TargetGroup", path: "TargetGroupAttributes", key: "Key", open: true, why: "the service returns a value for every attribute"},

	{kind: "AWS::IAM::Policy", path: "Roles", set: true, why: isSet},
	{kind: "AWS::IAM::Role", path: "ManagedPolicyArns", set: true, unsaid: []any{}, why: "another policy allows more"},
	{kind: "AWS::IAM::Role", path: "Policies", key: "PolicyName", unsaid: []any{}, why: "another policy allows more"},

	{kind: "AWS::KMS::Key", path: "BypassPolicyLockoutSafetyCheck", unreadable: true, why: isOnlyAtCall},
	{kind: "AWS::KMS::Key", path: "PendingWindowInDays", unreadable: true, why: isOnlyAtCall},

	{kind: "AWS::OpenSearchService::Domain", path: "VPCOptions.SecurityGroupIds", set: true, why: isSet},
	{kind: "AWS::OpenSearchService::Domain", path: "VPCOptions.SubnetIds", set: true, why: isSet},

	{kind: "AWS::S3::Bucket", path: "CorsConfiguration", unsaid: map[string]any{"CorsRules": []any{}}, why: "pages of other origins could read objects"},
	{kind: "AWS::S3::Bucket", path: "LifecycleConfiguration.Rules", key: "Id", why: isNamed},
	{kind: "AWS::S3::Bucket", path: "LifecycleConfiguration", unsaid: map[string]any{"Rules": []any{}}, why: "objects would be deleted"},

	{kind: "AWS::SNS::Subscription", path: "FilterPolicy", closed: true, why: "another condition drops messages"},
	{kind: "AWS::SNS::TopicPolicy", path: "Topics", set: true, why: isSet},
	{kind: "AWS::SQS::QueuePolicy", path: "Queues", set: true, why: isSet},
}

// allOutbound is the rule that EC2 adds to a security group without outbound rules.
var allOutbound = map[string]any{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}

var byPath = func() map[string]rule {
	known := map[string]rule{}
	for _, r := range rules {
		known[r.kind+" "+r.path] = r
	}
	return known
}()

// ruleOf returns the rule for a property, or the zero rule.
func ruleOf(kind, path string) rule {
	if r, found := byPath[kind+" "+pattern(path)]; found {
		return r
	}
	return byPath[everyType+" "+pattern(path)]
}

// unsaid returns the rules of a type for properties that a template may leave out.
func unsaid(kind string) []rule {
	var found []rule
	for _, r := range rules {
		if r.kind == kind && r.unsaid != nil {
			found = append(found, r)
		}
	}
	return found
}
