// Package project is the repository of an app: where it is, and how its pinned tools are installed, its app is built and its
// commands are run.
package project

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
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

// Cache is a path in the folder of what the tool makes, which git ignores.
func (p *Project) Cache(elements ...string) string {
	return filepath.Join(append([]string{p.Root, ".cache"}, elements...)...)
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
		return fmt.Errorf("%s is missing: it pins the CDK CLI and Node.js (npm install writes it from package.json)", lock)
	}
	marker := filepath.Join(folder, "node_modules", ".installed")
	if installed, err := os.Stat(marker); err == nil && !installed.ModTime().Before(wanted.ModTime()) {
		return nil
	}
	_, _ = fmt.Fprintln(tell, "installing the CDK CLI and Node.js (a few seconds, once) ...")
	// The lock file has the hash of each package, so one that npm has in its cache needs no registry.
	command := p.Command(ctx, "npm", "ci", "--loglevel=error", "--prefer-offline")
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, bytes.TrimSpace(output))
	}
	return os.WriteFile(marker, nil, 0o600)
}

// Build compiles the app and returns the command that runs it. An app that is not a Go program run by `go run` is run as
// cdk.json says.
func (p *Project) Build(ctx context.Context, tell io.Writer) (string, error) {
	pkg, isGo := strings.CutPrefix(p.App, "go run ")
	if pkg = strings.TrimSpace(pkg); !isGo || strings.ContainsAny(pkg, " \t'\"") {
		return p.App, nil
	}
	program := p.Cache("app")
	// The first build prints nothing for half a minute, which looks like a fault, so name it.
	slow := time.AfterFunc(3*time.Second, func() { _, _ = fmt.Fprintln(tell, "fetching and compiling the AWS CDK (a minute or so, once) ...") })
	defer slow.Stop()
	command := p.Command(ctx, "go", "build", "-o", program, pkg)
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s does not compile\n%s", cmp.Or(strings.TrimPrefix(pkg, "."), "the app"), bytes.TrimSpace(output))
	}
	return program, nil
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
