package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/storefront-cdk/storefront/services/internal/serve"
)

var spec = []byte(`
openapi: 3.0.3
info: {title: Test, version: 0.1.0}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {default: {description: anything}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {default: {description: anything}}
  /things/mine:
    get:
      security: [{user: []}]
      responses: {default: {description: anything}}
components:
  securitySchemes:
    user: {type: http, scheme: bearer}
`)

// service is a running service.
type service struct {
	url   string
	stop  func()
	ended chan error
	log   bytes.Buffer
}

func start(t *testing.T, variables map[string]string, run func(context.Context, *serve.Service) error) *service {
	t.Helper()
	return startWith(t, aws.Config{}, variables, run)
}

func startWith(t *testing.T, config aws.Config, variables map[string]string, run func(context.Context, *serve.Service) error) *service {
	t.Helper()
	environment := map[string]string{"SERVICE_NAME": "things", "PORT": "0", "HOST": "127.0.0.1"}
	for name, value := range variables {
		environment[name] = value
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &service{stop: stop, ended: make(chan error, 1)}
	listening := make(chan string, 1)
	go func() {
		s.ended <- serve.Run(ctx, serve.Options{
			Getenv: func(name string) string { return environment[name] }, AWS: &config, Output: &s.log, Now: variables["LATE"] == "",
			Listening: func(address string) { listening <- address },
		}, run)
	}()
	t.Cleanup(stop)
	select {
	case address := <-listening:
		s.url = "http://" + address
	case err := <-s.ended:
		s.ended <- err
	case <-time.After(10 * time.Second):
		t.Fatal("the service does not start")
	}
	return s
}

func operations(handle http.HandlerFunc) func(context.Context, *serve.Service) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{id}", handle)
	mux.HandleFunc("GET /things/mine", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, serve.UserID(r.Context())) })
	return func(ctx context.Context, s *serve.Service) error { return s.Serve(ctx, spec, mux) }
}

func (s *service) get(t *testing.T, path string, header http.Header) (int, string) {
	t.Helper()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func (s *service) finish(t *testing.T) {
	t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

func TestAnOperationWithSecurityNeedsAUser(t *testing.T) {
	s := start(t, nil, operations(func(http.ResponseWriter, *http.Request) {}))
	if status, body := s.get(t, "/things/mine", nil); status != http.StatusUnauthorized || !strings.Contains(body, "sign in first") {
		t.Errorf("got %d %s", status, body)
	}
	if status, body := s.get(t, "/things/mine", http.Header{"X-User-Id": {"u-1"}}); status != http.StatusOK || body != "u-1" {
		t.Errorf("got %d %s", status, body)
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	s := start(t, nil, operations(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "of the handler") }))
	response, err := http.Head(s.url + "/things/1")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || len(body) > 0 {
		t.Errorf("got %d %q", response.StatusCode, body)
	}
	s.finish(t)
	if !strings.Contains(s.log.String(), `"method":"HEAD"`) {
		t.Errorf("the log does not have the method:\n%s", &s.log)
	}
}

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		handle func() error
		status int
		detail string
	}{
		"a problem":   {func() error { return serve.Conflict("it is %s", "taken") }, http.StatusConflict, "it is taken"},
		"too slow":    {func() error { return context.DeadlineExceeded }, http.StatusServiceUnavailable, "repeat it"},
		"an error":    {func() error { return errors.New("the table's secret") }, http.StatusInternalServerError, "the service has failed"},
		"a panic":     {func() error { panic("the table's secret") }, http.StatusInternalServerError, "the service has failed"},
		"unavailable": {func() error { return serve.Unavailable("later") }, http.StatusServiceUnavailable, "later"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, nil, operations(func(w http.ResponseWriter, r *http.Request) { serve.Error(w, r, c.handle()) }))
			status, body := s.get(t, "/things/1", nil)
			var p serve.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil || status != c.status || p.Status != status || !strings.Contains(p.Detail, c.detail) {
				t.Errorf("got %d %s", status, body)
			}
			if strings.Contains(body, "secret") {
				t.Errorf("the client gets the text of an error: %s", body)
			}
			s.finish(t)
			if status >= 500 && !strings.Contains(s.log.String(), `"msg":"failed"`) {
				t.Errorf("the error is not in the log:\n%s", &s.log)
			}
		})
	}
}

// A caller that waits no longer is no failure of the service.
func TestARequestWhoseClientHasGoneIsNoFailure(t *testing.T) {
	begun := make(chan bool)
	s := start(t, nil, operations(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		serve.Error(w, r, fmt.Errorf("DynamoDB: %w", r.Context().Err()))
	}))
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-begun; leave() }()
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/things/1", nil)
	if _, err := http.DefaultClient.Do(request); err == nil {
		t.Fatal("got a response, want none")
	}
	s.finish(t)
	if log := s.log.String(); !strings.Contains(log, `"msg":"request"`) || strings.Contains(log, "failed") {
		t.Errorf("want the request in the log, and no failure:\n%s", log)
	}
}

