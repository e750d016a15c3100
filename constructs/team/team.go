package team

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// TagOwner is the tag of a team on its topics, the same that a service has.
const TagOwner = "owner"

// Teams are how the teams of an environment are told of alarms.
type Teams struct {
	constructs.Construct
	ref Ref
}

// New defines the topics of an environment's teams, and publishes their ARNs as outputs of its stack, which therefore
// holds them once. It panics when the props are wrong, or lack a team that [Set] names for that stack, and names all that
// is.
func New(scope constructs.Construct, id string, props Props) *Teams {
	cdkx.Check(scope, id, props.validate())
	stack := awscdk.Stack_Of(scope)
	cdkx.Check(scope, id, props.validateIn(*stack.StackName(), regionOf(stack), setOn(scope)))

	t := &Teams{}
	constructs.NewConstruct_Override(t, scope, jsii.String(id))
	t.ref.StackName = *stack.StackName()
	var own topics
	for _, team := range props.Teams {
		t.ref.Teams = append(t.ref.Teams, team.Name)
		if team.TopicARN != "" {
			cdkx.Publish(t, pageOutput(team.Name), &team.TopicARN)
			cdkx.Publish(t, informOutput(team.Name), &team.TopicARN)
			continue
		}
		if own.keyARN == nil {
			own = topics{keyARN: t.newKey().KeyArn(), alarms: alarmsOf(t)}
		}
		t.define(team, own)
	}
	return t
}

// regionOf is empty where the region is that of whoever deploys.
func regionOf(stack awscdk.Stack) string {
	region := *stack.Region()
	if *awscdk.Token_IsUnresolved(region) {
		return ""
	}
	return region
}

// setOn is zero where no teams were set.
func setOn(scope constructs.Construct) Ref {
	ref, _ := Of(scope)
	return ref
}

// Ref is how services name these teams.
func (t *Teams) Ref() Ref { return t.ref }

// newKey defines the key of all topics. CloudWatch cannot publish to a topic that is encrypted with SNS's own key, whose
// policy nobody can change. Who may publish is for the topics to say: a condition that CloudWatch does not meet would
// lose pages without a word.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func (t *Teams) newKey() awskms.Key {
	// In lower case, since a team may be called key, and has its topics below Key.
	key := awskms.NewKey(t, jsii.String("key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts what alarms tell the teams of one environment"),
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

// topics is what the topics of all teams have in common: their key, and the alarms that may publish to them.
type topics struct {
	keyARN *string
	alarms string
}

// alarmsOf are those of the scope's account and region.
func alarmsOf(scope constructs.Construct) string {
	stack := awscdk.Stack_Of(scope)
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:*", *stack.Partition(), *stack.Region(), *stack.Account())
}

// define gives a team its two topics, and subscribes its addresses to both.
func (t *Teams) define(team Team, own topics) {
	scope := constructs.NewConstruct(t, jsii.String(pascal(team.Name)))
	awscdk.Tags_Of(scope).Add(jsii.String(TagOwner), jsii.String(team.Name), nil)
	cdkx.Publish(t, pageOutput(team.Name), own.define(scope, "Page", team))
	cdkx.Publish(t, informOutput(team.Name), own.define(scope, "Inform", team))
}

// define returns the ARN of a topic. Its display name is the sender of mails.
func (own topics) define(scope constructs.Construct, id string, team Team) *string {
	topic := awssns.NewCfnTopic(scope, jsii.String(id), &awssns.CfnTopicProps{
		DisplayName:      jsii.String(fmt.Sprintf("%s %s", team.Name, map[string]string{"Page": "page", "Inform": "information"}[id])),
		KmsMasterKeyId:   own.keyARN,
		SignatureVersion: jsii.String("2"), // SHA-256, by which a webhook knows that SNS sent it
	})
	arn := topic.AttrTopicArn()
	subscribe := func(kind, protocol, endpoint string) {
		if endpoint != "" {
			awssns.NewCfnSubscription(scope, jsii.String(id+kind), &awssns.CfnSubscriptionProps{
				TopicArn: arn, Protocol: jsii.String(protocol), Endpoint: jsii.String(endpoint),
			})
		}
	}
	subscribe("Email", "email", team.Email)
	subscribe("Webhook", "https", team.Webhook)
	own.definePolicy(scope, id+"Policy", arn)
	return arn
}

// definePolicy lets the alarms of this account and region publish, and nobody over plain HTTP.
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

// contextKey is where the construct tree keeps the teams.
const contextKey = "storefront:teams"

// Set gives the teams to scope and everything defined in it. Call it before anything is defined there. Set panics when
// ref is not valid or scope has children already.
func Set(scope constructs.Construct, ref Ref) {
	err := ref.Validate()
	if err == nil && len(*scope.Node().Children()) > 0 {
		err = errors.New("the teams must be set before anything is defined in its scope")
	}
	cdkx.CheckAt(scope, err)
	encoded, err := json.Marshal(ref)
	cdkx.CheckAt(scope, err)
	scope.Node().SetContext(jsii.String(contextKey), string(encoded))
}

// Of returns the teams that scope knows: those set nearest, on it or above it. Where none were set it returns false.
func Of(scope constructs.Construct) (Ref, bool) {
	encoded, ok := scope.Node().TryGetContext(jsii.String(contextKey)).(string)
	if !ok {
		return Ref{}, false
	}
	var ref Ref
	err := json.Unmarshal([]byte(encoded), &ref)
	if err == nil {
		err = ref.Validate()
	}
	if err != nil {
		cdkx.CheckAt(scope, fmt.Errorf("context %q must be set with team.Set\n%w", contextKey, err))
	}
	return ref, true
}

// CheckFrom says what is wrong with the reference when scope reads it, or returns nil: the teams are in another stack.
func (r Ref) CheckFrom(scope constructs.Construct) error {
	return cdkx.CheckOtherStack("team.Ref.StackName", r.StackName, scope)
}
