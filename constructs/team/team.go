package team

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/ambient"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// TagOwner is the key of the tag with the team that owns a resource.
const TagOwner = "owner"

// Teams are the topics that notify the teams of an environment, defined by [New] or imported by [Import].
type Teams struct {
	constructs.Construct
	ref Ref
	// topics are the ARNs of the topics by output, or nil if the teams are imported.
	topics map[string]*string
}

// New defines the topics of an environment's teams, and publishes their ARNs as outputs of its stack, so a stack can
// define them only once. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Teams {
	problem.MustScope(scope, id)
	environment, err := refOf(scope)
	problem.Must(scope, id, err)
	stack := awscdk.Stack_Of(scope)
	problem.Must(scope, id, props.validate(*stack.StackName(), regionOf(stack), environment))
	props = props.withDefaults(*stack.StackName(), environment)

	t := &Teams{ref: Ref{StackName: *stack.StackName(), Teams: props.Teams}, topics: map[string]*string{}}
	place.Define(t, scope, id)
	var own topics
	for _, team := range props.Teams {
		if team.TopicARN != "" {
			t.publish(pageOutput(team.Name), &team.TopicARN)
			t.publish(informOutput(team.Name), &team.TopicARN)
			continue
		}
		if own.keyARN == nil {
			own = t.newTopics()
		}
		t.define(team, own)
	}
	if own.keyARN == nil {
		// CloudFormation refuses a template without resources, and the CDK's command line deletes its stack, whose outputs
		// services read. A handle that nothing waits for costs nothing.
		awscdk.NewCfnWaitConditionHandle(t, jsii.String("outputs"), nil)
	}
	return t
}

func (t *Teams) publish(output string, topicARN *string) {
	cdkx.Publish(t, output, topicARN)
	t.topics[output] = topicARN
}

// Import makes the teams that ref refers to available in another stack of the same account and region, in this app or
// another. It defines no resources and makes no calls to AWS. It panics with one error that lists everything that is
// wrong with ref.
func Import(scope constructs.Construct, ref Ref) *Teams {
	problem.MustHaveScope(scope, "Teams")
	problem.Must(scope, "Teams", errors.Join(ref.Validate(), cdkx.CheckOtherStack("Teams.StackName", ref.StackName, scope)))
	is := func(t *Teams) bool { return t.ref.StackName == ref.StackName }
	imported := cdkx.Imported(scope, "Teams", ref.StackName, is, func(id string) *Teams {
		t := &Teams{ref: ref}
		place.Define(t, scope, id)
		return t
	})
	if !slices.Equal(imported.ref.Teams, ref.Teams) {
		problem.Must(scope, "Teams", fmt.Errorf("Teams.Teams must be the same in all imports of %s, got %d and %d teams", ref.StackName, len(imported.ref.Teams), len(ref.Teams)))
	}
	return imported
}

// Of imports the teams of scope's environment. It returns nil if the environment names none.
func Of(scope constructs.Construct) *Teams {
	ref, err := refOf(scope)
	problem.MustAt(scope, err)
	if ref.StackName == "" {
		return nil
	}
	return Import(scope, ref)
}

// refOf returns zero if the environment names no teams.
func refOf(scope constructs.Construct) (Ref, error) {
	var environment struct{ Teams Ref }
	_, err := ambient.Get(scope, &environment)
	return environment.Teams, err
}

// regionOf returns an empty string if the region is unresolved.
func regionOf(stack awscdk.Stack) string {
	region := *stack.Region()
	if *awscdk.Token_IsUnresolved(region) {
		return ""
	}
	return region
}

// Ref returns the reference by which services use these teams.
func (t *Teams) Ref() Ref { return t.ref }

// PageTopicARN returns the ARN of the topic that pages the team. It panics if there is no such team.
func (t *Teams) PageTopicARN(team string) string { return t.topicARN(team, pageOutput(team)) }

// InformTopicARN returns the ARN of the topic of all alarms of the team. It panics if there is no such team.
func (t *Teams) InformTopicARN(team string) string { return t.topicARN(team, informOutput(team)) }

func (t *Teams) topicARN(team, output string) string {
	problem.MustAt(t, t.ref.CheckOwner(team))
	if t.topics != nil {
		return *t.topics[output]
	}
	return *cdkx.Read(t, t.ref.StackName, output)
}