func TestEachRequestIsALineOfTheLogWithItsTrace(t *testing.T) {
	var called http.Header
	callee := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { called = r.Header }))
	defer callee.Close()
	s := start(t, nil, func(ctx context.Context, s *serve.Service) error {
		return operations(func(_ http.ResponseWriter, r *http.Request) {
			request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, callee.URL, nil)
			if response, err := s.HTTP.Do(request); err == nil {
				_ = response.Body.Close()
			}
			s.Log.InfoContext(r.Context(), "of the handler")
		})(ctx, s)
	})
	const trace = "0af7651916cd43dd8448eb211c80319c"
	s.get(t, "/things/1", http.Header{"Traceparent": {"00-" + trace + "-b7ad6b7169203331-01"}})
	s.get(t, "/things/2", http.Header{"X-Amzn-Trace-Id": {"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}})
	s.finish(t)
	if got := called.Get("x-amzn-trace-id"); !strings.Contains(got, "5759e988") {
		t.Errorf("the called service gets the trace %q", got)
	}
	for _, want := range []string{
		`"msg":"of the handler","service":"things","trace_id":"` + trace,
		`"service":"things","method":"GET","route":"/things/{id}","status":200,"ms":`,
		`"trace_id":"5759e988bd862e3fe1be46a994272793"`,
	} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not have %s:\n%s", want, &s.log)
		}
	}
}

func TestAStoppingServiceFinishesItsRequests(t *testing.T) {
	arrived, finish := make(chan bool), make(chan bool)
	s := start(t, map[string]string{"LATE": "requests"}, operations(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- true
		<-finish
		_, _ = io.WriteString(w, "done")
	}))
	if status, _ := s.get(t, "/health", nil); status != http.StatusOK {
		t.Errorf("a service that takes requests is not ready: %d", status)
	}
	answered := make(chan string)
	go func() {
		_, body := s.get(t, "/things/1", nil)
		answered <- body
	}()
	<-arrived
	s.stop()
	time.Sleep(100 * time.Millisecond) // less than it still accepts requests for
	if status, _ := s.get(t, "/health", nil); status != http.StatusServiceUnavailable {
		t.Errorf("a stopping service is ready: %d", status)
	}
	if status, _ := s.get(t, "/health/live", nil); status != http.StatusOK {
		t.Errorf("a stopping service is not live: %d", status)
	}
	close(finish)
	if body := <-answered; body != "done" {
		t.Errorf("got %q", body)
	}
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

func TestMissingVariablesAreOneError(t *testing.T) {
	s := start(t, map[string]string{"PORT": ""}, func(ctx context.Context, s *serve.Service) error {
		_, _ = s.Env("THINGS_TABLE_NAME"), s.Env("CATALOG_URL")
		return s.Serve(ctx, spec, nil)
	})
	const want = "set the environment variables THINGS_TABLE_NAME, CATALOG_URL, PORT, as the service's task definition does"
	if err := <-s.ended; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAJobThatFailsStopsTheService(t *testing.T) {
	s := start(t, nil, func(ctx context.Context, s *serve.Service) error {
		s.Go(ctx, "index", func(context.Context) error { return errors.New("the disk is full") })
		return s.Serve(ctx, spec, http.NotFoundHandler())
	})
	if err := <-s.ended; err == nil || err.Error() != "index: the disk is full" {
		t.Errorf("got %v", err)
	}
}

func (s *service) send(t *testing.T, method, contentType, body string) *http.Response {
	t.Helper()
	request, _ := http.NewRequestWithContext(t.Context(), method, s.url+"/things/1", strings.NewReader(body))
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func TestAMethodThatAPathLacks(t *testing.T) {
	s := start(t, nil, operations(func(http.ResponseWriter, *http.Request) {}))
	got := s.send(t, http.MethodDelete, "", "")
	if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD, PUT" {
		t.Errorf("got %d, Allow %q", got.StatusCode, got.Header.Get("Allow"))
	}
}

func TestABodyOfAnotherType(t *testing.T) {
	s := start(t, nil, operations(func(http.ResponseWriter, *http.Request) {}))
	for _, contentType := range []string{"text/plain", ""} {
		if got := s.send(t, http.MethodPut, contentType, "{}"); got.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%q: got %d", contentType, got.StatusCode)
		}
	}
	if got := s.send(t, http.MethodPut, "", ""); got.StatusCode != http.StatusBadRequest {
		t.Errorf("without a body: got %d", got.StatusCode)
	}
}

func TestWhenToRepeatARequest(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		wait   string
	}{
		"too many":    {serve.TooMany(1500*time.Millisecond, "wait"), http.StatusTooManyRequests, "2"},
		"unavailable": {serve.Unavailable("later"), http.StatusServiceUnavailable, "1"},
		"too slow":    {context.DeadlineExceeded, http.StatusServiceUnavailable, "1"},
		"a conflict":  {serve.Conflict("taken"), http.StatusConflict, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, nil, operations(func(w http.ResponseWriter, r *http.Request) { serve.Error(w, r, c.err) }))
			if got := s.send(t, http.MethodGet, "", ""); got.StatusCode != c.status || got.Header.Get("Retry-After") != c.wait {
				t.Errorf("got %d, Retry-After %q", got.StatusCode, got.Header.Get("Retry-After"))
			}
		})
	}
}

// What the validation lets pass, and the generated server cannot decode, is a fault of the client.
func TestARequestThatCannotBeDecoded(t *testing.T) {
	var product struct {
		Price struct {
			Amount int64 `json:"amount"`
		} `json:"price"`
	}
	err := json.Unmarshal([]byte(`{"price": {"amount": 9223372036854775808}}`), &product)
	s := start(t, nil, operations(func(w http.ResponseWriter, r *http.Request) { serve.RequestError(w, r, err) }))
	got := s.send(t, http.MethodGet, "", "")
	body, _ := io.ReadAll(got.Body)
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `"field":"/price/amount"`) {
		t.Errorf("got %d %s", got.StatusCode, body)
	}
}
