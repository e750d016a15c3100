package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	gatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/readback"
)

// asAsked reads every resource back: each property must be that of its template. Then it makes changes by hand, of which
// exactly those must be found, and undoes them.
func asAsked(t *testing.T, s *suite) {
	storefront := s.read(t, s.assembly)
	s.readBack(t, storefront)
	s.readAsOnAnAccount(t, storefront)

	want, got := changedByHand(t, s, storefront)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings after changes by hand (-want +got):\n%s", diff)
	}
	s.count("%d changes by hand, each found, and nothing else", len(want))
	if left := s.findings(t, storefront); left != nil {
		t.Errorf("findings after the changes were undone: %s", strings.Join(left, "\n"))
	}
}

// stillTrue reads everything back once more, after updates, failures that were rolled back, and changes that were undone.
func stillTrue(t *testing.T, s *suite) {
	s.readBack(t, s.read(t, s.assembly))
}

// changedByHand makes changes by hand, and returns the findings that are wanted and those that are reported.
func changedByHand(t *testing.T, s *suite, storefront *deployed.App) (want, got []string) {
	t.Helper()
	for _, change := range (hand{s, t, storefront}).changes() {
		if change.notOnAWS != "" && s.target.Emulator == nil {
			t.Logf("not run against a real account: %s: %s", change.Name, change.notOnAWS)
			continue
		}
		want = append(want, change.Finding)
		defer func() {
			if err := change.Undo(s.ctx); err != nil {
				t.Errorf("undo: %s: %v", change.Name, err)
			}
		}()
		if err := change.Do(s.ctx); err != nil {
			t.Fatalf("%s: %v", change.Name, err)
		}
	}
	got = s.findings(t, storefront)
	slices.Sort(want)
	return want, got
}

func (s *suite) findings(t *testing.T, app *deployed.App) []string {
	t.Helper()
	result, err := check.True(s.ctx, s.target, app)
	if err != nil {
		t.Fatal(err)
	}
	return result.Findings
}

// readBack fails unless every resource of an app has the properties of its template.
func (s *suite) readBack(t *testing.T, app *deployed.App) {
	t.Helper()
	result, err := check.True(s.ctx, s.target, app)
	if err != nil {
		t.Fatal(err)
	}
	s.wantNothing(t, result)
}

