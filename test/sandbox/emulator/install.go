package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pythons are the names under which a new enough Python may be on the PATH.
var pythons = []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"}

// errNoPython is returned when none is.
var errNoPython = errors.New("the emulator needs Python 3.10 or newer with venv, and none of " +
	strings.Join(pythons, ", ") + " on the PATH is: install one (on Debian python3 and python3-venv)")

// install creates a virtual environment with the packages that requirements.txt pins, unless there is one, and returns its
// Python.
func install(ctx context.Context, options Options, log *os.File) (string, error) {
	folder := options.Environment
	wanted, err := os.ReadFile(options.Requirements)
	if err != nil {
		return "", err
	}
	python := filepath.Join(folder, "bin", "python")
	marker := filepath.Join(folder, ".installed")
	if installed, err := os.ReadFile(marker); err == nil && bytes.Equal(installed, wanted) {
		// The Python that created it may have been removed.
		if exec.CommandContext(ctx, python, "-c", "import ministack").Run() == nil {
			return python, nil
		}
	}
	system, err := findPython(ctx)
	if err != nil {
		return "", err
	}
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	_, _ = fmt.Fprintf(options.Tell, "         installing %s (ten seconds or so, once) ...\n", Name)
	// The file lists all dependencies but those of cfn-lint, of which only the schemas are used.
	for _, command := range [][]string{
		{system, "-m", "venv", folder},
		{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", options.Requirements},
	} {
		run := exec.CommandContext(ctx, command[0], command[1:]...)
		run.Stdout, run.Stderr = log, log
		if err := run.Run(); err != nil {
			return "", fmt.Errorf("install the emulator: %s: %w (see %s)", strings.Join(command[:3], " "), err, log.Name())
		}
	}
	return python, os.WriteFile(marker, wanted, 0o600)
}

func findPython(ctx context.Context) (string, error) {
	for _, name := range pythons {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if exec.CommandContext(ctx, path, "-c", "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))").Run() == nil {
			return path, nil
		}
	}
	return "", errNoPython
}
