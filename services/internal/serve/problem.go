package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Problem is an error that the client gets as it is: problem details of RFC 9457.
type Problem struct {
	// Type is a URI that identifies the kind of problem. It is about:blank: Status says it.
	Type string `json:"type"`
	// Title is the text of Status.
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail is a sentence for the client: what is wrong, and what to send instead.
	Detail string `json:"detail,omitempty"`
	// Errors are the parts of the request that are not valid.
	Errors []Invalidity `json:"errors,omitempty"`

	header http.Header // of the response, such as Retry-After
}

// Invalidity is a part of a request that is not valid.
type Invalidity struct {
	// Field is a parameter, such as "limit", or a place in the body, such as "/price/amount".
	Field string `json:"field"`
	// Detail is what is wrong with it.
	Detail string `json:"detail"`
}

// Error returns the status and the detail.
func (p Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

func problem(status int, format string, values ...any) Problem {
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, values...)}
}

// Invalid is 400: the request is wrong in a way that openapi.yaml does not describe.
func Invalid(format string, values ...any) Problem {
	return problem(http.StatusBadRequest, format, values...)
}

// Unauthorized is 401: nobody is signed in.
func Unauthorized(format string, values ...any) Problem {
	return problem(http.StatusUnauthorized, format, values...)
}

// Forbidden is 403: the user may not do this.
func Forbidden(format string, values ...any) Problem {
	return problem(http.StatusForbidden, format, values...)
}

// NotFound is 404.
func NotFound(format string, values ...any) Problem {
	return problem(http.StatusNotFound, format, values...)
}

// Conflict is 409: what the request wants contradicts what is there.
func Conflict(format string, values ...any) Problem {
	return problem(http.StatusConflict, format, values...)
}

// Outdated is 412: the version in If-Match is not the current one.
func Outdated(format string, values ...any) Problem {
	return problem(http.StatusPreconditionFailed, format, values...)
}

// TooMany is 429: the client has to wait, which Retry-After says in whole seconds.
func TooMany(wait time.Duration, format string, values ...any) Problem {
	p := problem(http.StatusTooManyRequests, format, values...)
	p.header = http.Header{"Retry-After": {strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))}}
	return p
}

// Unavailable is 503: something that the service depends on does not respond, and the request may be repeated. Retry-After
// is a second, in which a task that does not respond is usually replaced in the routing.
func Unavailable(format string, values ...any) Problem {
	p := problem(http.StatusServiceUnavailable, format, values...)
	p.header = http.Header{"Retry-After": {"1"}}
	return p
}

// RequestError writes the error of a request that the generated server cannot decode, such as one with a number that is too large for
// its type: 400, or 413. It is the error handler of the generated server for requests.
func RequestError(w http.ResponseWriter, r *http.Request, err error) {
	Error(w, r, undecodable(err))
}

func undecodable(err error) Problem {
	var size *http.MaxBytesError
	var value *json.UnmarshalTypeError
	switch {
	case errors.As(err, &size):
		return problem(http.StatusRequestEntityTooLarge, "the body must be at most %d bytes", size.Limit)
	case errors.As(err, &value):
		p := Invalid("the request cannot be read: see errors")
		p.Errors = []Invalidity{{"/" + strings.ReplaceAll(value.Field, ".", "/"), value.Value + " is not a value that the service can read"}}
		return p
	}
	return Invalid("the request cannot be read: %v", err)
}

// Error writes an error as the response: a [Problem] as it is, and any other as 500 without its text, which is logged. It is the
// error handler of the generated server for responses.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	var p Problem
	var attempts *retry.MaxAttemptsError // of AWS, to which the SDK has repeated the request
	switch {
	case errors.As(err, &p):
	case errors.As(err, &attempts):
		p = Unavailable("what the service depends on does not respond: repeat the request")
	case errors.Is(err, context.DeadlineExceeded):
		p = Unavailable("the request took too long: repeat it")
	case errors.Is(r.Context().Err(), context.Canceled):
		p = Unavailable("the client has gone") // which is no failure of the service, and nobody reads it
	default:
		p = problem(http.StatusInternalServerError, "the service has failed; the error is in its log")
	}
	if p.Status >= http.StatusInternalServerError && !errors.Is(r.Context().Err(), context.Canceled) {
		logger(r.Context()).LogAttrs(r.Context(), slog.LevelError, "failed", slog.String("error", err.Error()))
	}
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
