package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// call runs the tool in a folder and returns what it printed.
func call(t *testing.T, dir string, environ []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	var out, problems bytes.Buffer
	command.Dir, command.Env, command.Stdout, command.Stderr = dir, environ, &out, &problems
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%v: %v\n%s", args, err, problems.String())
	}
	return out.String(), slow.ReplaceAllString(problems.String(), ""), command.ProcessState.ExitCode()
}

// slow matches the lines that name a step on a slow machine.
var slow = regexp.MustCompile(`(?m)^.* \.\.\.\n`)

// with changes the app of a repository.
func with(t *testing.T, root, command string) string {
	t.Helper()
	settings, err := json.Marshal(map[string]any{"app": command})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "cdk.json"), settings, 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

// Whatever is wrong is one line with its remedy, and the exit status says whose fault it is.
func TestErrorsOfTheCommandLine(t *testing.T) {
	root := repository(t, false)
	noNPM := t.TempDir()
	for _, tool := range []string{"sh", "env"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(noNPM, tool)); err != nil {
			t.Fatal(err)
		}
	}
	bare := with(t, t.TempDir(), "go run .")
	locked := with(t, t.TempDir(), "go run .")
	if err := os.WriteFile(filepath.Join(locked, "package-lock.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		dir      string
		args     []string
		settings []string
		status   int
		want     string
	}{
		"no command of that name":    {root, []string{"synht"}, nil, 2, "storefront: unknown command \"synht\": did you mean synth?\n"},
		"no command like it":         {root, []string{"quux"}, nil, 2, "storefront: unknown command \"quux\": storefront --help lists the commands\n"},
		"none of that name below":    {root, []string{"sandbox", "upp"}, nil, 2, "sandbox: unknown command \"upp\": did you mean up?\n"},
		"no help for it":             {root, []string{"help", "sandbx"}, nil, 2, "help: unknown command \"sandbx\": did you mean sandbox?\n"},
		"no help for it below":       {root, []string{"help", "sandbox", "upp"}, nil, 2, "help: unknown command \"upp\": did you mean up?\n"},
		"no flag of that name":       {root, []string{"synth", "--accont", "cart"}, nil, 2, "synth: unknown flag: --accont: did you mean --account?\n"},
		"no flag like it":            {root, []string{"synth", "--quux"}, nil, 2, "synth: unknown flag: --quux: storefront synth --help lists the flags\n"},
		"an argument too many":       {root, []string{"synth", "cart"}, nil, 2, "synth: unexpected argument \"cart\": write storefront synth [flags]\n"},
		"an argument too few":        {root, []string{"add", "service"}, nil, 2, "add: an argument is missing: write storefront add service NAME [flags]\n"},
		"no app":                     {t.TempDir(), []string{"synth"}, nil, 2, "synth: no cdk.json in this folder or above it: run this in the repository of an app, or create one with storefront init\n"},
		"an app of no command":       {with(t, t.TempDir(), ""), []string{"synth"}, nil, 1, "has no app: write { \"app\": \"go run .\" }\n"},
		"no lock file":               {bare, []string{"synth"}, nil, 1, "package-lock.json is missing: it pins the CDK CLI and Node.js; run npm install, which writes it from package.json, and commit it\n"},
		"no npm":                     {locked, []string{"synth"}, []string{"PATH=" + noNPM}, 1, "synth: npm is not on the PATH: install Node.js 20 or newer, which brings it\n"},
		"no Go":                      {with(t, repository(t, false), "go run ."), []string{"synth"}, []string{"PATH=" + noNPM}, 1, "synth: go is not on the PATH: install the version of Go that go.mod names, or a newer one\n"},
		"no Go to test with":         {root, []string{"test"}, []string{"PATH=" + noNPM}, 1, "test: go is not on the PATH: install the version of Go that go.mod names, or a newer one\n"},
		"an app that says nothing":   {with(t, repository(t, false), "exit 3"), []string{"synth"}, nil, 1, "synth: the app exited with status 3 and printed nothing (exit 3)\n"},
		"an app that does nothing":   {with(t, repository(t, false), "true"), []string{"synth"}, nil, 1, "the app has written no stacks: its main function must end with app.Synth(nil), or with what calls it\n"},
		"an app that is not there":   {with(t, repository(t, false), "quux --x"), []string{"synth"}, nil, 1, "quux: not found\n"},
		"an app's own error":         {root, []string{"synth", "--account", "1"}, nil, 1, "Account must be twelve digits, got \"1\"\n"},
		"an app's unterminated line": {with(t, repository(t, false), "printf wrong; exit 1"), []string{"synth"}, nil, 1, "wrong\n"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, status := call(t, test.dir, environment(test.settings...), test.args...)
			if status != test.status || !strings.HasSuffix(stderr, test.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
				t.Errorf("exit status %d, want %d\n%s%s\nwant\n%s", status, test.status, stdout, stderr, test.want)
			}
		})
	}
}

