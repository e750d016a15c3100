package scaffold

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// programs makes go and npm shell scripts. The scripts of an app that is created: of go by its first arguments.
func programs(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil { //nolint:gosec // it is to be run
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/usr/bin:/bin")
}

const (
	fineGo = `case "$1 $2" in
"mod tidy") echo sums > go.sum ;;
"test "*) mkdir -p testdata/golden/sandbox && echo '{}' > testdata/golden/sandbox/Menu.json ;;
esac`
	fineNPM = `mkdir node_modules && echo x > node_modules/x`
)

// tree are the files below a folder.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(file string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			relative, _ := filepath.Rel(dir, file)
			files = append(files, relative)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCreate(t *testing.T) {
	programs(t, map[string]string{"go": fineGo, "npm": fineNPM})
	app := menu(t)
	files, err := app.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a", "b [c]") // brackets are a pattern for filepath.Glob
	place := Place{Dir: dir, Version: "v1.2.3", Tell: io.Discard}
	if err := place.Check(files); err != nil {
		t.Fatal(err)
	}
	written, err := place.Create(t.Context(), app, files)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"node_modules/.installed", "node_modules/x"}
	for _, file := range written {
		want = append(want, filepath.FromSlash(file.Path))
	}
	slices.Sort(want)
	got := tree(t, dir)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the folder has\n%q\nwant\n%q", got, want)
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || string(text) != "module example.com/menu\n\ngo "+goVersion+"\n" {
		t.Errorf("go.mod, which this go has not edited, is %q: %v", text, err)
	}
}

// Whatever fails, the folder is as it was, and there is none if there was none.
func TestCreateLeavesNothingBehind(t *testing.T) {
	app := menu(t)
	files, err := app.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		programs map[string]string
		want     string
	}{
		"go edits nothing":  {map[string]string{"go": `echo "no such flag" >&2; exit 2`, "npm": fineNPM}, "no such flag"},
		"no such version":   {map[string]string{"go": `[ "$2" = tidy ] && { echo "unknown revision" >&2; exit 1; }; exit 0`, "npm": fineNPM}, "unknown revision"},
		"npm fails":         {map[string]string{"go": fineGo, "npm": "mkdir node_modules; echo 'no network' >&2; exit 1"}, "no network"},
		"the test fails":    {map[string]string{"go": `[ "$1" = test ] && { echo "does not compile"; exit 1; }; exit 0`, "npm": fineNPM}, "does not compile"},
		"a file is missing": {map[string]string{"go": `[ "$2" = tidy ] || exit 0`, "npm": fineNPM}, "go.sum"}, // found when files are moved
		"an interruption":   {map[string]string{"go": `[ "$2" = tidy ] && exec sleep 60; exit 0`, "npm": fineNPM}, "interrupted: nothing was written"},
	} {
		t.Run(name, func(t *testing.T) {
			programs(t, test.programs)
			for _, exists := range []bool{true, false} {
				parent := t.TempDir()
				dir := filepath.Join(parent, "menu", "api")
				if exists {
					if err := writeFile(filepath.Join(dir, "LICENSE"), []byte("mine\n")); err != nil {
						t.Fatal(err)
					}
				}
				before := tree(t, parent)
				ctx, cancel := context.WithCancel(t.Context())
				if strings.HasPrefix(test.want, "interrupted") {
					time.AfterFunc(300*time.Millisecond, cancel)
				}
				_, err := Place{Dir: dir, Version: "v1.2.3", Tell: io.Discard}.Create(ctx, app, files)
				cancel()
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got the error %v, want %s", err, test.want)
				}
				if after := tree(t, parent); !slices.Equal(before, after) {
					t.Errorf("left are %q, and before there were %q", after, before)
				}
				if _, err := os.Stat(filepath.Join(parent, "menu")); (err == nil) != exists {
					t.Errorf("the folder is there or not: %v", err)
				}
			}
		})
	}
}

func TestCheckPlace(t *testing.T) {
	files, err := menu(t).Files()
	if err != nil {
		t.Fatal(err)
	}
	write := func(t *testing.T, dir string, names ...string) string {
		t.Helper()
		for _, name := range names {
			if err := writeFile(filepath.Join(dir, name), nil); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for name, test := range map[string]struct {
		place func(t *testing.T) Place
		want  string // with DIR for its folder
	}{
		"no folder":       {func(t *testing.T) Place { return Place{Dir: filepath.Join(t.TempDir(), "new")} }, ""},
		"an empty folder": {func(t *testing.T) Place { return Place{Dir: t.TempDir()} }, ""},
		"an empty Git repository": {func(t *testing.T) Place {
			return Place{Dir: write(t, t.TempDir(), ".git/HEAD", "LICENSE", "go.mod", "go.sum")}
		}, ""},
		"a file": {func(t *testing.T) Place { return Place{Dir: filepath.Join(write(t, t.TempDir(), "menu"), "menu")} }, "DIR must be a folder, and is a file or below one: choose another"},
		"below a file": {func(t *testing.T) Place {
			return Place{Dir: filepath.Join(write(t, t.TempDir(), "menu"), "menu", "api")}
		}, "DIR must be a folder, and is a file or below one: choose another"},
		"files in the way": {
			func(t *testing.T) Place {
				return Place{Dir: write(t, t.TempDir(), "README.md", "server.go", "main.go", "node_modules/x/y", "testdata/golden/a", "testdata/b", ".github/workflows/ci.yml")}
			},
			"DIR has .github/workflows/ci.yml, README.md, main.go, node_modules, server.go, testdata/golden, which would be overwritten or in the way: move them, or choose another folder",
		},
		"the library": {func(t *testing.T) Place {
			return Place{Dir: t.TempDir(), Library: filepath.Join("..", "..", "..", "..")}
		}, ""},
		"no library": {func(t *testing.T) Place { return Place{Dir: t.TempDir(), Library: "."} }, "--library must be the root of a copy of " + Library + `, got "."`},
	} {
		t.Run(name, func(t *testing.T) {
			place := test.place(t)
			got := ""
			if err := place.Check(files); err != nil {
				got = err.Error()
			}
			if want := strings.ReplaceAll(test.want, "DIR", place.Dir); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	t.Run("no programs", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		want := "go is not on the PATH: install Go 1.26 or newer\nnpm is not on the PATH: install Node.js, which has it"
		if err := (Place{Dir: t.TempDir()}).Check(files); fmt.Sprint(err) != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
	})
}

func TestModule(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{"": " ", "module example.com/menu\n": "example.com/menu ", "x\n": " DIR/go.mod is not a file that Go can read: exit status 1"} {
		if text != "" {
			if err := writeFile(filepath.Join(dir, "go.mod"), []byte(text)); err != nil {
				t.Fatal(err)
			}
		} else if err := os.RemoveAll(filepath.Join(dir, "go.mod")); err != nil {
			t.Fatal(err)
		}
		module, err := Place{Dir: dir}.Module(t.Context())
		got := module + " "
		if err != nil {
			got += err.Error()
		}
		if got != strings.ReplaceAll(want, "DIR", dir) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestMoveMovesBack(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for _, file := range []string{"a", "b"} {
		if err := writeFile(filepath.Join(from, file), []byte(file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := move(from, to, []File{{Path: "a"}, {Path: "sub/b"}}); err == nil {
		t.Error("a file that is not there was moved")
	}
	if left := tree(t, to); len(left) > 0 {
		t.Errorf("left are %q", left)
	}
	if _, err := os.Stat(filepath.Join(to, "sub")); err == nil {
		t.Error("an empty folder is left")
	}
	if got := tree(t, from); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the draft has %q", got)
	}
}
