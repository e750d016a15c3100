package run

import (
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// front stands for the CDN: it has the files of the page, and sends everything else to the API.
type front struct {
	status http.Handler
	proxy  http.Handler

	mutex    sync.Mutex
	now      Front
	requests map[string]int // that were passed on to the routes of a service
}

// StatusPath is where the front says how the services are, for the page that draws them.
const StatusPath = "/.storefront/status"

func newFront(transport http.RoundTripper, status http.Handler) *front {
	f := &front{status: status, requests: map[string]int{}}
	f.proxy = patient{&httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			to := f.api(r.In)
			r.SetURL(to)
			r.Out.Host = to.Host
			r.SetXForwarded()
		},
		ErrorHandler: unreachable,
	}}
	return f
}

func (f *front) set(now Front) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.now = now
}

func (f *front) count() map[string]int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return maps.Clone(f.requests)
}

func (f *front) get() Front {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.now
}

// ServeHTTP responds with a file, with the page, or with what the API responds.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == StatusPath {
		f.status.ServeHTTP(w, r)
		return
	}
	now := f.get()
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if now.Dist == "" || !reads || now.route(r) != nil {
		f.proxy.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache") // a page that was built anew is seen
	file := filepath.Join(now.Dist, filepath.FromSlash(path.Clean("/"+r.URL.Path)))
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
		http.ServeFile(w, r, file)
		return
	}
	// Every path that a browser navigates to and that is no route of the API is one of the page, which reads it.
	index := filepath.Join(now.Dist, "index.html")
	if _, err := os.Stat(index); err == nil && strings.Contains(r.Header.Get("Accept"), "text/html") {
		// http.ServeFile would redirect it to the folder.
		serveIndex(w, r, index)
		return
	}
	w.Header().Del("Cache-Control")
	f.proxy.ServeHTTP(w, r)
}

// api is the URL of the API that has the route of a request, which it counts, or of the first one.
func (f *front) api(r *http.Request) *url.URL {
	now := f.get()
	id := ""
	if route := now.route(r); route != nil {
		f.mutex.Lock()
		f.requests[route.Service]++
		f.mutex.Unlock()
		id = route.API
	} else if ids := slices.Sorted(maps.Keys(now.URLs)); len(ids) > 0 {
		id = ids[0]
	}
	to, err := url.Parse(now.URLs[id])
	if err != nil {
		return &url.URL{}
	}
	return to
}

// route is the first route that has the path of a request, or nil.
func (f Front) route(r *http.Request) *Route {
	for n, route := range f.Routes {
		if onPath(route.Path, r.URL.Path) {
			return &f.Routes[n]
		}
	}
	return nil
}

// onPath reports whether a path is one of a route, such as /cart/{proxy+}. The page has all that only $default would match.
func onPath(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	for n, segment := range want {
		switch {
		case strings.HasSuffix(segment, "+}"):
			return len(got) > n
		case n >= len(got) || segment != got[n] && !strings.HasPrefix(segment, "{"):
			return false
		}
	}
	return len(want) == len(got)
}

func serveIndex(w http.ResponseWriter, r *http.Request, file string) {
	opened, err := os.Open(file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = opened.Close() }()
	info, err := opened.Stat()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "index.html", info.ModTime(), opened)
}
