package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the built tool, and app the program of the storefront.
var program, app string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "storefront-program-")
	if err != nil {
		panic(err)
	}
	program, app = filepath.Join(dir, "storefront"), filepath.Join(dir, "app")
	for binary, module := range map[string]string{program: ".", app: "../.."} {
		if output, err := exec.Command("go", "-C", module, "build", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, output)
			os.Exit(1)
		}
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// repository creates a folder that looks like this repository to the program and has its own .cache, so that a running
// sandbox is not disturbed. With python it has the virtual environment of this repository's .cache, installed or not.
func repository(t *testing.T, python bool) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".cache", "sandbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	settings, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if err != nil {
		t.Fatal(err)
	}
	settings = bytes.Replace(settings, []byte(`"app": "go run ."`), fmt.Appendf(nil, `"app": %q`, app), 1)
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), settings, 0o600); err != nil {
		t.Fatal(err)
	}
	links := []string{"node_modules", "package-lock.json"}
	if python {
		installed := filepath.Join(".cache", "sandbox", "python")
		if err := os.MkdirAll(filepath.Join(root, installed), 0o700); err != nil {
			t.Fatal(err)
		}
		links = append(links, installed)
	}
	for _, link := range links {
		if err := os.Symlink(filepath.Join(root, link), filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// environment is this process's environment without the variables that select a target, plus some settings.
func environment(settings ...string) []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "AWS_") && !strings.HasPrefix(entry, "SANDBOX_") {
			kept = append(kept, entry)
		}
	}
	return append(kept, append([]string{"AWS_EC2_METADATA_DISABLED=true"}, settings...)...)
}

// runProgram runs the program and returns its exit status and standard error.
func runProgram(t *testing.T, root, stdin string, environ []string, args ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, append([]string{"sandbox"}, args...)...)
	var stderr bytes.Buffer
	command.Dir, command.Env, command.Stderr, command.Stdin = root, environ, &stderr, strings.NewReader(stdin)
	_ = command.Run()
	if ctx.Err() != nil {
		t.Fatalf("it has not exited:\n%s", stderr.String())
	}
	nothingRuns(t, root)
	return command.ProcessState.ExitCode(), stderr.String()
}

// nothingRuns fails if a process that was started in a repository runs: each has its path in its command line.
func nothingRuns(t *testing.T, root string) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		output, err := exec.Command("ps", "-eo", "pid,args").Output()
		if err != nil {
			t.Fatal(err)
		}
		var left []string
		for line := range strings.Lines(string(output)) {
			if strings.Contains(line, root) {
				left = append(left, line)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Since(start) > 5*time.Second {
			t.Errorf("left running:\n%s", strings.Join(left, ""))
			return
		}
	}
}

