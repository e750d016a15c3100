package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runHere runs the tool in a repository and returns its exit status and what it printed.
func runHere(t *testing.T, root string, args ...string) (status int, out, problems string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	var stdout, stderr strings.Builder
	command.Dir, command.Env, command.Stdout, command.Stderr = root, environment(), &stdout, &stderr
	_ = command.Run()
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// ofApp is a repository whose app is a command.
func ofApp(t *testing.T, app string) string {
	t.Helper()
	root := repository(t, true)
	if err := os.WriteFile(filepath.Join(root, "cdk.json"), fmt.Appendf(nil, `{"app": %q}`, app), 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

// hello is the program of examples/hello.
func hello(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "hello")
	if output, err := exec.CommandContext(t.Context(), "go", "-C", "../..", "build", "-o", binary, "./examples/hello").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return binary
}

// TestUpAndDown deploys an app of one public service, calls it, deploys it again and destroys it.
func TestUpAndDown(t *testing.T) {
	root := ofApp(t, hello(t))
	t.Cleanup(func() { _, _, _ = runHere(t, root, "sandbox", "down") })
	status, out, problems := runHere(t, root, "sandbox", "up", "--json")
	var up struct {
		Stacks []struct {
			Name, Status string
			Resources    []struct{ Type string }
		}
		Routes    []struct{ Service, Method, Path, URL string }
		Variables map[string]string
	}
	if err := json.Unmarshal([]byte(out), &up); err != nil || status != 0 {
		t.Fatalf("exit status %d, %v\n%s%s", status, err, out, problems)
	}
	if len(up.Stacks) != 2 || up.Stacks[1].Name != "hello-sandbox-hello" || up.Stacks[1].Status != "CREATE_COMPLETE" || len(up.Stacks[1].Resources) < 10 {
		t.Errorf("got the stacks %+v", up.Stacks)
	}
	if len(up.Routes) != 1 || up.Routes[0].Path != "/ping" || up.Routes[0].Service != "hello" {
		t.Fatalf("got the routes %+v", up.Routes)
	}
	pem, err := os.ReadFile(up.Variables["AWS_CA_BUNDLE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	for path, want := range map[string]string{
		"": `200 {"standIn": true, "service": "hello", "method": "GET", "path": "/ping", "userId": null, ` +
			`"message": "the sandbox answers for hello, of which no task runs here"}` + "\n",
		"/more": `404 {"message":"Not Found"}`,
	} {
		response, err := client.Get(up.Routes[0].URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if got := fmt.Sprint(response.StatusCode, " ", string(body)); strings.ReplaceAll(got, `: "N`, `:"N`) != want {
			t.Errorf("GET /ping%s: got %s, want %s", path, got, want)
		}
	}
	if status, _, problems := runHere(t, root, "sandbox", "token"); status != 1 || problems != "sandbox: no route of the app takes tokens of a user pool that it defines\n" {
		t.Errorf("sandbox token: exit status %d\n%s", status, problems)
	}

	start := time.Now()
	status, out, problems = runHere(t, root, "sandbox", "up")
	if status != 0 || !strings.Contains(out, ", nothing changed\n") || strings.Count(out, "no changes") != 2 {
		t.Errorf("up again: exit status %d\n%s%s", status, out, problems)
	}
	if want := "curl --cacert .cache/sandbox/run/certificate.pem '" + up.Routes[0].URL + "'   # hello\n"; !strings.Contains(out, want) {
		t.Errorf("up again: want the line %s in\n%s", want, out)
	}
	t.Logf("up again took %s", time.Since(start).Round(time.Millisecond))

	status, out, problems = runHere(t, root, "sandbox", "down", "--json")
	var down struct {
		Stacks []struct{ Name, Status string }
	}
	if err := json.Unmarshal([]byte(out), &down); err != nil || status != 0 || len(down.Stacks) != 2 ||
		down.Stacks[0].Name != "hello-sandbox-hello" || down.Stacks[0].Status != "destroyed" {
		t.Errorf("down: exit status %d, %v\n%s%s", status, err, out, problems)
	}
	nothingRuns(t, root)
}

// TestSandboxTest checks an app without services that is for any account and region.
func TestSandboxTest(t *testing.T) {
	plain, err := filepath.Abs("testdata/plain")
	if err != nil {
		t.Fatal(err)
	}
	root := ofApp(t, "sh -c 'mkdir -p $CDK_OUTDIR && cp "+plain+"/* $CDK_OUTDIR'")
	status, out, problems := runHere(t, root, "sandbox", "test", "--json")
	var report struct {
		Passed bool
		Checks []struct{ Name, Status string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != 0 || !report.Passed || len(report.Checks) != 11 {
		t.Fatalf("exit status %d, %v\n%s%s", status, err, out, problems)
	}
	var notRun []string
	for _, check := range report.Checks {
		if check.Status != "ok" {
			notRun = append(notRun, check.Name)
		}
	}
	if got, want := strings.Join(notRun, ", "), "routed, events, drift, rollback"; got != want {
		t.Errorf("not run: got %s, want %s\n%s", got, want, out)
	}
	nothingRuns(t, root)
}
