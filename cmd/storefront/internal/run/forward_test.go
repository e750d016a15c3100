package run

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A response may begin before the request has ended, and neither is cut off.
func TestAResponseThatBeginsEarly(t *testing.T) {
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := control.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "begun, ")
		_ = control.Flush()
		_, _ = io.Copy(w, r.Body)
	}))
	defer emulator.Close()
	to, err := url.Parse(emulator.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := newFront(http.DefaultTransport, http.NotFoundHandler())
	front.set(Front{URLs: map[string]string{"a": emulator.URL}})
	calls := newCalls()
	server := httptest.NewServer(calls)
	defer server.Close()
	calls.url = server.URL
	for name, test := range map[string]struct {
		proxy  http.Handler
		client *http.Client
	}{
		"to the emulator":             {newForward(to, http.DefaultTransport, &origin{}), http.DefaultClient},
		"to the API":                  {front, http.DefaultClient},
		"of a task to another server": {emulator.Config.Handler, clientOf(t, calls, "cart")},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.proxy)
			defer server.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // a proxy that waits for the whole body waits for ever
			defer cancel()
			body, rest := io.Pipe()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, io.MultiReader(strings.NewReader("a "), body))
			if err != nil {
				t.Fatal(err)
			}
			request.ContentLength = int64(len("a body"))
			response, err := test.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			if _, err := io.WriteString(rest, "body"); err != nil {
				t.Fatal(err)
			}
			_ = rest.Close()
			if got, err := io.ReadAll(response.Body); err != nil || string(got) != "begun, a body" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
