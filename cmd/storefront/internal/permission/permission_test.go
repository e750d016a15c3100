package permission

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

func permissions(t *testing.T, more map[string]string, templates ...string) Permissions {
	t.Helper()
	var stacks []assembly.Stack
	for n, text := range templates {
		template, err := snapshot.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		stacks = append(stacks, assembly.Stack{ID: []string{"Reviews", "Platform"}[n], Template: template})
	}
	return Of(stacks, more)
}

const trust = `"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}`

// reviews has a role in each way in which a template says what it may do.
const reviews = `{
	"Metadata": {"storefront:service:order-reviews": {}},
	"Resources": {
		"OrderReviewsTaskRole01234567": {"Type": "AWS::IAM::Role", "Properties": {` + trust + `, "Tags": [{"Key": "service", "Value": "order-reviews"}]}},
		"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "OrderReviewsTaskRole01234567"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": ["dynamodb:Query", "dynamodb:GetItem"], "Resource": [
				{"Fn::GetAtt": ["OrderReviewsItems89ABCDEF", "Arn"]}, {"Fn::Join": ["", [{"Fn::GetAtt": ["OrderReviewsItems89ABCDEF", "Arn"]}, "/index/*"]]},
				{"Fn::If": ["Here", {"Fn::GetAtt": "OrderReviewsItems89ABCDEF.StreamArn"}, {"Ref": "AWS::NoValue"}]}]},
			{"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetStackOutput": {"StackName": "shop-platform", "OutputName": "EventBusArn"}},
				"Condition": {"StringEquals": {"events:source": "shop.reviews", "events:detail-type": ["A", "B"]}}},
			{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": {"Fn::Sub": "arn:${AWS::Partition}:ssm:::parameter/a|b"}},
			{"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Fn::Sub": ["arn:aws:sns:${Region}:x:${Topic}", {"Topic": {"Ref": "T"}}]}},
			{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}}},
		"OrderReviewsExecutionRole01234567": {"Type": "AWS::IAM::Role", "Properties": {` + trust + `, "Policies": [{"PolicyDocument": {"Statement":
			{"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}}}]}},
		"OrderReviewsItems89ABCDEF": {"Type": "AWS::DynamoDB::GlobalTable"},
		"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
			"TaskRoleArn": {"Fn::GetAtt": ["OrderReviewsTaskRole01234567", "Arn"]}, "ExecutionRoleArn": {"Fn::GetAtt": ["OrderReviewsExecutionRole01234567", "Arn"]}}},
		"NightlyRole01234567": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess", {"Ref": "Managed"}]}},
		"Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": "ecs:RunTask", "Resource": {"Ref": "Task"}}]}}},
		"Nightly": {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": {"RoleArn": {"Fn::GetAtt": ["NightlyRole01234567", "Arn"]}}}},
		"IdleRole": {"Type": "AWS::IAM::Role", "Properties": {}},
		"Elsewhere": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["deployer"], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::*"}]}}}
	}}`

const page = `## order-reviews

| role | may | on | if |
|---|---|---|---|
| task role (ecs-tasks.amazonaws.com) | §dynamodb:GetItem§, §dynamodb:Query§ | DynamoDB table §Items§<br>DynamoDB table §Items§ §/index/*§<br>DynamoDB table §Items§ §.StreamArn§ | |
| | §events:PutEvents§ | §${EventBusArn of stack shop-platform}§ | §events:detail-type StringEquals A or B§<br>§events:source StringEquals shop.reviews§ |
| | §sns:Publish§ | §arn:aws:sns:${Region}:x:${T}§ | |
| | §ssm:GetParameter§ | §arn:${AWS::Partition}:ssm:::parameter/a\|b§ | |
| execution role (ecs-tasks.amazonaws.com) | §ecr:GetAuthorizationToken§ | §*§ | |
| imported role | §all but iam:*§ | §*§ | |
| | §s3:ListBucket§ | §arn:aws:s3:::*§ | |
| role | nothing | | |
| role of the Scheduler schedule | what the managed policy allows | §arn:aws:iam::aws:policy/ReadOnlyAccess§ | |
| | §ecs:RunTask§ | ECS task definition §Task§ | |

## Of no service

| role | may | on | if |
|---|---|---|---|
| role of the flow log §Flow§ of stack Platform (vpc-flow-logs.amazonaws.com) | §logs:PutLogEvents§ | log group §Logs§ | |

## On every resource

| action | why AWS has no narrower resource | roles |
|---|---|---|
| §all but iam:*§ | **no reason is known** | imported role of order-reviews |
| §ecr:GetAuthorizationToken§ | the token is of the account's registry; which images it may pull, other actions say | execution role of order-reviews |
| §s3:ListBucket§ | it lists all | imported role of order-reviews |
`

