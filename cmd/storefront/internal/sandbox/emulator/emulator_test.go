package emulator

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	pythons "github.com/storefront-cdk/storefront/cmd/storefront/internal/python"
)

func TestServerErrors(t *testing.T) {
	e := &Emulator{state: state{Dir: t.TempDir()}}
	for file, text := range map[string]string{
		"answers.log": `{"status": 200, "method": "GET", "path": "/", "target": ""}
{"status": 404, "method": "GET", "path": "/nothing", "target": ""}
{"status": 500, "method": "POST", "path": "/", "target": "DynamoDB_20120810.PutItem"}
{"status": 503, "method": "GET", "path": "/_aws/execute-api/a/$default/cart", "target": ""}
`,
		"emulator.log": `2026-11-23 01:37:31 ERROR [cloudformation] Failed to delete replaced resource: Table is protected against deletion.
Traceback (most recent call last):
  File "app.py", line 1, in handle
KeyError: 'name'
`,
	} {
		if err := os.WriteFile(filepath.Join(e.Dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := e.ServerErrors()
	want := []string{
		"500 POST / DynamoDB_20120810.PutItem",
		"503 GET /_aws/execute-api/a/$default/cart ",
		"Traceback (most recent call last):",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got  %q, %v\nwant %q", got, err, want)
	}
}

// Settings for AWS, for another emulator and for Python do not reach the emulator.
func TestWithoutSettings(t *testing.T) {
	got := withoutSettings([]string{
		"PATH=/bin", "AWS_PROFILE=work", "AWS_SESSION_TOKEN=secret", "https_proxy=http://proxy", "HTTP_PROXY=http://proxy",
		"PYTHONPATH=/elsewhere", "MINISTACK_HOST=elsewhere", "LOCALSTACK_PERSISTENCE=1", "PERSIST_STATE=1", "HOME=/root",
	})
	if want := []string{"PATH=/bin", "HOME=/root"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A process that has exited stays a zombie until its parent waits for it, which this test does not.
func TestStopOfAZombie(t *testing.T) {
	t.Parallel()
	process := exec.Command("sleep", "600")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	e, stopped := &Emulator{state: state{Dir: t.TempDir(), PID: process.Process.Pid}}, make(chan struct{})
	go func() {
		e.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(10 * time.Second):
		t.Error("Stop has not returned")
	}
	_ = process.Wait()
}

// A correction of text that is not there stops the start, and names the function.
func TestRewriteOfTextThatIsNotThere(t *testing.T) {
	python, err := pythons.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("plugin/define.py")
	if err != nil {
		t.Fatal(err)
	}
	_, rewrite, _ := strings.Cut(string(source), "\ndef rewrite(")
	rewrite, _, _ = strings.Cut(rewrite, "\n\n\n")
	script := filepath.Join(t.TempDir(), "script.py")
	text := "import inspect\n\ndef answer():\n    return 'no'\n\ndef rewrite(" + rewrite + `

rewrite(answer, "'no'", "'yes'")
print(answer())
rewrite(answer, "'maybe'", "'yes'")
`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(python, script).CombinedOutput()
	if err == nil || !strings.HasPrefix(string(output), "yes\n") ||
		!strings.HasSuffix(string(output), "RuntimeError: __main__.answer: want once, got 0 times: 'maybe'\n") {
		t.Errorf("%v\n%s", err, output)
	}
}
