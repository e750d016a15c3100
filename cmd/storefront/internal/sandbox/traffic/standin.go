package traffic

import (
	"io"
	"net"
	"net/http"
	"sync"
)

// headerRequest numbers requests, to match those that are received with those that are sent.
const headerRequest = "X-Sandbox-Request"

// arrival is one request as a stand-in received it.
type arrival struct {
	service string
	request *http.Request
	body    string
}

// arrivals are the requests that all stand-ins received, by number.
type arrivals struct {
	mutex sync.Mutex
	seen  map[string][]arrival
}

func (a *arrivals) of(request string) []arrival {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.seen[request]
}

// standIn listens on a free port of an address in place of the tasks of a service. It responds to every request with 200 and
// the service's name.
func (a *arrivals) standIn(service, address string) (*http.Server, int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return nil, 0, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body) // a missing part is found by the comparison
		number := request.Header.Get(headerRequest)
		a.mutex.Lock()
		a.seen[number] = append(a.seen[number], arrival{service, request, string(body)})
		a.mutex.Unlock()
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, service)
	})}
	go func() { _ = server.Serve(listener) }()
	return server, listener.Addr().(*net.TCPAddr).Port, nil
}
