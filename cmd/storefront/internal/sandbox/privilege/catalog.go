package privilege

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// kind is a kind of resource, or of part of a resource, in a policy.
type kind string

const (
	account    kind = "account" // actions that are not limited to a resource
	table      kind = "table"
	index      kind = "index"
	stream     kind = "stream"
	bucket     kind = "bucket"
	objects    kind = "objects"
	domain     kind = "domain"
	documents  kind = "documents"
	pool       kind = "pool"
	cache      kind = "cache"
	cacheUser  kind = "user of a cache"
	cluster    kind = "database cluster"
	dbOwner    kind = "owner of a database"
	dbReader   kind = "reader of a database"
	logGroup   kind = "log group"
	iamRole    kind = "role"
	repository kind = "repository"
	stack      kind = "stack"
	queue      kind = "queue"
	secret     kind = "secret"
	parameter  kind = "parameter"
	key        kind = "key"
	bus        kind = "bus"
	event      kind = "event" // on a bus
	pipe       kind = "pipe"

	stateMachine   kind = "state machine"
	taskDefinition kind = "task definition"
	ranTask        kind = "task" // that a state machine runs
	stopRule       kind = "rule on tasks that stop"
)

// ofTheLibrary reports whether a store is one that the library has, whose accesses are in the catalog. Of a team's own store
// nothing says what an access allows but its Bind.
func ofTheLibrary(use deployed.Use) bool {
	pkg, _, _ := strings.Cut(strings.TrimPrefix(use.Type, "*"), ".")
	return slices.Contains([]string{"", "bucket", "cache", "identity", "publication", "queue", "searchdomain", "sqldb", "subscription", "table"}, pkg)
}

