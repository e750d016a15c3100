package load

import (
	"bytes"
	"crypto/md5" //nolint:gosec // SQS's checksum of a message
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// store stands between a service and AWS. While it records, it passes requests on to the emulator and keeps the responses. After that it
// responds with the one to the same request, or else with the last one to a request of the same shape: the same operation, table and
// expression, with other values. So a service that repeats what was recorded for other users gets responses of the right size and kind.
//
// The queue of a service is in the store itself.
type store struct {
	URL string

	upstream  string
	recording atomic.Bool
	lock      sync.Mutex
	same      map[string]recorded
	shaped    map[string]recorded
	unknown   map[string]int

	messages chan message
	sent     atomic.Int64
	deleted  atomic.Int64
	inFlight map[string]message // by receipt
}

type message struct {
	receipt, body string
	received      time.Time
}

type recorded struct {
	status int
	header http.Header
	body   []byte
}

func newStore(t testing.TB, upstream string) *store {
	s := &store{upstream: upstream, same: map[string]recorded{}, shaped: map[string]recorded{}, unknown: map[string]int{}, messages: make(chan message, 1000), inFlight: map[string]message{}}
	s.recording.Store(true)
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	s.URL = server.URL
	return s
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the service has gone
	}
	operation := r.Header.Get("x-amz-target")
	switch operation {
	case "AmazonSQS.ReceiveMessage":
		s.receive(w, r)
		return
	case "AmazonSQS.DeleteMessage":
		s.delete(body)
		_, _ = io.WriteString(w, "{}")
		return
	}
	where := r.Method + " " + r.URL.RequestURI() + " " + operation
	same, shape := keys(where, operation, body)
	if s.recording.Load() {
		response, err := s.pass(r, body)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		s.lock.Lock()
		s.same[same], s.shaped[shape] = response, response
		s.lock.Unlock()
		response.write(w)
		return
	}
	s.lock.Lock()
	response, found := s.same[same]
	if !found {
		response, found = s.shaped[shape]
	}
	if !found {
		s.unknown[shape]++
	}
	s.lock.Unlock()
	if !found {
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	response.write(w)
}

func (s *store) pass(r *http.Request, body []byte) (recorded, error) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, s.upstream+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return recorded{}, err
	}
	request.Header = r.Header.Clone()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return recorded{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return recorded{response.StatusCode, response.Header, text}, err
}

func (r recorded) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}

