package run

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// calls stands for the proxies of Service Connect. Tasks send their plain HTTP requests to it; it resolves the names of services
// that the caller may call, to the tasks that are healthy, in turn.
type calls struct {
	url string

	mutex     sync.Mutex
	tokens    map[string]string   // the service of a task, by the task's token
	aliases   map[string]target   // by name and port
	endpoints map[string][]string // the addresses of healthy tasks, by service
	counts    map[edge]int        // the requests that were sent
	turn      atomic.Uint64
}

type target struct {
	service string
	Alias
}

// edge is the call of one service by another.
type edge struct{ caller, callee string }

func newCalls() *calls {
	return &calls{tokens: map[string]string{}, aliases: map[string]target{}, endpoints: map[string][]string{}, counts: map[edge]int{}}
}

func (c *calls) count() map[edge]int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return maps.Clone(c.counts)
}

// set replaces the names that resolve.
func (c *calls) set(services []Service) {
	aliases := map[string]target{}
	for _, s := range services {
		for _, alias := range s.Aliases {
			aliases[net.JoinHostPort(alias.Name, strconv.Itoa(alias.Port))] = target{s.Name, alias}
		}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.aliases = aliases
}

// admit returns the URL through which a task of a service sends its requests.
func (c *calls) admit(task, service string) string {
	token := rand.Text()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.tokens[task+":"+token] = service
	return strings.Replace(c.url, "://", "://"+task+":"+token+"@", 1)
}

func (c *calls) withdraw(task string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	maps.DeleteFunc(c.tokens, func(key, _ string) bool { return strings.HasPrefix(key, task+":") })
}

func (c *calls) add(service, endpoint string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.endpoints[service] = append(slices.Clone(c.endpoints[service]), endpoint)
}

func (c *calls) remove(service, endpoint string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.endpoints[service] = slices.DeleteFunc(slices.Clone(c.endpoints[service]), func(each string) bool { return each == endpoint })
}

// largest is the longest body of a request, which is kept to send it again.
const largest = 32 << 20

// ServeHTTP forwards a request of a task.
func (c *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller := c.caller(r)
	if caller == "" {
		w.Header().Set("Proxy-Authenticate", `Basic realm="Service Connect"`)
		http.Error(w, "only tasks send requests through here", http.StatusProxyAuthRequired)
		return
	}
	if r.Method == http.MethodConnect || r.URL.Host == "" {
		http.Error(w, "only plain HTTP requests are sent through here", http.StatusMethodNotAllowed)
		return
	}
	r.Header.Del("Proxy-Authorization")
	port := r.URL.Port()
	if port == "" {
		port = "80"
	}
	c.mutex.Lock()
	to, known := c.aliases[net.JoinHostPort(r.URL.Hostname(), port)]
	c.mutex.Unlock()
	switch {
	case !known && strings.Contains(r.URL.Hostname(), "."):
		outside.ServeHTTP(w, r)
	case !known:
		http.Error(w, fmt.Sprintf("Service Connect has no name %s:%s", r.URL.Hostname(), port), http.StatusBadGateway)
	case !slices.Contains(to.Callers, caller):
		http.Error(w, fmt.Sprintf("the security group of %s admits no requests of %s, which declares no call of it", to.service, caller), http.StatusServiceUnavailable)
	default:
		c.mutex.Lock()
		c.counts[edge{caller, to.service}]++
		c.mutex.Unlock()
		c.call(w, r, to)
	}
}

// caller is the service of the task that sends a request, or nothing.
func (c *calls) caller(r *http.Request) string {
	encoded, ok := strings.CutPrefix(r.Header.Get("Proxy-Authorization"), "Basic ")
	pair, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return ""
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.tokens[string(pair)]
}

// outside forwards a request to a host that is no service.
var outside = patient{&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: &http.Transport{}}}

// to tasks no connection is kept: one of a task that is being stopped would fail.
var transport = &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: time.Second}).DialContext}

// again is how often a request is sent again after a failed connection or a 503.
const again = 2

func (c *calls) call(w http.ResponseWriter, r *http.Request, to target) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), to.Timeout)
	defer cancel()
	for attempt := 0; ; attempt++ {
		response, err := c.send(ctx, r, to, body)
		var dial *net.OpError
		failed := errors.As(err, &dial) && dial.Op == "dial" || err == nil && response.StatusCode == http.StatusServiceUnavailable
		switch {
		case ctx.Err() != nil:
			http.Error(w, "upstream request timeout", http.StatusGatewayTimeout)
		case failed && attempt < again:
			if err == nil {
				_ = response.Body.Close()
			}
			continue
		case err != nil:
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		default:
			copyResponse(w, response)
		}
		return
	}
}

// send sends a request to the next healthy task.
func (c *calls) send(ctx context.Context, r *http.Request, to target, body []byte) (*http.Response, error) {
	c.mutex.Lock()
	endpoints := c.endpoints[to.service]
	c.mutex.Unlock()
	if len(endpoints) == 0 {
		return nil, fmt.Errorf("no task of %s is healthy", to.service)
	}
	request := r.Clone(ctx)
	request.RequestURI, request.Host = "", r.URL.Host
	request.URL = &url.URL{Scheme: "http", Host: endpoints[c.turn.Add(1)%uint64(len(endpoints))], Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	request.Body, request.ContentLength = http.NoBody, int64(len(body))
	if len(body) > 0 {
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	for _, hop := range []string{"Connection", "Proxy-Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		request.Header.Del(hop)
	}
	return transport.RoundTrip(request)
}

func copyResponse(w http.ResponseWriter, response *http.Response) {
	defer func() { _ = response.Body.Close() }()
	maps.Copy(w.Header(), response.Header)
	w.Header().Del("Connection")
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}
