package project

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The service is added to the package that go run compiles.
func TestMainPackage(t *testing.T) {
	for app, want := range map[string]string{
		"go run .": ".", "go run ./cmd/shop/": "cmd/shop", "go run main.go": ".", "go run cmd/shop/main.go": "cmd/shop",
		"go mod download && go run shop.go": ".", "go run -tags a .": ".", "./shop": ".",
	} {
		if got := (&Project{App: app}).Main(); got != filepath.FromSlash(want) {
			t.Errorf("%s: got %q, want %q", app, got, want)
		}
	}
}

// Two commands at once would remove each other's files.
func TestLock(t *testing.T) {
	p := &Project{Root: t.TempDir()}
	unlock, err := p.Lock("sandbox")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Lock("templates"); err != nil {
		t.Errorf("another name: %v", err)
	}
	want := "another command works on the sandbox of " + p.Root + ": wait until it has ended"
	if _, err := p.Lock("sandbox"); err == nil || err.Error() != want {
		t.Errorf("a second one: got %v, want %s", err, want)
	}
	unlock()
	if _, err := p.Lock("sandbox"); err != nil {
		t.Errorf("after the first one: %v", err)
	}
}

// Only what go run compiles alone is compiled first.
func TestBuildLeavesOtherCommands(t *testing.T) {
	for _, app := range []string{"./shop", "go run -tags a .", "go run 'a b'", "go mod download && go run ."} {
		if got, err := (&Project{Root: t.TempDir(), App: app}).Build(t.Context(), io.Discard); err != nil || got != app {
			t.Errorf("%s: got %q, %v", app, got, err)
		}
	}
}

func TestFindWithoutAnApp(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "cdk.json")
	for text, want := range map[string]string{
		`{}`:          file + ` has no app: write { "app": "go run ." }`,
		`{"app": ""}`: file + ` has no app: write { "app": "go run ." }`,
		`{"app": `:    file + ": unexpected end of JSON input",
	} {
		write(t, file, text)
		if _, err := Find(dir); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestNPMReason(t *testing.T) {
	for name, test := range map[string]struct{ output, want string }{
		"nothing":       {"", "it printed nothing"},
		"another lock":  {"npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when …\n", "package-lock.json does not match package.json: run npm install, and commit what it changes"},
		"no network":    {"npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\nnpm error network request failed\nnpm error network more\n", "network request failed"},
		"only its code": {"npm error code E404\n", "code E404"},
	} {
		if got := npmReason(test.output); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// In a repository of several projects the lock file may be above the app, and there may be others.
func TestPinned(t *testing.T) {
	const (
		pins  = `{"packages": {"node_modules/aws-cdk": {"version": "2.1148.1"}}}`
		other = `{"packages": {"node_modules/aws-cdk-lib": {"version": "2.276.0"}, "node_modules/vite": {"version": "8.0.0"}}}`
	)
	for name, test := range map[string]struct {
		locks map[string]string
		want  string
	}{
		"beside cdk.json":      {map[string]string{"repo/apps/clinic": pins, "repo": pins}, "repo/apps/clinic"},
		"above cdk.json":       {map[string]string{"repo": pins}, "repo"},
		"the nearest":          {map[string]string{"repo/apps": pins, "repo": pins}, "repo/apps"},
		"not of a page":        {map[string]string{"repo/apps/clinic": other, "repo/apps": other, "repo": pins}, "repo"},
		"only of other things": {map[string]string{"repo": other}, "repo/apps/clinic"},
		"none":                 {nil, "repo/apps/clinic"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "repo/apps/clinic/cdk.json"), `{"app": "go run ."}`)
			for folder, text := range test.locks {
				write(t, filepath.Join(dir, folder, "package-lock.json"), text)
			}
			p, err := Find(filepath.Join(dir, "repo/apps/clinic"))
			if err != nil {
				t.Fatal(err)
			}
			want := filepath.Join(dir, test.want)
			if got := p.Pinned(); got != want {
				t.Errorf("Pinned() = %s, want %s", got, want)
			}
			bin := filepath.Join(want, "node_modules", ".bin")
			if got, want := p.Bin("cdk"), filepath.Join(bin, "cdk"); got != want {
				t.Errorf("Bin(cdk) = %s, want %s", got, want)
			}
			if path := "PATH=" + bin + string(os.PathListSeparator); !hasPrefix(p.Environ(), path) {
				t.Errorf("no variable of the environment begins with %s", path)
			}
		})
	}
}

func hasPrefix(values []string, prefix string) bool {
	for _, value := range values {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	return false
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What Go itself suggests is go get of the version v0.0.0, which a copy of the library on this machine does not have.
func TestBuildWithoutASumInGoSum(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cdk.json"), `{"app": "go run ."}`)
	write(t, filepath.Join(dir, "bin", "go"), "#!/bin/sh\necho 'event.go:11:2: missing go.sum entry for module providing package b'\nexit 1\n")
	if err := os.Chmod(filepath.Join(dir, "bin", "go"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
	p, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Build(t.Context(), io.Discard)
	if err == nil || !strings.HasSuffix(err.Error(), "\ngo mod tidy adds what go.mod and go.sum lack") {
		t.Errorf("got %v", err)
	}
}
