package awstest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/storefront-cdk/storefront/services/internal/serve"
)

// Client sends requests to a service in a test. Each response must be as openapi.yaml describes it.
type Client struct {
	t      testing.TB
	URL    string
	user   string
	header http.Header
	router routers.Router
}

// Start runs a service until the end of the test. Variables are added to those of the stack.
func Start(t testing.TB, stack Stack, variables map[string]string, spec []byte, run func(context.Context, *serve.Service) error) *Client {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	document.Servers = nil
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{}
	maps.Copy(environment, stack.Environment)
	maps.Copy(environment, variables)
	environment["HOST"], environment["PORT"] = "127.0.0.1", "0"
	ctx, stop := context.WithCancel(context.Background())
	listening, ended := make(chan string, 1), make(chan error, 1)
	var log bytes.Buffer
	go func() {
		ended <- serve.Run(ctx, serve.Options{
			Getenv: func(name string) string { return environment[name] },
			AWS:    &stack.AWS, Output: &log, Now: true,
			Listening: func(address string) { listening <- address },
		}, run)
	}()
	select {
	case address := <-listening:
		t.Cleanup(func() {
			stop()
			if err := <-ended; err != nil {
				t.Errorf("the service: %v", err)
			}
			if t.Failed() {
				lines := strings.SplitAfter(log.String(), "\n")
				t.Logf("the end of the service's log:\n%s", strings.Join(lines[max(0, len(lines)-15):], ""))
			}
		})
		return &Client{t: t, URL: "http://" + address, router: router}
	case err := <-ended:
		stop()
		t.Fatalf("the service does not start: %v", err)
	case <-time.After(20 * time.Second):
		stop()
		t.Fatal("the service does not start within 20 s")
	}
	return nil
}

// At returns a client of a service that runs elsewhere. Its responses are not checked.
func At(t testing.TB, url string) *Client { return &Client{t: t, URL: url} }

// As returns a client whose requests are those of a user.
func (c Client) As(user string) *Client {
	c.user = user
	return &c
}

// With returns a client whose requests have a header.
func (c Client) With(name, value string) *Client {
	c.header = c.header.Clone()
	if c.header == nil {
		c.header = http.Header{}
	}
	c.header.Set(name, value)
	return &c
}

// In returns a client that reports to a test below the one that started the service.
func (c Client) In(t testing.TB) *Client {
	c.t = t
	return &c
}

// Response is a service's response.
type Response struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Body   []byte
}

// Get sends a GET request.
func (c *Client) Get(path string) Response { return c.Send(http.MethodGet, path, nil) }

// Put sends a PUT request with a JSON body.
func (c *Client) Put(path string, body any) Response { return c.Send(http.MethodPut, path, body) }

// Post sends a POST request with a JSON body.
func (c *Client) Post(path string, body any) Response { return c.Send(http.MethodPost, path, body) }

// Delete sends a DELETE request.
func (c *Client) Delete(path string) Response { return c.Send(http.MethodDelete, path, nil) }

// Send sends a request. A body that is a string is sent as it is, and any other as JSON.
func (c *Client) Send(method, path string, body any) Response {
	c.t.Helper()
	var reader io.Reader
	if text, ok := body.(string); ok {
		reader = strings.NewReader(text)
	} else if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.URL+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	maps.Copy(request.Header, c.header)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.user != "" {
		request.Header.Set(serve.HeaderUserID, c.user)
	}
	response, err := noRedirects.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	r := Response{c.t, method + " " + path, response.StatusCode, response.Header, text}
	c.validate(request, r)
	return r
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// validate checks a response against openapi.yaml, unless the request is to no operation.
func (c *Client) validate(request *http.Request, r Response) {
	c.t.Helper()
	if c.router == nil {
		return
	}
	route, parameters, err := c.router.FindRoute(request)
	if err != nil {
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
		Status:                 r.Status, Header: r.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	input.SetBodyBytes(r.Body)
	if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
		c.t.Errorf("%s: the response is not as openapi.yaml describes it: %v\n%s", r.what, err, r.Body)
	}
}

// Expect requires a status, and reads the JSON of the body into a value unless that is nil.
func (r Response) Expect(status int, into any) Response {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("%s: got status %d, want %d\n%s", r.what, r.Status, status, r.Body)
	}
	if into != nil {
		if err := json.Unmarshal(r.Body, into); err != nil {
			r.t.Fatalf("%s: %v\n%s", r.what, err, r.Body)
		}
	}
	return r
}

// ExpectProblem requires problem details with a status, and a detail that contains a text.
func (r Response) ExpectProblem(status int, detail string) {
	r.t.Helper()
	var p serve.Problem
	r.Expect(status, &p)
	if r.Header.Get("Content-Type") != "application/problem+json" || p.Status != status || !strings.Contains(string(r.Body), detail) {
		r.t.Errorf("%s: want problem+json with status %d and %q, got %s\n%s", r.what, status, detail, r.Header.Get("Content-Type"), r.Body)
	}
}
