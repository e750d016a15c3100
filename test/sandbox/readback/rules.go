package readback

// rule says how one property of one type is compared where the plain way would be wrong. Every normalization is here,
// and only here, with its reason.
type rule struct {
	kind string // the resource's type
	path string // with [] for the elements of a list
	why  string

	key        string // a list whose elements have a name, in this property, and no order
	open       bool   // … to which others may add elements
	set        bool   // a list whose order says nothing
	closed     bool   // a map of free keys, that must have no other
	name       bool   // a name that may stand for an ARN, and the other way round
	ending     string // what may stand at the end or not
	silent     any    // what it means when the service says nothing
	unsaid     any    // what it means when the template says nothing, where anything else would do harm
	unreadable bool   // no API tells it
}

// everyType is the kind of a rule for all types.
const everyType = "*"

const (
	isDefault    = "the service leaves out what is not so"
	isSet        = "the service keeps no order"
	isNamed      = "found by name, in any order; one more or less matters"
	isOnlyAtCall = "says how a call is made, and is kept nowhere"
)

var rules = []rule{
	// Services and CloudFormation add tags of their own, and CloudFormation those of the stack.
	{kind: everyType, path: "Tags", key: "Key", open: true, why: "CloudFormation adds the stack's own"},

	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration", unsaid: map[string]any{"AllowOrigins": []any{}}, why: "the API would answer browsers itself, before its routes"},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.AllowHeaders", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.AllowMethods", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.AllowOrigins", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Api", path: "CorsConfiguration.ExposeHeaders", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Authorizer", path: "JwtConfiguration.Audience", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Integration", path: "RequestParameters", closed: true, why: "a mapping more lets a client forge a header, or removes one"},
	{kind: "AWS::ApiGatewayV2::Route", path: "AuthorizationType", unsaid: "NONE", why: "a public route that asks for a token answers nobody"},
	{kind: "AWS::ApiGatewayV2::Route", path: "AuthorizationScopes", set: true, why: isSet},
	{kind: "AWS::ApiGatewayV2::Stage", path: "AccessLogSettings.DestinationArn", ending: ":*", why: "the ARN of a log group, with or without what stands for its streams"},

	{kind: "AWS::ApplicationAutoScaling::ScalableTarget", path: "ScheduledActions", key: "ScheduledActionName", unsaid: []any{}, why: isNamed},

	{kind: "AWS::CloudWatch::Alarm", path: "Dimensions", key: "Name", why: isNamed},
	{kind: "AWS::CloudWatch::Alarm", path: "Metrics", key: "Id", why: isNamed},
	{kind: "AWS::CloudWatch::Alarm", path: "Metrics[].MetricStat.Metric.Dimensions", key: "Name", why: isNamed},
	{kind: "AWS::CloudWatch::Alarm", path: "AlarmActions", set: true, unsaid: []any{}, why: isSet},
	{kind: "AWS::CloudWatch::Alarm", path: "OKActions", set: true, unsaid: []any{}, why: isSet},
	{kind: "AWS::CloudWatch::Alarm", path: "InsufficientDataActions", set: true, unsaid: []any{}, why: isSet},

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
	{kind: "AWS::DynamoDB::GlobalTable", path: "Replicas[].Tags", key: "Key", open: true, why: "CloudFormation adds the stack's own"},
	{kind: "AWS::DynamoDB::GlobalTable", path: "Replicas[].DeletionProtectionEnabled", silent: false, why: isDefault},
	{kind: "AWS::DynamoDB::GlobalTable", path: "TimeToLiveSpecification", unsaid: map[string]any{"Enabled": false}, why: "rows would vanish"},

	{kind: "AWS::EC2::SecurityGroup", path: "SecurityGroupIngress", set: true, unsaid: []any{}, why: "a rule more opens the network"},
	{kind: "AWS::EC2::SecurityGroup", path: "SecurityGroupEgress", set: true, unsaid: []any{allOutbound}, why: "a rule more opens the network; without any the service lets everything out"},
	{kind: "AWS::EC2::VPCEndpoint", path: "RouteTableIds", set: true, why: isSet},
	{kind: "AWS::EC2::VPCEndpoint", path: "SecurityGroupIds", set: true, why: isSet},
	{kind: "AWS::EC2::VPCEndpoint", path: "SubnetIds", set: true, why: isSet},

	{kind: "AWS::ECS::Cluster", path: "ClusterSettings", key: "Name", open: true, why: "an account's settings show here too"},
	{kind: "AWS::ECS::Service", path: "CapacityProviderStrategy", key: "CapacityProvider", why: isNamed},
	{kind: "AWS::ECS::Service", path: "Cluster", name: true, why: "Ref of a cluster is its name, and the API gives its ARN"},
	{kind: "AWS::ECS::Service", path: "LoadBalancers", key: "ContainerName", why: isNamed},
	{kind: "AWS::ECS::Service", path: "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups", set: true, why: isSet},
	{kind: "AWS::ECS::Service", path: "NetworkConfiguration.AwsvpcConfiguration.Subnets", set: true, why: isSet},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions", key: "Name", why: isNamed},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].DockerLabels", closed: true, why: "free names; one more matters"},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].Environment", key: "Name", why: isNamed},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].LogConfiguration.Options", closed: true, why: "free names; one more matters"},
	{kind: "AWS::ECS::TaskDefinition", path: "ContainerDefinitions[].Secrets", key: "Name", why: isNamed},
	{kind: "AWS::ECS::TaskDefinition", path: "RequiresCompatibilities", set: true, why: isSet},
	{kind: "AWS::ECS::TaskDefinition", path: "Volumes", key: "Name", why: isNamed},

	{kind: "AWS::ElasticLoadBalancingV2::ListenerRule", path: "Conditions", set: true, why: "all must hold, in any order; there may be several of one field"},
	{kind: "AWS::ElasticLoadBalancingV2::ListenerRule", path: "Conditions[].HttpHeaderConfig.Values", set: true, why: isSet},
	{kind: "AWS::ElasticLoadBalancingV2::LoadBalancer", path: "LoadBalancerAttributes", key: "Key", open: true, why: "the service has a value for every attribute"},
	{kind: "AWS::ElasticLoadBalancingV2::LoadBalancer", path: "SecurityGroups", set: true, why: isSet},
	{kind: "AWS::ElasticLoadBalancingV2::LoadBalancer", path: "Subnets", set: true, why: isSet},
	{kind: "AWS::ElasticLoadBalancingV2::TargetGroup", path: "TargetGroupAttributes", key: "Key", open: true, why: "the service has a value for every attribute"},

	{kind: "AWS::IAM::Policy", path: "Roles", set: true, why: isSet},
	{kind: "AWS::IAM::Role", path: "ManagedPolicyArns", set: true, unsaid: []any{}, why: "a policy more allows more"},
	{kind: "AWS::IAM::Role", path: "Policies", key: "PolicyName", unsaid: []any{}, why: "a policy more allows more"},

	{kind: "AWS::KMS::Key", path: "BypassPolicyLockoutSafetyCheck", unreadable: true, why: isOnlyAtCall},
	{kind: "AWS::KMS::Key", path: "PendingWindowInDays", unreadable: true, why: isOnlyAtCall},

	{kind: "AWS::OpenSearchService::Domain", path: "VPCOptions.SecurityGroupIds", set: true, why: isSet},
	{kind: "AWS::OpenSearchService::Domain", path: "VPCOptions.SubnetIds", set: true, why: isSet},

	{kind: "AWS::S3::Bucket", path: "CorsConfiguration", unsaid: map[string]any{"CorsRules": []any{}}, why: "pages of others could read objects"},
	{kind: "AWS::S3::Bucket", path: "LifecycleConfiguration.Rules", key: "Id", why: isNamed},
	{kind: "AWS::S3::Bucket", path: "LifecycleConfiguration", unsaid: map[string]any{"Rules": []any{}}, why: "objects would vanish"},

	{kind: "AWS::SNS::Subscription", path: "FilterPolicy", closed: true, why: "a condition more drops messages"},
	{kind: "AWS::SNS::TopicPolicy", path: "Topics", set: true, why: isSet},
	{kind: "AWS::SQS::QueuePolicy", path: "Queues", set: true, why: isSet},
}

// allOutbound is the rule that EC2 gives a security group for which no outbound rule is asked.
var allOutbound = map[string]any{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}

var byPath = func() map[string]rule {
	known := map[string]rule{}
	for _, r := range rules {
		known[r.kind+" "+r.path] = r
	}
	return known
}()

// ruleOf returns the rule for a property, or one that changes nothing.
func ruleOf(kind, path string) rule {
	if r, found := byPath[kind+" "+pattern(path)]; found {
		return r
	}
	return byPath[everyType+" "+pattern(path)]
}

// unsaid returns the rules of a type about properties that its template may leave out.
func unsaid(kind string) []rule {
	var found []rule
	for _, r := range rules {
		if r.kind == kind && r.unsaid != nil {
			found = append(found, r)
		}
	}
	return found
}
