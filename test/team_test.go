package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/stacks"
)

func exists(dir, file string) bool {
	_, err := os.Stat(filepath.Join(dir, file))
	return err == nil
}

// checkTopics holds all topics of a template to what a topic must be.
func checkTopics(t *testing.T, stack string, template snapshot.Template) {
	t.Helper()
	policies := map[string]snapshot.Resource{}
	for _, policy := range template.Resources("AWS::SNS::TopicPolicy") {
		policies[fmt.Sprint(policy.Get("Properties.Topics.0.Fn::GetAtt.0"))] = policy
		expect(t, stack, policy, map[string]any{"Topics.1": nil})
	}
	topics := template.Resources("AWS::SNS::Topic")
	for _, topic := range topics {
		key := fmt.Sprint(topic.Get("Properties.KmsMasterKeyId.Fn::GetAtt.0"))
		if template.Get("Resources."+key+".Type") != "AWS::KMS::Key" {
			t.Errorf("%s: %s is not encrypted with a key of the stack", stack, topic.LogicalID)
		}
		expect(t, stack, topic, map[string]any{"TopicName": nil, "SignatureVersion": "2"})
		policy, ok := policies[topic.LogicalID]
		if !ok {
			t.Errorf("%s: %s has no policy", stack, topic.LogicalID)
			continue
		}
		allow, deny := "PolicyDocument.Statement.0.", "PolicyDocument.Statement.1."
		expect(t, stack, policy, map[string]any{
			allow + "Effect":                "Allow",
			allow + "Action":                "sns:Publish",
			allow + "Principal.Service":     "cloudwatch.amazonaws.com",
			allow + "Principal.AWS":         nil,
			allow + "Resource.Fn::GetAtt.0": topic.LogicalID,
			deny + "Effect":                 "Deny",
			deny + "Action":                 "sns:Publish",
			deny + "Principal":              "*",
			deny + "Resource.Fn::GetAtt.0":  topic.LogicalID,
			"PolicyDocument.Statement.2":    nil,
		})
		if got := policy.Get("Properties." + deny + "Condition.Bool.aws:SecureTransport"); got != "false" {
			t.Errorf("%s: %s may be published to over plain HTTP", stack, topic.LogicalID)
		}
		from := fmt.Sprint(policy.Get("Properties." + allow + "Condition.ArnLike.aws:SourceArn"))
		if !strings.Contains(from, "cloudwatch") || !strings.Contains(from, "AWS::AccountId") || !strings.HasSuffix(from, ":alarm:*]]]") {
			t.Errorf("%s: %s may be published to by %s", stack, topic.LogicalID, from)
		}
	}
	for _, key := range template.Resources("AWS::KMS::Key") {
		if len(topics) == 0 {
			continue
		}
		expect(t, stack, key, map[string]any{
			"EnableKeyRotation":                       true,
			"KeyPolicy.Statement.1.Principal.Service": "cloudwatch.amazonaws.com",
			"KeyPolicy.Statement.1.Action.0":          "kms:Decrypt",
			"KeyPolicy.Statement.1.Action.1":          "kms:GenerateDataKey*",
			"KeyPolicy.Statement.1.Action.2":          nil,
			"KeyPolicy.Statement.2":                   nil,
		})
	}
}

func TestTopicsAreEncryptedAndPrivate(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		checkTopics(t, stack, template.Template)
		if got, want := len(template.Resources("AWS::SNS::Topic")), 2*len(env.Teams.Teams); stack == "Teams" && got != want {
			t.Errorf("%d topics for %d teams", got, len(env.Teams.Teams))
		}
	})
}

// Alarms must reach whoever a stack names, and no mail must go to people who did not ask for it.
func TestTheTeamsAreTheOwners(t *testing.T) {
	for _, env := range stacks.Storefront().Environments {
		if !env.Profile.Alarms {
			if len(env.Teams.Teams) > 0 {
				t.Errorf("%s has teams and no alarms", env.Name)
			}
			continue
		}
		owners := map[string]bool{}
		for stack, template := range environments(t)[env.Name].templates {
			for _, resource := range template.Resources("") {
				if owner := tagsOf(resource)["owner"]; owner != "" && stack != "Teams" {
					owners[owner] = true
				}
			}
		}
		for _, each := range env.Teams.Teams {
			if !owners[each.Name] {
				t.Errorf("%s: the team %s owns nothing", env.Name, each.Name)
			}
			delete(owners, each.Name)
			if each.Email != each.Name+"@example.com" || each.Webhook != "" || each.TopicARN != "" {
				t.Errorf("%s: the team %s is told at an address that may be somebody's", env.Name, each.Name)
			}
		}
		if len(owners) > 0 {
			t.Errorf("%s: the owners %v are no teams", env.Name, owners)
		}
	}
}

