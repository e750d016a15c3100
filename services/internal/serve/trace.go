package serve

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
)

// traceHeaders carry the trace of a request: that of W3C Trace Context, and that of AWS.
var traceHeaders = []string{"traceparent", "tracestate", "x-amzn-trace-id"}

// traceID returns the trace of a request, as 32 hexadecimal digits, or nothing.
func traceID(h http.Header) string {
	if parts := strings.Split(h.Get("traceparent"), "-"); len(parts) >= 4 && len(parts[1]) == 32 {
		return parts[1]
	}
	for part := range strings.SplitSeq(h.Get("x-amzn-trace-id"), ";") {
		// Root=1-5759e988-bd862e3fe1be46a994272793
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root=1-"); ok {
			return strings.ReplaceAll(root, "-", "")
		}
	}
	return ""
}

// traced adds trace_id to each line that belongs to a request.
type traced struct{ slog.Handler }

func (t traced) Handle(ctx context.Context, line slog.Record) error {
	if trace := of(ctx).trace; trace != "" {
		line.AddAttrs(slog.String("trace_id", trace))
	}
	return t.Handler.Handle(ctx, line)
}

func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }

// forwarding passes the trace of a request on to the services that are called for it.
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
