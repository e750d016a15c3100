package privilege

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// stackOf is a deployed stack of resources by logical ID, each with the logical ID in lower case for its physical one,
// and below a construct of that ID.
func stackOf(t *testing.T, name, resources string) *deployed.Stack {
	t.Helper()
	template, err := snapshot.Parse([]byte(`{"Resources": {` + resources + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := &deployed.Stack{Name: name, Template: template, Resources: map[string]deployed.Resource{}}
	for _, r := range template.Resources("") {
		r.Raw["Metadata"] = map[string]any{"aws:cdk:path": name + "/" + r.LogicalID + "/Resource"}
		s.Resources[r.LogicalID] = deployed.Resource{LogicalID: r.LogicalID, Type: r.Type, PhysicalID: strings.ToLower(r.LogicalID)}
	}
	return s
}

const cartResources = `
	"Items": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"GlobalSecondaryIndexes": [{"IndexName": "by-day"}]}},
	"Files": {"Type": "AWS::S3::Bucket"}, "Find": {"Type": "AWS::OpenSearchService::Domain"}, "Due": {"Type": "AWS::SQS::Queue"}, "DueFailed": {"Type": "AWS::SQS::Queue"},
	"Key": {"Type": "AWS::KMS::Key"}, "Hot": {"Type": "AWS::MemoryDB::Cluster"}, "Warm": {"Type": "AWS::ElastiCache::ServerlessCache"}, "Ledger": {"Type": "AWS::RDS::DBCluster"}, "Logs": {"Type": "AWS::Logs::LogGroup"},
	"TaskRole": {"Type": "AWS::IAM::Role"}, "ExecutionRole": {"Type": "AWS::IAM::Role"}, "Link": {"Type": "AWS::ApiGatewayV2::VpcLink"}`

// shop is a storefront of three stacks, and the roles in it.
func shop(t *testing.T) *landscape {
	t.Helper()
	s := &deployed.App{Account: "111122223333"}
	s.Config.Region = "eu-west-1"
	s.Stacks = []*deployed.Stack{
		stackOf(t, "identity", `"Users": {"Type": "AWS::Cognito::UserPool"}`),
		stackOf(t, "cart", cartResources),
		stackOf(t, "reviews", `"Reviews": {"Type": "AWS::DynamoDB::Table"}, "Robot": {"Type": "AWS::IAM::Role"}`),
	}
	land := &landscape{arns: arns{"aws", "eu-west-1", "111122223333"}}
	land.addThings(s)
	for _, each := range s.Stacks {
		for _, cluster := range each.Template.Resources("AWS::RDS::DBCluster") {
			land.addDatabase(each.Name, cluster, "ledger", "cluster-1", "app")
		}
	}
	land.addRoles(s)
	return land
}

func cart(change func(*types.TaskDefinition)) deployed.Task {
	definition := &types.TaskDefinition{
		TaskRoleArn: aws.String("arn:aws:iam::111122223333:role/taskrole"), ExecutionRoleArn: aws.String("arn:aws:iam::111122223333:role/executionrole"),
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("public.ecr.aws/x/cart:1"),
			Environment: []types.KeyValuePair{
				{Name: aws.String("SERVICE_NAME"), Value: aws.String("cart")},
				{Name: aws.String("PORT"), Value: aws.String("8080")},
				{Name: aws.String("ITEMS_TABLE_NAME"), Value: aws.String("items")},
			},
			LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "logs"}},
		}},
	}
	change(definition)
	return deployed.Task{Stack: "cart", LogicalID: "Task", Definition: definition}
}

var items1 = deployed.Use{Store: "cart/Items", Access: "Read", Variables: []string{"ITEMS_TABLE_NAME"}}

func variable(d *types.TaskDefinition, name, value string) {
	container := &d.ContainerDefinitions[0]
	container.Environment = append(container.Environment, types.KeyValuePair{Name: &name, Value: &value})
}

func rights(r *role) []string {
	var all []string
	for right := range maps.Keys(r.grants) {
		all = append(all, right.action+" "+strings.NewReplacer("arn:aws:", "", "eu-west-1:111122223333:", "", "dynamodb:", "").Replace(right.resource))
	}
	slices.Sort(all)
	return all
}