// A program in Go is compiled while the CLI starts. It sees nothing of the settings of the CLI.
func TestSynthOfAProgramInGo(t *testing.T) {
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(settings, []byte("GOFLAGS=-ldflags=-X=main.version=7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const main = "package main\n\nimport \"os\"\n\n"
	for name, test := range map[string]struct {
		program, setting, want string
		cached                 bool
	}{
		"that does not compile": {
			main + "func main() { os.Quit(1) }\n", "", "synth: the app does not compile (go build .)\n# shop\n./main.go:5:18: undefined: os.Quit\n", true,
		},
		"that says nothing": {main + "func main() { os.Exit(3) }\n", "", "synth: the app exited with status 3 and printed nothing (go run .)\n", true},
		"that fails": {
			main + "func main() { println(os.Getenv(\"NODE_COMPILE_CACHE\"), os.Getenv(\"CDK_OUTDIR\") != \"\"); os.Exit(1) }\n", "", " true\n", true,
		},
		"with flags of go env -w": {main + "var version string\n\nfunc main() { println(version); os.Exit(1) }\n", "GOENV=" + settings, "7\n", true},
		"without a cache":         {main + "func main() { os.Exit(3) }\n", "STOREFRONT_JSII=unchanged", "synth: the app exited with status 3 and printed nothing (go run .)\n", false},
		"with another cache":      {main + "func main() { println(os.Getenv(\"NODE_COMPILE_CACHE\")); os.Exit(1) }\n", "NODE_COMPILE_CACHE=/dev/null", "/dev/null\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			root, home := with(t, repository(t, false), "go run ."), t.TempDir()
			for file, text := range map[string]string{"go.mod": "module shop\n", "main.go": test.program} {
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			environ := environment("GOCACHE="+strings.TrimSpace(string(goCache)), "HOME="+home, "XDG_CACHE_HOME=", test.setting)
			stdout, stderr, status := call(t, root, environ, "synth")
			if status != 1 || stderr != test.want || stdout != "" {
				t.Errorf("exit status %d\n%s%s\nwant\n%s", status, stdout, stderr, test.want)
			}
			nothingRuns(t, root)
			folder := filepath.Join("storefront-cdk", "*")
			linux, _ := filepath.Glob(filepath.Join(home, ".cache", folder))
			mac, _ := filepath.Glob(filepath.Join(home, "Library", "Caches", folder))
			// A CLI that is ended, since the program does not compile, may have compiled nothing.
			if cached := len(linux)+len(mac) > 0; cached != test.cached && !strings.Contains(test.want, "compile") {
				t.Errorf("the CLI is compiled into the cache: %t, want %t", cached, test.cached)
			}
		})
	}
}

// An interrupted synthesis leaves nothing running, and prints one line.
func TestInterruptedSynth(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"Ctrl-C": syscall.SIGINT, "terminate": syscall.SIGTERM} {
		for what, command := range map[string]string{
			"the app":                     "echo started >&2; exec " + app,
			"an app that ignores signals": "echo started >&2; trap '' TERM INT; while :; do sleep 1 # " + app + "\ndone",
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				root := with(t, repository(t, false), command)
				command := exec.Command(program, "synth")
				command.Dir, command.Env = root, environment()
				stderr, err := command.StderrPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := command.Start(); err != nil {
					t.Fatal(err)
				}
				var said []string
				for lines := bufio.NewScanner(stderr); lines.Scan(); {
					if said = append(said, lines.Text()); len(said) == 1 {
						time.Sleep(300 * time.Millisecond) // in the middle of the synthesis
						if err := command.Process.Signal(signal); err != nil {
							t.Fatal(err)
						}
					}
				}
				_ = command.Wait()
				if status := command.ProcessState.ExitCode(); status != 1 || !slices.Equal(said, []string{"started", "synth: interrupted"}) {
					t.Errorf("exit status %d\n%s", status, strings.Join(said, "\n"))
				}
				nothingRuns(t, root)
				nothingRuns(t, app)
			})
		}
	}
}

// The tool finds the root from a folder below it, and the streams have one purpose each.
func TestSynthInAFolderBelow(t *testing.T) {
	root := repository(t, false)
	below := filepath.Join(root, "services", "cart")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := call(t, below, environment(), "synth", "--json", "--only", "cart")
	var printed struct {
		Stacks []struct {
			ID, Template string
			Resources    int
		}
		Routes []struct{ Method, Path, Access, Service string }
	}
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil || status != 0 || stderr != "" {
		t.Fatalf("exit status %d, %v\n%s%s", status, err, stdout, stderr)
	}
	if len(printed.Stacks) != 1 || printed.Stacks[0].ID != "Cart" || printed.Stacks[0].Template != "cdk.out/Cart.template.json" ||
		printed.Stacks[0].Resources == 0 || len(printed.Routes) == 0 || printed.Routes[0].Path != "/cart" || printed.Routes[0].Service != "cart" {
		t.Errorf("got %+v", printed)
	}
	if _, err := os.Stat(filepath.Join(root, "cdk.out", "Cart.template.json")); err != nil {
		t.Error(err)
	}
}
