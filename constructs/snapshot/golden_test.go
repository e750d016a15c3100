package snapshot_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

const (
	hashA = "7b201194e7ca9dece4b0cf20d15115bdf31aff82d366c9fc23daf90272cf6887"
	hashB = "f1a8a4f90c36055400bf08caf68b3113a6990a9892c1728a07949c2f87d7c3ff"
)

// stack returns a template with the parts that tests change: a value, a logical ID and a hash.
func stack(cpu, tableID, hash string) snapshot.Template {
	return snapshot.Template{"Resources": map[string]any{
		"Task": map[string]any{
			"Type": "AWS::ECS::TaskDefinition",
			"Properties": map[string]any{
				"Cpu":   cpu,
				"Image": map[string]any{"Fn::Sub": "cdk-hnb659fds-container-assets-${AWS::AccountId}:" + hash},
			},
			"Metadata": map[string]any{"aws:asset:path": "asset." + hash, "aws:cdk:path": "Cart/Task/Resource"},
		},
		tableID: map[string]any{"Type": "AWS::DynamoDB::GlobalTable"},
	}}
}

// goldenFiles returns the files that Match writes for stacks Cart and Prod/Login of stack("256", "Table", …).
func goldenFiles() map[string]string {
	text := string(stack("256", "Table", hashA).Normalize().JSON())
	return map[string]string{"Cart.json": text, "Prod-Login.json": text}
}

func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(text)
	}
	return files
}

func TestMatch(t *testing.T) {
	const howToUpdate = "run the test again with SNAPSHOT_UPDATE=1 and commit"
	same := stack("256", "Table", hashA)
	cases := map[string]struct {
		edit func(files map[string]string, templates map[string]snapshot.Template)
		want [][]string
	}{
		"nothing changed": {
			edit: func(map[string]string, map[string]snapshot.Template) {},
		},
		"only an asset hash changed": {
			edit: func(_ map[string]string, templates map[string]snapshot.Template) {
				templates["Cart"] = stack("256", "Table", hashB)
			},
		},
		"only the layout of the file differs": {
			edit: func(files map[string]string, _ map[string]snapshot.Template) {
				files["Cart.json"] = strings.ReplaceAll(files["Cart.json"], "\n", "\r\n")
			},
		},
		"other files and directories are ignored": {
			edit: func(files map[string]string, _ map[string]snapshot.Template) {
				files["README.md"], files["folder.json/a.json"] = "golden files", "{}"
			},
		},
		"changed value": {
			edit: func(_ map[string]string, templates map[string]snapshot.Template) {
				templates["Cart"] = stack("512", "Table", hashA)
			},
			want: [][]string{{"Cart: differs", "Cart.json", `Resources.Task.Properties.Cpu: want "256", got "512"`, howToUpdate}},
		},
		"renamed logical ID": {
			edit: func(_ map[string]string, templates map[string]snapshot.Template) {
				templates["Prod/Login"] = stack("256", "Table2", hashA)
			},
			want: [][]string{{"Prod/Login: differs", "Resources.Table: only in golden", "Resources.Table2: not in golden", howToUpdate}},
		},
		"renamed logical ID that looks like a hash": {
			edit: func(files map[string]string, templates map[string]snapshot.Template) {
				files["Cart.json"] = string(stack("256", hashA, hashA).Normalize().JSON())
				templates["Cart"] = stack("256", hashB, hashA)
			},
			want: [][]string{{"Resources." + hashA + ": only in golden", "Resources." + hashB + ": not in golden"}},
		},
		"missing golden file": {
			edit: func(files map[string]string, _ map[string]snapshot.Template) { delete(files, "Cart.json") },
			want: [][]string{{"Cart: read golden file", "Cart.json", "no such file", howToUpdate}},
		},
		"broken golden file": {
			edit: func(files map[string]string, _ map[string]snapshot.Template) {
				files["Cart.json"] = "<<<<<<< HEAD"
			},
			want: [][]string{{"Cart: golden file", "Cart.json: parse template: invalid character '<'", howToUpdate}},
		},
		"orphan": {
			edit: func(files map[string]string, _ map[string]snapshot.Template) { files["Photos.json"] = "{}" },
			want: [][]string{{"Photos.json belongs to no stack", howToUpdate}},
		},
		"two stacks with one file": {
			edit: func(_ map[string]string, templates map[string]snapshot.Template) { templates["Prod-Login"] = same },
			want: [][]string{{"Prod/Login: golden file", "Prod-Login.json is already used by Prod-Login"}},
		},
		"no templates": {
			edit: func(_ map[string]string, templates map[string]snapshot.Template) { clear(templates) },
			want: [][]string{{"no templates to compare"}},
		},
		"several problems": {
			edit: func(files map[string]string, templates map[string]snapshot.Template) {
				templates["Cart"] = stack("512", "Table", hashA)
				delete(files, "Prod-Login.json")
				files["Photos.json"], files["Reviews.json"] = "{}", "{}"
			},
			want: [][]string{{"Cart: differs"}, {"Prod/Login: read golden file"}, {"Photos.json"}, {"Reviews.json"}},
		},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SNAPSHOT_UPDATE", "")
			files := goldenFiles()
			templates := map[string]snapshot.Template{"Cart": same, "Prod/Login": same}
			cases[name].edit(files, templates)
			dir := writeFiles(t, files)
			before := filesIn(t, dir)

			tb := record(func(tb testing.TB) { snapshot.Match(tb, dir, templates) })

			wantMessages(t, "errors", tb.errors, cases[name].want)
			if diff := cmp.Diff(before, filesIn(t, dir)); diff != "" {
				t.Errorf("Match changed files without SNAPSHOT_UPDATE:\n%s", diff)
			}
		})
	}
}

