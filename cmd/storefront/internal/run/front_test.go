package run

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

func TestTheFront(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "the API: "+r.Method+" "+r.URL.RequestURI())
	}))
	defer api.Close()
	dist := t.TempDir()
	for name, text := range map[string]string{"index.html": "the page", "main.js": "the code"} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := newFront(http.DefaultTransport, http.NotFoundHandler())
	f.set(Front{Dist: dist, Routes: []Route{{"a", "cart", "ANY", "/cart/{proxy+}"}, {"a", "search", "GET", "/search"}}, URLs: map[string]string{"a": api.URL + "/stage"}})
	front := httptest.NewServer(f)
	defer front.Close()
	for name, test := range map[string]struct{ method, path, accept, want string }{
		"a route":                     {"GET", "/cart/items/a%2Fb?c=d%20e", "", "the API: GET /stage/cart/items/a%2Fb?c=d%20e"},
		"a route, in a browser":       {"GET", "/search?q=a", "text/html", "the API: GET /stage/search?q=a"},
		"a file":                      {"GET", "/main.js", "", "the code"},
		"a page":                      {"GET", "/shop/products/p-1", "text/html,*/*", "the page"},
		"the first page":              {"GET", "/", "text/html", "the page"},
		"a file that is not there":    {"GET", "/nothing.js", "*/*", "the API: GET /stage/nothing.js"},
		"a path outside":              {"GET", "/../../etc/hostname", "*/*", "the API: GET /stage/../../etc/hostname"},
		"what only the API can do":    {"POST", "/shop", "text/html", "the API: POST /stage/shop"},
		"a name that begins the same": {"GET", "/searches", "text/html", "the page"},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequest(test.method, front.URL+test.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Accept", test.accept)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil || string(body) != test.want {
				t.Errorf("got %s, %v, want %s", body, err, test.want)
			}
		})
	}
	if got := f.count(); got["cart"] != 1 || got["search"] != 1 || len(got) != 2 {
		t.Errorf("got the counts %v, want a request to each of the routes", got)
	}
}

// A page of the front has the rights of a page of the environment, and no other page has.
func TestThePageOfTheFrontAtTheEndpoint(t *testing.T) {
	bucket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin == "https://shop.example.com" || origin == "http://localhost:9001" {
			w.Header().Set("Access-Control-Allow-Origin", origin)
		}
		_, _ = io.WriteString(w, r.Host)
	}))
	defer bucket.Close()
	to, err := url.Parse(bucket.URL)
	if err != nil {
		t.Fatal(err)
	}
	page := &origin{port: "9000"}
	endpoint := httptest.NewServer(newForward(to, http.DefaultTransport, page))
	defer endpoint.Close()
	allowed := func(sent string) string {
		request, err := http.NewRequest(http.MethodOptions, endpoint.URL+"/bucket", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "bucket.s3.example.com"
		if sent != "" {
			request.Header.Set("Origin", sent)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if host, err := io.ReadAll(response.Body); err != nil || string(host) != request.Host {
			t.Errorf("got the host %s, %v, which is signed", host, err)
		}
		return response.Header.Get("Access-Control-Allow-Origin")
	}
	if got := allowed("http://127.0.0.1:9000"); got != "" {
		t.Errorf("before the API is known: got %s", got)
	}
	page.admit([]string{"https://shop.example.com", "http://localhost:9001"})
	for sent, want := range map[string]string{
		"http://127.0.0.1:9000": "http://127.0.0.1:9000", "http://localhost:9000": "http://localhost:9000",
		"http://localhost:9001": "http://localhost:9001", "http://127.0.0.1:9002": "", "https://127.0.0.1:9000": "", "": "",
	} {
		if got := allowed(sent); got != want {
			t.Errorf("%s: got %q, want %q", sent, got, want)
		}
	}
}
