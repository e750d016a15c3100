package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/search/api"
)

// The suite, and what a search domain alone has, against a real OpenSearch, which make test-opensearch installs.
func TestInADomain(t *testing.T) {
	url := startOpenSearch(t)
	suite(t, map[string]string{domainURL: url})

	t.Run("it is rebuilt from the table", func(t *testing.T) {
		s := open(t, map[string]string{domainURL: url})
		s.becomes("q=laptop", func(r api.Results) bool { return r.Total == 1 }) // of the suite: the index has been filled
		s.changed(product("only-here", "Theodolite", "Photo", 100, ""))
		s.becomes("q=theodolite", func(r api.Results) bool { return r.Total == 1 })
		remove(t, url)
		if got := s.find(""); got.Total != 0 || len(got.Facets.Category) != 0 {
			t.Errorf("got %+v without an index", got)
		}
		runOnce(t, s.stack, rebuild)
		s.becomes("", func(r api.Results) bool { return r.Total == 1 && r.Items[0].ProductID == "only-here" })
		runOnce(t, s.stack, rebuild) // changes nothing
		if got := s.find("q=theodolite"); got.Total != 1 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a worker fills a new domain", func(t *testing.T) {
		remove(t, url)
		before := open(t, nil)
		before.changed(assortment...)
		before.becomes("", func(r api.Results) bool { return r.Total == len(assortment) })
		before.stack.Environment[domainURL] = url
		startWorker(t, before.stack)
		after := shop{awstest.Start(t, before.stack, nil, spec, search), t, before.stack}
		after.becomes("", func(r api.Results) bool { return r.Total == len(assortment) })
	})
}

// A role with read access may send GET and HEAD requests alone.
func TestASearchOnlyReads(t *testing.T) {
	requests := make(chan *http.Request, 10)
	url := stub(t, func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"hits":{"total":{"value":0},"hits":[]}}`)
	})
	s := awstest.Start(t, awstest.Deploy(t, "Search"), map[string]string{domainURL: url}, spec, search)
	s.Get("/search?q=lamp").Expect(http.StatusOK, nil)
	r := <-requests
	if r.Method != http.MethodGet || r.Header.Get("Authorization") == "" || r.Header.Get("X-Amz-Content-Sha256") == "" {
		t.Errorf("got %s with %v, want a signed GET", r.Method, r.Header)
	}
}

func TestADomainThatDoesNotRespondIsUnavailable(t *testing.T) {
	url := stub(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	s := awstest.Start(t, awstest.Deploy(t, "Search"), map[string]string{domainURL: url}, spec, search)
	s.Get("/search?q=lamp").ExpectProblem(http.StatusServiceUnavailable, "repeat the request")
	s.Get("/health").Expect(http.StatusOK, nil) // other tasks would have the same domain
}

// startOpenSearch returns the address of an OpenSearch, which ends with the test.
func startOpenSearch(t *testing.T) string {
	if os.Getenv("STOREFRONT_OPENSEARCH") == "" {
		t.Skip("this needs OpenSearch: run make test-opensearch (needs Java 17 and Maven)")
	}
	installed, err := filepath.Abs("../../.cache/opensearch")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	command := exec.Command("java", "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-cp", installed+"/classes:"+installed+"/lib/*", "Main", t.TempDir(), port)
	stop, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = t.Output(), t.Output()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stop.Close()
		_ = command.Wait()
	})
	url := "http://127.0.0.1:" + port
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if response, err := http.Get(url); err == nil { //nolint:gosec,noctx // it is on this machine
			_ = response.Body.Close()
			return url
		}
	}
	t.Fatal("OpenSearch does not respond within 2 minutes")
	return ""
}

func remove(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, url+"/"+indexName, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

// stub is a domain whose responses are those of a function.
func stub(t *testing.T, respond http.HandlerFunc) string {
	server := httptest.NewServer(respond)
	t.Cleanup(server.Close)
	return server.URL
}

func runOnce(t *testing.T, stack awstest.Stack, command func(context.Context, *serve.Service) error) {
	t.Helper()
	err := serve.Run(t.Context(), serve.Options{
		Getenv: func(name string) string { return stack.Environment[name] }, AWS: &stack.AWS, Output: t.Output(), Now: true,
	}, command)
	if err != nil {
		t.Fatal(err)
	}
}