// identifier is what a service makes up, such as the ID of a photo in a key of S3.
var identifier = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}`)

// keys returns what is the same of a request that is repeated, whatever the order of its attributes, and what is the same of another
// one of its shape.
func keys(where, operation string, body []byte) (same, shape string) {
	var value map[string]any
	if operation == "" || json.Unmarshal(body, &value) != nil {
		return where, identifier.ReplaceAllString(where, "ID")
	}
	delete(value, "ClientRequestToken")
	exact, _ := json.Marshal(value)
	masked, _ := json.Marshal(mask(value, !strings.HasPrefix(operation, "DynamoDB_")))
	return where + string(exact), where + string(masked)
}

// mask removes the values of attributes. What is before a # says what an item is. Of other services than DynamoDB it removes all
// texts.
func mask(value any, all bool) any {
	switch value := value.(type) {
	case map[string]any:
		masked := map[string]any{}
		for name, field := range value {
			masked[name] = mask(field, all)
			switch {
			case len(value) > 1 || all:
			case name == "S":
				text, _ := field.(string)
				before, _, found := strings.Cut(text, "#")
				masked[name] = ""
				if found {
					masked[name] = before
				}
			case name == "N" || name == "B" || name == "SS":
				masked[name] = ""
			}
		}
		return masked
	case []any:
		masked := make([]any, len(value))
		for n := range value {
			masked[n] = mask(value[n], all)
		}
		return masked
	case string:
		if all {
			return ""
		}
	}
	return value
}

// publish puts an event into the queue of the service, as a pipe and the bus do.
func (s *store) publish(e event.Event, detail any) {
	n := s.sent.Add(1)
	published, err := e.Outbox(detail)
	if err != nil {
		panic(err) // a detail of another type
	}
	s.messages <- message{receipt: fmt.Sprint("receipt-", n), body: fmt.Sprintf(`{"id":"of-the-bus","source":%q,"detail-type":%q,"time":"2026-01-02T03:04:05Z","detail":{"outbox":{"id":"event-%d","sequence":"1","detail":%q}}}`,
		e.Source, e.Type(), n, published.Detail)}
}

// handled waits until the service has handled all events.
func (s *store) handled(t testing.TB) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); s.deleted.Load() < s.sent.Load(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the service has handled %d of %d events after 30 s; the store has no response to %s", s.deleted.Load(), s.sent.Load(), s.unrecorded())
		}
	}
}

// visibility is after what time a message is received again that was not deleted. The SDK repeats a poll whose response it could not
// read, and gets the next messages then.
const visibility = 2 * time.Second

func (s *store) receive(w http.ResponseWriter, r *http.Request) {
	var batch []message
	select {
	case m := <-s.messages:
		batch = append(batch, m)
	case <-r.Context().Done():
		return
	case <-time.After(visibility):
	}
	for len(batch) > 0 && len(batch) < 10 && len(s.messages) > 0 {
		batch = append(batch, <-s.messages)
	}
	type received struct{ MessageId, ReceiptHandle, Body, MD5OfBody string } //nolint:revive // names of SQS
	response := struct{ Messages []received }{[]received{}}
	s.lock.Lock()
	for _, m := range s.inFlight {
		if len(batch) < 10 && time.Since(m.received) > visibility {
			batch = append(batch, m)
		}
	}
	for _, m := range batch {
		sum := md5.Sum([]byte(m.body)) //nolint:gosec // see above
		m.received = time.Now()
		s.inFlight[m.receipt] = m
		response.Messages = append(response.Messages, received{m.receipt, m.receipt, m.body, hex.EncodeToString(sum[:])})
	}
	s.lock.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(response)
}

func (s *store) delete(body []byte) {
	var deleted struct{ ReceiptHandle string }
	_ = json.Unmarshal(body, &deleted)
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, found := s.inFlight[deleted.ReceiptHandle]; found {
		delete(s.inFlight, deleted.ReceiptHandle)
		s.deleted.Add(1)
	}
}

// forget forgets what was recorded, such as that there was nothing yet.
func (s *store) forget() {
	s.lock.Lock()
	defer s.lock.Unlock()
	clear(s.same)
	clear(s.shaped)
}

// unrecorded are the shapes of the requests to which the store had no response.
func (s *store) unrecorded() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Sorted(maps.Keys(s.unknown))
}

func TestTheStoreRespondsToTheSameOrElseToTheSameShape(t *testing.T) {
	count := 0
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		count++
		w.Header().Set("X-Of", "the emulator")
		_, _ = fmt.Fprintf(w, "response %d", count)
	}))
	defer emulator.Close()
	s := newStore(t, emulator.URL)
	ask := func(body string) string {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader(body))
		request.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		text, _ := io.ReadAll(response.Body)
		return fmt.Sprint(response.StatusCode, " ", string(text), response.Header.Get("X-Of"))
	}
	ask(`{"TableName":"Carts","Key":{"userId":{"S":"anna"},"productId":{"S":"lamp"}}}`)
	ask(`{"TableName":"Carts","Key":{"userId":{"S":"ben"},"productId":{"S":"lamp"}}}`)
	ask(`{"TableName":"Carts","Key":{"userId":{"S":"checkout#ben"},"productId":{"S":"lamp"}}}`)
	s.recording.Store(false)
	for body, want := range map[string]string{
		`{"Key":{"productId":{"S":"lamp"},"userId":{"S":"anna"}},"TableName":"Carts"}`:           "200 response 1the emulator",
		`{"TableName":"Carts","Key":{"userId":{"S":"carl"},"productId":{"S":"lamp"}}}`:           "200 response 2the emulator",
		`{"TableName":"Carts","Key":{"userId":{"S":"checkout#carl"},"productId":{"S":"chair"}}}`: "200 response 3the emulator",
		`{"TableName":"Orders","Key":{"userId":{"S":"anna"},"productId":{"S":"lamp"}}}`:          "501 ",
		`{"TableName":"Carts","Key":{"userId":{"S":"inbox#carl"},"productId":{"S":"lamp"}}}`:     "501 ",
	} {
		if got := ask(body); got != want {
			t.Errorf("to %s it responds %q, want %q", body, got, want)
		}
	}
	if got := s.unrecorded(); len(got) != 2 || count != 3 {
		t.Errorf("got %d requests without a response and %d to the emulator, want 2 and 3", len(got), count)
	}
}

// The queue is read as a service reads it, in measurements. Its form is that of the bus.
func TestAnEventOfTheStoreIsOneOfTheBus(t *testing.T) {
	s := newStore(t, "")
	s.publish(events.OrderPlaced, events.Order{OrderID: "o-1"})
	m, err := event.Parse([]byte((<-s.messages).body))
	if err != nil || !m.Is(events.OrderPlaced) || m.ID != "event-1" || !strings.Contains(string(m.Detail), "o-1") {
		t.Errorf("got %+v, %v", m, err)
	}
}
