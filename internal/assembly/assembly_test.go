package assembly

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// app has a stack that all others wait for, and one that waits for another too.
var app = App{
	Stacks: []string{"Base", "Orders", "Cart", "Reviews"},
	After:  map[string][]string{"Orders": {"Base", "Reviews"}, "Cart": {"Base"}, "Reviews": {"Base"}},
	Beside: []string{"Registry"},
}

// made writes what a process makes of some of the stacks, as the CDK does. The stacks of a part wait for each other in the order in
// which they are deployed.
func made(t *testing.T, a App, ids ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var artifacts, children []string
	for n, id := range ids {
		after := slices.DeleteFunc(slices.Clone(a.After[id]), func(other string) bool { return !slices.Contains(ids, other) })
		after = append(after, id+".assets")
		artifacts = append(artifacts, fmt.Sprintf(`    "%s.assets": {
      "type": "cdk:asset-manifest",
      "properties": {}
    },
    "%s": {
      "type": "aws:cloudformation:stack",
      "dependencies": [
        "%s"
      ],
      "displayName": "<%s>"
    }`, id, id, strings.Join(after, "\",\n        \""), id))
		children = append(children, fmt.Sprintf(`"%s":{"id":"%s","path":"%s"}`, id, id, id))
		if n == 0 && id != "Base" || n == 1 && ids[0] == "Base" {
			children = append(children, `"Registry":{"id":"Registry","path":"Registry"}`)
		}
		put(t, dir, id+".template.json", id)
	}
	put(t, dir, "manifest.json", `{
  "version": "1",
  "artifacts": {
`+strings.Join(artifacts, ",\n")+`,
    "Tree": {
      "type": "cdk:tree"
    }
  },
  "minimumCliVersion": "2"
}`)
	put(t, dir, "tree.json", `{"version":"tree","tree":{"id":"App","path":"","children":{`+strings.Join(children, ",")+`,"Tree":{"id":"Tree","path":"Tree"}}}}`)
	put(t, dir, "cdk.out", `{"version":"1"}`)
	put(t, dir, filepath.Join("asset.1", "Dockerfile"), "FROM scratch")
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheStacksInTheOrderOfTheirDeployment(t *testing.T) {
	if diff := cmp.Diff([]string{"Base", "Cart", "Reviews", "Orders"}, app.Deployed()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// report is what the validation has found, in lists of rules with the constructs of each.
func report(found, acknowledged [][]string) string {
	list := func(rules [][]string, more string) string {
		if len(rules) == 0 {
			return "[]"
		}
		var all []string
		for _, rule := range rules {
			var constructs []string
			for _, path := range rule[1:] {
				constructs = append(constructs, fmt.Sprintf("            {\n              \"constructPath\": %q\n            }", path))
			}
			all = append(all, fmt.Sprintf("        {\n          \"ruleName\": %q,\n          \"violatingConstructs\": [\n%s\n          ]%s\n        }", rule[0], strings.Join(constructs, ",\n"), more))
		}
		return "[\n" + strings.Join(all, ",\n") + "\n      ]"
	}
	text := `{
  "title": "Report",
  "pluginReports": [
    {
      "pluginName": "CloudFormation Validate",
      "conclusion": "success",
      "violations": ` + list(found, "")
	if len(acknowledged) > 0 {
		text += ",\n      \"suppressedViolations\": " + list(acknowledged, ",\n          \"acknowledgedAt\": \"Base\"")
	}
	return text + "\n    }\n  ]\n}"
}

func TestMerge(t *testing.T) {
	// The validation sees Base, Cart, Reviews, Orders in this order, and in each the rules B, A.
	whole := made(t, app, app.Stacks...)
	put(t, whole, reportFile, report([][]string{{"C", "Cart/1"}, {"B", "Cart/2", "Reviews/1", "Orders/1"}, {"A", "Reviews/2", "Orders/2"}}, [][]string{{"Z", "Base/1"}}))
	one, other := made(t, app, "Base", "Orders", "Cart"), made(t, app, "Reviews")
	put(t, one, reportFile, report([][]string{{"C", "Cart/1"}, {"B", "Cart/2", "Orders/1"}, {"A", "Orders/2"}}, [][]string{{"Z", "Base/1"}}))
	put(t, other, reportFile, report([][]string{{"B", "Reviews/1"}, {"A", "Reviews/2"}}, nil))
	want, into := content(t, whole), t.TempDir()
	put(t, into, "Cart.template.json", "of an earlier synthesis")
	put(t, into, filepath.Join("asset.1", "Dockerfile"), "FROM scratch")
	if err := app.Merge(into, "scratch", []string{one, other}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, content(t, into)); diff != "" {
		t.Errorf("files (-one process +merged):\n%s", diff)
	}
}

func TestWhatIsNotMerged(t *testing.T) {
	replace := func(file, before, after string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			text := content(t, dir)[file]
			if !strings.Contains(text, before) {
				t.Fatalf("%s has no %s", file, before)
			}
			put(t, dir, file, strings.Replace(text, before, after, 1))
		}
	}
	write := func(file, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { put(t, dir, file, text) }
	}
	found := func(found, acknowledged [][]string) func(*testing.T, string) {
		return write(reportFile, report(found, acknowledged))
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string) // of the part with Reviews and Cart
		app    func(*App)
		want   string
	}{
		"an artifact of another type":       {replace("manifest.json", `"cdk:tree"`, `"cdk:nested"`), nil, "manifest.json: artifact Tree must be a cdk:tree, got cdk:nested"},
		"an artifact of no stack":           {replace("manifest.json", `"Reviews": {`, `"Other": {`), nil, "artifact Other is in two parts, or of no service"},
		"a stack of another part":           {replace("manifest.json", `"Reviews": {`, `"Orders": {`), nil, "artifact Orders is in two parts, or of no service"},
		"an unexpected dependency":          {replace("manifest.json", `"Reviews.assets"`+"\n      ]", `"Other"`+"\n      ]"), nil, "artifact Reviews: it depends on Other"},
		"another version":                   {replace("manifest.json", `"version": "1"`, `"version": "2"`), nil, "manifest.json: the parts differ in version"},
		"a context that is missing":         {replace("manifest.json", `"minimumCliVersion"`, `"missing": [], "minimumCliVersion"`), nil, "manifest.json: the parts have 3 and 4 members"},
		"no manifest":                       {func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "manifest.json")) }, nil, "no such file"},
		"no tree":                           {func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "tree.json")) }, nil, "tree.json must be in each part, got it in 1 of 2"},
		"a tree in pieces":                  {write("trees-1.json", "{}"), nil, "trees-1.json cannot be merged"},
		"a tree that one process divides":   {replace("tree.json", `"path":"Reviews"`, `"path":"Reviews"`+strings.Repeat(`,"path":""`, maxNodes)), nil, "tree.json: it has 5000"},
		"a construct beside the stacks":     {replace("tree.json", `"Tree":{`, `"Beside":{},"Tree":{`), nil, "tree.json: a service defines the construct Beside outside of its stack"},
		"another registry":                  {replace("tree.json", `"path":"Registry"`, `"path":"Other"`), nil, "tree.json: construct Registry is in two parts"},
		"a file with two contents":          {write("cdk.out", "{}"), nil, "cdk.out is in two parts with different content"},
		"an asset with the assembly itself": {write(filepath.Join("asset.2", "cdk.out", "scratch", "x"), ""), nil, "is a copy of the assembly itself"},
		"a validation that failed":          {replaceIn(report([][]string{{"A", "Cart/1"}}, nil), `"success"`, `"failure"`), nil, "the validation has failed"},
		"the report of another plugin":      {replaceIn(report(nil, nil), "CloudFormation Validate", "Mine"), nil, `validation-report.json: it has the report of "Mine"`},
		"a finding in no stack":             {found([][]string{{"A", "Other/1"}}, nil), nil, "Other/1 is in no stack of a service"},
		"stacks in another order":           {found([][]string{{"A", "Reviews/1", "Cart/1"}}, nil), nil, "the stacks of a part are validated in another order"},
		"an unknown order of two rules": {
			found([][]string{{"A", "Reviews/1"}, {"B", "Cart/2"}}, [][]string{{"A", "Cart/1"}}), nil, "a finding is suppressed in one stack and not in another",
		},
		"a report that the app prints": {found([][]string{{"A", "Cart/1"}}, nil), func(a *App) { a.PrintsReport = true }, "the app prints what the validation has found"},
		"a stack with the name of another construct": {
			func(*testing.T, string) {}, func(a *App) { a.Beside = []string{"Cart"} }, `a stack is named "Cart"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			one, other := made(t, app, "Base", "Orders"), made(t, app, "Cart", "Reviews")
			c.change(t, other)
			a, into := app, t.TempDir()
			if c.app != nil {
				c.app(&a)
			}
			err := a.Merge(into, "scratch", []string{one, other})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if left := content(t, into); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
}

// replaceIn writes a report with a change.
func replaceIn(text, before, after string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if !strings.Contains(text, before) {
			t.Fatalf("the report has no %s", before)
		}
		put(t, dir, reportFile, strings.Replace(text, before, after, 1))
	}
}
