package subscription

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Subscription is a queue to which rules send events.
type Subscription struct {
	*queue.Queue
	id     string
	events []event.Event
	bus    awsevents.IEventBus
	rules  constructs.Construct
	arns   map[string]*string // of the rules, by event
}

var _ store.Store = (*Subscription)(nil)

// New defines a queue, and a rule for each event on the bus of the environment's platform. It panics with one error that lists
// every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Subscription {
	problem.MustScope(scope, id)
	props = props.withDefaults()
	err := props.validate()
	if err == nil {
		err = platform.CheckOf(scope)
	}
	problem.Must(scope, id, err)
	of := props.Queue
	of.VisibilityTimeout = visibilityFactor * props.HandlerTimeout

	s := &Subscription{Queue: queue.New(scope, id, of), id: id, bus: platform.Of(scope).EventBus(), arns: map[string]*string{}}
	s.rules = constructs.NewConstruct(s.Queue, jsii.String("Rules"))
	s.allowDelivery()
	s.add(props.Events)
	return s
}

// Add sends further events to the queue. Events that it sends already are not added twice. It panics with one error that lists
// every invalid event.
func (s *Subscription) Add(events ...event.Event) {
	count := len(s.events)
	for _, e := range events {
		if !s.has(e) {
			count++
		}
	}
	problem.MustAt(s.Queue, errors.Join(event.Check("Events", events), checkCount(count)))
	s.add(events)
}

// has reports whether the event is sent to the queue already.
func (s *Subscription) has(e event.Event) bool { return s.arns[e.String()] != nil }

func (s *Subscription) add(events []event.Event) {
	for _, e := range events {
		if !s.has(e) {
			s.events = append(s.events, e)
			s.addRule(e)
		}
	}
}

// addRule defines a rule. It is an L1, since the L2's target lets any rule of any account send to a queue that has a key. What
// cannot be delivered is sent to the queue's own dead-letter queue: it is the same text as that of a message that could not be
// processed, SQS moves messages back only from a dead-letter queue of a queue, and one alarm is on both.
//
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
func (s *Subscription) addRule(e event.Event) {
	main, deadLetters := s.Queue.Queue(), s.DeadLetters()
	rule := awsevents.NewCfnRule(s.rules, jsii.String(e.String()), &awsevents.CfnRuleProps{
		Description:  jsii.String(fmt.Sprintf("Sends %s to the queue %s", e, s.id)),
		EventBusName: s.bus.EventBusName(),
		EventPattern: map[string]any{"source": []string{e.Source}, "detail-type": []string{e.Type()}},
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("Queue"),
			Arn:              main.QueueArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
		}},
	})
	s.arns[e.String()] = rule.AttrArn()
}

// allowDelivery allows the rules, and nobody else, to send to the queue and to its dead-letter queue.
func (s *Subscription) allowDelivery() {
	delivery := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)}
	account := map[string]any{"aws:SourceAccount": awscdk.Stack_Of(s.rules).Account()}
	// One statement, since a policy has at most 20. Rules may be added later.
	rules := awscdk.Lazy_Any(&ruleARNs{s.arns}, nil)
	for _, receiver := range []awssqs.Queue{s.Queue.Queue(), s.DeadLetters()} {
		receiver.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: delivery,
			Actions:    jsii.Strings("sqs:SendMessage"),
			Resources:  &[]*string{receiver.QueueArn()},
			Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": rules}, "StringEquals": account},
		}))
	}
	if key := s.Queue.Queue().EncryptionMasterKey(); key != nil {
		// Not by the rules' ARNs: the key's policy cannot reference a rule that sends to a queue which the key encrypts.
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: delivery,
			Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"),
			Resources:  jsii.Strings("*"), // in a key's policy, this is the key
			Conditions: &map[string]any{"StringEquals": account},
		}), nil)
	}
}

// ruleARNs are the ARNs of the rules when the template is written, sorted by event: the order of calls has no effect.
type ruleARNs struct{ of map[string]*string }

// Produce is called by the CDK.
func (r *ruleARNs) Produce() any {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(r.of)) {
		all = append(all, r.of[name])
	}
	return all
}

// Bind grants consumer [queue.Consume], as the queue does.
func (s *Subscription) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != queue.Consume {
		return store.Binding{}, store.Unsupported(access, queue.Consume)
	}
	binding, err := s.Queue.Bind(consumer, access)
	binding.Subscribes = s.events
	return binding, err
}
