// Package graphtest holds the pages of an app of this repository that the tool writes from its templates.
package graphtest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Current fails the test if the pages in docs are not those that storefront graph writes from golden templates: run the test of
// these before. If the environment variable SNAPSHOT_UPDATE is 1, as make golden sets it, Current writes the pages instead.
func Current(t *testing.T, templates, docs string) {
	t.Helper()
	args := []string{"graph", "--assembly", templates, "--out", docs, "--check"}
	if os.Getenv("SNAPSHOT_UPDATE") == "1" {
		args = args[:len(args)-1]
	}
	// By env, since the test would depend on the program for go test otherwise, and that is new each time.
	output, err := exec.CommandContext(t.Context(), "env", append([]string{tool(t)}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: if this is intended, run make golden and commit the pages; reasons for * are in cmd/storefront/internal/permission/everything.go\n%s", docs, output)
	}
	t.Logf("%s", output)
}

// tool compiles the tool and returns its path: a fixed one for each package, since Go does not link what is up to date.
func tool(t *testing.T) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(root, "cmd", "storefront")
	reads(t, tool)
	program := filepath.Join(root, ".cache", "graphtest", filepath.Base(dir))
	build := exec.CommandContext(t.Context(), "go", "build", "-C", tool, "-ldflags=-s -w", "-o", program, ".")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("compile the tool: %v\n%s", err, output)
	}
	return program
}

// reads lists the folders of a program, of which go test sees nothing otherwise: it takes the result of a test from its cache unless a
// file or folder has changed that the test itself has read.
func reads(t *testing.T, program string) {
	t.Helper()
	err := filepath.WalkDir(program, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "testdata" {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