// accesses are the IAM actions of each access that a store's documentation names.
var accesses = map[kind]map[string][]string{
	table:     items,
	index:     items, // an index cannot be written to; that a policy names it for writing too has no effect
	bucket:    {"Read": {"s3:ListBucket"}, "Write": nil},
	objects:   readWrite([]string{"s3:GetObject", "s3:GetObjectVersion"}, []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"}),
	domain:    overHTTP,
	documents: overHTTP,
	cache:     {"ReadWrite": connects},
	cacheUser: {"ReadWrite": connects},
	dbOwner:   {"ReadWrite": opens, "Read": nil},
	dbReader:  {"ReadWrite": nil, "Read": opens},
	event:     {"Publish": {putEvents}},
	queue:     {"Send": sends, "Consume": consumes, "SendAndConsume": slices.Concat(sends, consumes)},
	pool: {"AdministerUsers": {
		"cognito-idp:AdminConfirmSignUp", "cognito-idp:AdminCreateUser", "cognito-idp:AdminDeleteUser", "cognito-idp:AdminDisableUser",
		"cognito-idp:AdminEnableUser", "cognito-idp:AdminGetUser", "cognito-idp:AdminInitiateAuth", "cognito-idp:AdminResetUserPassword",
		"cognito-idp:AdminRespondToAuthChallenge", "cognito-idp:AdminSetUserPassword", "cognito-idp:AdminUpdateUserAttributes",
		"cognito-idp:AdminUserGlobalSignOut", "cognito-idp:ListUsers",
	}},
}

var (
	items = readWrite(
		[]string{"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"},
		[]string{"dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	)
	sends    = []string{"sqs:SendMessage"}
	consumes = []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
	connects = []string{"elasticache:Connect"}
	opens    = []string{"rds-db:connect"}
	overHTTP = readWrite(
		[]string{"es:ESHttpGet", "es:ESHttpHead"},
		[]string{"es:ESHttpDelete", "es:ESHttpPatch", "es:ESHttpPost", "es:ESHttpPut"},
	)
)

func readWrite(read, write []string) map[string][]string {
	return map[string][]string{"Read": read, "Write": write}
}

// allows returns the actions of an access, and whether the kind has it.
func (k kind) allows(access string) ([]string, bool) {
	known := accesses[k]
	actions, ok := known[access]
	if access == "ReadWrite" && !ok {
		read, readable := known["Read"]
		write, writable := known["Write"]
		return slices.Concat(read, write), readable && writable
	}
	return actions, ok
}

// What ECS does with an execution role.
var (
	writesLogs  = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	pullsImages = []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
	logsIn      = "ecr:GetAuthorizationToken" // which takes no resource

	readsSecret    = []string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}
	readsParameter = []string{"ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters"}
)

// What a pipe does with the stream and the key of a table, and with the bus.
const (
	putEvents     = "events:PutEvents"
	keySource     = "events:source"
	keyDetailType = "events:detail-type"
)

var (
	readsStream     = []string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
	usesKeyOfStream = []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}
)

// What Scheduler and Step Functions do to run a task.
const (
	startsRun  = "states:StartExecution"
	listsRuns  = "states:ListExecutions"
	runsTask   = "ecs:RunTask"
	listsTasks = "ecs:ListTasks" // which takes no resource
	passesRole = "iam:PassRole"
)

var (
	handlesTask = []string{"ecs:DescribeTasks", "ecs:StopTask", "ecs:TagResource"}
	managesRule = []string{"events:DescribeRule", "events:PutRule", "events:PutTargets"}
)

// What an application does with the key of a store's data.
var (
	decrypts = []string{"kms:Decrypt", "kms:DescribeKey"}
	encrypts = []string{"kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
)

// encryptsItself are the kinds whose service uses the key of the data itself, and the application does not.
var encryptsItself = []kind{domain, documents, cache, cacheUser, dbOwner, dbReader}

// usesKey returns what an access to a store allows on the key of its data.
func usesKey(access string) []string {
	if access == "Read" || access == "Consume" {
		return decrypts
	}
	return slices.Concat(decrypts, encrypts)
}

// actions are all actions that are tested on a kind: those of its accesses, and the attacks.
func (k kind) actions() []string {
	all := slices.Clone(attacks[k])
	for _, actions := range accesses[k] {
		all = append(all, actions...)
	}
	switch k {
	case logGroup:
		all = append(all, writesLogs...)
	case repository:
		all = append(all, pullsImages...)
	case account:
		all = append(all, logsIn, listsTasks)
	case stateMachine:
		all = append(all, startsRun, listsRuns)
	case taskDefinition:
		all = append(all, runsTask)
	case ranTask:
		all = append(all, handlesTask...)
	case stopRule:
		all = append(all, managesRule...)
	case secret:
		all = append(all, readsSecret...)
	case parameter:
		all = append(all, readsParameter...)
	case key:
		all = slices.Concat(all, decrypts, encrypts)
	case stream:
		all = append(all, readsStream...)
	case bus: // an event without a source and a detail type
		all = append(all, putEvents)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// attacks are actions that no service needs, whoever owns the resource: to change, delete or copy what holds data, to assume
// another role, and to redirect requests or events.
var attacks = map[kind][]string{
	table: {
		"dynamodb:CreateBackup", "dynamodb:CreateGlobalTable", "dynamodb:DeleteResourcePolicy", "dynamodb:DeleteTable", "dynamodb:EnableKinesisStreamingDestination",
		"dynamodb:ExportTableToPointInTime", "dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert", "dynamodb:PartiQLSelect", "dynamodb:PartiQLUpdate",
		"dynamodb:PutResourcePolicy", "dynamodb:RestoreTableToPointInTime", "dynamodb:TagResource", "dynamodb:UntagResource",
		"dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
	},
	index: {"dynamodb:PartiQLSelect"},
	bucket: {
		"s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions", "s3:PutBucketAcl",
		"s3:PutBucketCORS", "s3:PutBucketNotification", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
		"s3:PutBucketVersioning", "s3:PutBucketWebsite", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
	},
	objects: {
		"s3:BypassGovernanceRetention", "s3:DeleteObjectVersion", "s3:GetObjectAcl", "s3:PutObjectAcl", "s3:PutObjectLegalHold",
		"s3:PutObjectRetention", "s3:PutObjectVersionAcl", "s3:ReplicateObject", "s3:RestoreObject",
	},
	domain:    {"es:DeleteDomain", "es:DescribeDomain", "es:UpdateDomainConfig", "es:UpgradeDomain"},
	documents: nil,
	cache: {
		"elasticache:CreateServerlessCacheSnapshot", "elasticache:DeleteServerlessCache", "elasticache:ModifyServerlessCache",
	},
	cacheUser: {"elasticache:DeleteUser", "elasticache:ModifyUser"},
	cluster: {
		"rds:CreateDBClusterSnapshot", "rds:DeleteDBCluster", "rds:ModifyDBCluster", "rds:RestoreDBClusterToPointInTime", "rds:StopDBCluster",
	},
	pool: {
		"cognito-idp:AddCustomAttributes", "cognito-idp:AdminAddUserToGroup", "cognito-idp:AdminLinkProviderForUser", "cognito-idp:AdminSetUserMFAPreference",
		"cognito-idp:CreateGroup", "cognito-idp:CreateIdentityProvider", "cognito-idp:CreateUserImportJob", "cognito-idp:CreateUserPoolClient",
		"cognito-idp:DeleteUserPool", "cognito-idp:DeleteUserPoolClient", "cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolClient",
		"cognito-idp:SetUserPoolMfaConfig", "cognito-idp:UpdateUserPool", "cognito-idp:UpdateUserPoolClient",
	},
	logGroup: {
		"logs:AssociateKmsKey", "logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey",
		"logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutMetricFilter", "logs:PutRetentionPolicy", "logs:PutSubscriptionFilter", "logs:StartQuery",
	},
	iamRole: {
		"iam:AttachRolePolicy", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetRolePolicy", "iam:PassRole",
		"iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "sts:TagSession",
	},
	bus:  {"events:DeleteEventBus", "events:PutPermission", "events:RemovePermission", "events:UpdateEventBus"},
	pipe: {"pipes:DeletePipe", "pipes:StopPipe", "pipes:UpdatePipe"},
	stateMachine: {
		"states:DeleteStateMachine", "states:GetExecutionHistory", "states:StopExecution", "states:UpdateStateMachine",
	},
	taskDefinition: {"ecs:DeleteTaskDefinitions", "ecs:DeregisterTaskDefinition", "ecs:StartTask"},
	ranTask:        {"ecs:ExecuteCommand", "ecs:UntagResource"},
	stopRule:       {"events:DeleteRule", "events:DisableRule", "events:RemoveTargets"},
	queue: {
		"sqs:AddPermission", "sqs:DeleteQueue", "sqs:PurgeQueue", "sqs:RemovePermission", "sqs:SetQueueAttributes", "sqs:StartMessageMoveTask",
	},
	secret: {
		"secretsmanager:DeleteSecret", "secretsmanager:PutResourcePolicy", "secretsmanager:PutSecretValue", "secretsmanager:RotateSecret",
		"secretsmanager:UpdateSecret",
	},
	parameter:  {"ssm:DeleteParameter", "ssm:PutParameter"},
	key:        {"kms:CreateGrant", "kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"},
	repository: {"ecr:DeleteRepository", "ecr:DeleteRepositoryPolicy", "ecr:PutImage", "ecr:SetRepositoryPolicy"},
	stack:      {"cloudformation:CreateChangeSet", "cloudformation:DeleteStack", "cloudformation:ExecuteChangeSet", "cloudformation:GetTemplate", "cloudformation:SetStackPolicy", "cloudformation:UpdateStack"},
	account: {
		"apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "cloudformation:CreateStack", "cloudformation:ListStacks",
		"cloudtrail:StopLogging", "cloudwatch:DeleteAlarms", "cloudwatch:SetAlarmState", "cognito-idp:CreateUserPool", "cognito-idp:ListUserPools",
		"dynamodb:CreateTable", "dynamodb:ListTables", "ec2:AuthorizeSecurityGroupIngress", "ec2:DescribeInstances", "ec2:RunInstances",
		"ecr:CreateRepository", "ecs:ExecuteCommand", "ecs:ListClusters", "ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:StopTask",
		"ecs:UpdateService", "elasticloadbalancing:CreateRule", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule",
		"elasticloadbalancing:RegisterTargets", "events:PutEvents", "events:PutPermission", "events:PutRule", "events:PutTargets",
		"iam:CreateAccessKey", "iam:CreatePolicyVersion", "iam:CreateRole", "iam:CreateServiceLinkedRole", "iam:CreateUser", "iam:ListRoles",
		"iam:PassRole", "kms:CreateGrant", "kms:Decrypt", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "lambda:AddPermission",
		"lambda:CreateFunction", "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "logs:CreateLogGroup", "logs:DescribeLogGroups",
		"logs:PutResourcePolicy", "organizations:LeaveOrganization", "s3:CreateBucket", "s3:ListAllMyBuckets", "s3:PutAccountPublicAccessBlock",
		"secretsmanager:GetSecretValue", "secretsmanager:ListSecrets", "sns:Publish", "sns:Subscribe", "sqs:ReceiveMessage", "sqs:SendMessage",
		"ssm:GetParameter", "ssm:GetParametersByPath", "ssm:SendCommand", "ssm:StartSession", "sts:AssumeRole", "sts:GetFederationToken",
	},
}

// asked says which actions are tested on a resource beside the attacks on the account, by its type. Of any other type it
// is checked that no policy names a resource which no service declares, and a service that declares one is a finding.
var asked = map[string]func(arn arns, id string, resource snapshot.Resource) []thing{
	"AWS::Cognito::UserPool": func(arn arns, id string, _ snapshot.Resource) []thing {
		return []thing{{kind: pool, arn: arn.of("cognito-idp", "userpool/"+id)}}
	},
	"AWS::DynamoDB::GlobalTable": tableAndParts,
	"AWS::DynamoDB::Table":       tableAndParts,
	"AWS::IAM::Role": func(arn arns, id string, _ snapshot.Resource) []thing {
		return []thing{{kind: iamRole, arn: arn.global("iam", "role/"+id), context: map[string]string{"iam:PassedToService": ofTasks}}}
	},
	"AWS::StepFunctions::StateMachine": func(_ arns, id string, _ snapshot.Resource) []thing { // its ID is its ARN
		return []thing{{kind: stateMachine, arn: id}}
	},
	"AWS::ECS::TaskDefinition": func(_ arns, id string, _ snapshot.Resource) []thing { // its ID is its ARN, with the revision
		return []thing{{kind: taskDefinition, arn: id, pattern: id[:strings.LastIndex(id, ":")+1] + "*"}}
	},
	"AWS::Logs::LogGroup": func(arn arns, id string, _ snapshot.Resource) []thing {
		// A policy names a group by GetAtt Arn, which ends in :*; the simulated actions are on a stream of it.
		group := arn.of("logs", "log-group:"+id)
		return []thing{{kind: logGroup, arn: group + ":log-stream:" + probe, pattern: group + ":*"}}
	},
	"AWS::OpenSearchService::Domain": func(arn arns, id string, _ snapshot.Resource) []thing {
		whole := arn.of("es", "domain/"+id)
		return []thing{{kind: domain, arn: whole}, {kind: documents, arn: whole + "/" + probe, pattern: whole + "/*"}}
	},
	"AWS::ElastiCache::ServerlessCache": func(arn arns, id string, _ snapshot.Resource) []thing {
		return []thing{{kind: cache, arn: arn.of("elasticache", "serverlesscache:"+id)}}
	},
	"AWS::ElastiCache::User": func(arn arns, id string, _ snapshot.Resource) []thing {
		return []thing{{kind: cacheUser, arn: arn.of("elasticache", "user:"+id)}}
	},
	"AWS::RDS::DBCluster": func(arn arns, id string, _ snapshot.Resource) []thing { // its users: see addDatabases
		return []thing{{kind: cluster, arn: arn.of("rds", "cluster:"+id)}}
	},
	"AWS::KMS::Key": func(arn arns, id string, _ snapshot.Resource) []thing {
		return []thing{{kind: key, arn: arn.of("kms", "key/"+id)}}
	},
	"AWS::Events::EventBus": func(arn arns, id string, _ snapshot.Resource) []thing {
		return []thing{{kind: bus, arn: arn.of("events", "event-bus/"+id)}}
	},
	"AWS::Pipes::Pipe": func(arn arns, id string, _ snapshot.Resource) []thing {
		return []thing{{kind: pipe, arn: arn.of("pipes", "pipe/"+id)}}
	},
	"AWS::SQS::Queue": func(arn arns, id string, _ snapshot.Resource) []thing { // its ID is its URL
		return []thing{{kind: queue, arn: arn.of("sqs", id[strings.LastIndex(id, "/")+1:])}}
	},
	"AWS::SecretsManager::Secret": func(_ arns, id string, _ snapshot.Resource) []thing { // its ID is its ARN
		return []thing{{kind: secret, arn: id}}
	},
	"AWS::S3::Bucket": func(arn arns, id string, _ snapshot.Resource) []thing {
		whole := "arn:" + arn.partition + ":s3:::" + id
		return []thing{{kind: bucket, arn: whole}, {kind: objects, arn: whole + "/" + probe, pattern: whole + "/*"}}
	},
}

func tableAndParts(arn arns, id string, resource snapshot.Resource) []thing {
	whole := arn.of("dynamodb", "table/"+id)
	all := []thing{{kind: table, arn: whole}, {kind: stream, arn: whole + "/stream/2026-01-01T00:00:00.000"}}
	indexes, _ := resource.Get("Properties.GlobalSecondaryIndexes").([]any)
	for _, each := range indexes {
		if properties, ok := each.(map[string]any); ok {
			all = append(all, thing{kind: index, arn: fmt.Sprintf("%s/index/%v", whole, properties["IndexName"]), pattern: whole + "/index/*"})
		}
	}
	return all
}

// probe is the name of what the calls create: an object, a log stream, an item.
const probe = "sandbox-privilege"

// arns composes the ARNs of one account and region.
type arns struct{ partition, region, account string }

func (a arns) of(service, rest string) string {
	return strings.Join([]string{"arn", a.partition, service, a.region, a.account, rest}, ":")
}

// global composes the ARN of a resource without a region.
func (a arns) global(service, rest string) string {
	return strings.Join([]string{"arn", a.partition, service, "", a.account, rest}, ":")
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
