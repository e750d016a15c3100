package readback

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	queuetypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

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
	p := fromAttributes(out.Attributes)
	put(p, "Tags", tags.Tags)
	p["TopicName"] = r.PhysicalID[strings.LastIndex(r.PhysicalID, ":")+1:]
	return p, nil
}

func readTopicPolicy(ctx context.Context, a *account, r resource) (properties, error) {
	var topics, policies []any
	for _, topic := range many(r.asked["Topics"]) {
		out, err := a.topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(text(topic))})
		if err != nil {
			return nil, err
		}
		policy, err := document(out.Attributes["Policy"])
		if err != nil {
			return nil, err
		}
		topics, policies = append(topics, topic), append(policies, policy)
	}
	return properties{"Topics": topics, "PolicyDocument": oneOf(r, policies)}, nil
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
			maps.Copy(p, fromAttributes(out.Attributes))
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

// fromAttributes takes over what a service keeps as text by name, under the names that templates have.
func fromAttributes(attributes map[string]string) properties {
	p := properties{}
	for name, value := range attributes {
		p[name] = value
	}
	return p
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
	p := fromAttributes(out.Attributes)
	p["Tags"] = tagList(tags.Tags)
	p["QueueName"] = lastPart(r.PhysicalID)
	for _, name := range []string{"RedrivePolicy", "RedriveAllowPolicy"} {
		if err := decodeIn(p, name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func readQueuePolicy(ctx context.Context, a *account, r resource) (properties, error) {
	var queues, policies []any
	for _, queue := range many(r.asked["Queues"]) {
		out, err := a.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(text(queue)), AttributeNames: []queuetypes.QueueAttributeName{queuetypes.QueueAttributeNamePolicy}})
		if err != nil {
			return nil, err
		}
		policy, err := document(out.Attributes["Policy"])
		if err != nil {
			return nil, err
		}
		queues, policies = append(queues, queue), append(policies, policy)
	}
	return properties{"Queues": queues, "PolicyDocument": oneOf(r, policies)}, nil
}
