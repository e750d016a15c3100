package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	middleware "github.com/oapi-codegen/nethttp-middleware"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

const (
	// HeaderUserID is the verified user. API Gateway overwrites it on routes that need a user and removes it on the others.
	HeaderUserID = "x-user-id"
	// requestTimeout ends a request before a caller does: a proxy of Service Connect after 10 seconds, API Gateway after 30.
	requestTimeout = 9 * time.Second
	maxBody        = 1 << 20
)

// requested is what the context of a request has.
type requested struct {
	user   string
	header http.Header
	trace  string
	log    *slog.Logger
}

type key struct{}

func of(ctx context.Context) requested {
	r, _ := ctx.Value(key{}).(requested)
	return r
}

// UserID returns the user of a request, or nothing on an operation without security.
func UserID(ctx context.Context) string { return of(ctx).user }

func logger(ctx context.Context) *slog.Logger {
	if log := of(ctx).log; log != nil {
		return log
	}
	return slog.Default()
}

// stopping is whether the service has been asked to stop.
type stopping struct{ atomic.Bool }

// health answers the health checks, which are not operations of the API.
func (s *stopping) health(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/health/live":
			w.WriteHeader(http.StatusOK)
		case r.URL.Path == "/health" && s.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/health":
			w.WriteHeader(http.StatusOK)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// handler validates, logs and limits the requests of the operations.
func (s *Service) handler(spec []byte, operations http.Handler) (http.Handler, error) {
	document, err := openapi3.NewLoader().LoadFromData(spec)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	validated := middleware.OapiRequestValidatorWithOptions(document, &middleware.Options{
		DoNotValidateServers: true,
		Options: openapi3filter.Options{
			MultiError: true,
			AuthenticationFunc: func(_ context.Context, input *openapi3filter.AuthenticationInput) error {
				if input.RequestValidationInput.Request.Header.Get(HeaderUserID) == "" {
					return Unauthorized("sign in first: this needs a user")
				}
				return nil
			},
		},
		ErrorHandlerWithOpts: func(_ context.Context, err error, w http.ResponseWriter, r *http.Request, _ middleware.ErrorHandlerOpts) {
			Error(w, r, invalid(router, r, err))
		},
	})(operations)

	return s.tracing.server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		r = r.WithContext(context.WithValue(ctx, key{}, requested{r.Header.Get(HeaderUserID), r.Header, traceID(r.Header), s.Log}))
		method := r.Method
		if method == http.MethodHead { // a GET, of whose response net/http sends the header alone
			r.Method = http.MethodGet
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		recorded := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if raised := recover(); raised != nil {
				if !recorded.started {
					Error(recorded, r, fmt.Errorf("panic: %v", raised))
				}
				recorded.status = http.StatusInternalServerError
			}
			span := trace.SpanFromContext(r.Context())
			span.SetName(method + " " + route(r))
			span.SetAttributes(semconv.HTTPRoute(route(r)))
			s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", method), slog.String("route", route(r)), slog.Int("status", recorded.status),
				slog.Float64("ms", float64(time.Since(start).Microseconds())/1000))
		}()
		validated.ServeHTTP(recorded, r)
	})), nil
}

// route is the pattern of the operation, so that logs can be counted by it, or the path of a request to none.
func route(r *http.Request) string {
	if _, pattern, ok := strings.Cut(r.Pattern, " "); ok {
		return pattern
	}
	return r.URL.Path
}

// methods are those of the operations that a path has.
func methods(router routers.Router, r *http.Request) []string {
	var all []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodPut} {
		asked := r.Clone(r.Context())
		if asked.Method = method; method == http.MethodHead {
			asked.Method = http.MethodGet
		}
		if _, _, err := router.FindRoute(asked); err == nil {
			all = append(all, method)
		}
	}
	return all
}

// invalid returns what is wrong with a request that the validation has refused.
func invalid(router routers.Router, r *http.Request, err error) error {
	var p Problem
	var size *http.MaxBytesError
	var request *openapi3filter.RequestError
	switch {
	case errors.Is(err, routers.ErrMethodNotAllowed):
		p = problem(http.StatusMethodNotAllowed, "%s has no %s", r.URL.Path, r.Method)
		p.header = http.Header{"Allow": {strings.Join(methods(router, r), ", ")}}
		return p
	case errors.Is(err, routers.ErrPathNotFound):
		return NotFound("there is no %s", r.URL.Path)
	case errors.As(err, &size):
		return undecodable(err)
	case errors.As(err, &p):
		return p
	case errors.As(err, &request) && request.RequestBody != nil && !errors.Is(err, openapi3filter.ErrInvalidRequired) &&
		request.RequestBody.Content.Get(r.Header.Get("Content-Type")) == nil:
		return problem(http.StatusUnsupportedMediaType, "the body must be %s: say so in Content-Type",
			strings.Join(slices.Sorted(maps.Keys(request.RequestBody.Content)), " or "))
	}
	p = Invalid("the request is not as openapi.yaml describes it: see errors")
	p.Errors = invalidities(err, "")
	return p
}

// invalidities are the parts of a request that are not valid. The text of kin-openapi's errors has the whole schema and value, so
// only their reason is used.
func invalidities(err error, field string) []Invalidity {
	var all []Invalidity
	var several openapi3.MultiError
	var request *openapi3filter.RequestError
	var schema *openapi3.SchemaError
	var security *openapi3filter.SecurityRequirementsError
	switch {
	case errors.As(err, &several) && !isRequest(err):
		for _, one := range several {
			all = append(all, invalidities(one, field)...)
		}
	case errors.As(err, &request):
		if request.Parameter != nil {
			field = request.Parameter.Name
		}
		if request.Err == nil {
			return []Invalidity{{field, request.Reason}}
		}
		return invalidities(request.Err, field)
	case errors.As(err, &schema):
		if path := strings.Join(schema.JSONPointer(), "/"); path != "" {
			field += "/" + path
		}
		return []Invalidity{{field, schema.Reason}}
	case errors.As(err, &security):
		return []Invalidity{{HeaderUserID, "required"}}
	default:
		return []Invalidity{{field, err.Error()}}
	}
	return all
}

func isRequest(err error) bool {
	_, is := err.(*openapi3filter.RequestError) //nolint:errorlint // the outermost error decides where the field's name is
	return is
}

// recorder remembers the status of a response.
type recorder struct {
	http.ResponseWriter
	status  int
	started bool
}

func (r *recorder) WriteHeader(status int) {
	r.status, r.started = status, true
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(data []byte) (int, error) {
	r.started = true
	return r.ResponseWriter.Write(data)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
