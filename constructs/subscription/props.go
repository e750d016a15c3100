package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props configure a subscription. Only Events is required.
type Props struct {
	// Events are sent to the queue. Required: at least one, and at most 30.
	Events []event.Event
	// HandlerTimeout is the longest time that the application takes for one event, in whole seconds up to two hours. Six times
	// as long, an event that was received is hidden from other tasks. If zero, 20 seconds.
	HandlerTimeout time.Duration
	// Queue configures the queue. Its VisibilityTimeout must be zero, as it follows from HandlerTimeout, and FIFO must be
	// false. If an EncryptionKey that is imported is set, its policy must allow events.amazonaws.com kms:Decrypt and
	// kms:GenerateDataKey.
	Queue queue.Props
}

const (
	defaultHandlerTimeout = 20 * time.Second
	// visibilityFactor leaves time for retries within one receipt, and for a batch of events.
	visibilityFactor  = 6
	maxHandlerTimeout = 2 * time.Hour // six of which are the 12 hours that SQS allows
	// A queue's policy has at most 8192 bytes, and names the rule of each event by an ARN of up to 253.
	//
	// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
	maxEvents = 30
)

func (p Props) withDefaults() Props {
	if p.HandlerTimeout == 0 {
		p.HandlerTimeout = defaultHandlerTimeout
	}
	return p
}

// validate returns one error that lists every problem of the props, or nil. It expects the defaults.
func (p Props) validate() error {
	problems := []error{event.Check("Events", p.Events), checkCount(len(p.Events))}
	if len(p.Events) == 0 {
		problems = append(problems, errors.New("Events is missing: name at least one"))
	}
	if err := cdkx.CheckSeconds("HandlerTimeout", p.HandlerTimeout, time.Second, maxHandlerTimeout); err != nil {
		problems = append(problems, fmt.Errorf("%w: six times as long is the queue's visibility timeout, of at most 12h", err))
	}
	if p.Queue.VisibilityTimeout != 0 {
		problems = append(problems, fmt.Errorf("Queue.VisibilityTimeout must be zero, as it is %d × HandlerTimeout, got %s: set HandlerTimeout", visibilityFactor, p.Queue.VisibilityTimeout))
	}
	if p.Queue.FIFO {
		problems = append(problems, errors.New("Queue.FIFO must be false, since EventBridge does not keep the order of events: order by a number in the detail"))
	}
	return errors.Join(problems...)
}

// checkCount returns an error if a queue has more events than its policy can name.
func checkCount(events int) error {
	if events > maxEvents {
		return fmt.Errorf("Events must be at most %d in one queue, whose policy names the rule of each, got %d: define a second subscription for the others", maxEvents, events)
	}
	return nil
}