func TestMatchWithoutDirectory(t *testing.T) {
	t.Setenv("SNAPSHOT_UPDATE", "0")
	dir := filepath.Join(t.TempDir(), "golden")
	tb := record(func(tb testing.TB) {
		snapshot.Match(tb, dir, map[string]snapshot.Template{"Cart": {}})
	})
	wantMessages(t, "errors", tb.errors, [][]string{{"Cart: read golden file"}})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("Match without SNAPSHOT_UPDATE=1 made %s", dir)
	}
}

func TestMatchUpdates(t *testing.T) {
	t.Setenv("SNAPSHOT_UPDATE", "1")
	dir := filepath.Join(t.TempDir(), "testdata", "golden")
	match := func(templates map[string]snapshot.Template) *recorder {
		return record(func(tb testing.TB) { snapshot.Match(tb, dir, templates) })
	}
	templates := map[string]snapshot.Template{
		"Cart":       stack("256", "Table", hashA),
		"Prod/Login": stack("256", "Table", hashA),
	}

	tb := match(templates)
	wantMessages(t, "errors of the first run", tb.errors, nil)
	wantMessages(t, "logs of the first run", tb.logs, [][]string{{"Cart: wrote", "Cart.json"}, {"Prod/Login: wrote", "Prod-Login.json"}})
	if diff := cmp.Diff(goldenFiles(), filesIn(t, dir)); diff != "" {
		t.Errorf("files of the first run (-want +got):\n%s", diff)
	}

	tb = match(templates)
	wantMessages(t, "errors of a run without changes", tb.errors, nil)
	wantMessages(t, "logs of a run without changes", tb.logs, nil)

	templates["Cart"] = stack("512", "Table", hashB)
	delete(templates, "Prod/Login")
	tb = match(templates)
	wantMessages(t, "errors of a run with changes", tb.errors, nil)
	wantMessages(t, "logs of a run with changes", tb.logs, [][]string{{"Cart: wrote"}, {"removed", "Prod-Login.json"}})
	want := map[string]string{"Cart.json": string(stack("512", "Table", hashB).Normalize().JSON())}
	if diff := cmp.Diff(want, filesIn(t, dir)); diff != "" {
		t.Errorf("files of a run with changes (-want +got):\n%s", diff)
	}

	tb = match(nil)
	wantMessages(t, "errors of a run without templates", tb.errors, [][]string{{"no templates"}})
	if diff := cmp.Diff(want, filesIn(t, dir)); diff != "" {
		t.Errorf("a run without templates changed files:\n%s", diff)
	}

	t.Setenv("SNAPSHOT_UPDATE", "")
	tb = match(templates)
	wantMessages(t, "errors of the comparison after it", tb.errors, nil)
}

func TestMatchReportsThatItCannotUpdate(t *testing.T) {
	t.Setenv("SNAPSHOT_UPDATE", "1")
	// A file in place of the directory fails the update even for a user with all permissions.
	dir := filepath.Join(writeFiles(t, map[string]string{"golden": ""}), "golden")
	tb := record(func(tb testing.TB) {
		snapshot.Match(tb, dir, map[string]snapshot.Template{"Cart": {}})
	})
	wantMessages(t, "errors", tb.errors, [][]string{{"Cart: update golden file", "golden"}, {"look for orphaned golden files", "golden"}})
}
