package shop

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamo "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	events "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// program is what the process of a service's task has: its variables, and a client of AWS with the credentials that it gets.
type program struct {
	environ map[string]string
	aws     aws.Config
}

// programOf returns the variables of a running process, which has no other way to the credentials of its role.
func programOf(t *testing.T, service string) program {
	t.Helper()
	p := program{environ: tasksOf(t, service)[0].environ(t), aws: root()}
	p.aws.RetryMaxAttempts = 1
	p.aws.Credentials = aws.NewCredentialsCache(endpointcreds.New(p.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], func(o *endpointcreds.Options) {
		o.AuthorizationToken = p.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
	}))
	return p
}

// denied fails unless AWS has refused a request for want of a permission.
func denied(t *testing.T, what string, err error) {
	t.Helper()
	var refused smithy.APIError
	if !errors.As(err, &refused) || !strings.HasPrefix(refused.ErrorCode(), "AccessDenied") {
		t.Errorf("%s: want it denied, got %v", what, err)
	}
}

func allowed(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// testLeastPrivilege does, with the credentials that each process has, what its role must not allow.
func testLeastPrivilege(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the variables of another process are read from /proc, which only Linux has")
	}
	programs := map[string]program{}
	for _, s := range shop.Services {
		programs[s.Service] = programOf(t, s.Service)
	}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		t.Run(name, func(t *testing.T) { testRole(t, name, programs) })
	}
}

func testRole(t *testing.T, name string, programs map[string]program) {
	own, ctx := programs[name], context.Background()
	if own.environ["AWS_ACCESS_KEY_ID"] != "" {
		t.Error("the process has credentials in its variables")
	}
	stores := map[string]string{} // that no variable of the service names, by their names or URLs
	for other, p := range programs {
		for variable, store := range p.environ {
			if !slices.Contains(slices.Collect(maps.Values(own.environ)), store) {
				stores[store] = other + "'s " + variable
			}
		}
	}
	database, files, queues := dynamodb.NewFromConfig(own.aws), s3.NewFromConfig(own.aws, func(o *s3.Options) { o.UsePathStyle = true }), sqs.NewFromConfig(own.aws)
	tried := 0
	for store, what := range stores {
		var err error
		switch {
		case strings.HasSuffix(what, "_TABLE_NAME"):
			_, err = database.Scan(ctx, &dynamodb.ScanInput{TableName: &store, Limit: aws.Int32(1)})
			denied(t, "read "+what, err)
			_, err = database.PutItem(ctx, &dynamodb.PutItemInput{TableName: &store, Item: map[string]dynamo.AttributeValue{"x": &dynamo.AttributeValueMemberS{Value: "x"}}})
		case strings.HasSuffix(what, "_BUCKET_NAME"):
			_, err = files.GetObject(ctx, &s3.GetObjectInput{Bucket: &store, Key: aws.String("x")})
			denied(t, "read "+what, err)
			_, err = files.PutObject(ctx, &s3.PutObjectInput{Bucket: &store, Key: aws.String("x"), Body: strings.NewReader("x")})
		case strings.HasSuffix(what, "_QUEUE_URL"):
			_, err = queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &store})
			denied(t, "read "+what, err)
			_, err = queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &store, MessageBody: aws.String("x")})
		default:
			continue
		}
		denied(t, "write "+what, err)
		tried++
	}
	if tried < 8 {
		t.Errorf("only %d stores of other services were found", tried)
	}
	_, err := database.ListTables(ctx, &dynamodb.ListTablesInput{})
	denied(t, "list tables", err)
	bus := programs["login"].environ["EVENT_BUS_NAME"]
	_, err = eventbridge.NewFromConfig(own.aws).PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []events.PutEventsRequestEntry{
		{EventBusName: &bus, Source: aws.String("storefront.catalog"), DetailType: aws.String("ProductChanged"), Detail: aws.String("{}")},
	}})
	denied(t, "publish an event as the catalog", err)
	for variable, store := range own.environ {
		switch {
		case strings.HasSuffix(variable, "_TABLE_NAME"):
			_, err = database.Scan(ctx, &dynamodb.ScanInput{TableName: &store, Limit: aws.Int32(1)})
			allowed(t, "read its "+variable, err)
		case strings.HasSuffix(variable, "_QUEUE_URL"):
			_, err = queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &store})
			allowed(t, "read its "+variable, err)
		}
	}
	if name == "search" { // which only the indexer writes
		_, err = database.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(own.environ["DOCUMENTS_TABLE_NAME"]), Item: map[string]dynamo.AttributeValue{
			"productId": &dynamo.AttributeValueMemberS{Value: "x"},
		}})
		denied(t, "write documents", err)
	}
	testOthersIdentity(t, name, programs)
}

// testOthersIdentity tries to become another service, and to read a secret that is not the service's.
func testOthersIdentity(t *testing.T, name string, programs map[string]program) {
	own, ctx := programs[name], context.Background()
	secrets := secretsmanager.NewFromConfig(root())
	secret, err := secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("others-" + name), SecretString: aws.String("x")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = secretsmanager.NewFromConfig(own.aws).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: secret.ARN})
	denied(t, "read a secret", err)
	if _, err := secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: secret.ARN, ForceDeleteWithoutRecovery: aws.Bool(true)}); err != nil {
		t.Error(err)
	}
	other := programs["cart"]
	if name == "cart" {
		other = programs["orders"]
	}
	who, err := sts.NewFromConfig(other.aws).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	// arn:aws:sts::account:assumed-role/role/task
	parts := strings.Split(aws.ToString(who.Arn), "/")
	role := fmt.Sprintf("arn:aws:iam::%s:role/%s", aws.ToString(who.Account), parts[1])
	_, err = sts.NewFromConfig(own.aws).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("x")})
	denied(t, "assume "+role, err)
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, other.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], nil)
	request.Header.Set("Authorization", own.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("the credentials of %s, with the token of %s: got %s", parts[1], name, response.Status)
	}
}

// testContract calls every operation of every service.
func testContract(t *testing.T) {
	if out, err := tool("run", "contract"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