// readAsOnAnAccount reads the emulator's resources through Cloud Control, as an account's. The values are only recorded, but
// each resource must be found: by its identifier in the schema of its type.
func (s *suite) readAsOnAnAccount(t *testing.T, storefront *deployed.App) {
	t.Helper()
	if s.target.Emulator == nil {
		return // was done
	}
	report, err := readback.Check(s.ctx, storefront, readback.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range report.Findings {
		t.Errorf("through Cloud Control: %s", finding)
	}
	if len(report.Unread) > 0 {
		t.Errorf("Cloud Control does not read %v", report.Unread)
	}
}

// change is a change by hand to the deployed storefront, and the finding that it causes.
type change struct {
	check.Change
	notOnAWS string // why it is made only on the emulator
}

// hand makes changes by hand.
type hand struct {
	*suite
	t          *testing.T
	storefront *deployed.App
}

func (h hand) changes() []change {
	h.t.Helper()
	platform, cart, photos := h.storefront.ByID("Platform"), h.storefront.ByID("Cart"), h.storefront.ByID("Photos")
	return []change{
		h.expiryOff(cart),
		{Change: check.AnotherRuleOfTheGroup(h.storefront, cart, one(h.t, cart, "AWS::EC2::SecurityGroup"))},
		h.anotherMaximum(cart),
		h.anotherHeader(cart),
		h.openedRoute(cart),
		{Change: check.AnotherRoute(h.storefront, platform, one(h.t, platform, "AWS::ApiGatewayV2::Api"))},
		{Change: check.AnotherRuleOfTheListener(h.storefront, platform, one(h.t, platform, "AWS::ElasticLoadBalancingV2::Listener"))},
		{Change: check.AnotherPolicy(h.storefront, cart, named(h.t, cart, "AWS::IAM::Role", "CartTaskRole"))},
		{Change: check.PublicBucket(h.storefront, photos, one(h.t, photos, "AWS::S3::Bucket"))},
		h.anotherCondition(cart),
		h.otherPages(photos),
	}
}

// named returns the resource of a stack whose type is kind and whose logical ID begins with a prefix.
func named(t *testing.T, stack *deployed.Stack, kind, prefix string) deployed.Resource {
	t.Helper()
	for id, r := range stack.Resources {
		if r.Type == kind && strings.HasPrefix(id, prefix) {
			return r
		}
	}
	t.Fatalf("%s has no %s whose logical ID begins with %s", stack.Name, kind, prefix)
	return deployed.Resource{}
}

// resolved returns a resolved property of a resource in the template.
func (h hand) resolved(stack *deployed.Stack, r deployed.Resource, property string) any {
	h.t.Helper()
	value, err := h.storefront.Resolve(h.ctx, stack, stack.Template.Get("Resources."+r.LogicalID+".Properties."+property))
	if err != nil {
		h.t.Fatal(err)
	}
	return value
}

func (h hand) expiryOff(stack *deployed.Stack) change {
	client, r := dynamodb.NewFromConfig(h.storefront.Config), one(h.t, stack, "AWS::DynamoDB::GlobalTable")
	set := func(enabled bool) func(context.Context) error {
		return func(context.Context) error {
			_, err := client.UpdateTimeToLive(h.ctx, &dynamodb.UpdateTimeToLiveInput{
				TableName:               &r.PhysicalID,
				TimeToLiveSpecification: &tabletypes.TimeToLiveSpecification{AttributeName: aws.String("expiresAt"), Enabled: &enabled},
			})
			return err
		}
	}
	return change{notOnAWS: "DynamoDB allows one change an hour, so it could not be undone", Change: check.Change{
		Name: "turn time to live off", Do: set(false), Undo: set(true),
		Finding: check.Found(stack, r, "TimeToLiveSpecification.Enabled", "true", "false"),
	}}
}

func (h hand) anotherMaximum(stack *deployed.Stack) change {
	client, r := cloudcontrol.NewFromConfig(h.storefront.Config), one(h.t, stack, "AWS::ApplicationAutoScaling::ScalableTarget")
	asked := fmt.Sprint(h.resolved(stack, r, "MaxCapacity"))
	set := func(maximum string) func(context.Context) error {
		return func(context.Context) error {
			patch := fmt.Sprintf(`[{"op": "replace", "path": "/MaxCapacity", "value": %s}]`, maximum)
			begun, err := client.UpdateResource(h.ctx, &cloudcontrol.UpdateResourceInput{TypeName: &r.Type, Identifier: &r.PhysicalID, PatchDocument: &patch})
			if err != nil {
				return err
			}
			return cloudcontrol.NewResourceRequestSuccessWaiter(client).Wait(h.ctx, &cloudcontrol.GetResourceRequestStatusInput{
				RequestToken: begun.ProgressEvent.RequestToken,
			}, time.Minute)
		}
	}
	return change{Change: check.Change{Name: "raise the maximum of a scalable target", Do: set("99"), Undo: set(asked), Finding: check.Found(stack, r, "MaxCapacity", asked, "99")}}
}

func (h hand) anotherHeader(stack *deployed.Stack) change {
	client, r := apigatewayv2.NewFromConfig(h.storefront.Config), one(h.t, stack, "AWS::ApiGatewayV2::Integration")
	api := h.resolved(stack, r, "ApiId").(string)
	const mapping, other = "overwrite:header.x-user-id", "$request.header.x-user-id"
	mappings := map[string]string{}
	for name, value := range h.resolved(stack, r, "RequestParameters").(map[string]any) {
		mappings[name] = value.(string)
	}
	asked := mappings[mapping]
	set := func(value string) func(context.Context) error {
		return func(context.Context) error {
			mappings[mapping] = value
			_, err := client.UpdateIntegration(h.ctx, &apigatewayv2.UpdateIntegrationInput{ApiId: &api, IntegrationId: &r.PhysicalID, RequestParameters: mappings})
			return err
		}
	}
	return change{Change: check.Change{
		Name: "map the user ID from the caller's header", Do: set(other), Undo: set(asked),
		Finding: check.Found(stack, r, "RequestParameters."+mapping, `"`+asked+`"`, `"`+other+`"`),
	}}
}

func (h hand) openedRoute(stack *deployed.Stack) change {
	client, r := apigatewayv2.NewFromConfig(h.storefront.Config), named(h.t, stack, "AWS::ApiGatewayV2::Route", "CartRoutesANY")
	api := h.resolved(stack, r, "ApiId").(string)
	authorizer := h.resolved(stack, r, "AuthorizerId").(string)
	set := func(kind gatewaytypes.AuthorizationType) func(context.Context) error {
		return func(context.Context) error {
			_, err := client.UpdateRoute(h.ctx, &apigatewayv2.UpdateRouteInput{ApiId: &api, RouteId: &r.PhysicalID, AuthorizationType: kind, AuthorizerId: &authorizer})
			return err
		}
	}
	return change{Change: check.Change{
		Name: "make a route public", Do: set(gatewaytypes.AuthorizationTypeNone), Undo: set(gatewaytypes.AuthorizationTypeJwt),
		Finding: check.Found(stack, r, "AuthorizationType", `"JWT"`, `"NONE"`),
	}}
}

// anotherCondition adds a condition on a second header to a listener rule.
func (h hand) anotherCondition(stack *deployed.Stack) change {
	client, r := elasticloadbalancingv2.NewFromConfig(h.storefront.Config), one(h.t, stack, "AWS::ElasticLoadBalancingV2::ListenerRule")
	header := func(name, value string) elbtypes.RuleCondition {
		return elbtypes.RuleCondition{
			Field:            aws.String("http-header"),
			HttpHeaderConfig: &elbtypes.HttpHeaderConditionConfig{HttpHeaderName: &name, Values: []string{value}},
		}
	}
	set := func(conditions ...elbtypes.RuleCondition) func(context.Context) error {
		return func(context.Context) error {
			_, err := client.ModifyRule(h.ctx, &elasticloadbalancingv2.ModifyRuleInput{RuleArn: &r.PhysicalID, Conditions: conditions})
			return err
		}
	}
	asked := header("x-microservice", "cart")
	return change{Change: check.Change{
		Name: "add a condition to a listener rule", Do: set(header("x-key", "open"), asked), Undo: set(asked),
		Finding: check.Found(stack, r, "Conditions[]", "nothing",
			`{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"x-key","Values":["open"]}}`),
	}}
}

func (h hand) otherPages(stack *deployed.Stack) change {
	client, r := s3.NewFromConfig(h.storefront.Config), one(h.t, stack, "AWS::S3::Bucket")
	declared, err := client.GetBucketCors(h.ctx, &s3.GetBucketCorsInput{Bucket: &r.PhysicalID})
	if err != nil {
		h.t.Fatal(err)
	}
	set := func(rules ...s3types.CORSRule) func(context.Context) error {
		return func(context.Context) error {
			_, err := client.PutBucketCors(h.ctx, &s3.PutBucketCorsInput{Bucket: &r.PhysicalID, CORSConfiguration: &s3types.CORSConfiguration{
				CORSRules: append(slices.Clone(declared.CORSRules), rules...),
			}})
			return err
		}
	}
	return change{Change: check.Change{
		Name: "allow all origins to read a bucket",
		Do:   set(s3types.CORSRule{AllowedMethods: []string{"GET"}, AllowedOrigins: []string{"*"}}), Undo: set(),
		Finding: check.Found(stack, r, "CorsConfiguration.CorsRules[1]", "nothing", `{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}`),
	}}
}

// kinds is the assembly of resource types and properties that env=sandbox does not have.
func (s *suite) kinds() string {
	return filepath.Join(s.root, "cmd", "storefront", "e2e", "testdata", "kinds")
}

// otherKinds deploys resource types that env=sandbox does not have, such as queues, topics and alarms, and reads them back.
// Then it updates them and reads them back again, and compares them with the first template, which must find every update.
func otherKinds(t *testing.T, s *suite) {
	assembly := s.kinds()
	defer func() {
		if _, err := s.cli.Destroy(s.ctx, assembly); err != nil {
			t.Error(err)
		}
	}()
	updated, want := s.updatedKinds(t, assembly)
	for _, assembly := range []string{assembly, updated} {
		if _, err := s.cli.Deploy(s.ctx, assembly); err != nil {
			t.Fatal(err)
		}
		s.readBack(t, s.read(t, assembly))
	}
	if want, there := "storefront-sandbox-kinds", s.occupied(t); !slices.Contains(there, want) {
		t.Errorf("another run would take %s for its own: it sees %v", want, there)
	}
	if diff := cmp.Diff(want, s.findings(t, s.read(t, assembly))); diff != "" {
		t.Errorf("findings after an update (-want +got):\n%s", diff)
	}
	s.count("%d differences from the template before the update, each found, and nothing else", len(want))
}

// updatedKinds copies an assembly with a change to each resource that can be updated, and returns the copy and the findings of
// a comparison with the old template.
func (s *suite) updatedKinds(t *testing.T, assembly string) (updated string, found []string) {
	t.Helper()
	updated, err := os.MkdirTemp(s.dir, "updated-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(updated, os.DirFS(assembly)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(updated, "Kinds.template.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ was, becomes, finding string }{
		{
			`["authorization", "content-type"]`, `["authorization"]`,
			`Api (AWS::ApiGatewayV2::Api): CorsConfiguration.AllowHeaders[]: want "content-type", got nothing`,
		},
		{
			`["content-type"]`, `["content-type", "if-match"]`,
			`Bucket (AWS::S3::Bucket): CorsConfiguration.CorsRules[0].AllowedHeaders[1]: want nothing, got "if-match"`,
		},
		{
			`"ExpirationInDays": 90`, `"ExpirationInDays": 60`,
			`Bucket (AWS::S3::Bucket): LifecycleConfiguration.Rules[Old].ExpirationInDays: want 90, got 60`,
		},
		{
			`"enhanced"`, `"enabled"`,
			`Cluster (AWS::ECS::Cluster): ClusterSettings[containerInsights].Value: want "enhanced", got "enabled"`,
		},
		{
			`"EnableKeyRotation": true`, `"EnableKeyRotation": false`,
			`Key (AWS::KMS::Key): EnableKeyRotation: want true, got false`,
		},
		{
			`"DelaySeconds": 5`, `"DelaySeconds": 6`,
			`Queue (AWS::SQS::Queue): DelaySeconds: want 5, got "6"`,
		},
		{
			`"maxReceiveCount": 3`, `"maxReceiveCount": 4`,
			`Queue (AWS::SQS::Queue): RedrivePolicy.maxReceiveCount: want 3, got 4`,
		},
		{
			`"Action": "sqs:SendMessage"`, `"Action": ["sqs:SendMessage", "sqs:GetQueueUrl"]`,
			`QueuePolicy (AWS::SQS::QueuePolicy): PolicyDocument.Statement[0].Action[]: want nothing, got "sqs:GetQueueUrl"`,
		},
		{
			`100 * failed / all`, `50 * failed / all`,
			`Share (AWS::CloudWatch::Alarm): Metrics[share].Expression: want "100 * failed / all", got "50 * failed / all"`,
		},
		{
			`Something is wrong`, `Something is amiss`,
			`Shop (AWS::CloudWatch::CompositeAlarm): AlarmDescription: want "Something is wrong", got "Something is amiss"`,
		},
		{
			`"ThrottlingRateLimit": 10`, `"ThrottlingRateLimit": 11`,
			`Stage (AWS::ApiGatewayV2::Stage): DefaultRouteSettings.ThrottlingRateLimit: want 10, got 11`,
		},
		{
			`"Cooldown": 60`, `"Cooldown": 90`,
			`Steps (AWS::ApplicationAutoScaling::ScalingPolicy): StepScalingPolicyConfiguration.Cooldown: want 60, got 90`,
		},
		{
			`["page", "ticket"]`, `["page"]`,
			`Subscription (AWS::SNS::Subscription): FilterPolicy.severity[1]: want "ticket", got nothing`,
		},
		{
			`"MaxCapacity": 4`, `"MaxCapacity": 5`,
			`Target (AWS::ApplicationAutoScaling::ScalableTarget): MaxCapacity: want 4, got 5`,
		},
		{
			`"cron(0 7 * * ? *)"`, `"cron(0 8 * * ? *)"`,
			`Target (AWS::ApplicationAutoScaling::ScalableTarget): ScheduledActions[Morning].Schedule: want "cron(0 7 * * ? *)", got "cron(0 8 * * ? *)"`,
		},
		{
			`["sleep", "60"]`, `["sleep", "61"]`,
			`Task (AWS::ECS::TaskDefinition): ContainerDefinitions[app].Command[1]: want "60", got "61"`,
		},
		{
			`"DisplayName": "Alarms of checkout"`, `"DisplayName": "Checkout"`,
			`Topic (AWS::SNS::Topic): DisplayName: want "Alarms of checkout", got "Checkout"`,
		},
		{
			`"Action": "sns:Publish"`, `"Action": ["sns:Publish", "sns:GetTopicAttributes"]`,
			`TopicPolicy (AWS::SNS::TopicPolicy): PolicyDocument.Statement[0].Action[]: want nothing, got "sns:GetTopicAttributes"`,
		},
		{
			`"Threshold": 300`, `"Threshold": 600`,
			`Waiting (AWS::CloudWatch::Alarm): Threshold: want 300, got 600`,
		},
	} {
		if strings.Count(string(text), change.was) != 1 {
			t.Fatalf("%s: want once %s", file, change.was)
		}
		text = []byte(strings.Replace(string(text), change.was, change.becomes, 1))
		found = append(found, "storefront-sandbox-kinds: "+change.finding)
	}
	write(t, file, text)
	slices.Sort(found)
	return updated, found
}
