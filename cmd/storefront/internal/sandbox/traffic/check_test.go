package traffic

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gateway is an app of two services on this machine: the harness with its stand-ins, and an API that forwards requests
// to them, with what a test breaks.
func gateway(t *testing.T, spoil func(service string, request *http.Request) (string, int)) *Harness {
	t.Helper()
	signedIn := &caller{
		user:   &user{subject: "me", id: "id-token", access: "access-token"},
		forged: map[string]string{notAToken: "x", "a token of another user pool": "foreign"},
	}
	h := &Harness{
		urls: map[string]string{"": ""}, target: Target{Client: http.DefaultClient, Address: "127.0.0.1"}, arrivals: &arrivals{seen: map[string][]arrival{}},
		routes: []*route{
			{stack: "shop-cart", logicalID: "Cart", method: "ANY", path: "/cart", service: "cart", signedIn: true, caller: signedIn},
			{stack: "shop-cart", logicalID: "Asked", method: "OPTIONS", path: "/cart", preflight: true},
			{stack: "shop-search", logicalID: "Search", method: "GET", path: "/search", service: "search"},
		},
		services: []*service{{name: "cart"}, {name: "search"}},
	}
	ports := map[string]string{}
	for _, s := range h.services {
		server, port, err := h.arrivals.standIn(s.name, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		ports[s.name] = "http://127.0.0.1:" + strconv.Itoa(port)
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r := pick(h.routes, request.Method, request.URL.Path)
		token := strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
		known := token == signedIn.user.id || token == signedIn.user.access
		var name string
		status := 0
		switch {
		case r == nil:
			status = http.StatusNotFound
		case r.service == "":
			status = http.StatusNoContent
		case r.signedIn && !known:
			status = http.StatusUnauthorized
		default:
			name = r.service
		}
		request.Header.Set("X-Microservice", name)
		request.Header.Set("X-Client-Ip", "127.0.0.1")
		request.Header.Del("X-User-Id")
		if r != nil && r.signedIn {
			request.Header.Set("X-User-Id", "me")
		}
		if spoil != nil {
			var code int
			if name, code = spoil(name, request); code != 0 {
				status = code
			}
		}
		if name == "" {
			w.WriteHeader(status)
			return
		}
		onwards, err := http.NewRequestWithContext(request.Context(), request.Method, ports[name]+request.URL.String(), request.Body)
		if err != nil {
			panic(err)
		}
		onwards.Header = request.Header
		answer, err := http.DefaultTransport.RoundTrip(onwards)
		if err != nil {
			panic(err)
		}
		defer func() { _ = answer.Body.Close() }()
		if status == 0 {
			status = answer.StatusCode
		}
		w.WriteHeader(status)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(api.Close)
	h.urls[""] = api.URL
	return h
}

func found(t *testing.T, h *Harness) []string {
	t.Helper()
	report, err := h.check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Requests < 30 {
		t.Errorf("got %d requests, want more", report.Requests)
	}
	var lines []string
	for _, finding := range report.Findings {
		lines = append(lines, finding.String())
	}
	return lines
}

func TestAGoodStorefront(t *testing.T) {
	h := gateway(t, nil)
	if got := found(t, h); len(got) > 0 {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
	report, err := h.CheckWithout(t.Context(), "cart")
	if err != nil {
		t.Fatal(err)
	}
	if want := "shop-cart: Cart: GET /cart after its stack was deleted: status: want 404, got 200 \"cart\""; len(report.Findings) == 0 || !slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.String() == want }) {
		t.Errorf("a service that was not deleted: got %v, want among them %s", report.Findings, want)
	}
	if _, err := h.CheckWithout(t.Context(), "orders"); err == nil {
		t.Error("without a service that is not there: got no error")
	}
}

func TestSpoiledStorefronts(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(service string, request *http.Request) (string, int)
		want  string // one of the findings
	}{
		"services swapped": {func(service string, _ *http.Request) (string, int) {
			return map[string]string{"cart": "search", "search": "cart"}[service], 0
		}, "shop-cart: Cart: PUT /cart with an ID token: arrives: want at cart, got at search"},
		"no authorizer": {
			func(string, *http.Request) (string, int) { return "cart", 0 },
			"shop-cart: Cart: GET /cart with a token of another user pool: arrives: want at no service, got at cart",
		},
		"no response": {
			func(string, *http.Request) (string, int) { return "", 503 },
			`shop-search: Search: GET /search without a token: status: want 200, got 503 ""`,
		},
		"user as forged": {func(service string, request *http.Request) (string, int) {
			request.Header.Set("X-User-Id", anotherUser)
			return service, 0
		}, `shop-search: Search: GET /search without a token: header x-user-id: want [], got ["11111111-1111-1111-1111-111111111111"]`},
		"user beside the forged one": {func(service string, request *http.Request) (string, int) {
			request.Header.Add("X-User-Id", anotherUser)
			return service, 0
		}, `shop-cart: Cart: GET /cart with an access token: header x-user-id: want ["me"], got ["me" "11111111-1111-1111-1111-111111111111"]`},
		"address as forged": {func(service string, request *http.Request) (string, int) {
			request.Header.Set("X-Client-Ip", anotherAddress)
			return service, 0
		}, `shop-search: Search: GET /search with an ID token: header x-client-ip: want ["127.0.0.1"], got ["203.0.113.66"]`},
		"name of the service lost": {func(service string, request *http.Request) (string, int) {
			request.Header.Del("X-Microservice")
			return service, 0
		}, `shop-search: Search: GET /search without a token: header x-microservice: want ["search"], got []`},
		"body lost": {func(service string, request *http.Request) (string, int) {
			request.Body = http.NoBody
			return service, 0
		}, `shop-cart: Cart: POST /cart with an ID token: body: want "{\"request\":16}", got ""`},
		"path lost": {func(service string, request *http.Request) (string, int) {
			request.URL.Path = "/"
			return service, 0
		}, "shop-search: Search: GET /search without a token: path: want /search, got /"},
		"method lost": {func(service string, request *http.Request) (string, int) {
			if request.Method == http.MethodPut {
				request.Method = http.MethodGet
			}
			return service, 0
		}, "shop-cart: Cart: PUT /cart with an ID token: method: want PUT, got GET"},
		"unknown paths": {func(service string, request *http.Request) (string, int) {
			if request.URL.Path == "/health" {
				return "search", 0
			}
			return service, 0
		}, "API: GET /health without a token: arrives: want at no service, got at search"},
		"questions need a token": {func(service string, request *http.Request) (string, int) {
			if request.Method == http.MethodOptions {
				return "", 401
			}
			return service, 0
		}, `shop-cart: Asked: OPTIONS /cart as browsers ask: status: want 204, got 401 ""`},
	} {
		if got := found(t, gateway(t, c.spoil)); !slices.Contains(got, c.want) {
			t.Errorf("%s: got %s\nwant among them %s", name, strings.Join(got, "\n"), c.want)
		}
	}
}

func TestARouteThatIsNeverPicked(t *testing.T) {
	h := gateway(t, nil)
	h.routes = append(h.routes, &route{stack: "s", logicalID: "Late", method: "GET", path: "/search", service: "search"})
	want := []string{"s: Late: requests for GET /search: want some, got none, since others are always picked before it"}
	if diff := cmp.Diff(want, found(t, h)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without stand-ins, what the API decides by itself is still checked.
func TestWithoutStandIns(t *testing.T) {
	h := gateway(t, func(service string, _ *http.Request) (string, int) {
		if service != "" {
			return "", 503 // there are no tasks either
		}
		return "", 0
	})
	h.target.Address = ""
	if got := found(t, h); len(got) > 0 {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
	report, err := h.check(t.Context(), nil)
	if err != nil || len(report.NotRun) != 1 {
		t.Errorf("got %v, %v, want one reason for what was not run", report.NotRun, err)
	}
	h = gateway(t, func(string, *http.Request) (string, int) { return "", 401 })
	h.target.Address = ""
	if got, want := found(t, h), "shop-cart: Cart: GET /cart with an ID token: status: want one of the service or of the load balancer, got 401"; !slices.Contains(got, want) {
		t.Errorf("got %v, want among them %s", got, want)
	}
}
