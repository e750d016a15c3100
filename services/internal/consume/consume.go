// Package consume handles the events in a subscriber's queue.
//
//	s.Go(ctx, "events", consume.Queue(s, s.Env("EVENTS_QUEUE_URL"),
//		consume.On(events.CartCheckedOut, orders.place),
//	))
//
// A handler gets each event at least once, and in any order. An event is deleted from the queue after its handler has returned
// nil. After an error it comes again when its visibility timeout is over, and after five times it is a dead letter, of which the
// owner is notified.
package consume

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/services/internal/awsclient"
	"github.com/storefront-cdk/storefront/services/internal/serve"
)

const (
	// longPoll is how long a request waits for events. A service that stops waits for it: SQS sends the next event also into a request
	// that was given up, and it comes again only after the visibility timeout of two minutes. A shorter one costs more requests: this
	// one, 0.20 USD a task and month.
	longPoll = 5 * time.Second
	// pollTimeout is much longer, for the same reason: while SQS is slow, a request is not given up.
	pollTimeout = 20 * time.Second
	// handlerTimeout is a sixth of the visibility timeout of the queue, as the construct sets it: see microservice.Subscribes.
	handlerTimeout = 20 * time.Second
	// pause is after an error of SQS, which the SDK has retried.
	pause = 250 * time.Millisecond
)

// Handler handles one event.
type Handler struct {
	event  event.Event
	handle func(context.Context, event.Message) error
}

// On returns a handler of an event. Detail must be the Go type of the event's detail.
func On[Detail any](e event.Event, handle func(context.Context, event.Message, Detail) error) Handler {
	if got, want := reflect.TypeFor[Detail](), reflect.TypeOf(e.Detail); got != want {
		panic(fmt.Sprintf("consume: the handler of %s must take its detail as %v, got %v", e, want, got))
	}
	return Handler{e, func(ctx context.Context, m event.Message) error {
		var detail Detail
		if err := json.Unmarshal(m.Detail, &detail); err != nil {
			return fmt.Errorf("the detail is not of %v: %w", reflect.TypeFor[Detail](), err)
		}
		return handle(ctx, m, detail)
	}}
}

// Queue returns a job that handles the events of a queue until its context is canceled. It then finishes those that it has, and those
// that its last request still receives.
func Queue(s *serve.Service, url string, handlers ...Handler) func(context.Context) error {
	client := sqs.NewFromConfig(s.AWS, func(o *sqs.Options) { o.HTTPClient = awsclient.WithTimeout(o.HTTPClient, pollTimeout) })
	q := queue{s, client, url, handlers}
	return func(ctx context.Context) error {
		for ctx.Err() == nil {
			q.poll(ctx)
		}
		return nil
	}
}

type queue struct {
	service  *serve.Service
	client   *sqs.Client
	url      string
	handlers []Handler
}

func (q queue) poll(ctx context.Context) {
	received, err := q.client.ReceiveMessage(q.service.Finishing(ctx), &sqs.ReceiveMessageInput{
		QueueUrl: &q.url, MaxNumberOfMessages: 10, WaitTimeSeconds: int32(longPoll.Seconds()),
	})
	if err != nil {
		if ctx.Err() == nil {
			q.service.Log.ErrorContext(ctx, "the queue cannot be read", "error", err.Error())
			sleep(ctx, pause)
		}
		return
	}
	var all sync.WaitGroup
	for _, message := range received.Messages {
		// A service that stops finishes what it has received.
		all.Go(func() { q.take(context.WithoutCancel(ctx), message) })
	}
	all.Wait()
}

// take handles a message and then deletes it.
func (q queue) take(ctx context.Context, message types.Message) {
	ctx, cancel := context.WithTimeout(ctx, handlerTimeout)
	defer cancel()
	start := time.Now()
	log := q.service.Log.With("message", aws.ToString(message.MessageId))
	m, err := event.Parse([]byte(aws.ToString(message.Body)))
	if err == nil {
		log = log.With("event", m.Source+" "+m.Type, "id", m.ID)
		var ended func(error)
		ctx, ended = q.service.Event(ctx, m.Source, m.Type, m.ID)
		defer func() { ended(err) }()
		err = q.handle(ctx, m)
	}
	if err == nil {
		_, err = q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: message.ReceiptHandle})
	}
	if err != nil {
		log.ErrorContext(ctx, "the event comes again", "error", err.Error())
		return
	}
	log.InfoContext(ctx, "event", "ms", float64(time.Since(start).Microseconds())/1000)
}

func (q queue) handle(ctx context.Context, m event.Message) (err error) {
	defer func() {
		if raised := recover(); raised != nil {
			err = fmt.Errorf("panic: %v", raised)
		}
	}()
	for _, h := range q.handlers {
		if m.Is(h.event) {
			return h.handle(ctx, m)
		}
	}
	return fmt.Errorf("the service has no handler for it: handle it before you subscribe to it")
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
