package queue

import (
	"errors"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// The access that a microservice can have to a queue's messages. None of it allows changing the queue itself, or the
// dead-letter queue.
const (
	Send           store.Access = "Send"
	Consume        store.Access = "Consume"
	SendAndConsume store.Access = "SendAndConsume"
)

var actionsOf = map[store.Access][]string{
	Send:           sending,
	Consume:        consuming,
	SendAndConsume: slices.Sorted(slices.Values(slices.Concat(sending, consuming))),
}

var (
	sending   = []string{"sqs:SendMessage"}
	consuming = []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
)

// Queue is an SQS queue that one microservice owns, with its dead-letter queue.
type Queue struct {
	constructs.Construct
	id          string
	props       Props
	queue       awssqs.Queue
	deadLetters awssqs.Queue
	key         awskms.IKey
}

var _ store.Store = (*Queue)(nil)

// New defines a queue and its dead-letter queue. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Queue {
	problem.MustScope(scope, id)
	props = props.withDefaults()
	problem.Must(scope, id, errors.Join(props.validate(), cdkx.CheckDataKey("EncryptionKey", props.EncryptionKey, scope)))
	defaults := profile.Of(scope)
	retain := props.Retain.Or(defaults.RetainData)

	q := &Queue{id: id, props: props}
	place.Define(q, scope, id)
	q.key = cdkx.DataKey(q, props.EncryptionKey, defaults.EncryptData, retain)
	q.deadLetters = NewDeadLetters(q, "DeadLetters", q.key, props.FIFO, retain) // SQS requires the same type of both
	main := &awssqs.QueueProps{
		Encryption:             encryptionBy(q.key),
		EncryptionMasterKey:    q.key,
		EnforceSSL:             jsii.Bool(true),
		VisibilityTimeout:      cdkx.Seconds(q, props.VisibilityTimeout),
		RetentionPeriod:        cdkx.Seconds(q, props.Retention),
		ReceiveMessageWaitTime: cdkx.Seconds(q, receiveWait),
		DeadLetterQueue:        &awssqs.DeadLetterQueue{Queue: q.deadLetters, MaxReceiveCount: jsii.Number(props.MaxReceiveCount)},
		RemovalPolicy:          cdkx.Removal(retain),
	}
	if props.Delay > 0 {
		main.DeliveryDelay = cdkx.Seconds(q, props.Delay)
	}
	props.makeFIFO(main)
	q.queue = newQueue(q, "Queue", main)
	return q
}

// NewDeadLetters defines a queue for what could not be delivered or processed. It retains messages for 14 days, is encrypted by
// the key, or by SQS if that is nil, and requires TLS.
func NewDeadLetters(scope constructs.Construct, id string, key awskms.IKey, fifo, retain bool) awssqs.Queue {
	props := &awssqs.QueueProps{
		Encryption:          encryptionBy(key),
		EncryptionMasterKey: key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     cdkx.Seconds(scope, deadLetterRetention),
		RemovalPolicy:       cdkx.Removal(retain),
	}
	if fifo {
		props.Fifo = jsii.Bool(true)
	}
	return newQueue(scope, id, props)
}

// newQueue defines a queue whose policy is retained like the queue, which so continues to reject requests without TLS.
func newQueue(scope constructs.Construct, id string, props *awssqs.QueueProps) awssqs.Queue {
	defined := awssqs.NewQueue(scope, jsii.String(id), props)
	defined.Node().FindChild(jsii.String("Policy")).(awssqs.QueuePolicy).ApplyRemovalPolicy(props.RemovalPolicy)
	return defined
}

func encryptionBy(key awskms.IKey) awssqs.QueueEncryption {
	if key == nil {
		return awssqs.QueueEncryption_SQS_MANAGED
	}
	return awssqs.QueueEncryption_KMS
}

// makeFIFO sets what a FIFO queue has. CloudFormation adds .fifo, which SQS requires, to the name that it generates.
func (p Props) makeFIFO(queue *awssqs.QueueProps) {
	if !p.FIFO {
		return
	}
	queue.Fifo = jsii.Bool(true)
	queue.ContentBasedDeduplication = jsii.Bool(p.ContentBasedDeduplication)
	if p.HighThroughput {
		queue.DeduplicationScope = awssqs.DeduplicationScope_MESSAGE_GROUP
		queue.FifoThroughputLimit = awssqs.FifoThroughputLimit_PER_MESSAGE_GROUP_ID
	}
}

// Queue returns the underlying CDK queue.
func (q *Queue) Queue() awssqs.Queue { return q.queue }

// DeadLetters returns the underlying CDK queue of the messages that could not be processed.
func (q *Queue) DeadLetters() awssqs.Queue { return q.deadLetters }

// Bind grants consumer [Send], [Consume] or both, and sets the environment variable <ID>_QUEUE_URL. A service that
// consumes the queue has the alarms of Props.Alarms, and is scaled by it if its policy has a Backlog.
func (q *Queue) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	actions, known := actionsOf[access]
	if !known {
		return store.Binding{}, store.Unsupported(access, Send, Consume, SendAndConsume)
	}
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      consumer.GrantPrincipal(),
		Actions:      jsii.Strings(actions...),
		ResourceArns: &[]*string{q.queue.QueueArn()},
	})
	cdkx.GrantDataKey(q.key, consumer, access != Consume)
	binding := store.Binding{Environment: map[string]string{
		cdkx.ScreamingSnake(q.id) + "_QUEUE_URL": *q.queue.QueueUrl(),
	}}
	if access != Send {
		m := q.Metrics()
		binding.Alarms = q.props.Alarms.on(q.id, m)
		binding.Backlog = store.Backlog{Metric: m.Waiting(), MaxDuration: q.props.VisibilityTimeout}
		if age := q.props.Alarms.QueueAge; !age.Disable {
			binding.Backlog.AlarmAge = age.Oldest
		}
	}
	return binding, nil
}