func TestNeeds(t *testing.T) {
	land := shop(t)
	declared := []deployed.Use{
		items1,
		{Store: "cart/Files", Access: "Read", Variables: []string{"FILES_BUCKET_NAME"}},
		{Store: "cart/Find", Access: "Read", Variables: []string{"FIND_DOMAIN_URL"}},
		{Store: "cart/Identity", Access: "AdministerUsers", Variables: []string{"USER_POOL_CLIENT_ID", "USER_POOL_ID"}},
		{Store: "cart/Ledger", Type: "sqldb.Database", Access: "Read", Variables: []string{"LEDGER_HOST", "LEDGER_NAME"}},
		{Store: "cart/Warm", Type: "cache.Cache", Access: "ReadWrite", Variables: []string{"WARM_HOST", "WARM_NAME"}},
	}
	findings := land.addNeeds(cart(func(d *types.TaskDefinition) {
		variable(d, "FILES_BUCKET_NAME", "files")
		variable(d, "FIND_DOMAIN_URL", "https://vpc-find-abc.eu-west-1.es.amazonaws.com")
		variable(d, "USER_POOL_CLIENT_ID", "client")
		variable(d, "USER_POOL_ID", "users")
		variable(d, "WARM_NAME", "warm")
		variable(d, "LEDGER_HOST", "ledger.cluster-ro-abc.eu-west-1.rds.amazonaws.com")
		variable(d, "LOG_LEVEL", "debug")
		d.ContainerDefinitions[0].Image = aws.String("444455556666.dkr.ecr.us-east-1.amazonaws.com/team/cart:1")
	}), declared)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	byID := map[string]*role{}
	for _, r := range land.roles {
		byID[r.logicalID] = r
	}
	want := []string{"elasticache:Connect elasticache:serverlesscache:warm", "es:ESHttpGet es:domain/find", "es:ESHttpGet es:domain/find/*", "es:ESHttpHead es:domain/find", "es:ESHttpHead es:domain/find/*", "rds-db:connect rds-db:dbuser:cluster-1/reader"}
	for _, action := range items["Read"] {
		want = append(want, action+" table/items", action+" table/items/index/*")
	}
	for _, action := range accesses[pool]["AdministerUsers"] {
		want = append(want, action+" cognito-idp:userpool/users")
	}
	want = append(want, "s3:GetObject s3:::files/*", "s3:GetObjectVersion s3:::files/*", "s3:ListBucket s3:::files")
	slices.Sort(want)
	if diff := cmp.Diff(want, rights(byID["TaskRole"])); diff != "" {
		t.Errorf("task role (-want +got):\n%s", diff)
	}
	const repository = "ecr:us-east-1:444455556666:repository/team/cart"
	want = []string{
		"ecr:BatchCheckLayerAvailability " + repository, "ecr:BatchGetImage " + repository, "ecr:GetAuthorizationToken *", "ecr:GetDownloadUrlForLayer " + repository,
		"logs:CreateLogStream logs:log-group:logs:*", "logs:PutLogEvents logs:log-group:logs:*",
	}
	if diff := cmp.Diff(want, rights(byID["ExecutionRole"])); diff != "" {
		t.Errorf("execution role (-want +got):\n%s", diff)
	}
	if got := rights(byID["Robot"]); len(got) > 0 || byID["Robot"].principal != "" {
		t.Errorf("role of no task: got %v, want nothing", got)
	}
}

func TestNeedsOfAWorker(t *testing.T) {
	land := shop(t)
	const password = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:password-AbCdEf"
	findings := land.addNeeds(cart(func(d *types.TaskDefinition) {
		variable(d, "DUE_QUEUE_URL", "due")
		variable(d, "HOT_HOST", "hot.cache.amazonaws.com")
		variable(d, "TABLE", "reviews")
		d.ContainerDefinitions[0].Environment = slices.DeleteFunc(d.ContainerDefinitions[0].Environment, func(pair types.KeyValuePair) bool { return *pair.Name == "ITEMS_TABLE_NAME" })
		d.ContainerDefinitions[0].LogConfiguration = nil
		d.ContainerDefinitions[0].Secrets = []types.Secret{
			{Name: aws.String("PASSWORD"), ValueFrom: aws.String(password + ":key::")}, {Name: aws.String("LEVEL"), ValueFrom: aws.String("/cart/level")},
		}
	}), []deployed.Use{
		{Store: "cart/Due", Type: "subscription.Subscription", Access: "Consume", Variables: []string{"DUE_QUEUE_URL"}},
		{Store: "cart/Hot", Type: "main.cache", Access: "ReadWrite", Variables: []string{"HOT_HOST"}},
		{Store: "cart/Elsewhere", Type: "main.shared", Access: "Read", Variables: []string{"TABLE"}},
	})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	byID := map[string]*role{}
	for _, r := range land.roles {
		byID[r.logicalID] = r
	}
	var want []string
	for _, action := range consumes {
		want = append(want, action+" sqs:due")
	}
	if diff := cmp.Diff(want, rights(byID["TaskRole"])); diff != "" {
		t.Errorf("task role (-want +got):\n%s", diff)
	}
	want = nil
	for _, action := range readsSecret {
		want = append(want, action+" secretsmanager:secret:password-AbCdEf", action+" secretsmanager:secret:password-AbCdEf-??????")
	}
	for _, action := range readsParameter {
		want = append(want, action+" ssm:parameter/cart/level")
	}
	if diff := cmp.Diff(want, rights(byID["ExecutionRole"])); diff != "" {
		t.Errorf("execution role (-want +got):\n%s", diff)
	}
	for arn, want := range map[string]bool{
		"arn:aws:elasticache:eu-west-1:111122223333:serverlesscache:hot": true, "arn:aws:dynamodb:eu-west-1:111122223333:table/reviews": true,
		"arn:aws:dynamodb:eu-west-1:111122223333:table/items": false, "*": false,
	} {
		if got := byID["TaskRole"].owns(arn); got != want {
			t.Errorf("%s is of a store of its own: got %t, want %t", arn, got, want)
		}
	}
	queue := &role{stack: "cart"}
	land.resources = append(land.resources, held{"cart", "cart/Jobs/Queue", "https://sqs.eu-west-1.amazonaws.com/111122223333/cart-jobs"})
	land.addOwn(queue, deployed.Use{Store: "cart/Jobs", Type: "main.jobs", Access: "Take"}, nil)
	if !queue.owns("arn:aws:sqs:eu-west-1:111122223333:cart-jobs") || queue.owns("arn:aws:sqs:eu-west-1:111122223333:due") {
		t.Errorf("want the queue by its name, got %q", queue.own)
	}
	if len(land.notRun) != 3 || !strings.Contains(land.notRun[0], "what the task role of cart may do with cart/Hot: the catalog has no accesses of a main.cache") {
		t.Errorf("got %q, want a line for each store of its own", land.notRun)
	}
}

