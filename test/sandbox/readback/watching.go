package readback

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	queuetypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func readAlarm(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{r.PhysicalID}, AlarmTypes: []alarmtypes.AlarmType{alarmtypes.AlarmTypeMetricAlarm}})
	if err != nil {
		return nil, err
	}
	alarm, err := only(out.MetricAlarms)
	if err != nil {
		return nil, err
	}
	return a.alarmTags(ctx, alarm.AlarmArn, shapeOf(alarm))
}

func readCompositeAlarm(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{r.PhysicalID}, AlarmTypes: []alarmtypes.AlarmType{alarmtypes.AlarmTypeCompositeAlarm}})
	if err != nil {
		return nil, err
	}
	alarm, err := only(out.CompositeAlarms)
	if err != nil {
		return nil, err
	}
	return a.alarmTags(ctx, alarm.AlarmArn, shapeOf(alarm))
}

func (a *account) alarmTags(ctx context.Context, alarm *string, p properties) (properties, error) {
	tags, err := a.alarms.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: alarm})
	if err != nil {
		return nil, err
	}
	put(p, "Tags", tags.Tags)
	return p, nil
}

func readLogGroup(ctx context.Context, a *account, r resource) (properties, error) {
	var found []logtypes.LogGroup
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(a.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &r.PhysicalID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, group := range page.LogGroups {
			if aws.ToString(group.LogGroupName) == r.PhysicalID {
				found = append(found, group)
			}
		}
	}
	group, err := only(found)
	if err != nil {
		return nil, err
	}
	// The API wants the ARN without the ending that stands for the group's streams.
	arn := strings.TrimSuffix(aws.ToString(group.Arn), ":*")
	tags, err := a.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return nil, err
	}
	p := shapeOf(group)
	p["Tags"] = tagList(tags.Tags)
	return p, nil
}

func readEventBus(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.events.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	tags, err := a.events.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: out.Arn})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out)
	put(p, "Tags", tags.Tags)
	return p, nil
}

func readNamespace(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.names.GetNamespace(ctx, &servicediscovery.GetNamespaceInput{Id: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	tags, err := a.names.ListTagsForResource(ctx, &servicediscovery.ListTagsForResourceInput{ResourceARN: out.Namespace.Arn})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.Namespace)
	put(p, "Tags", tags.Tags)
	return p, nil
}

func readTopic(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	tags, err := a.topics.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(struct{ Attributes map[string]string }{out.Attributes})["Attributes"].(properties)
	put(p, "Tags", tags.Tags)
	p["TopicName"] = r.PhysicalID[strings.LastIndex(r.PhysicalID, ":")+1:]
	return p, nil
}

func readTopicPolicy(ctx context.Context, a *account, r resource) (properties, error) {
	p := properties{}
	topics := []any{}
	for _, topic := range many(r.asked["Topics"]) {
		out, err := a.topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(text(topic))})
		if err != nil {
			return nil, err
		}
		policy, err := document(out.Attributes["Policy"])
		if err != nil {
			return nil, err
		}
		// One document stands for all topics: the first that is not as asked shows.
		if p["PolicyDocument"] == nil || len(compare(r.Type, r.asked, p).differences) == 0 {
			p["PolicyDocument"] = policy
		}
		topics = append(topics, topic)
	}
	p["Topics"] = topics
	return p, nil
}

// readSubscription looks through those of the topic: one that waits for its confirmation has no ARN of its own yet.
func readSubscription(ctx context.Context, a *account, r resource) (properties, error) {
	pages := sns.NewListSubscriptionsByTopicPaginator(a.topics, &sns.ListSubscriptionsByTopicInput{TopicArn: r.in("TopicArn")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, subscription := range page.Subscriptions {
			if aws.ToString(subscription.Protocol) != *r.in("Protocol") || aws.ToString(subscription.Endpoint) != *r.in("Endpoint") {
				continue
			}
			p := shapeOf(subscription)
			if !strings.HasPrefix(aws.ToString(subscription.SubscriptionArn), "arn:") {
				return p, nil
			}
			out, err := a.topics.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: subscription.SubscriptionArn})
			if err != nil {
				return nil, err
			}
			for name, value := range out.Attributes {
				p[name] = value
			}
			for _, name := range []string{"DeliveryPolicy", "FilterPolicy", "RedrivePolicy"} {
				if err := decodeIn(p, name); err != nil {
					return nil, err
				}
			}
			return p, nil
		}
	}
	return nil, absentError("the topic has no such subscription")
}

// decodeIn decodes a property that the service keeps as JSON text.
func decodeIn(p properties, name string) error {
	encoded, is := p[name].(string)
	if !is {
		return nil
	}
	if encoded == "" {
		delete(p, name) // how a subscription says that it has none
		return nil
	}
	value, err := decode([]byte(encoded))
	if err == nil {
		p[name] = value
	}
	return err
}

func readQueue(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &r.PhysicalID, AttributeNames: []queuetypes.QueueAttributeName{queuetypes.QueueAttributeNameAll}})
	if err != nil {
		return nil, err
	}
	tags, err := a.queues.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := properties{"Tags": tagList(tags.Tags), "QueueName": r.PhysicalID[strings.LastIndex(r.PhysicalID, "/")+1:]}
	for name, value := range out.Attributes {
		p[name] = value
	}
	for _, name := range []string{"RedrivePolicy", "RedriveAllowPolicy"} {
		if err := decodeIn(p, name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func readQueuePolicy(ctx context.Context, a *account, r resource) (properties, error) {
	p := properties{}
	queues := []any{}
	for _, queue := range many(r.asked["Queues"]) {
		out, err := a.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(text(queue)), AttributeNames: []queuetypes.QueueAttributeName{queuetypes.QueueAttributeNamePolicy}})
		if err != nil {
			return nil, err
		}
		policy, err := document(out.Attributes["Policy"])
		if err != nil {
			return nil, err
		}
		if p["PolicyDocument"] == nil || len(compare(r.Type, r.asked, p).differences) == 0 {
			p["PolicyDocument"] = policy
		}
		queues = append(queues, queue)
	}
	p["Queues"] = queues
	return p, nil
}
