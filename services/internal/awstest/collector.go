package awstest

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector receives the spans of services in a test, as the collector beside a task does.
type Collector struct {
	// URL is what OTEL_EXPORTER_OTLP_ENDPOINT is set to.
	URL string

	t     testing.TB
	lock  sync.Mutex
	spans []Span
}

// Span is a span that was exported.
type Span struct {
	// Service and Name are those of the service and of the operation.
	Service, Name string
	// Trace, ID and Parent are hexadecimal. Parent is empty where there is none.
	Trace, ID, Parent string
	// Failed is whether its status is an error.
	Failed bool
}

// StartCollector starts a collector, to which spans come soon and not every five seconds.
func StartCollector(t *testing.T) *Collector {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20") // milliseconds
	c := &Collector{t: t}
	server := httptest.NewServer(http.HandlerFunc(c.receive))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func (c *Collector) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var received collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &received)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		c.t.Errorf("the collector got %s of %d bytes: %v", r.URL.Path, len(body), err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, of := range received.ResourceSpans {
		service := ""
		for _, attribute := range of.Resource.Attributes {
			if attribute.Key == "service.name" {
				service = attribute.Value.GetStringValue()
			}
		}
		for _, scope := range of.ScopeSpans {
			for _, span := range scope.Spans {
				c.spans = append(c.spans, Span{
					service, span.Name, hex.EncodeToString(span.TraceId), hex.EncodeToString(span.SpanId), hex.EncodeToString(span.ParentSpanId),
					span.Status.GetCode().Number() == 2,
				})
			}
		}
	}
}

// Spans returns what was exported so far.
func (c *Collector) Spans() []Span {
	c.lock.Lock()
	defer c.lock.Unlock()
	return append([]Span(nil), c.spans...)
}

// Span returns the first span of an operation of a service, and waits for it.
func (c *Collector) Span(service, name string) Span {
	c.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for _, span := range c.Spans() {
			if span.Service == service && span.Name == name {
				return span
			}
		}
	}
	c.t.Fatalf("there is no span %q of %s: %+v", name, service, c.Spans())
	return Span{}
}
