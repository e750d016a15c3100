package apptest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorder is a test that records what it is told.
type recorder struct {
	testing.TB
	said []string
}

func (*recorder) Helper()             {}
func (r *recorder) Fatal(args ...any) { r.said = append(r.said, fmt.Sprint(args...)) }

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Logf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// write writes an empty object into each file of a new folder, and makes it the working directory.
func write(t *testing.T, files ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, file := range files {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGoldenFilesOfNoEnvironment(t *testing.T) {
	t.Setenv("SNAPSHOT_UPDATE", "")
	write(t, "golden/sandbox/Cart.json", "golden/old/Cart.json", "golden/old/Menu.json", "golden/mixed/Cart.json", "golden/mixed/notes.txt", "golden/Cart.json", "golden/notes.txt")
	known := map[string]bool{"sandbox": true, "production": true}
	const how = " belongs to no environment; if this is intended, run the test again with SNAPSHOT_UPDATE=1 and commit the golden files"
	t.Setenv("SNAPSHOT_UPDATE", "") // which make golden sets
	reported := &recorder{TB: t}
	orphans(reported, "golden", known)
	files := []string{"golden/Cart.json", "golden/mixed/Cart.json", "golden/old/Cart.json", "golden/old/Menu.json"}
	var want []string
	for _, file := range files {
		want = append(want, "golden file "+file+how)
	}
	if diff := cmp.Diff(want, reported.said); diff != "" {
		t.Errorf("reported (-want +got):\n%s", diff)
	}

	t.Setenv("SNAPSHOT_UPDATE", "1")
	updated := &recorder{TB: t}
	orphans(updated, "golden", known)
	for n, file := range files {
		want[n] = "removed golden file " + file + ", which belongs to no environment"
	}
	if diff := cmp.Diff(want, updated.said); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	var left []string
	for _, pattern := range []string{"golden/*", "golden/*/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, found...)
	}
	if got := strings.Join(left, " "); got != "golden/mixed golden/notes.txt golden/sandbox golden/mixed/notes.txt golden/sandbox/Cart.json" {
		t.Errorf("left are %s", got)
	}
}

func TestNoGoldenFilesYet(t *testing.T) {
	write(t)
	none := &recorder{TB: t}
	if orphans(none, "golden", nil); len(none.said) > 0 {
		t.Errorf("reported %q", none.said)
	}
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  map[string]any
		err   string
	}{
		"no files":          {nil, map[string]any{}, ""},
		"no context":        {map[string]string{"cdk.json": `{"app": "go run ."}`}, map[string]any{}, ""},
		"of the app itself": {map[string]string{"cdk.json": `{"context": {"env": "production", "only": "cart", "account": "1", "protection": "off", "@aws-cdk/x": true}}`}, map[string]any{"@aws-cdk/x": true}, ""},
		"looked up":         {map[string]string{"cdk.json": `{"context": {"@aws-cdk/x": true}}`, "cdk.context.json": `{"vpc:a": [1], "@aws-cdk/x": false}`}, map[string]any{"@aws-cdk/x": true, "vpc:a": []any{1.0}}, ""},
		"the nearest":       {map[string]string{"cdk.json": `{"context": {"@aws-cdk/x": true}}`, "a/cdk.json": `{}`}, map[string]any{}, ""},
		"no JSON":           {map[string]string{"cdk.json": `x`}, nil, "cdk.json: invalid character 'x' looking for beginning of value"},
		"no JSON, again":    {map[string]string{"cdk.json": `{}`, "cdk.context.json": ``}, nil, "cdk.context.json: unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := os.MkdirAll(filepath.Join(root, "a", "b"), 0o700); err != nil {
				t.Fatal(err)
			}
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(filepath.Join(root, "a", "b"))
			got, err := settings()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if text := fmt.Sprint(err); c.err != "" && !strings.HasSuffix(text, string(filepath.Separator)+c.err) || c.err == "" && err != nil {
				t.Errorf("got the error %v, want %q", err, c.err)
			}
		})
	}
}
