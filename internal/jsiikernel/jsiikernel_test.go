package jsiikernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain prints the environment if a test runs this binary as a program.
func TestMain(m *testing.M) {
	if os.Getenv("PRINT_NODE_OPTIONS") == "" {
		os.Exit(m.Run())
	}
	during := os.Getenv(variable)
	Restore()
	after, set := os.LookupEnv(variable)
	if !set {
		after = "not set"
	}
	_, _ = os.Stdout.WriteString(during + "\n" + after + "\n")
}

// program runs this binary with further variables, and returns NODE_OPTIONS while the bindings are initialized, and afterwards.
func program(t *testing.T, environ ...string) (during, after string) {
	t.Helper()
	command := exec.Command(os.Args[0])
	for _, each := range os.Environ() {
		if !strings.HasPrefix(each, variable+"=") && !strings.HasPrefix(each, setting+"=") {
			command.Env = append(command.Env, each)
		}
	}
	command.Env = append(command.Env, "PRINT_NODE_OPTIONS=1")
	command.Env = append(command.Env, environ...)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	during, after, _ = strings.Cut(strings.TrimSuffix(string(out), "\n"), "\n")
	return during, after
}

// cacheIn sets the user's cache folder, on Linux and on macOS.
func cacheIn(home string) []string { return []string{"HOME=" + home, "XDG_CACHE_HOME="} }

// preloaded returns the file that the options load.
func preloaded(t *testing.T, options string) string {
	t.Helper()
	_, quoted, found := strings.Cut(options, loading)
	if !found {
		t.Fatalf("NODE_OPTIONS loads nothing: %s", options)
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(strings.Trim(quoted, `"`))
}

func TestTheOptions(t *testing.T) {
	home := t.TempDir()
	for name, c := range map[string]struct {
		environ       []string
		before, after string
	}{
		"none":         {nil, heap, "not set"},
		"empty":        {[]string{"NODE_OPTIONS="}, "", ""},
		"the user's":   {[]string{"NODE_OPTIONS=--no-warnings"}, "--no-warnings", "--no-warnings"},
		"another path": {cacheIn(filepath.Join(home, `a "b" \c`)), heap, "not set"},
	} {
		t.Run(name, func(t *testing.T) {
			during, after := program(t, append(cacheIn(home), c.environ...)...)
			before, _, _ := strings.Cut(during, loading)
			if got := strings.TrimSpace(before); got != c.before {
				t.Errorf("the other options are %q, want %q", got, c.before)
			}
			if after != c.after {
				t.Errorf("afterwards the options are %q, want %q", after, c.after)
			}
			text, err := os.ReadFile(preloaded(t, during))
			if err != nil || string(text) != preload {
				t.Errorf("the file is not there, or has another content: %v", err)
			}
		})
	}
}

func TestNothingIsChanged(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, environ := range map[string][]string{
		"off":                append(cacheIn(home), setting+"="+unchanged),
		"a runtime":          append(cacheIn(home), "JSII_RUNTIME=node program.js"),
		"no home":            cacheIn(""),
		"a folder is a file": cacheIn(file),
	} {
		t.Run(name, func(t *testing.T) {
			if during, after := program(t, environ...); during != "" || after != "not set" {
				t.Errorf("the options are %q, and afterwards %q", during, after)
			}
		})
	}
}

// A file that is incomplete, or was changed, is written again. It is for its user alone.
func TestTheFileIsMended(t *testing.T) {
	home := t.TempDir()
	during, _ := program(t, cacheIn(home)...)
	file := preloaded(t, during)
	if err := os.WriteFile(file, []byte("process.exit(1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	program(t, cacheIn(home)...)
	if text, err := os.ReadFile(file); err != nil || string(text) != preload {
		t.Errorf("the file is not mended: %v", err)
	}
	info, err := os.Stat(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("the folder's mode is %o", got)
	}
	if files, err := os.ReadDir(filepath.Dir(file)); err != nil || len(files) != 1 {
		t.Errorf("the folder has %v, want one file (%v)", files, err)
	}
}
