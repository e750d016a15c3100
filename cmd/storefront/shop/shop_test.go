// Package shop tests the storefront as it runs on one machine: the programs of its services, deployed by storefront run up, behind
// the front and the API. What it finds wrong no test of a single service or template could find.
package shop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shop is the shop that runs.
var shop struct {
	URL, Endpoint string
	Services      []struct{ Service string }
}

// tool runs the tool in the root of the repository, and returns its standard output.
func tool(args ...string) ([]byte, error) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return nil, err
	}
	command := exec.Command(filepath.Join(root, "bin", "storefront"), args...)
	command.Dir, command.Stderr = root, os.Stderr
	return command.Output()
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	began := time.Now()
	_, before := tool("run", "status")
	out, err := tool("run", "up", "--json")
	if before != nil { // it was not running
		defer func() { _, _ = tool("run", "down") }()
	}
	if err == nil {
		err = json.Unmarshal(out, &shop)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "storefront run up: %v\n%s", err, out)
		return 1
	}
	fmt.Printf("%s, after %.1f s\n", shop.URL, time.Since(began).Seconds())
	return m.Run()
}

// needs skips a test of services that have no program yet.
func needs(t *testing.T, services ...string) {
	t.Helper()
	for _, name := range services {
		if !slices.ContainsFunc(shop.Services, func(s struct{ Service string }) bool { return s.Service == name }) {
			t.Skipf("%s has no program", name)
		}
	}
}

// answer is a response of the API.
type answer struct {
	status int
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

// value is the value at a path of keys and indexes, such as items.0.name, or nil. Without a path it is the whole.
func (a answer) value(path string) any {
	var value any
	if json.Unmarshal(a.body, &value) != nil {
		return nil
	}
	if path == "" {
		return value
	}
	for key := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			value = in[key]
		case []any:
			index := 0
			if _, err := fmt.Sscan(key, &index); err != nil || index >= len(in) {
				return nil
			}
			value = in[index]
		default:
			return nil
		}
	}
	return value
}

func (a answer) text(path string) string { text, _ := a.value(path).(string); return text }

func (a answer) items() []any { items, _ := a.value("items").([]any); return items }

var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask sends a request to the front, with a token or without, and with JSON or nothing.
func ask(token, method, path string, send any, headers ...string) (answer, error) {
	if token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	return askAt(shop.URL, method, path, send, headers...)
}

// askAt sends a request to a server, with JSON or nothing.
func askAt(url, method, path string, send any, headers ...string) (answer, error) {
	var body io.Reader
	if send != nil {
		text, err := json.Marshal(send)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, url+path, body)
	if err != nil {
		return answer{}, err
	}
	if send != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for n := 0; n+1 < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, text}, err
}

// want sends a request that must have a status.
func want(t *testing.T, status int, token, method, path string, send any, headers ...string) answer {
	t.Helper()
	got, err := ask(token, method, path, send, headers...)
	if err != nil {
		t.Fatal(err)
	}
	if got.status != status {
		t.Fatalf("%s %s: want %d, got %s", method, path, status, got)
	}
	return got
}

// patience is how long something that follows an event may take.
const patience = 3 * time.Minute

// eventually waits until a condition holds, and names what it waited for if it does not.
func eventually(t *testing.T, what string, holds func() error) {
	t.Helper()
	err := errors.New("it was not tried")
	for start := time.Now(); time.Since(start) < patience; time.Sleep(100 * time.Millisecond) {
		if err = holds(); err == nil {
			return
		}
	}
	t.Fatalf("%s: not within %s: %v", what, patience, err)
}

// signUp signs a new user up with the code that the emulator takes, and returns a token.
func signUp(t *testing.T) string {
	t.Helper()
	email := fmt.Sprintf("shopper-%d@example.com", time.Now().UnixNano())
	want(t, http.StatusAccepted, "", http.MethodPost, "/login/signup", map[string]string{"email": email})
	session := want(t, http.StatusOK, "", http.MethodPost, "/login/confirm",
		map[string]string{"email": email, "code": "123456", "password": "Storefront-2026!", "name": "A shopper"})
	return session.text("idToken")
}

// TestShop begins with what no service has died in: a message that a task has received stays invisible for a while if the task is
// killed.
func TestShop(t *testing.T) {
	t.Run("least privilege", testLeastPrivilege)
	t.Run("tour", testTour)
	t.Run("tour in a browser", testTourInABrowser)
	t.Run("a missing grant", testAMissingGrant)
	t.Run("events again", testEventsAgain)
	t.Run("an order for each checkout", testAnOrderForEachCheckout)
	t.Run("a catalog that hangs", testACatalogThatHangs)
	t.Run("a service that hangs", testAServiceThatHangs)
	t.Run("AWS does not respond", testAWSDoesNotRespond)
	t.Run("a service that dies", testAServiceThatDies)
	t.Run("contract", testContract)
}
