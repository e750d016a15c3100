package serve_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/serve"
)

const root = "5759e988bd862e3fe1be46a994272793"

// A request of the load balancer has a trace and no span, and one of another service has both.
func TestSpansOfARequestBelongToItsTrace(t *testing.T) {
	var called http.Header
	callee := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { called = r.Header }))
	defer callee.Close()
	collector := awstest.StartCollector(t)
	s := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}, func(ctx context.Context, s *serve.Service) error {
		return operations(func(_ http.ResponseWriter, r *http.Request) {
			request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, callee.URL, nil)
			if response, err := s.HTTP.Do(request); err == nil {
				_ = response.Body.Close()
			}
			s.Log.InfoContext(r.Context(), "of the handler")
		})(ctx, s)
	})
	s.get(t, "/things/1", http.Header{"X-Amzn-Trace-Id": {"Self=1-67891234-12456789abcdef012345678;Root=1-5759e988-bd862e3fe1be46a994272793"}})
	request, call := collector.Span("things", "GET /things/{id}"), collector.Span("things", "HTTP GET")
	if request.Trace != root || request.Parent != "" {
		t.Errorf("the span of the request is %+v, want it in the trace %s", request, root)
	}
	if call.Trace != root || call.Parent != request.ID {
		t.Errorf("the span of the call is %+v, want it below %+v", call, request)
	}
	if got, want := called.Get("traceparent"), "00-"+root+"-"+call.ID+"-01"; got != want {
		t.Errorf("the called service gets %q, want %q", got, want)
	}

	s.get(t, "/things/mine", http.Header{"X-User-Id": {"u"}, "X-Amzn-Trace-Id": {"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}})
	if got := collector.Span("things", "GET /things/mine"); got.Trace != root || got.Parent != "53995c3f42cd8ad8" {
		t.Errorf("with a parent of AWS the span is %+v", got)
	}
	s.finish(t)
	if want := `"msg":"of the handler","service":"things","trace_id":"` + root; !strings.Contains(s.log.String(), want) {
		t.Errorf("the log does not have %s:\n%s", want, &s.log)
	}
}

// Each poll of a queue would be a trace of its own, which costs and tells nothing.
func TestAnOperationOfAWSIsASpanOfItsRequest(t *testing.T) {
	amazon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "broken") {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, "{}")
	}))
	defer amazon.Close()
	collector := awstest.StartCollector(t)
	shared := aws.Config{Region: "us-east-2", BaseEndpoint: &amazon.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), RetryMaxAttempts: 1}
	for range 2 { // services of one test have one configuration
		s := startWith(t, shared, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}, func(ctx context.Context, s *serve.Service) error {
			client := sqs.NewFromConfig(s.AWS)
			_, _ = client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q")})
			return operations(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = client.DeleteMessage(r.Context(), &sqs.DeleteMessageInput{QueueUrl: aws.String("q"), ReceiptHandle: aws.String("broken")})
			})(ctx, s)
		})
		s.get(t, "/things/1", nil)
		s.finish(t)
	}
	if len(shared.APIOptions) > 0 {
		t.Error("the configuration of the caller is changed")
	}
	request, deleted := collector.Span("things", "GET /things/{id}"), collector.Span("things", "SQS.DeleteMessage")
	if deleted.Parent != request.ID || deleted.Trace != request.Trace || !deleted.Failed {
		t.Errorf("got %+v, want it failed and below %+v", deleted, request)
	}
	if got := collector.Spans(); len(got) != 4 {
		t.Errorf("want a request and its operation, twice, got %+v", got)
	}
}

func TestTheLastSpansAreExportedBeforeAServiceEnds(t *testing.T) {
	collector := awstest.StartCollector(t)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
	s := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}, operations(func(http.ResponseWriter, *http.Request) {}))
	s.get(t, "/things/1", nil)
	if got := collector.Spans(); len(got) > 0 {
		t.Fatalf("exported already: %+v", got)
	}
	s.finish(t)
	if got := collector.Spans(); len(got) != 1 {
		t.Errorf("got %+v, want one span", got)
	}
}

func TestACollectorThatHangsDoesNotDelayTheEnd(t *testing.T) {
	release := make(chan bool)
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	defer close(release)
	s := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": hanging.URL}, operations(func(http.ResponseWriter, *http.Request) {}))
	if status, _ := s.get(t, "/things/1", nil); status != http.StatusOK {
		t.Errorf("got %d", status)
	}
	began := time.Now()
	s.finish(t)
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %s to stop", took)
	}
	if !strings.Contains(s.log.String(), "the last traces are not exported") {
		t.Errorf("the log does not say it:\n%s", &s.log)
	}
}

func TestACollectorThatCannotBeUsedIsAnError(t *testing.T) {
	for want, variables := range map[string]map[string]string{
		`OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://127.0.0.1:4318, got "127.0.0.1:4318"`: {
			"OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:4318",
		},
		`OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, which is the protocol of port 4318, got "grpc"`: {
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
		},
	} {
		s := start(t, variables, operations(func(http.ResponseWriter, *http.Request) {}))
		if err := <-s.ended; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
