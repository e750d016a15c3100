// Package project is the repository of an app: where it is, and how its pinned tools are installed, its app is built and its
// commands are run.
package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
)

// Project is a repository with a CDK app.
type Project struct {
	// Root is the folder of cdk.json.
	Root string
	// App is the command of cdk.json that runs the app.
	App string
}

// ErrNone is returned by Find where there is no app.
var ErrNone = errors.New("no cdk.json in this folder or above it: run this in the repository of an app, or create one with storefront init")

// ErrNoGo is returned where Go is missing.
var ErrNoGo = errors.New("go is not on the PATH: install the version of Go that go.mod names, or a newer one")

// Find returns the project of a folder: its own, or that of the nearest folder above it.
func Find(dir string) (*Project, error) {
	for folder := filepath.Clean(dir); ; folder = filepath.Dir(folder) {
		text, err := os.ReadFile(filepath.Join(folder, "cdk.json"))
		if errors.Is(err, os.ErrNotExist) {
			if folder == filepath.Dir(folder) {
				return nil, ErrNone
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		var settings struct{ App string }
		if err := json.Unmarshal(text, &settings); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(folder, "cdk.json"), err)
		}
		if settings.App == "" {
			return nil, fmt.Errorf("%s has no app: write { \"app\": \"go run .\" }", filepath.Join(folder, "cdk.json"))
		}
		return &Project{Root: folder, App: settings.App}, nil
	}
}

// Glob returns the paths of the files below a folder that match a pattern, sorted. Unlike in [filepath.Glob] the folder itself is
// no pattern: a repository may be in one whose name has brackets.
func Glob(folder, pattern string) ([]string, error) {
	found, err := fs.Glob(os.DirFS(folder), pattern)
	for n, file := range found {
		found[n] = filepath.Join(folder, filepath.FromSlash(file))
	}
	return found, err
}

// Cache is a path in the folder of what the tool makes, which git ignores.
func (p *Project) Cache(elements ...string) string {
	return filepath.Join(append([]string{p.Root, ".cache"}, elements...)...)
}

