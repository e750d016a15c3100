package event

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Outbox are the two attributes by which a pipe recognizes an item of a table as an event to publish. Embed them in the item:
//
//	posted, err := events.ReviewPosted.Outbox(review)
//	item, err := attributevalue.MarshalMap(struct {
//		ProductID string `dynamodbav:"productId"`
//		ReviewID  string `dynamodbav:"reviewId"`
//		ExpiresAt int64  `dynamodbav:"expiresAt"`
//		event.Outbox
//	}{review.ProductID, "outbox#" + review.ID, time.Now().Add(7 * 24 * time.Hour).Unix(), posted})
type Outbox struct {
	// Type is the detail type of the event.
	Type string `dynamodbav:"outboxType"`
	// Detail is the detail as JSON, in standard base64. A pipe does not escape the quotes of a text that it copies.
	Detail string `dynamodbav:"outboxDetail"`
}

// MaxOutboxBytes is the largest detail, as JSON, that an outbox publishes: in base64, and with what EventBridge adds, it fits
// into 256 KB. A bus and a queue take 1 MB, and an item of a table 400 KB, but the documentation of pipes names no more.
//
// Source: https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
const MaxOutboxBytes = 190_000

// Outbox returns the attributes of an item that publishes the event. It returns an error if the detail is not of the Go type of
// [Event.Detail], or is larger than [MaxOutboxBytes].
func (e Event) Outbox(detail any) (Outbox, error) {
	if got, want := reflect.TypeOf(detail), reflect.TypeOf(e.Detail); got != want {
		return Outbox{}, fmt.Errorf("the detail of %s must be of type %v, got %v", e, want, got)
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return Outbox{}, fmt.Errorf("the detail of %s: %w", e, err)
	}
	if len(text) > MaxOutboxBytes {
		return Outbox{}, fmt.Errorf("the detail of %s must be at most %d bytes, got %d: publish where the data is, such as a key, and not the data", e, MaxOutboxBytes, len(text))
	}
	return Outbox{e.Type(), base64.StdEncoding.EncodeToString(text)}, nil
}

// Message is an event as a subscriber receives it.
type Message struct {
	// ID identifies the event. It is the same whenever the event is delivered again, so that a subscriber that keeps the IDs
	// of what it has done does nothing twice.
	ID string
	// Source is the service that published the event.
	Source string
	// Type is the detail type of the event, as [Event.Type] returns it.
	Type string
	// Time is when the event was put on the bus, in UTC.
	Time time.Time
	// Sequence increases with the changes of one item of the publisher's table, as numbers of up to 40 digits. It is empty if
	// the event was not published by an outbox.
	Sequence string
	// ReplayName is the name of the replay that has sent the event again from the archive of the bus, with the ID that it had. It is
	// empty otherwise.
	ReplayName string
	// Detail is the detail as JSON.
	Detail json.RawMessage
}

// Is reports whether the message is of an event.
func (m Message) Is(e Event) bool { return m.Source == e.Source && m.Type == e.Type() }

// delivered is an event as EventBridge delivers it.
type delivered struct {
	ID     string
	Source string
	Type   string `json:"detail-type"`
	Time   time.Time
	Replay string `json:"replay-name"`
	Detail json.RawMessage
}

// Parse reads the body of a message of a subscriber's queue.
func Parse(body []byte) (Message, error) {
	var read delivered
	if err := json.Unmarshal(body, &read); err != nil {
		return Message{}, fmt.Errorf("the message is not an event: %w", err)
	}
	if read.ID == "" || read.Source == "" || read.Type == "" || len(read.Detail) == 0 {
		return Message{}, errors.New("the message is not an event: it has no id, source, detail-type or detail")
	}
	m := Message{ID: read.ID, Source: read.Source, Type: read.Type, Time: read.Time.UTC(), ReplayName: read.Replay, Detail: read.Detail}
	var wrapped struct {
		Outbox *struct {
			ID, Sequence string
			Detail       []byte // which encoding/json decodes from base64
		}
	}
	if err := json.Unmarshal(read.Detail, &wrapped); err == nil && wrapped.Outbox != nil {
		m.ID, m.Sequence, m.Detail = wrapped.Outbox.ID, wrapped.Outbox.Sequence, wrapped.Outbox.Detail
	}
	if !json.Valid(m.Detail) {
		return Message{}, fmt.Errorf("the detail of %s %s is not JSON", m.Source, m.Type)
	}
	return m, nil
}
