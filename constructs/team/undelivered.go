package team

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// shared is the largest number of resources that the teams share: the key, the queue and its policy.
const shared = 3

// resources is the largest number of resources of the team.
func (t Team) resources() int {
	if t.TopicARN != "" {
		return 0
	}
	const topics, eachTopic = 2, 2 // the topic and its policy
	resources := topics * eachTopic
	if t.Email != "" {
		resources += topics
	}
	if t.Webhook != "" {
		resources += topics + 1 // the alarm
	}
	return resources
}

// newUndelivered defines the queue of the notifications that SNS could not deliver, which it otherwise discards: to a webhook
// after three more attempts within a minute, by email after six hours. SNS cannot write into a queue that is encrypted with a key
// of the account unless that key allows it, so the queue has the one that SQS manages.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
func (t *Teams) newUndelivered() awssqs.Queue {
	removal := cdkx.Removal(profile.Of(t).RetainData)
	queue := awssqs.NewQueue(t, jsii.String("undelivered"), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		RemovalPolicy:   removal,
	})
	// A queue that is retained continues to reject requests without TLS.
	queue.Node().FindChild(jsii.String("Policy")).(awssqs.QueuePolicy).ApplyRemovalPolicy(removal)
	stack := awscdk.Stack_Of(t)
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: &map[string]any{"ArnLike": map[string]string{
			"aws:SourceArn": fmt.Sprintf("arn:%s:sns:%s:%s:*", *stack.Partition(), *stack.Region(), *stack.Account()),
		}},
	}))
	return queue
}

// defineUndeliveredAlarm informs a team that its webhook did not accept a notification. There is none for email, since a
// message that bounces counts as delivered.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
func defineUndeliveredAlarm(scope constructs.Construct, team Team, page, inform awssns.CfnTopic) {
	failed := func(topic awssns.CfnTopic) metric.Metric {
		return metric.Metric{
			Namespace: "AWS/SNS", Name: "NumberOfNotificationsFailed", Statistic: metric.Sum,
			Dimensions: map[string]string{"TopicName": *topic.AttrTopicName()},
		}
	}
	props := &awscloudwatch.CfnAlarmProps{
		AlarmDescription: jsii.String(alarm.Alarm{
			Meaning: "a notification was not delivered to the webhook of the team. The next page may not reach it.",
			LookAt: [3]string{
				"whether the webhook answers, and its subscription is confirmed.", "the messages in the queue of undelivered notifications, in this stack.",
				"which alarms are in ALARM.",
			},
		}.Description(team.Name, team.Name)),
		ComparisonOperator: jsii.String(string(alarm.AtLeast)),
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   jsii.String(string(alarm.NotBreaching)),
		AlarmActions:       &[]any{inform.AttrTopicArn()},
	}
	render.Alarm(metric.Metric{
		Label: "Undelivered notifications", Expression: "FILL(page, 0) + FILL(inform, 0)",
		Over: map[string]metric.Metric{"page": failed(page), "inform": failed(inform)}, Period: 5 * time.Minute,
	}, props)
	awscloudwatch.NewCfnAlarm(scope, jsii.String("Undelivered"), props)
}
