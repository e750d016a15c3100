package events

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// How long the check waits for what must arrive, and then for what must not.
const (
	patience = 20 * time.Second
	settling = 2 * time.Second
)

// arrival is a message of the check in a queue.
type arrival struct {
	queue string
	body  string
}

// delivered is an event as a queue has it.
type delivered struct {
	ID         string          `json:"id"`
	Source     string          `json:"source"`
	DetailType string          `json:"detail-type"`
	Detail     json.RawMessage `json:"detail"`
}

// wrapped is the detail of an event that came from an outbox.
type wrapped struct {
	Outbox *struct {
		ID       string `json:"id"`
		Sequence string `json:"sequence"`
		Detail   string `json:"detail"`
	} `json:"outbox"`
}

// receive reads the queues until everything has arrived that must, and a little longer.
func (r *run) receive(ctx context.Context) error {
	client := sqs.NewFromConfig(r.config)
	deadline, settled := time.Now().Add(patience), time.Time{}
	for {
		if err := r.readAll(ctx, client); err != nil {
			return err
		}
		now := time.Now()
		switch {
		case settled.IsZero() && (r.complete() || now.After(deadline)):
			settled = now.Add(settling)
		case !settled.IsZero() && now.After(settled):
			return r.release(ctx, client)
		}
	}
}

// readAll reads all queues once, concurrently, since each waits for a message.
func (r *run) readAll(ctx context.Context, client *sqs.Client) error {
	var running sync.WaitGroup
	problems := make(chan error, len(r.land.queues))
	for url, name := range r.land.queues {
		running.Go(func() {
			if err := r.read(ctx, client, url); err != nil {
				problems <- fmt.Errorf("receive messages of %s: %w", name, err)
			}
		})
	}
	running.Wait()
	close(problems)
	return <-problems
}

// read receives messages of a queue, and deletes those of the check. It waits a second at most: not to wait at all cannot be asked
// for, and then a queue waits as long as it is set to.
func (r *run) read(ctx context.Context, client *sqs.Client, url string) error {
	out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: int32(2 * patience / time.Second), WaitTimeSeconds: 1,
	})
	if err != nil {
		return err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, message := range out.Messages {
		body := aws.ToString(message.Body)
		p := r.parcelOf(body)
		if p == nil {
			r.foreign[url] = append(r.foreign[url], message)
			continue
		}
		r.arrived[p] = append(r.arrived[p], arrival{r.land.queues[url], body})
		if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: message.ReceiptHandle}); err != nil {
			return err
		}
	}
	return nil
}

// release makes messages of others visible again.
func (r *run) release(ctx context.Context, client *sqs.Client) error {
	for url, messages := range r.foreign {
		for _, message := range messages {
			if _, err := client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: message.ReceiptHandle}); err != nil {
				return fmt.Errorf("release a message of %s: %w", r.land.queues[url], err)
			}
		}
	}
	return nil
}

// parcelOf returns the parcel that a message is, or nil: it has its mark, in plain text or in base64.
func (r *run) parcelOf(body string) *parcel {
	for _, text := range []string{body, plain(body)} {
		for _, p := range r.parcels {
			if strings.Contains(text, `"`+p.mark+`"`) || strings.Contains(text, `\"`+p.mark+`\"`) {
				return p
			}
		}
	}
	return nil
}

// plain returns the detail of an outbox that a message has, or nothing.
func plain(body string) string {
	var event delivered
	var detail wrapped
	if json.Unmarshal([]byte(body), &event) != nil || json.Unmarshal(event.Detail, &detail) != nil || detail.Outbox == nil {
		return ""
	}
	text, _ := base64.StdEncoding.DecodeString(detail.Outbox.Detail) // what cannot be decoded is found by the comparison
	return string(text)
}

// complete reports whether everything has arrived that must.
func (r *run) complete() bool {
	return !slices.ContainsFunc(r.parcels, func(p *parcel) bool {
		return slices.ContainsFunc(p.want, func(queue string) bool { return !slices.Contains(r.queuesOf(p), queue) })
	})
}

// queuesOf returns the queues at which a parcel has arrived, sorted.
func (r *run) queuesOf(p *parcel) []string {
	queues := map[string]bool{}
	for _, each := range r.arrived[p] {
		queues[each.queue] = true
	}
	return slices.Sorted(maps.Keys(queues))
}