// Lock makes this the only process that works on what is named, such as "sandbox", until unlock is called or the process has
// ended. It returns an error if another one does.
func (p *Project) Lock(name string) (unlock func(), err error) {
	if err := os.MkdirAll(p.Cache(), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(p.Cache(strings.ReplaceAll(name, " ", "-")+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	// A program that is started does not inherit it.
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // file descriptors are small
	if err == nil {
		return func() { _ = file.Close() }, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("another command works on the %s of %s: wait until it has ended", name, p.Root)
	}
	return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
}

// Pinned is the folder whose package-lock.json pins the CDK CLI, and whose node_modules has it: the root, or in a repository of
// several projects the nearest folder above it. If none does, it is the root.
func (p *Project) Pinned() string {
	for folder := p.Root; ; folder = filepath.Dir(folder) {
		// A lock file above that does not have the CLI is of something else, such as in the home directory: npm ci would delete
		// what is installed beside it.
		text, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
		if err == nil && bytes.Contains(text, []byte(`"node_modules/aws-cdk"`)) {
			return folder
		}
		if folder == filepath.Dir(folder) {
			return p.Root
		}
	}
}

// Bin is the path of a program in node_modules.
func (p *Project) Bin(program string) string {
	return filepath.Join(p.Pinned(), "node_modules", ".bin", program)
}

// Environ is the environment of this process for programs that use the CDK: the first node on the PATH is the pinned one.
func (p *Project) Environ(settings ...string) []string {
	bin := p.Bin("")
	return slices.Concat(os.Environ(), []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		// It would recommend an upgrade to a version that is older than its number says.
		"CDK_DISABLE_VERSION_CHECK=1",
		"CDK_DISABLE_CLI_TELEMETRY=1",
	}, settings)
}

// Install installs what package-lock.json pins into node_modules, unless it is there.
func (p *Project) Install(ctx context.Context, tell io.Writer) error {
	folder := p.Pinned()
	lock := filepath.Join(folder, "package-lock.json")
	wanted, err := os.Stat(lock)
	if err != nil {
		return fmt.Errorf("%s is missing: it pins the CDK CLI and Node.js; run npm install, which writes it from package.json, and commit it", lock)
	}
	marker := filepath.Join(folder, "node_modules", ".installed")
	if installed, err := os.Stat(marker); err == nil && !installed.ModTime().Before(wanted.ModTime()) {
		return nil
	}
	defer progress.New(tell).Begin("installing the CDK CLI and Node.js into node_modules (once)")()
	// The lock file has the hash of each package, so one that npm has in its cache needs no registry.
	command := p.Command(ctx, "npm", "ci", "--loglevel=error", "--prefer-offline", "--no-audit", "--no-fund")
	command.Dir = folder
	output, err := p.output(command)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("npm is not on the PATH: install Node.js 20 or newer, which brings it")
	case err != nil && ctx.Err() == nil:
		log := p.Cache("npm.log")
		if failed := errors.Join(os.MkdirAll(p.Cache(), 0o700), os.WriteFile(log, output, 0o600)); failed != nil {
			return failed
		}
		return fmt.Errorf("npm ci failed: %s (log: %s)", npmReason(string(output)), log)
	case err != nil:
		return err
	}
	return os.WriteFile(marker, nil, 0o600)
}

// npmReason is the line of npm's output that says what is wrong, with the remedy where it is known.
func npmReason(output string) string {
	if strings.Contains(output, "npm error code EUSAGE") {
		return "package-lock.json does not match package.json: run npm install, and commit what it changes"
	}
	reason := "it printed nothing"
	for line := range strings.Lines(output) {
		text := strings.TrimSpace(strings.TrimPrefix(line, "npm error"))
		if text == "" {
			continue
		}
		reason = text
		if word, _, _ := strings.Cut(text, " "); !slices.Contains([]string{"code", "errno", "syscall", "path"}, word) {
			break
		}
	}
	return reason
}

// runs is what go run compiles, a package or a file, or empty if the app is anything else.
func (p *Project) runs() string {
	pkg, isGo := strings.CutPrefix(p.App, "go run ")
	if pkg = strings.TrimSpace(pkg); !isGo || strings.ContainsAny(pkg, " \t'\"") {
		return ""
	}
	return pkg
}

// Main is the folder of the app's main package, from the root: what go run compiles, or the root for any other command.
func (p *Project) Main() string {
	pkg := p.runs()
	if strings.HasSuffix(pkg, ".go") {
		return filepath.Dir(pkg)
	}
	return filepath.Clean(pkg)
}

// Program is the path of the program that Build makes of the app, or empty if the app is not a Go program run by go run.
func (p *Project) Program() string {
	if p.runs() == "" {
		return ""
	}
	return p.Cache("app")
}

// Build compiles the app and returns the command that runs it. An app that is not a Go program run by go run is run as
// cdk.json says.
func (p *Project) Build(ctx context.Context, tell io.Writer) (string, error) {
	program, pkg := p.Program(), p.runs()
	if program == "" {
		return p.App, nil
	}
	defer progress.New(tell).Begin("compiling the app; the AWS CDK takes minutes the first time")()
	// As go run compiles it: without the commit, which would make it another program after each commit, and without what
	// debuggers read, which takes a third of the time to link.
	args := []string{"build", "-buildvcs=false", "-o", program}
	// Flags of the user's, of the environment or of go env -w, would be replaced.
	if flags, err := p.output(p.Command(ctx, "go", "env", "GOFLAGS")); err == nil && !bytes.Contains(flags, []byte("-ldflags")) {
		args = append(args, "-ldflags=-s -w")
	}
	output, err := p.output(p.Command(ctx, "go", append(args, pkg)...))
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", ErrNoGo
	case err != nil && ctx.Err() == nil:
		if bytes.Contains(output, []byte("missing go.sum entry")) {
			output = append(bytes.TrimSpace(output), "\ngo mod tidy adds what go.mod and go.sum lack"...)
		}
		return "", fmt.Errorf("the app does not compile (go build %s)\n%s", pkg, bytes.TrimSpace(output))
	case err != nil:
		return "", err
	}
	return program, nil
}

func (p *Project) output(command *exec.Cmd) ([]byte, error) {
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := Run(command)
	return output.Bytes(), err
}

// Command is a command in the root of the project. Canceling ctx ends it and the programs that it has started.
func (p *Project) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Env = p.Root, p.Environ()
	// npm, node and go start other programs: signal the whole process group.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second
	return command
}

// Run runs a Command. If that was canceled, nothing that it has started is left when Run returns.
func Run(command *exec.Cmd) error {
	err := command.Run()
	if command.Process != nil && err != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // what is left of its process group
	}
	return err
}