func TestNeedsThatAreNotDetermined(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*types.TaskDefinition)
		declared []deployed.Use
		want     string
	}{
		"no declaration": {
			func(*types.TaskDefinition) {}, nil,
			`variable ITEMS_TABLE_NAME: want a store that the service declares with Uses, got "items", which cart does not declare`,
		},
		"another name for a table": {
			func(d *types.TaskDefinition) { variable(d, "BACKUP", "reviews") },
			[]deployed.Use{items1},
			`variable BACKUP: want a store that the service declares with Uses, got "reviews", which cart does not declare`,
		},
		"a store that is new": {
			func(*types.TaskDefinition) {},
			[]deployed.Use{items1, {Store: "cart/Hot", Access: "Read", Variables: []string{"HOT_CACHE_URL"}}},
			"store cart/Hot: want what the record of cart declares, got no resource below that path in stack cart, and no user pool in [HOT_CACHE_URL], of a kind that the catalog knows: add it to catalog.go",
		},
		"no variable": {
			func(*types.TaskDefinition) {},
			[]deployed.Use{items1, {Store: "cart/Files", Access: "Read", Variables: []string{"FILES_BUCKET_NAME"}}},
			"store cart/Files: want what the record of cart declares, got no environment variable of [FILES_BUCKET_NAME] with the store's name or address",
		},
		"another stack's table": {
			func(d *types.TaskDefinition) { d.ContainerDefinitions[0].Environment[2].Value = aws.String("reviews") },
			[]deployed.Use{items1},
			"store cart/Items: want what the record of cart declares, got no environment variable of [ITEMS_TABLE_NAME] with the store's name or address",
		},
		"another stack's store": {
			func(*types.TaskDefinition) {},
			[]deployed.Use{items1, {Store: "reviews/Reviews", Access: "Read", Variables: []string{"ITEMS_TABLE_NAME"}}},
			"store reviews/Reviews: want what the record of cart declares, got no resource below that path in stack cart, and no user pool in [ITEMS_TABLE_NAME], of a kind that the catalog knows: add it to catalog.go",
		},
		"an access of its own": {
			func(*types.TaskDefinition) {},
			[]deployed.Use{{Store: "cart/Items", Access: "Drop", Variables: []string{"ITEMS_TABLE_NAME"}}},
			"store cart/Items: want what the record of cart declares, got an access Drop that the catalog does not know for a table",
		},
		"a secret": {func(d *types.TaskDefinition) {
			d.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("KEY"), ValueFrom: aws.String("arn:x")}}
		}, []deployed.Use{items1}, `secret KEY: want a secret or a parameter, got "arn:x"`},
		"one role for both": {
			func(d *types.TaskDefinition) { d.ExecutionRoleArn = d.TaskRoleArn },
			[]deployed.Use{items1},
			"the execution role: want a role of its own, got TaskRole, the task role of cart",
		},
		"another stack's role": {
			func(d *types.TaskDefinition) { d.TaskRoleArn = aws.String("arn:aws:iam::111122223333:role/robot") },
			[]deployed.Use{items1},
			`the task role: want a role of the same stack, got "arn:aws:iam::111122223333:role/robot"`,
		},
		"no role": {func(d *types.TaskDefinition) { d.TaskRoleArn = nil }, []deployed.Use{items1}, `the task role: want a role of the same stack, got ""`},
		"logs elsewhere": {func(d *types.TaskDefinition) {
			d.ContainerDefinitions[0].LogConfiguration.Options["awslogs-group"] = "other"
		}, []deployed.Use{items1}, `logs of container app: want a log group of the same stack, got "other"`},
	} {
		var got []string
		for _, finding := range shop(t).addNeeds(cart(c.change), c.declared) {
			got = append(got, finding.String())
		}
		if diff := cmp.Diff([]string{"cart: Task: surveyed: " + c.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
