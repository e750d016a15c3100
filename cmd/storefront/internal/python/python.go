// Package python installs pinned Python packages into virtual environments.
package python

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
)

// names are those under which a new enough Python may be on the PATH.
var names = []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"}

// Missing is the error where no Python will do.
type Missing struct {
	For string // what needs it
}

// Error says what to install.
func (m Missing) Error() string {
	return m.For + " needs Python 3.10 or newer with venv, and none of " + strings.Join(names, ", ") +
		" on the PATH is: install one (on Debian python3 and python3-venv)"
}

// Environment is a virtual environment.
type Environment struct {
	// Dir is its folder.
	Dir string
	// Requirements is the text of the file that pins its packages, all of them, by hashes.
	Requirements []byte
	// For is what needs it, in messages: "the emulator".
	For string
	// Tell shows the progress of an installation, and Log receives the output of its programs. If nil, they are dropped.
	Tell, Log io.Writer
}

// Install installs the packages, unless they are there.
func (e Environment) Install(ctx context.Context) error {
	marker := filepath.Join(e.Dir, ".installed")
	// The Python that created it may have been removed.
	if installed, err := os.ReadFile(marker); err == nil && bytes.Equal(installed, e.Requirements) &&
		exec.CommandContext(ctx, e.Program("python"), "-c", "").Run() == nil {
		return nil
	}
	system, err := Find(ctx)
	if err != nil {
		return err
	}
	if system == "" {
		return Missing{e.For}
	}
	if err := os.RemoveAll(e.Dir); err != nil {
		return err
	}
	if e.Tell != nil {
		defer progress.New(e.Tell).Begin("installing %s from the Python package index (once)", e.For)()
	}
	if err := e.run(ctx, system, "-m", "venv", e.Dir); err != nil {
		return err
	}
	pinned := filepath.Join(e.Dir, "requirements.txt")
	if err := os.WriteFile(pinned, e.Requirements, 0o600); err != nil {
		return err
	}
	// --no-deps: the file lists all that is used.
	err = e.run(ctx, e.Program("python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", pinned)
	if err != nil {
		return err
	}
	return os.WriteFile(marker, e.Requirements, 0o600)
}

// Program is the path of a program of the environment.
func (e Environment) Program(name string) string { return filepath.Join(e.Dir, "bin", name) }

func (e Environment) run(ctx context.Context, name string, args ...string) error {
	command := exec.CommandContext(ctx, name, args...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if e.Log != nil {
		_, _ = e.Log.Write(output.Bytes())
	}
	if err != nil {
		return fmt.Errorf("install %s: %s: %w\n%s", e.For, strings.Join(append([]string{name}, args[:2]...), " "), err, bytes.TrimSpace(output.Bytes()))
	}
	return nil
}

// Find returns the first Python on the PATH that is new enough and has venv, or nothing.
func Find(ctx context.Context) (string, error) {
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if exec.CommandContext(ctx, path, "-c", "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))").Run() == nil {
			return path, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
	}
	return "", nil
}
