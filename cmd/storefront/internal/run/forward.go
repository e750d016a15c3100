package run

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// forward passes requests on to the emulator without TLS, so that neither programs nor a browser need its certificate. The host stays
// as it was, since it is part of what is signed.
type forward struct{ url string }

func newForward(emulator *url.URL, transport http.RoundTripper, page *origin) http.Handler {
	return patient{&httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(emulator)
			r.Out.Host = r.In.Host
			page.rewrite(r)
		},
		ModifyResponse: page.restore,
		ErrorHandler:   unreachable,
	}}
}

// patient is a proxy that leaves the body of a request open while it responds. Otherwise net/http closes it when the response begins,
// which may be before the transport has looked for the body's end. The transport would then get an error, and close the connection in
// the middle of the response.
type patient struct{ *httputil.ReverseProxy }

func (p patient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).EnableFullDuplex() // an error says that w does not close it
	p.ReverseProxy.ServeHTTP(w, r)
}

// toEmulator is a transport that closes connections before the emulator does, which is after five seconds.
func toEmulator(client *http.Client) http.RoundTripper {
	transport := client.Transport.(*http.Transport).Clone()
	transport.IdleConnTimeout = time.Second
	transport.MaxIdleConnsPerHost = 64
	return transport
}

func unreachable(w http.ResponseWriter, _ *http.Request, err error) {
	writeJSON(w, http.StatusBadGateway, map[string]string{"message": "the emulator does not respond: " + err.Error()})
}

// CheckPort returns an error if the front cannot listen on a port of 127.0.0.1.
func CheckPort(port string) error {
	_, closing, err := serve(port, http.NotFoundHandler())
	if err != nil {
		return taken(err)
	}
	closing()
	return nil
}

func taken(err error) error {
	return fmt.Errorf("%w: set %s to another port, or leave it out for a free one", err, PortVariable)
}

// serve serves on a free port of 127.0.0.1, or on the given one, until the returned function is called.
func serve(port string, handler http.Handler) (address string, closing func(), err error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort(loopback, port))
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