// newKey defines the key of all topics. CloudWatch cannot publish to a topic that is encrypted with SNS's own key,
// whose policy cannot be changed. The topics' policies restrict who may publish, not the key's: with a condition that
// CloudWatch does not meet, notifications would be lost without an error.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func (t *Teams) newKey() awskms.Key {
	// In lower case, since a team may have the name key, and has its topics below Key.
	key := awskms.NewKey(t, jsii.String("key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts the alarm notifications of one environment"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     cdkx.Removal(profile.Of(t).RetainData),
	})
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"),
	}), nil)
	return key
}

// topics holds what the topics of all teams have in common: their key, the alarms that may publish to them, and the queue of
// the notifications that could not be delivered, or nil.
type topics struct {
	keyARN      *string
	alarms      string
	undelivered awssqs.Queue
}

func (t *Teams) newTopics() topics {
	own := topics{keyARN: t.newKey().KeyArn(), alarms: alarmsOf(t)}
	if profile.Of(t).Alarms {
		own.undelivered = t.newUndelivered()
	}
	return own
}

// alarmsOf matches the ARNs of alarms in the scope's account and region.
func alarmsOf(scope constructs.Construct) string {
	stack := awscdk.Stack_Of(scope)
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:*", *stack.Partition(), *stack.Region(), *stack.Account())
}

// define defines a team's two topics, and subscribes its addresses to both.
func (t *Teams) define(team Team, own topics) {
	scope := constructs.NewConstruct(t, jsii.String(cdkx.Pascal(team.Name)))
	awscdk.Tags_Of(scope).Add(jsii.String(TagOwner), jsii.String(team.Name), nil)
	page, inform := own.define(scope, "Page", team), own.define(scope, "Inform", team)
	t.publish(pageOutput(team.Name), page.AttrTopicArn())
	t.publish(informOutput(team.Name), inform.AttrTopicArn())
	if own.undelivered != nil && team.Webhook != "" {
		defineUndeliveredAlarm(scope, team, page, inform)
	}
}

// define defines a topic with its policy and subscriptions. Its display name is the sender of emails.
func (own topics) define(scope constructs.Construct, id string, team Team) awssns.CfnTopic {
	topic := awssns.NewCfnTopic(scope, jsii.String(id), &awssns.CfnTopicProps{
		DisplayName:      jsii.String(fmt.Sprintf("%s %s", team.Name, map[string]string{"Page": "page", "Inform": "information"}[id])),
		KmsMasterKeyId:   own.keyARN,
		SignatureVersion: jsii.String("2"), // SHA-256, with which a webhook verifies that SNS sent it
	})
	arn := topic.AttrTopicArn()
	subscribe := func(kind, protocol, endpoint string) {
		if endpoint == "" {
			return
		}
		props := &awssns.CfnSubscriptionProps{TopicArn: arn, Protocol: jsii.String(protocol), Endpoint: jsii.String(endpoint)}
		if own.undelivered != nil {
			props.RedrivePolicy = map[string]any{"deadLetterTargetArn": own.undelivered.QueueArn()}
		}
		awssns.NewCfnSubscription(scope, jsii.String(id+kind), props)
	}
	subscribe("Email", "email", team.Email)
	subscribe("Webhook", "https", team.Webhook)
	own.definePolicy(scope, id+"Policy", arn)
	return topic
}

// definePolicy allows the alarms of this account and region to publish, and denies plain HTTP.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
func (own topics) definePolicy(scope constructs.Construct, id string, topicARN *string) {
	statement := func(sid, effect string, principal, condition any) map[string]any {
		return map[string]any{
			"Sid": sid, "Effect": effect, "Principal": principal,
			"Action": "sns:Publish", "Resource": topicARN, "Condition": condition,
		}
	}
	awssns.NewCfnTopicPolicy(scope, jsii.String(id), &awssns.CfnTopicPolicyProps{
		Topics: &[]*string{topicARN},
		PolicyDocument: map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{
				statement("AlarmsOfThisAccount", "Allow", map[string]any{"Service": "cloudwatch.amazonaws.com"},
					map[string]any{"ArnLike": map[string]any{"aws:SourceArn": own.alarms}}),
				statement("NobodyInPlainText", "Deny", "*",
					map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}),
			},
		},
	})
}
