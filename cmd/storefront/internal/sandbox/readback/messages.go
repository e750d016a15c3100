package readback

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	topictypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	queuetypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func readAlarm(q *query, r resource) properties {
	alarm := only(q, ask(q, q.alarms.DescribeAlarms, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{r.PhysicalID}, AlarmTypes: []alarmtypes.AlarmType{alarmtypes.AlarmTypeMetricAlarm},
	}).MetricAlarms)
	p := shapeOf(alarm)
	put(p, "Tags", ask(q, q.alarms.ListTagsForResource, &cloudwatch.ListTagsForResourceInput{ResourceARN: alarm.AlarmArn}).Tags)
	return p
}

func readLogGroup(q *query, r resource) properties {
	groups := all(q, cloudwatchlogs.NewDescribeLogGroupsPaginator(q.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &r.PhysicalID}),
		func(page *cloudwatchlogs.DescribeLogGroupsOutput) []logtypes.LogGroup { return page.LogGroups })
	group := only(q, where(groups, func(g logtypes.LogGroup) bool { return aws.ToString(g.LogGroupName) == r.PhysicalID }))
	p := shapeOf(group)
	// The operation takes the ARN without the ending that stands for the group's streams.
	arn := strings.TrimSuffix(aws.ToString(group.Arn), ":*")
	p["Tags"] = tagList(ask(q, q.logs.ListTagsForResource, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn}).Tags)
	return p
}

func readMetricFilter(q *query, r resource) properties {
	filters := ask(q, q.logs.DescribeMetricFilters, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: r.in("LogGroupName"), FilterNamePrefix: &r.PhysicalID}).MetricFilters
	return shapeOf(only(q, where(filters, func(f logtypes.MetricFilter) bool { return aws.ToString(f.FilterName) == r.PhysicalID })))
}

func readEventBus(q *query, r resource) properties {
	out := ask(q, q.events.DescribeEventBus, &eventbridge.DescribeEventBusInput{Name: &r.PhysicalID})
	p := shapeOf(out)
	put(p, "Tags", ask(q, q.events.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: out.Arn}).Tags)
	return p
}

func readNamespace(q *query, r resource) properties {
	namespace := of(ask(q, q.names.GetNamespace, &servicediscovery.GetNamespaceInput{Id: &r.PhysicalID}).Namespace)
	p := shapeOf(namespace)
	put(p, "Tags", ask(q, q.names.ListTagsForResource, &servicediscovery.ListTagsForResourceInput{ResourceARN: namespace.Arn}).Tags)
	return p
}

func (q *query) topic(arn string) map[string]string {
	return ask(q, q.topics.GetTopicAttributes, &sns.GetTopicAttributesInput{TopicArn: &arn}).Attributes
}

func readTopic(q *query, r resource) properties {
	p := fromAttributes(q.topic(r.PhysicalID))
	put(p, "Tags", ask(q, q.topics.ListTagsForResource, &sns.ListTagsForResourceInput{ResourceArn: &r.PhysicalID}).Tags)
	p["TopicName"] = r.PhysicalID[strings.LastIndex(r.PhysicalID, ":")+1:]
	return p
}

func readTopicPolicy(q *query, r resource) properties {
	return shared(q, r, "Topics", func(topic string) any { return q.document(aws.String(q.topic(topic)["Policy"])) })
}

// readSubscription searches those of the topic: one that waits for its confirmation has no ARN of its own yet.
func readSubscription(q *query, r resource) properties {
	subscriptions := all(q, sns.NewListSubscriptionsByTopicPaginator(q.topics, &sns.ListSubscriptionsByTopicInput{TopicArn: r.in("TopicArn")}),
		func(page *sns.ListSubscriptionsByTopicOutput) []topictypes.Subscription { return page.Subscriptions })
	subscription := only(q, where(subscriptions, func(s topictypes.Subscription) bool {
		return aws.ToString(s.Protocol) == *r.in("Protocol") && aws.ToString(s.Endpoint) == *r.in("Endpoint")
	}))
	p := shapeOf(subscription)
	if strings.HasPrefix(aws.ToString(subscription.SubscriptionArn), "arn:") {
		out := ask(q, q.topics.GetSubscriptionAttributes, &sns.GetSubscriptionAttributesInput{SubscriptionArn: subscription.SubscriptionArn})
		maps.Copy(p, fromAttributes(out.Attributes))
		q.decode(p, "DeliveryPolicy", "FilterPolicy", "RedrivePolicy")
	}
	return p
}

// fromAttributes returns attributes that a service keeps as text under the names that templates have.
func fromAttributes(attributes map[string]string) properties {
	p := properties{}
	for name, value := range attributes {
		p[name] = value
	}
	return p
}

// decode decodes properties that the service keeps as JSON text.
func (q *query) decode(p properties, names ...string) {
	for _, name := range names {
		encoded, is := p[name].(string)
		switch {
		case !is:
		case encoded == "": // how a subscription says that it has none
			delete(p, name)
		default:
			p[name] = q.document(&encoded)
		}
	}
}

func (q *query) queue(url string) map[string]string {
	return ask(q, q.queues.GetQueueAttributes, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []queuetypes.QueueAttributeName{queuetypes.QueueAttributeNameAll}}).Attributes
}

func readQueue(q *query, r resource) properties {
	p := fromAttributes(q.queue(r.PhysicalID))
	p["Tags"] = tagList(ask(q, q.queues.ListQueueTags, &sqs.ListQueueTagsInput{QueueUrl: &r.PhysicalID}).Tags)
	p["QueueName"] = lastPart(r.PhysicalID)
	q.decode(p, "RedrivePolicy", "RedriveAllowPolicy")
	return p
}

func readQueuePolicy(q *query, r resource) properties {
	return shared(q, r, "Queues", func(queue string) any { return q.document(aws.String(q.queue(queue)["Policy"])) })
}