func TestTeams(t *testing.T) {
	const onCall = "arn:aws:sns:us-east-1:111122223333:on-call"
	template := inStack(t, func(stack awscdk.Stack) {
		teams := team.New(stack, "Teams", team.Props{Teams: []team.Team{
			{Name: "checkout", Email: "checkout@example.com", Webhook: "https://events.example.com/sns"},
			{Name: "team-a", Webhook: "https://chat.example.com/a"},
			{Name: "platform", TopicARN: onCall},
		}})
		if got := teams.Ref(); got.StackName != "Shop" || len(got.Teams) != 3 || got.Teams[1].Name != "team-a" {
			t.Errorf("the teams are %+v", got)
		}
	})
	checkTopics(t, "Shop", template)
	var subscriptions []string
	for _, subscription := range template.Resources("AWS::SNS::Subscription") {
		topic := fmt.Sprint(subscription.Get("Properties.TopicArn.Fn::GetAtt.0"))
		subscriptions = append(subscriptions, fmt.Sprintf("%s %v %v", topic[:len(topic)-8], subscription.Get("Properties.Protocol"), subscription.Get("Properties.Endpoint")))
	}
	slices.Sort(subscriptions)
	want := []string{
		"TeamsCheckoutInform email checkout@example.com", "TeamsCheckoutInform https https://events.example.com/sns",
		"TeamsCheckoutPage email checkout@example.com", "TeamsCheckoutPage https https://events.example.com/sns",
		"TeamsTeamAInform https https://chat.example.com/a", "TeamsTeamAPage https https://chat.example.com/a",
	}
	if !slices.Equal(subscriptions, want) {
		t.Errorf("the subscriptions are %q, want %q", subscriptions, want)
	}
	for output, topic := range map[string]string{
		"CheckoutPageTopicArn": "TeamsCheckoutPage", "CheckoutInformTopicArn": "TeamsCheckoutInform",
		"TeamAPageTopicArn": "TeamsTeamAPage", "TeamAInformTopicArn": "TeamsTeamAInform",
	} {
		if got := fmt.Sprint(template.Get("Outputs." + output + ".Value.Fn::GetAtt.0")); !strings.HasPrefix(got, topic) {
			t.Errorf("%s is %s, want %s", output, got, topic)
		}
	}
	for _, output := range []string{"PlatformPageTopicArn", "PlatformInformTopicArn"} {
		if got := template.Get("Outputs." + output + ".Value"); got != onCall {
			t.Errorf("%s is %v, want %s", output, got, onCall)
		}
	}
	if got := len(template.Outputs()); got != 6 {
		t.Errorf("%d outputs, want 6", got)
	}
	for _, topic := range template.Resources("AWS::SNS::Topic") {
		want := "checkout"
		if strings.HasPrefix(topic.LogicalID, "TeamsTeamA") {
			want = "team-a"
		}
		if got := tagsOf(topic)["owner"]; got != want {
			t.Errorf("the owner of %s is %q, want %q", topic.LogicalID, got, want)
		}
	}
}

func TestATeamMayBeCalledLikeTheKey(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		team.New(stack, "Teams", team.Props{Teams: []team.Team{{Name: "key", Email: "key@example.com"}}})
	})
	checkTopics(t, "Shop", template)
	if template.Get("Outputs.KeyPageTopicArn") == nil {
		t.Error("the team's topic is not published")
	}
}

func TestTeamsWithTopicsOfTheirOwnCostNothing(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		team.New(stack, "Teams", team.Props{Teams: []team.Team{{Name: "platform", TopicARN: "arn:aws:sns:us-east-1:111122223333:on-call"}}})
	})
	// Not nothing at all: CloudFormation refuses a template without resources, and the CDK's command line deletes its stack.
	if got := template.Resources(""); len(got) != 1 || got[0].Type != "AWS::CloudFormation::WaitConditionHandle" {
		t.Errorf("the resources are %v, want one handle", got)
	}
}