const platform = `{"Resources": {
	"Flow": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"Service": ["vpc-flow-logs.amazonaws.com"]}}]}}},
	"FlowPolicy": {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": {"Ref": "Flow"}, "PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": {"Fn::GetAtt": ["Logs", "Arn"]}}]}}},
	"Logs": {"Type": "AWS::Logs::LogGroup"},
	"FlowLog": {"Type": "AWS::EC2::FlowLog", "Properties": {"DeliverLogsPermissionArn": {"Fn::GetAtt": ["Flow", "Arn"]}}}}}`

func TestMarkdown(t *testing.T) {
	p := permissions(t, map[string]string{"s3:ListBucket": "it lists all"}, reviews, platform)
	_, got, _ := strings.Cut(p.Markdown("storefront graph", "production"), "is deployed.\n\n")
	if diff := cmp.Diff(strings.ReplaceAll(page, "§", "`"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	findings := p.Findings()
	if len(findings) != 1 {
		t.Fatalf("the findings are %v", findings)
	}
	const want = "all but iam:* on every resource (imported role of order-reviews): name the resource, or if AWS has no narrower one for the action, say so with --reason 'all but iam:*=WHY'"
	if got := findings[0].String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNothingOnEveryResource(t *testing.T) {
	got := permissions(t, nil, `{"Resources": {}}`).Markdown("storefront graph", "production")
	if !strings.HasSuffix(got, "## On every resource\n\nNo role may do anything on every resource.\n") {
		t.Errorf("got %s", got)
	}
}

func TestReasons(t *testing.T) {
	more := map[string]string{"s3:*": "any", "s3:List*": "lists", "xray:PutTraceSegments": "mine"}
	for action, want := range map[string]string{
		"s3:ListAllMyBuckets": "lists", "s3:GetObject": "any", "xray:PutTraceSegments": "mine", "dynamodb:GetItem": "",
		"elasticloadbalancing:DescribeRules": reasons["elasticloadbalancing:Describe*"], "elasticloadbalancing:ModifyRule": "",
	} {
		if got := reasonFor(action, nil, more); got != want {
			t.Errorf("%s: got %q, want %q", action, got, want)
		}
	}
	if got := reasonFor("ecs:ListTasks", []string{"ecs:cluster ArnEquals x"}, nil); got != limited["ecs:ListTasks"].reason {
		t.Errorf("ecs:ListTasks in one cluster: got %q", got)
	}
	const want = "ecs:ListTasks on every resource (task role of cart): add a condition on ecs:cluster, or if AWS has no narrower one for the action, say so with --reason 'ecs:ListTasks=WHY'"
	if got := (Everything{Action: "ecs:ListTasks", Reason: reasonFor("ecs:ListTasks", nil, nil), Roles: []string{"task role of cart"}}).String(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestEverything(t *testing.T) {
	for text, want := range map[string]bool{
		"*": true, "arn:aws:s3:::*": true, "arn:${AWS::Partition}:sqs:*:*:*": true, "arn:aws:dynamodb:::*/*": true,
		"arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/*": true, "arn:aws:logs:eu-central-1:111122223333:log-group:*": true, "arn:aws:logs:::log-group:shop:*": false,
		"arn:aws:ecs:::task/shop/*": false,
		"arn:aws:s3:::photos/*":     false, "arn:aws:secretsmanager:::secret:ecs-sc!*": false, "${EventBusArn of stack shop-platform}": false,
	} {
		if got := (Resource{Text: text}).everything(); got != want {
			t.Errorf("%s: got %t, want %t", text, got, want)
		}
	}
}

func TestKind(t *testing.T) {
	for resourceType, want := range map[string]string{
		"AWS::SQS::Queue": "SQS queue", "AWS::S3::Bucket": "S3 bucket", "AWS::KMS::Key": "KMS key", "AWS::DynamoDB::GlobalTable": "DynamoDB table",
		"AWS::ElastiCache::ServerlessCache": "ElastiCache serverless cache", "AWS::RDS::DBCluster": "RDS DB cluster", "AWS::EC2::VPC": "EC2 VPC",
		"AWS::CertificateManager::Certificate": "CertificateManager certificate", "Custom::Thing": "Custom::Thing",
	} {
		if got := kind(resourceType); got != want {
			t.Errorf("%s: got %q, want %q", resourceType, got, want)
		}
	}
}
