package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// anyApp runs the checks as a command on the smallest app with a service, whose stacks are not the storefront's. The app of
// another team, which is on the storefront's platform, cannot be checked alone.
func anyApp(t *testing.T, s *suite) {
	if s.target.Emulator == nil {
		s.notRun(t, "storefront sandbox test on another app: it is what runs here, on other stacks")
		return
	}
	hello := s.folder(t, "hello")
	build := exec.CommandContext(s.ctx, "go", "build", "-o", filepath.Join(hello, "hello"), "./examples/hello")
	build.Dir = s.root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build examples/hello: %v\n%s", err, output)
	}
	write(t, filepath.Join(hello, "cdk.json"), []byte(`{"app": "./hello"}`))
	status, out, problems := s.sandboxTest(t, hello)
	var report struct {
		Passed bool
		Checks []struct{ Name, Status string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != 0 || !report.Passed || len(report.Checks) != 11 {
		t.Fatalf("exit status %d, %v\n%s%s", status, err, out, problems)
	}
	for _, check := range report.Checks {
		if check.Status != "ok" {
			t.Errorf("%s: %s\n%s", check.Name, check.Status, out)
		}
	}
	const want = "sandbox: the app reads outputs of storefront-sandbox-identity, storefront-sandbox-platform, which another app defines, so it cannot be tested alone\n"
	if status, _, problems := s.sandboxTest(t, filepath.Join(s.dir, "wishlist")); status != 1 || problems != want {
		t.Errorf("another team's app: exit status %d, %s\nwant %s", status, problems, want)
	}
}

// sandboxTest runs the command in the folder of an app.
func (s *suite) sandboxTest(t *testing.T, dir string) (status int, out, problems string) {
	t.Helper()
	cache := filepath.Join(dir, ".cache", "sandbox")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(s.root, ".cache", "sandbox", "python"), filepath.Join(cache, "python")); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(s.ctx, filepath.Join(s.root, "bin", "storefront"), "sandbox", "test", "--json")
	var stdout, stderr strings.Builder
	command.Dir, command.Stdout, command.Stderr = dir, &stdout, &stderr
	command.Env = append(os.Environ(), "SANDBOX_PORT=") // that of this run is in use
	_ = command.Run()
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}
