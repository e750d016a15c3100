package queue

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props configure a queue. All are optional.
type Props struct {
	// VisibilityTimeout is the time for which a received message is hidden from others, in whole seconds up to 12
	// hours. It must be longer than a task takes for a message. If zero, two minutes, the longest that a stopping task
	// may take (microservice.Props.StopTimeout).
	VisibilityTimeout time.Duration
	// MaxReceiveCount is the number of times a message is received before it moves to the dead-letter queue, from 1 to
	// 1000. If zero, 5, so that a deployment or an interruption of Spot does not move a message there.
	MaxReceiveCount int
	// Retention is the time for which a message is retained, in whole seconds from one minute to seven days. If zero,
	// four days. It must be longer than VisibilityTimeout × MaxReceiveCount. The dead-letter queue retains messages for
	// 14 days from when they were sent, not from when they were moved, and so for at least a week. A FIFO one retains them
	// for 14 days from when they were moved.
	Retention time.Duration
	// Delay is the time before a sent message becomes visible, in whole seconds up to 15 minutes.
	Delay time.Duration
	// FIFO makes the queue and its dead-letter queue first-in-first-out: the messages with the same MessageGroupId, which
	// the sender sets as the ordering key, are received in the order in which they were sent, one at a time, and each
	// once. A message that moves to the dead-letter queue lets those after it pass. A later change replaces the queue.
	FIFO bool
	// ContentBasedDeduplication has SQS drop a message with the same body as one that was sent in the five minutes before.
	// Without it, the sender must set MessageDeduplicationId on each message. It requires FIFO.
	ContentBasedDeduplication bool
	// HighThroughput applies limits and deduplication to each message group, and not 300 requests a second to the whole
	// queue. It requires FIFO.
	HighThroughput bool
	// Alarms set when the owner of a service that consumes the queue is notified, if the service has alarms. If zero,
	// the defaults of [Alarms].
	Alarms Alarms
	// EncryptionKey encrypts the messages of both queues. If nil, a key of its own if the profile has EncryptData, which
	// costs 1 USD a month, and else a key that AWS owns. Services that use it are allowed to use the key.
	EncryptionKey awskms.IKey
	// Retain keeps both queues when their stack is deleted. If zero, the profile decides: on in production.
	Retain profile.Choice
}

// The limits of SQS, except maxRetention, which leaves the dead-letter queue a week.
//
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const (
	defaultVisibilityTimeout = 2 * time.Minute
	maxVisibilityTimeout     = 12 * time.Hour
	defaultMaxReceiveCount   = 5
	maxMaxReceiveCount       = 1000
	defaultRetention         = 4 * 24 * time.Hour
	minRetention             = time.Minute
	maxRetention             = 7 * 24 * time.Hour
	deadLetterRetention      = 14 * 24 * time.Hour
	maxDelay                 = 15 * time.Minute
	receiveWait              = 20 * time.Second // long polling costs as much as short polling
)

func (p Props) withDefaults() Props {
	if p.VisibilityTimeout == 0 {
		p.VisibilityTimeout = defaultVisibilityTimeout
	}
	if p.MaxReceiveCount == 0 {
		p.MaxReceiveCount = defaultMaxReceiveCount
	}
	if p.Retention == 0 {
		p.Retention = defaultRetention
	}
	p.Alarms = p.Alarms.withDefaults()
	return p
}

// validate returns one error that lists every problem of the props, or nil. It expects the defaults.
func (p Props) validate() error {
	return errors.Join(
		cdkx.CheckSeconds("VisibilityTimeout", p.VisibilityTimeout, time.Second, maxVisibilityTimeout),
		p.validateMaxReceiveCount(),
		cdkx.CheckSeconds("Retention", p.Retention, minRetention, maxRetention),
		cdkx.CheckSeconds("Delay", p.Delay, 0, maxDelay),
		p.validateRedrive(),
		p.validateFIFO(),
		p.Alarms.validate(),
		p.Retain.Check("Retain"),
	)
}

func (p Props) validateFIFO() error {
	check := func(field string, set bool) error {
		if set && !p.FIFO {
			return fmt.Errorf("%s needs FIFO, got a standard queue: set FIFO, or remove it", field)
		}
		return nil
	}
	return errors.Join(check("ContentBasedDeduplication", p.ContentBasedDeduplication), check("HighThroughput", p.HighThroughput))
}

// validateRedrive rejects settings with which messages would expire before they move to the dead-letter queue: SQS
// deletes them without a trace. It compares valid values alone.
func (p Props) validateRedrive() error {
	if errors.Join(cdkx.CheckSeconds("", p.VisibilityTimeout, time.Second, maxVisibilityTimeout),
		cdkx.CheckSeconds("", p.Retention, minRetention, maxRetention), p.validateMaxReceiveCount()) != nil {
		return nil
	}
	if tries := time.Duration(p.MaxReceiveCount) * p.VisibilityTimeout; p.Retention <= tries {
		return fmt.Errorf("Retention must be longer than MaxReceiveCount × VisibilityTimeout (%d × %s = %s), else messages expire before they get to the dead-letter queue, got %s",
			p.MaxReceiveCount, p.VisibilityTimeout, tries, p.Retention)
	}
	return nil
}

func (p Props) validateMaxReceiveCount() error {
	if p.MaxReceiveCount < 1 || p.MaxReceiveCount > maxMaxReceiveCount {
		return fmt.Errorf("MaxReceiveCount must be from 1 to %d, got %d", maxMaxReceiveCount, p.MaxReceiveCount)
	}
	return nil
}