// What SNS cannot deliver is in a queue for two weeks, and the team whose webhook failed is informed.
func TestNotificationsThatCouldNotBeDelivered(t *testing.T) {
	define := func(of profile.Profile) snapshot.Template {
		return synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, environment.Environment{Profile: of})
			team.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Teams", team.Props{Teams: []team.Team{
				{Name: "checkout", Email: "checkout@example.com", Webhook: "https://events.example.com/sns"},
				{Name: "media", Email: "media@example.com"},
			}})
		}).templates["Shop"]
	}
	template := define(profile.Production())
	queue := template.One(t, "AWS::SQS::Queue")
	expect(t, "Shop", queue, map[string]any{"SqsManagedSseEnabled": true, "MessageRetentionPeriod": json.Number("1209600")})
	for _, subscription := range template.Resources("AWS::SNS::Subscription") {
		expect(t, "Shop", subscription, map[string]any{"RedrivePolicy.deadLetterTargetArn.Fn::GetAtt.0": queue.LogicalID})
	}
	const deny, allow = "PolicyDocument.Statement.0.", "PolicyDocument.Statement.1."
	expect(t, "Shop", template.One(t, "AWS::SQS::QueuePolicy"), map[string]any{
		deny + "Effect": "Deny", deny + "Condition.Bool.aws:SecureTransport": "false",
		allow + "Effect": "Allow", allow + "Action": "sqs:SendMessage", allow + "Principal.Service": "sns.amazonaws.com",
		"PolicyDocument.Statement.2": nil,
	})
	undelivered := template.One(t, "AWS::CloudWatch::Alarm") // media has no webhook
	expect(t, "Shop", undelivered, map[string]any{
		"AlarmActions.1": nil, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": json.Number("1"),
		"TreatMissingData": "notBreaching", "Metrics.0.Expression": "FILL(page, 0) + FILL(inform, 0)",
		"Metrics.1.MetricStat.Metric.MetricName": "NumberOfNotificationsFailed", "Metrics.1.MetricStat.Period": json.Number("300"),
	})
	for path, prefix := range map[string]string{
		"AlarmActions.0": "TeamsCheckoutInform", "Metrics.1.MetricStat.Metric.Dimensions.0.Value": "TeamsCheckoutInform", "Metrics.2.MetricStat.Metric.Dimensions.0.Value": "TeamsCheckoutPage",
	} {
		if got := fmt.Sprint(undelivered.Get("Properties." + path + ".Fn::GetAtt.0")); !strings.HasPrefix(got, prefix) {
			t.Errorf("%s is %s, want %s", path, got, prefix)
		}
	}
	for _, resource := range define(profile.Sandbox()).Resources("") {
		switch resource.Type {
		case "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::CloudWatch::Alarm":
			t.Errorf("%s is in a sandbox", resource.LogicalID)
		case "AWS::SNS::Subscription":
			expect(t, "Shop", resource, map[string]any{"RedrivePolicy": nil})
		}
	}
}

func TestWhatIsWrongWithTeams(t *testing.T) {
	for name, test := range map[string]struct {
		define func(app awscdk.App, stack awscdk.Stack)
		want   string
	}{
		"an e-mail that is none": {
			func(_ awscdk.App, stack awscdk.Stack) {
				team.New(stack, "Teams", team.Props{Teams: []team.Team{{Name: "checkout", Email: "checkout"}}})
			},
			`Shop/Teams: Teams[0].Email must be an address such as checkout@example.com, got "checkout"`,
		},
		"nobody": {
			func(_ awscdk.App, stack awscdk.Stack) { team.New(stack, "Teams", team.Props{}) },
			`Shop/Teams: Teams must name at least one team, here or in environment.Environment, got none`,
		},
		"teams that are named twice": {
			func(app awscdk.App, _ awscdk.Stack) {
				other := awscdk.NewStage(app, jsii.String("Other"), nil)
				environment.Set(other, environment.Environment{Teams: team.Ref{StackName: "Other-Teams", Teams: teams("checkout").Teams}})
				team.New(awscdk.NewStack(other, jsii.String("Teams"), nil), "Teams", team.Props{Teams: teams("checkout", "media").Teams})
			},
			`Other/Teams/Teams: Teams must be set once: remove them here or from environment.Environment`,
		},
		"a topic of another region": {
			func(app awscdk.App, _ awscdk.Stack) {
				stack := awscdk.NewStack(app, jsii.String("Here"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("eu-central-1")}})
				team.New(stack, "Teams", team.Props{Teams: []team.Team{{Name: "platform", TopicARN: "arn:aws:sns:us-east-1:111122223333:on-call"}}})
			},
			`Here/Teams: Teams[0].TopicARN must be of the stack's region, eu-central-1, as alarms cannot notify a topic of another, got "arn:aws:sns:us-east-1:111122223333:on-call"`,
		},
		"a reference that is none": {
			func(app awscdk.App, _ awscdk.Stack) {
				environment.Set(awscdk.NewStack(app, jsii.String("Here"), nil), environment.Environment{Teams: team.Ref{Teams: []team.Team{{Name: "X"}}}})
			},
			"Here: Teams.StackName is missing: name the stack that publishes the contract\n" +
				`Here: Teams.Teams[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "X"` + "\n" +
				`Here: Teams.Teams[0] must have an Email, a Webhook or a TopicARN, got none`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) { test.define(app, awscdk.NewStack(app, jsii.String("Shop"), nil)) })
			if err == nil || err.Error() != test.want {
				t.Errorf("got\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}

// The environment names the teams once: their stack defines them, and services know them.
func TestTheEnvironmentNamesTheTeams(t *testing.T) {
	templates := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Teams: teams("checkout", "media")})
		team.New(awscdk.NewStack(app, jsii.String("shop-teams"), nil), "Teams", team.Props{})
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
	}).templates
	if got := len(templates["shop-teams"].Resources("AWS::SNS::Topic")); got != 4 {
		t.Errorf("%d topics for two teams", got)
	}
}

// A team's own repository need not know the others.
func TestTeamsMayBeKnownByTheirStackAlone(t *testing.T) {
	template := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Teams: team.Ref{StackName: "shop-teams"}})
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
	}).templates["Shop"]
	expect(t, "Shop", template.One(t, "AWS::CloudWatch::CompositeAlarm"), map[string]any{
		"AlarmActions.0.Fn::GetStackOutput.OutputName": "CheckoutPageTopicArn",
		"AlarmActions.0.Fn::GetStackOutput.StackName":  "shop-teams",
	})
}
