package consume_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/consume"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// spec has no operations.
var spec = []byte("{openapi: 3.0.3, info: {title: Orders, version: 0.1.0}, paths: {}}")

// subscribe runs a service that handles the events of the queue of orders.
func subscribe(t *testing.T, handlers ...consume.Handler) awstest.Stack {
	stack := awstest.Deploy(t, "Orders")
	awstest.Start(t, stack, nil, spec, func(ctx context.Context, s *serve.Service) error {
		s.Go(ctx, "events", consume.Queue(s, s.Env("EVENTS_QUEUE_URL"), handlers...))
		return s.Serve(ctx, spec, nil)
	})
	return stack
}

func TestAnEventIsDeletedAfterItIsHandled(t *testing.T) {
	handled := make(chan events.Checkout, 1)
	stack := subscribe(t, consume.On(events.CartCheckedOut, func(_ context.Context, m event.Message, c events.Checkout) error {
		if m.ID != "e-1" {
			t.Errorf("got the ID %q, want that of the outbox", m.ID)
		}
		handled <- c
		return nil
	}))
	want := events.Checkout{CheckoutID: "c-1", UserID: "u-1"}
	awstest.Deliver(t, stack, stack.Environment["EVENTS_QUEUE_URL"], "e-1", events.CartCheckedOut, want)
	if diff := cmp.Diff(want, <-handled); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	eventually(t, "the queue is empty", func() bool { return held(t, stack) == 0 })
}

func TestAnEventThatIsNotHandledStays(t *testing.T) {
	var all sync.WaitGroup
	all.Add(2)
	stack := subscribe(t, consume.On(events.CartCheckedOut, func(_ context.Context, m event.Message, _ events.Checkout) error {
		defer all.Done()
		if m.ID == "panics" {
			panic("on purpose")
		}
		return errors.New("on purpose")
	}))
	queue := stack.Environment["EVENTS_QUEUE_URL"]
	awstest.Deliver(t, stack, queue, "fails", events.CartCheckedOut, events.Checkout{})
	awstest.Deliver(t, stack, queue, "panics", events.CartCheckedOut, events.Checkout{})
	awstest.Deliver(t, stack, queue, "has no handler", events.OrderPlaced, events.Order{})
	all.Wait()
	eventually(t, "all are received", func() bool { return attribute(t, stack, types.QueueAttributeNameApproximateNumberOfMessages) == 0 })
	if n := held(t, stack); n != 3 {
		t.Errorf("the queue has %d messages, want 3", n)
	}
}

// A request for events takes longer than any other may. If it is given up, what SQS sends into it comes again after minutes.
func TestARequestForEventsIsNotGivenUp(t *testing.T) {
	const longer = 3500 * time.Millisecond // than serve waits for AWS
	ended := make(chan error, 100)
	queue := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a connection that is closed is noticed after it
		select {
		case <-r.Context().Done():
		case <-time.After(longer):
		}
		ended <- r.Context().Err()
		_, _ = io.WriteString(w, "{}")
	}))
	defer queue.Close()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": queue.URL,
	} {
		t.Setenv(name, value)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	variables := map[string]string{"SERVICE_NAME": "orders", "HOST": "127.0.0.1", "PORT": "0"}
	stopped := make(chan error, 1)
	go func() {
		stopped <- serve.Run(ctx, serve.Options{Getenv: func(name string) string { return variables[name] }, Output: io.Discard, Now: true},
			func(ctx context.Context, s *serve.Service) error {
				s.Go(ctx, "events", consume.Queue(s, queue.URL+"/111122223333/events"))
				return s.Serve(ctx, spec, nil)
			})
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the service has given the request up: %v", err)
		}
	case err := <-stopped:
		t.Fatalf("the service has ended: %v", err)
	}
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestAServiceThatStopsFinishesItsEvents(t *testing.T) {
	started := make(chan bool)
	stack, stop := stoppable(t, true, func(ctx context.Context, _ event.Message, _ events.Checkout) error {
		started <- true
		time.Sleep(200 * time.Millisecond)
		return ctx.Err()
	})
	awstest.Deliver(t, stack, stack.Environment["EVENTS_QUEUE_URL"], "e-1", events.CartCheckedOut, events.Checkout{})
	<-started
	if err := <-stop(); err != nil {
		t.Error(err)
	}
	if n := held(t, stack); n != 0 {
		t.Errorf("the queue has %d messages, want the event deleted", n)
	}
}

// Otherwise it would come again only after the visibility timeout, since SQS sends it into the request that was given up.
func TestAServiceThatStopsHandlesWhatItsLastRequestReceives(t *testing.T) {
	stack, stop := stoppable(t, false, func(context.Context, event.Message, events.Checkout) error { return nil })
	time.Sleep(200 * time.Millisecond) // in which it has asked for events
	ended := stop()
	time.Sleep(200 * time.Millisecond)
	awstest.Deliver(t, stack, stack.Environment["EVENTS_QUEUE_URL"], "e-1", events.CartCheckedOut, events.Checkout{})
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := held(t, stack); n != 0 {
		t.Errorf("the queue has %d messages, want the event deleted", n)
	}
}

// stoppable runs a service that handles the events of the queue of orders until it is told to stop.
func stoppable(t *testing.T, now bool, handle func(context.Context, event.Message, events.Checkout) error) (awstest.Stack, func() <-chan error) {
	stack := awstest.Deploy(t, "Orders")
	stack.Environment["PORT"], stack.Environment["HOST"] = "0", "127.0.0.1"
	ctx, cancel := context.WithCancel(t.Context())
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- serve.Run(ctx, serve.Options{
			Getenv: func(name string) string { return stack.Environment[name] }, AWS: &stack.AWS, Output: t.Output(), Now: now,
			Listening: func(address string) { listening <- address },
		}, func(ctx context.Context, s *serve.Service) error {
			s.Go(ctx, "events", consume.Queue(s, s.Env("EVENTS_QUEUE_URL"), consume.On(events.CartCheckedOut, handle)))
			return s.Serve(ctx, spec, nil)
		})
	}()
	select {
	case <-listening:
	case err := <-ended:
		t.Fatalf("it does not start: %v", err)
	}
	return stack, func() <-chan error {
		cancel()
		return ended
	}
}

// held is the number of messages of the queue, received ones included.
func held(t *testing.T, stack awstest.Stack) int {
	return attribute(t, stack, types.QueueAttributeNameApproximateNumberOfMessages) + attribute(t, stack, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
}

func attribute(t *testing.T, stack awstest.Stack, name types.QueueAttributeName) int {
	t.Helper()
	got, err := sqs.NewFromConfig(stack.AWS).GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(stack.Environment["EVENTS_QUEUE_URL"]), AttributeNames: []types.QueueAttributeName{name},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, digit := range got.Attributes[string(name)] {
		n = 10*n + int(digit-'0')
	}
	return n
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("after 10 s it does not hold that", what)
		}
	}
}
