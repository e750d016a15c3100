package run

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serviceConnect is a proxy through which the tasks of cart may call catalog, and the client of such a task.
func serviceConnect(t *testing.T, timeout time.Duration) (*calls, *http.Client) {
	t.Helper()
	c := newCalls()
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	c.set([]Service{{Name: "catalog", Aliases: []Alias{{Name: "catalog", Port: 80, Timeout: timeout, Callers: []string{"cart"}}}}})
	return c, clientOf(t, c, "cart")
}

func clientOf(t *testing.T, c *calls, service string) *http.Client {
	t.Helper()
	through, err := url.Parse(c.admit(service+".1", service))
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through)}}
}

// task is a task of catalog.
func task(t *testing.T, c *calls, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c.add("catalog", server.Listener.Addr().String())
	return server
}

func ask(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	response, err := client.Post(url, "text/plain", strings.NewReader("a body"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func wantAnswer(t *testing.T, status int, body string, wantStatus int, wantBody string) {
	t.Helper()
	if status != wantStatus || !strings.Contains(body, wantBody) {
		t.Errorf("got %d %s, want %d %s", status, body, wantStatus, wantBody)
	}
}

func TestACall(t *testing.T) {
	c, cart := serviceConnect(t, time.Second)
	task(t, c, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Proxy-Authorization") != "" {
			t.Error("the callee sees the token of the caller")
		}
		_, _ = io.WriteString(w, r.Host+" "+r.URL.RequestURI()+" "+string(body))
	})
	status, body := ask(t, cart, "http://catalog/catalog/a%2Fb?c=d")
	wantAnswer(t, status, body, http.StatusOK, "catalog /catalog/a%2Fb?c=d a body")

	if got := c.count(); len(got) != 1 || got[edge{"cart", "catalog"}] != 1 {
		t.Errorf("got the counts %v, want one request of cart to catalog", got)
	}

	status, body = ask(t, cart, "http://catalog:8080/")
	wantAnswer(t, status, body, http.StatusBadGateway, "Service Connect has no name catalog:8080")
	status, body = ask(t, clientOf(t, c, "search"), "http://catalog/")
	wantAnswer(t, status, body, http.StatusServiceUnavailable, "admits no requests of search")
	if got := c.count(); len(got) != 1 {
		t.Errorf("got the counts %v, also of requests that were not sent", got)
	}
	c.withdraw("cart.1")
	status, body = ask(t, cart, "http://catalog/")
	wantAnswer(t, status, body, http.StatusProxyAuthRequired, "only tasks")
}

func TestACallIsSentAgain(t *testing.T) {
	c, cart := serviceConnect(t, 5*time.Second)
	gone, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.add("catalog", gone.Addr().String())
	_ = gone.Close()
	task(t, c, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") })
	for range 4 { // in turn, also to the one that is gone
		status, body := ask(t, cart, "http://catalog/")
		wantAnswer(t, status, body, http.StatusOK, "here")
	}
	c.remove("catalog", gone.Addr().String())

	arrived := atomic.Int64{}
	busy := task(t, c, func(w http.ResponseWriter, _ *http.Request) {
		arrived.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for _, endpoint := range c.endpoints["catalog"] {
		if endpoint != busy.Listener.Addr().String() {
			c.remove("catalog", endpoint)
		}
	}
	status, body := ask(t, cart, "http://catalog/")
	wantAnswer(t, status, body, http.StatusServiceUnavailable, "")
	if arrived.Load() != 3 {
		t.Errorf("want a request and two again, got %d", arrived.Load())
	}
	c.remove("catalog", busy.Listener.Addr().String())
	status, body = ask(t, cart, "http://catalog/")
	wantAnswer(t, status, body, http.StatusServiceUnavailable, "no task of catalog is healthy")
}

func TestACallThatTakesTooLong(t *testing.T) {
	c, cart := serviceConnect(t, 50*time.Millisecond)
	task(t, c, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the caller has gone
		<-r.Context().Done()
	})
	status, body := ask(t, cart, "http://catalog/")
	wantAnswer(t, status, body, http.StatusGatewayTimeout, "timeout")
}
