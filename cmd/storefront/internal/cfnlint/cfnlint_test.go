package cfnlint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A repository is moved or renamed with its .cache, in which the programs of a virtual environment name the Python at the old path.
func TestRunWhereTheRepositoryWasMoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a [shop]") // brackets are a pattern for filepath.Glob
	write := func(text []byte, mode os.FileMode, path ...string) {
		file := filepath.Join(append([]string{dir}, path...)...)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(requirements, 0o600, "python", ".installed")
	// It prints its last argument, a template, as a finding. That of Install is empty.
	write([]byte("#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\n[ -z \"$1\" ] || { echo deprecated >&2; echo \"$1\"; exit 2; }\n"), 0o700, "python", "bin", "python")
	write([]byte("#!/old/python/bin/python\n"), 0o700, "python", "bin", "cfn-lint")
	write([]byte("{}"), 0o600, "cdk.out", "Cart.template.json")
	write([]byte("{}"), 0o600, "cdk.out", "assembly-Stage", "Cart.template.json")
	var told strings.Builder
	options := Options{Python: filepath.Join(dir, "python"), Assemblies: []string{filepath.Join(dir, "cdk.out")}, Tell: &told}
	findings, found, templates, err := Run(t.Context(), options)
	if err != nil || !found || templates != 2 || string(findings) != filepath.Join(dir, "cdk.out", "assembly-Stage", "Cart.template.json")+"\n" {
		t.Errorf("got %q, found %t, %d templates, %v", findings, found, templates, err)
	}
	if !strings.HasSuffix(told.String(), "deprecated\n") {
		t.Errorf("what cfn-lint writes to standard error is not there, but %q", told.String())
	}
	// That it fails itself is no finding.
	write([]byte("#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\n[ -z \"$1\" ] || { echo Traceback >&2; exit 1; }\n"), 0o700, "python", "bin", "python")
	if _, found, _, err = Run(t.Context(), options); found || err == nil || err.Error() != "cfn-lint: exit status 1\nTraceback" {
		t.Errorf("found %t, %v", found, err)
	}
}
