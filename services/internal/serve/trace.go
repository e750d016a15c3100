package serve

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

const (
	// endpointVariable is where the collector beside the task receives traces: see microservice.OpenTelemetryCollector.
	endpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"
	protocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL"
	protocol         = "http/protobuf"
	// exportWithin is for the spans that are left when a service stops. With lateRequests and stopWithin it is less than the 30
	// seconds after which ECS kills the task.
	exportWithin = 2 * time.Second
)

// traceHeaders carry the trace of a request: that of W3C Trace Context, and that of AWS.
var traceHeaders = []string{"traceparent", "tracestate", "x-amzn-trace-id"}

// tracing makes spans. Without a collector they are none.
type tracing struct {
	provider trace.TracerProvider
	tracer   trace.Tracer
	// end exports the spans that are left.
	end func(context.Context) error
}

// startTracing exports spans to the collector, if there is one. Its other settings are OpenTelemetry's own variables, such as
// OTEL_TRACES_SAMPLER.
func (s *Service) startTracing(ctx context.Context) error {
	s.tracing = tracing{noop.NewTracerProvider(), noop.Tracer{}, func(context.Context) error { return nil }}
	endpoint := s.Optional(endpointVariable)
	if endpoint == "" {
		return nil
	}
	base, err := url.Parse(endpoint)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return fmt.Errorf("%s must be a URL such as http://127.0.0.1:4318, got %q", endpointVariable, endpoint)
	}
	if got := s.Optional(protocolVariable); got != "" && got != protocol {
		return fmt.Errorf("%s must be %s, which is the protocol of port 4318, got %q", protocolVariable, protocol, got)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(base.JoinPath("v1", "traces").String()))
	if err != nil {
		return fmt.Errorf("export traces to %s: %w", endpoint, err)
	}
	of, err := resource.Merge(resource.Default(), resource.NewSchemaless(semconv.ServiceName(s.Name)))
	if err != nil {
		return fmt.Errorf("describe the service to the collector: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(of))
	s.tracing = tracing{provider, provider.Tracer("github.com/storefront-cdk/storefront/services/internal/serve"), provider.Shutdown}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { s.Log.Warn("traces are not exported", "error", err.Error()) }))
	s.HTTP.Transport = forwarding{otelhttp.NewTransport(http.DefaultTransport,
		otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithFilter(func(r *http.Request) bool { return inSpan(r.Context()) }))}
	s.AWS.APIOptions = append(s.AWS.APIOptions[:len(s.AWS.APIOptions):len(s.AWS.APIOptions)], s.tracing.aws)
	return nil
}

// stop exports the spans that are left.
func (t tracing) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportWithin)
	defer cancel()
	return t.end(ctx)
}

func inSpan(ctx context.Context) bool { return trace.SpanContextFromContext(ctx).IsValid() }

// server makes a span of each request. Its name is that of the operation: see [Service.handler].
func (t tracing) server(next http.Handler) http.Handler {
	if !t.exports() {
		return next
	}
	return otelhttp.NewHandler(next, "request", otelhttp.WithTracerProvider(t.provider), otelhttp.WithPropagators(headers{}))
}

func (t tracing) exports() bool {
	_, exports := t.provider.(*sdktrace.TracerProvider)
	return exports
}

// aws makes a span of each operation of a client of AWS, with its attempts, where it belongs to a request or an event. The attributes
// are those by which X-Ray recognizes a service of AWS.
func (t tracing) aws(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Trace", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		out middleware.InitializeOutput, metadata middleware.Metadata, err error,
	) {
		if !inSpan(ctx) { // such as the poll of a queue
			return next.HandleInitialize(ctx, in)
		}
		service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
		ctx, span := t.tracer.Start(ctx, service+"."+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", service), attribute.String("rpc.method", operation),
			attribute.String("aws.region", awsmiddleware.GetRegion(ctx))))
		out, metadata, err = next.HandleInitialize(ctx, in)
		if id, ok := awsmiddleware.GetRequestIDMetadata(metadata); ok {
			span.SetAttributes(attribute.String("aws.request_id", id))
		}
		end(span, err)
		return out, metadata, err
	}), middleware.After)
}

func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}

// Event starts the span in which an event is handled, and returns the function that ends it.
func (s *Service) Event(ctx context.Context, source, kind, id string) (context.Context, func(error)) {
	ctx, span := s.tracing.tracer.Start(ctx, source+" "+kind, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		semconv.MessagingSystemAWSSQS, semconv.MessagingOperationTypeProcess, semconv.MessagingMessageID(id)))
	return ctx, func(err error) { end(span, err) }
}

// headers reads the trace of a request as W3C Trace Context has it, or else as AWS has it.
type headers struct{ propagation.TraceContext }

func (h headers) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if found := h.TraceContext.Extract(ctx, carrier); inSpan(found) {
		return found
	}
	if found := (xray.Propagator{}).Extract(ctx, carrier); inSpan(found) {
		return found
	}
	// API Gateway and the load balancer make a trace without a span of their own, which that propagator does not read.
	id, err := trace.TraceIDFromHex(amazonTrace(carrier.Get("x-amzn-trace-id")))
	if err != nil {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, Remote: true}))
}

// traceID returns the trace of a request, as 32 hexadecimal digits, or nothing.
func traceID(h http.Header) string {
	if parts := strings.Split(h.Get("traceparent"), "-"); len(parts) >= 4 && len(parts[1]) == 32 {
		return parts[1]
	}
	return amazonTrace(h.Get("x-amzn-trace-id"))
}

// amazonTrace returns the trace of a header of AWS, such as Root=1-5759e988-bd862e3fe1be46a994272793.
func amazonTrace(header string) string {
	for part := range strings.SplitSeq(header, ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root=1-"); ok {
			return strings.ReplaceAll(root, "-", "")
		}
	}
	return ""
}

// traced adds trace_id to each line that belongs to a request or, with a collector, to an event.
type traced struct{ slog.Handler }

func (t traced) Handle(ctx context.Context, line slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		line.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	} else if trace := of(ctx).trace; trace != "" {
		line.AddAttrs(slog.String("trace_id", trace))
	}
	return t.Handler.Handle(ctx, line)
}

func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }

// forwarding passes the trace of a request on to the services that are called for it. With a collector, the span of the call
// takes the place of its traceparent.
type forwarding struct{ http.RoundTripper }

func (f forwarding) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for _, name := range traceHeaders {
		if value := of(r.Context()).header.Get(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	return f.RoundTripper.RoundTrip(r)
}
