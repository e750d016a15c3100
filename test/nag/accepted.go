package nag

import (
	"fmt"
	"regexp"
)

// entry accepts findings of one rule. docs/security.md describes what is out of scope.
type entry struct {
	// environment is the one in which the finding is. If empty, it is in both.
	environment string
	// finding is the ID of the finding: that of the rule, and in brackets what it is about, if a resource can have several.
	finding string
	// path matches the paths of the constructs, from beginning to end.
	path string
	// reason is why this is right, or what makes up for it.
	reason string
}

const (
	costs    = "The sandbox is for development, destroyed at will and without customers' data; production has it."
	instance = "The NAT instance is the sandbox's only, stateless, and replaced by CloudFormation; production has NAT gateways."
)

// accepted are the findings that a reviewer has accepted.
var accepted = []entry{
	{
		"", "AwsSolutions-APIG4", `\w+/\w+/Routes/OPTIONS [^/]*`,
		"Browsers send CORS preflight requests without a token. The load balancer responds to them with an empty 204 and no service gets them.",
	},
	{
		"", "AwsSolutions-APIG4", `(Catalog|Photos|Recommendations|Reviews|Search)/\w+/Routes/(GET|HEAD) [^/]*`,
		"Visitors who are not signed in read products, photos, reviews, recommendations and search results. The routes have Public: true in the service's file; those that write require a token.",
	},
	{
		"", "AwsSolutions-APIG4", `Login/Login/Routes/ANY \|login(\|\{\+\})?`,
		"Users have no token before they sign in. The route for the signed-in user, /login/me, requires one.",
	},
	{
		"", "AwsSolutions-COG2", `Identity/Identity/Users/Resource`,
		"Customers of a shop choose whether they use a second factor; one is offered to each. identity.MFARequired is one line where users are employees.",
	},
	{
		"", "AwsSolutions-COG8", `Identity/Identity/Users/Resource`,
		"Threat protection costs 0.02 USD for each active user and month, from the first: identity.Plus and identity.BlockThreats are one line. Without it, passwords have 12 characters of four kinds and Cognito locks users out after failed sign-ins.",
	},
	{
		"", "AwsSolutions-ECS2", `\w+/\w+/Task/Resource`,
		"The variables are names and ARNs of resources and a port. Secrets are references to Secrets Manager or to a parameter, which the library keeps apart: Environment refuses what a store declares as a secret.",
	},
	{
		"production", "AwsSolutions-IAM5[Resource::*]", `\w+/\w+/TrafficRole/Resource`,
		"Four Describe actions of Elastic Load Balancing, which have no resource-level permissions. What the role changes is limited to the service's own rule and target groups.",
	},
	{
		"", "AwsSolutions-IAM5[Resource::<PhotosOriginalsBucketEB55D2BF.Arn>/*]", `Photos/Photos/TaskRole/DefaultPolicy/Resource`,
		"The objects of the service's own bucket, whose keys are not known beforehand. The actions are listed one by one.",
	},
	{
		"", "AwsSolutions-IAM5[Resource::<ReviewsTableE6787224.Arn>/index/*]", `Reviews/Reviews/TaskRole/DefaultPolicy/Resource`,
		"The indexes of the service's own table.",
	},
	{
		"", "AwsSolutions-IAM5[Resource::<CatalogProductsTableB3CC1C3E.Arn>/index/*]", `Catalog/Catalog/TaskRole/DefaultPolicy/Resource`,
		"The indexes of the service's own table.",
	},
	{
		"", "AwsSolutions-IAM5[Resource::<SearchDocumentsTable59AEC86D.Arn>/index/*]", `Search/(Search|Indexer)/TaskRole/DefaultPolicy/Resource`,
		"The indexes of the service's own table.",
	},
	{
		"production", "AwsSolutions-IAM5[Resource::<SearchIndexDomain79870C90.Arn>/*]", `Search/(Search|Indexer)/TaskRole/DefaultPolicy/Resource`,
		"The paths of the service's own domain, whose indexes the application creates.",
	},
	{
		"production", "AwsSolutions-OS3", `Search/Search/Index/Domain/Resource`,
		"The domain is in the VPC, where addresses of tasks change. Its security group lets in the service's own alone.",
	},
	{
		"production", "AwsSolutions-OS5", `Search/Search/Index/Domain/Resource`,
		"The domain's access policy names no principal that everyone is: requests must be signed by a role whose own policy allows it. The rule takes a domain without a resource policy for an open one.",
	},
	{
		"", "AwsSolutions-SQS3", `\w+/\w+/\w+/Outbox/DeadLetters/Resource`,
		"It is a dead-letter queue itself, that of the outbox's pipe. The rule does not look at pipes.",
	},
	{
		"sandbox", `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:us-east-2:<AWS::AccountId>:task-definition/RecommendationsTaskE485A0B3:*]`, `Recommendations/Recommendations/Rebuild/Role/Resource`,
		"The revisions of the service's own task definition, of which the schedule runs the newest, in the platform's cluster alone.",
	},
	{
		"sandbox", `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:us-east-2:<AWS::AccountId>:task/{"Fn::GetStackOutput":{"StackName":"storefront-sandbox-platform","OutputName":"ClusterName"}}/*]`, `Recommendations/Recommendations/Rebuild/Role/Resource`,
		"Tasks of the platform's cluster, whose IDs are not known beforehand: the schedule waits for its own, and stops it.",
	},
	{
		"production", `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:eu-central-1:<AWS::AccountId>:task-definition/RecommendationsTaskE485A0B3:*]`, `Recommendations/Recommendations/Rebuild/Role/Resource`,
		"The revisions of the service's own task definition, of which the schedule runs the newest, in the platform's cluster alone.",
	},
	{
		"production", `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:eu-central-1:<AWS::AccountId>:task/{"Fn::GetStackOutput":{"StackName":"storefront-production-platform","OutputName":"ClusterName"}}/*]`, `Recommendations/Recommendations/Rebuild/Role/Resource`,
		"Tasks of the platform's cluster, whose IDs are not known beforehand: the schedule waits for its own, and stops it.",
	},
	{
		"", "AwsSolutions-IAM5[Resource::*]", `Recommendations/Recommendations/Rebuild/Role/Resource`,
		"ecs:ListTasks has no resource level for a cluster. A condition limits it to the platform's.",
	},
	{
		"", "AwsSolutions-SF1", `\w+/\w+/\w+/StateMachine`,
		"Step Functions keeps the history of each run for 90 days, and the task writes its own logs.",
	},
	{
		"", "AwsSolutions-SF2", `\w+/\w+/\w+/StateMachine`,
		"It has one step that waits for one task: a trace would show what the history shows.",
	},
	{
		"production", "AwsSolutions-SQS3", `Teams/Teams/undelivered/Resource`,
		"It is a dead-letter queue itself, that of the alarms' notifications. The rule does not see it in the subscriptions, where its ARN is a token.",
	},
	{
		"", "AwsSolutions-S1", `Platform/Platform/LogBucket/Resource`,
		"The log bucket does not log itself: each log would be a request that is logged again. Its policy lets in two services of AWS.",
	},

	{"sandbox", "AwsSolutions-APIG1", `Platform/Platform/Stage/Resource`, costs},
	{"sandbox", "AwsSolutions-ECS4", `Platform/Platform/Cluster/Resource`, costs},
	{"sandbox", "AwsSolutions-ELB2", `Platform/Platform/LoadBalancer/Resource`, costs},
	{"sandbox", "AwsSolutions-S1", `Photos/Photos/Originals/Bucket/Resource`, costs},
	{"sandbox", "AwsSolutions-VPC7", `Platform/Network/Vpc/Resource`, costs},
	{"sandbox", "AwsSolutions-EC28", `Platform/Network/Nat\w+/Instance`, instance},
	{"sandbox", "AwsSolutions-EC29", `Platform/Network/Nat\w+/Instance`, instance},
}

// matches reports whether an entry accepts a finding.
func (e entry) matches(f finding) bool {
	return (e.environment == "" || e.environment == f.environment) && e.finding == f.id && regexp.MustCompile(`^(?:`+e.path+`)$`).MatchString(f.path)
}

// finding is one that cdk-nag reports.
type finding struct{ environment, id, path, text string }

func (f finding) String() string { return fmt.Sprintf("%s: %s: %s", f.environment, f.path, f.text) }