func TestBadInput(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	oldPython := t.TempDir()                                                                                        // exits as one that is too old
	if err := os.WriteFile(filepath.Join(oldPython, "python3"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}

	for name, test := range map[string]struct {
		args     []string
		settings []string
		want     string
	}{
		"a port in use": {
			[]string{"up"},
			[]string{fmt.Sprintf("SANDBOX_PORT=%d", port)},
			fmt.Sprintf("sandbox: port %d of 127.0.0.1 is in use: set SANDBOX_PORT to another one, or leave it out for a free one\n", port),
		},
		"not a port": {
			[]string{"up"},
			[]string{"SANDBOX_PORT=http"},
			"sandbox: SANDBOX_PORT must be a port, 1 to 65535, or empty for a free one, got \"http\"\n",
		},
		"no Python":                {[]string{"up"}, []string{"PATH=" + t.TempDir()}, noPython},
		"a Python that is too old": {[]string{"up"}, []string{"PATH=" + oldPython}, noPython},
		"no credentials": {
			[]string{"up"},
			[]string{"SANDBOX_ENDPOINT=", "HOME=" + t.TempDir()},
			"sandbox: no valid AWS credentials are in the environment: ",
		},
		"no credentials, on a machine whose metadata are refused": {
			[]string{"up"},
			[]string{"SANDBOX_ENDPOINT=", "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=false", "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + newAccount(t, 403, "").URL},
			"sandbox: no valid AWS credentials are in the environment: ",
		},
		"an endpoint that does not respond": {
			[]string{"up"},
			[]string{"SANDBOX_ENDPOINT=https://127.0.0.1:1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_MAX_ATTEMPTS=1"},
			"sandbox: cannot get the account of the AWS credentials: ",
		},
		"not an endpoint": {
			[]string{"up"},
			[]string{"SANDBOX_ENDPOINT=127.0.0.1:4566"},
			"sandbox: SANDBOX_ENDPOINT must be a URL such as https://127.0.0.1:4566, or empty for the account of the credentials, got \"127.0.0.1:4566\"\n",
		},
		"a port for an account": {
			[]string{"up"},
			[]string{"SANDBOX_ENDPOINT=", "SANDBOX_PORT=4566"},
			"sandbox: SANDBOX_PORT is the port of the emulator, and with SANDBOX_ENDPOINT none is started: leave one of the two out\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, stderr := runProgram(t, repository(t, false), "", environment(test.settings...), test.args...)
			wantLine(t, status, stderr, test.want)
		})
	}

	t.Run("down when nothing is up", func(t *testing.T) {
		status, stderr := runProgram(t, repository(t, false), "", environment(), "down")
		if status != 0 || stderr != "sandbox: none is running\n" {
			t.Errorf("exit status %d\n%s", status, stderr)
		}
	})
}

// A requested port is not ignored when a sandbox runs on another one.
func TestAnotherPortThanTheOneThatRuns(t *testing.T) {
	healthy := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer healthy.Close()
	port := healthy.Listener.Addr().(*net.TCPAddr).Port
	root := repository(t, false)
	run := filepath.Join(root, ".cache", "sandbox", "run")
	if err := os.MkdirAll(run, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string][]byte{
		"state.json":      fmt.Appendf(nil, `{"Dir": %q, "Port": %d, "PID": %d}`, run, port, os.Getpid()),
		"certificate.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: healthy.Certificate().Raw}),
	} {
		if err := os.WriteFile(filepath.Join(run, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for wanted, want := range map[string]string{
		"4566":  fmt.Sprintf("sandbox: the sandbox already runs on port %d: leave SANDBOX_PORT out, or run storefront sandbox down first\n", port),
		"99999": "sandbox: SANDBOX_PORT must be a port, 1 to 65535, or empty for a free one, got \"99999\"\n",
	} {
		status, stderr := runProgram(t, root, "", environment("SANDBOX_PORT="+wanted), "up")
		wantLine(t, status, stderr, want)
	}
}

const noPython = "sandbox: the emulator needs Python 3.10 or newer with venv, and none of python3, python3.14, python3.13, " +
	"python3.12, python3.11, python3.10 on the PATH is: install one (on Debian python3 and python3-venv)\n"

// wantLine fails unless the exit status is 1 and the output one line with the wanted start.
func wantLine(t *testing.T, status int, stderr, want string) {
	t.Helper()
	if status != 1 || !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit status %d, want 1\n%s\nwant\n%s", status, stderr, want)
	}
}

// account is an endpoint that only serves GetCallerIdentity.
type account struct {
	*httptest.Server
	mutex sync.Mutex
	asked []string
}

func newAccount(t *testing.T, status int, body string) *account {
	a := &account{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		a.asked = append(a.asked, r.FormValue("Action"))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(a.Close)
	return a
}

func TestTheAccountIsAskedForBeforeItIsTouched(t *testing.T) {
	const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999988887777</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	failure := func(code string) string {
		return `<ErrorResponse><Error><Type>Sender</Type><Code>` + code + `</Code><Message>no</Message></Error></ErrorResponse>`
	}
	const question = "The app will be deployed to a real account, which costs money (how much: https://github.com/storefront-cdk/storefront/blob/main/docs/sandbox-account.md).\n" +
		"Type the number of the account to go on: "
	for name, test := range map[string]struct {
		status  int
		body    string
		account string
		typed   string
		want    string
	}{
		"another account in the variable": {200, identity, "111122223333", "", "sandbox: the credentials are for account 999988887777, not for 111122223333: nothing was changed\n"},
		"another account typed":           {200, identity, "", "111122223333\n", question + "sandbox: the credentials are for account 999988887777, not for 111122223333: nothing was changed\n"},
		"nothing typed":                   {200, identity, "", "\n", question + "sandbox: no account number was given: type it, or set SANDBOX_ACCOUNT=111122223333; nothing was changed\n"},
		"no terminal":                     {200, identity, "", "", question + "\nsandbox: no account number was given: type it, or set SANDBOX_ACCOUNT=111122223333; nothing was changed\n"},
		"credentials that have expired":   {403, failure("ExpiredToken"), "999988887777", "", "sandbox: the AWS credentials in the environment have expired: sign in again; nothing was changed\n"},
		"credentials that are invalid":    {403, failure("InvalidClientTokenId"), "999988887777", "", "sandbox: the AWS credentials in the environment are invalid (InvalidClientTokenId): sign in again; nothing was changed\n"},
	} {
		for _, command := range []string{"up", "down"} {
			t.Run(name+", "+command, func(t *testing.T) {
				aws := newAccount(t, test.status, test.body)
				environ := environment("SANDBOX_ENDPOINT="+aws.URL, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
					"AWS_REGION=us-east-1", "AWS_MAX_ATTEMPTS=1", "SANDBOX_ACCOUNT="+test.account)
				status, stderr := runProgram(t, repository(t, false), test.typed, environ, command)
				if status != 1 || stderr != test.want {
					t.Errorf("exit status %d, want 1\n%s\nwant\n%s", status, stderr, test.want)
				}
				if len(aws.asked) != 1 || aws.asked[0] != "GetCallerIdentity" {
					t.Errorf("AWS was asked for %q", aws.asked)
				}
			})
		}
	}
}

// TestDisturbed starts a sandbox and interrupts it during the deployment: the last line says so, and nothing is left running.
func TestDisturbed(t *testing.T) {
	for name, test := range map[string]struct {
		disturb func(t *testing.T, root string, program *os.Process)
		want    string // the last line begins so
	}{
		"Ctrl-C":                    {send(syscall.SIGINT), "sandbox: interrupted\n"},
		"terminate":                 {send(syscall.SIGTERM), "sandbox: interrupted\n"},
		"a terminal that is closed": {send(syscall.SIGHUP), "sandbox: interrupted\n"},
		"the emulator dies": {
			func(t *testing.T, root string, _ *os.Process) {
				if err := syscall.Kill(emulatorOf(t, root), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			},
			"sandbox: MiniStack 1.5.33 has exited, signal: killed (see ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := repository(t, true)
			command := exec.Command(program, "sandbox", "up")
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
				said = append(said, lines.Text())
				if strings.Contains(lines.Text(), "deploy: Platform") { // and seven stacks to go
					test.disturb(t, root, command.Process)
				}
			}
			if err := command.Wait(); err == nil {
				t.Errorf("it exited with status 0:\n%s", strings.Join(said, "\n"))
			}
			if last := said[len(said)-1] + "\n"; !strings.HasPrefix(last, test.want) {
				t.Errorf("its last line: %s\nwant: %s", last, test.want)
			}
			nothingRuns(t, root)
			if status, stderr := runProgram(t, root, "", environment(), "down"); status != 0 || stderr != "sandbox: none is running\n" {
				t.Errorf("then down: exit status %d\n%s", status, stderr)
			}
		})
	}
}

// TestKilled kills the program, which cannot handle that: the emulator exits all the same.
func TestKilled(t *testing.T) {
	root := repository(t, true)
	command := exec.Command(program, "sandbox", "up")
	command.Dir, command.Env = root, environment()
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if strings.Contains(lines.Text(), " answers at ") {
			break
		}
	}
	pid := emulatorOf(t, root)
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	for start := time.Now(); syscall.Kill(pid, 0) == nil; time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatalf("the emulator, process %d, is left running", pid)
		}
	}
	nothingRuns(t, root)
}

func send(signal syscall.Signal) func(*testing.T, string, *os.Process) {
	return func(t *testing.T, _ string, program *os.Process) {
		t.Helper()
		if err := program.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
}

// emulatorOf is the process ID of a repository's emulator.
func emulatorOf(t *testing.T, root string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".cache", "sandbox", "run", "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct{ PID int }
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	return state.PID
}

// What the README shows of make synth is what it prints. A line with … alone stands for lines that are left out.
func TestTheREADMEShowsWhatSynthPrints(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, found := strings.Cut(string(page), "## What comes out\n\n```\n")
	shown, _, closed := strings.Cut(shown, "\n```")
	if !found || !closed {
		t.Fatal("the README does not show what make synth prints")
	}
	command := exec.Command(program, "synth")
	command.Dir, command.Env = repository(t, false), environment()
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := strings.Split(string(output), "\n")
	for line := range strings.SplitSeq(shown, "\n") {
		if line != "…" && !slices.Contains(printed, line) {
			t.Errorf("the README shows\n%s\nwhich synth does not print:\n%s", line, output)
		}
	}
}
