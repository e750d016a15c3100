package snapshot

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const howToUpdate = "if this is intended, run the test again with SNAPSHOT_UPDATE=1 and commit the golden files"

// Match compares a set of templates, by name, with the golden files in dir: each
// normalized template with <dir>/<name>.json, where a "/" in the name becomes a
// "-". The test fails if a template differs, if a template has no file or a file
// no template, and if the set is empty. All problems are reported, not only the
// first. Use a separate dir for each call of Match.
//
// If the environment variable SNAPSHOT_UPDATE is 1, Match updates dir instead: it
// writes changed files, removes files without a template, and logs each of them.
func Match(tb testing.TB, dir string, templates map[string]Template) {
	tb.Helper()
	// A test that finds no stacks must neither pass nor remove all golden files.
	if len(templates) == 0 {
		tb.Errorf("no templates to compare with the golden files in %s", dir)
		return
	}
	updating := os.Getenv("SNAPSHOT_UPDATE") == "1"
	stacks := map[string]string{} // by golden file
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".json")
		if other, taken := stacks[file]; taken {
			tb.Errorf("%s: golden file %s is already used by %s; rename one of them", name, file, other)
			continue
		}
		stacks[file] = name
		if updating {
			update(tb, name, file, templates[name].Normalize())
		} else {
			compare(tb, name, file, templates[name].Normalize())
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Errorf("look for orphaned golden files: %v", err)
	}
	for _, entry := range entries {
		file := filepath.Join(dir, entry.Name())
		if _, wanted := stacks[file]; wanted || entry.IsDir() || filepath.Ext(file) != ".json" {
			continue
		}
		if !updating {
			tb.Errorf("golden file %s belongs to no stack; %s", file, howToUpdate)
		} else if err := os.Remove(file); err != nil {
			tb.Errorf("remove orphaned golden file: %v", err)
		} else {
			tb.Logf("removed golden file %s, which belongs to no stack", file)
		}
	}
}

func compare(tb testing.TB, name, file string, got Template) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Errorf("%s: read golden file: %v; %s", name, err, howToUpdate)
		return
	}
	want, err := Parse(text)
	if err != nil {
		tb.Errorf("%s: golden file %s: %v; %s", name, file, err, howToUpdate)
		return
	}
	if diff := Diff(want, got); diff != "" {
		tb.Errorf("%s: differs from golden file %s:\n%s\n%s", name, file, diff, howToUpdate)
	}
}

func update(tb testing.TB, name, file string, got Template) {
	tb.Helper()
	text := got.JSON()
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, text) {
		return
	}
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		tb.Errorf("%s: update golden file: %v", name, err)
		return
	}
	tb.Logf("%s: wrote golden file %s", name, file)
}
