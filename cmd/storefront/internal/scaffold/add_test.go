package scaffold

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// module writes the files of an app that imports the library.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a [shop]") // brackets are a pattern for filepath.Glob
	for file, text := range files {
		if err := writeFile(filepath.Join(dir, file), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const imports = "package main\n\nimport \"github.com/storefront-cdk/storefront/constructs/app\"\n\n"

func TestAddService(t *testing.T) {
	orders, err := NewService("Orders")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file, text, want string // of the file with the list; want has the whole file, but the imports
	}{
		"a line each": {
			"main.go", imports + "var a = app.App{\n\tServices: []app.Service{\n\t\t{ID: \"Menu\", Define: defineMenu},\n\t},\n}\n",
			"var a = app.App{\n\tServices: []app.Service{\n\t\t{ID: \"Menu\", Define: defineMenu},\n\t\t{ID: \"Orders\", Define: defineOrders},\n\t},\n}\n",
		},
		"a comment at the end": {
			"main.go", imports + "var a = app.App{\n\tServices: []app.Service{\n\t\t{\"Menu\", defineMenu}, // first\n\t\t// more to come\n\t},\n}\n",
			"var a = app.App{\n\tServices: []app.Service{\n\t\t{\"Menu\", defineMenu}, // first\n\t\t// more to come\n\t\t{\"Orders\", defineOrders},\n\t},\n}\n",
		},
		"on one line": {
			"main.go", imports + "var a = app.App{Services: []app.Service{{ID: \"Menu\", Define: defineMenu}}}\n",
			"var a = app.App{Services: []app.Service{{ID: \"Menu\", Define: defineMenu}, {ID: \"Orders\", Define: defineOrders}}}\n",
		},
		"several on one line, of two": {
			"main.go", imports + "var a = []app.Service{\n\t{ID: \"Menu\", Define: defineMenu}, {ID: \"Cart\", Define: defineCart}}\n",
			"var a = []app.Service{\n\t{ID: \"Menu\", Define: defineMenu}, {ID: \"Cart\", Define: defineCart}, {ID: \"Orders\", Define: defineOrders}}\n",
		},
		"empty": {
			"main.go", imports + "var a = app.App{Services: []app.Service{}}\n",
			"var a = app.App{Services: []app.Service{\n\t{ID: \"Orders\", Define: defineOrders},\n}}\n",
		},
		"a function of another package": {
			"stacks/list.go", strings.ReplaceAll(imports, "main", "stacks") + "// Services are all.\nfunc Services() []app.Service {\n\treturn []app.Service{\n\t\t{ID: \"Menu\", Define: defineMenu},\n\t}\n}\n",
			"// Services are all.\nfunc Services() []app.Service {\n\treturn []app.Service{\n\t\t{ID: \"Menu\", Define: defineMenu},\n\t\t{ID: \"Orders\", Define: defineOrders},\n\t}\n}\n",
		},
		"imported by another name": {
			"main.go", strings.Replace(imports, "import ", "import shop ", 1) + "var a = []shop.Service{\n\t{ID: \"Menu\", Define: defineMenu},\n}\n",
			"var a = []shop.Service{\n\t{ID: \"Menu\", Define: defineMenu},\n\t{ID: \"Orders\", Define: defineOrders},\n}\n",
		},
		"not formatted": {
			"main.go", imports + "var  b = 1\nvar a = []app.Service{\n  {ID: \"Menu\", Define: defineMenu},\n}\n",
			"var  b = 1\nvar a = []app.Service{\n  {ID: \"Menu\", Define: defineMenu},\n\t{ID: \"Orders\", Define: defineOrders},\n}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := module(t, map[string]string{
				"go.mod": "module example.com/shop\n", test.file: test.text, "main.go": mainOf(test.file, test.text),
				// Lists that are not the app's.
				"tests_test.go": imports + "var b = []app.Service{}\n", "examples/hello/main.go": imports + "var b = []app.Service{}\n",
				"apps/clinic/cdk.json": "{}", "apps/clinic/x.go": imports + "var b = []app.Service{}\n",
			})
			added, err := AddService(dir, ".", orders, "kitchen")
			if err != nil {
				t.Fatal(err)
			}
			list := filepath.Join(dir, test.file)
			if added.List != list || added.File != filepath.Join(filepath.Dir(list), "orders.go") {
				t.Errorf("it added %+v", added)
			}
			text, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(string(text), "/app\"\n\n")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.file, diff)
			}
			service, err := os.ReadFile(added.File)
			if pkg, _, _ := strings.Cut(test.text, "\n"); err != nil || !strings.HasPrefix(string(service), pkg+"\n") || !strings.Contains(string(service), `Owner: "kitchen"`) {
				t.Errorf("%v\n%s", err, service)
			}
		})
	}
}

// Whichever of the two files cannot be written, neither is.
func TestAddServiceLeavesNothingBehind(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root can write everywhere")
	}
	orders, err := NewService("Orders")
	if err != nil {
		t.Fatal(err)
	}
	const text = imports + "var a = app.App{Services: []app.Service{}}\n"
	for _, closed := range []string{"stacks/list.go", "stacks"} {
		dir := module(t, map[string]string{"go.mod": "module example.com/shop\n", "main.go": mainOf("", ""), "stacks/list.go": text})
		if err := os.Chmod(filepath.Join(dir, closed), 0o500); err != nil { //nolint:gosec // a folder must be searched
			t.Fatal(err)
		}
		if added, err := AddService(dir, ".", orders, "kitchen"); err == nil {
			t.Errorf("%s is read-only: it added %+v", closed, added)
		}
		if err := os.Chmod(filepath.Join(dir, "stacks"), 0o700); err != nil { //nolint:gosec // likewise
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "stacks/list.go"))
		if files := tree(t, filepath.Join(dir, "stacks")); err != nil || string(got) != text || len(files) != 1 {
			t.Errorf("%s is read-only: got %q, and list.go\n%s", closed, files, got)
		}
	}
}

// The owner becomes text in Go, and a tag.
func TestCheckOwner(t *testing.T) {
	for _, good := range []string{"kitchen", "Team Küche", "a+b@example.com"} {
		if err := CheckOwner(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", `a"b`, "a\nb", "AWS:kitchen", strings.Repeat("a", 257)} {
		if err := CheckOwner(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// mainOf is main.go: that of the test, or one that imports the package of the list.
func mainOf(file, text string) string {
	if file == "main.go" {
		return text
	}
	return "package main\n\nimport \"example.com/shop/stacks\"\n\nfunc main() { stacks.Services() }\n"
}

// Without one list the file is written, and the caller says what is to be done.
func TestAddServiceWithoutOneList(t *testing.T) {
	orders, err := NewService("Orders")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"none": imports + "var a = app.App{Services: services()}\n",
		"two":  imports + "var a, b = []app.Service{}, []app.Service{}\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := module(t, map[string]string{"cmd/shop/main.go": text})
			added, err := AddService(dir, "./cmd/shop", orders, "platform")
			want := Addition{Dir: filepath.Join(dir, "cmd", "shop"), File: filepath.Join(dir, "cmd", "shop", "orders.go"), Line: `{ID: "Orders", Define: defineOrders}`}
			if err != nil || added != want {
				t.Errorf("got %+v, %v", added, err)
			}
			if _, err := os.Stat(added.File); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAddServiceThatClashes(t *testing.T) {
	history, err := NewService("order-history")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"everything": {
			map[string]string{
				"main.go":         imports + "var a = []app.Service{\n\t{ID: \"Menu\", Define: nil},\n\t{Define: nil, ID: \"Order-History\"},\n}\n",
				"orderhistory.go": "package main\n\nfunc defineOrderHistory() {}\n",
				"other.go":        "package main\n\ntype other struct{}\n\nfunc (other) defineOrderHistory() {} // a method is no clash\n",
			},
			"the app has a service Order-History, at main.go:7: choose another name\n" +
				"orderhistory.go exists: choose another name, or rename the file\n" +
				"defineOrderHistory is declared at orderhistory.go:3: choose another name, or rename the function",
		},
		"no code":        {map[string]string{"README.md": ""}, "DIR has no Go files: run this in the repository of an app"},
		"what Go cannot": {map[string]string{"main.go": "package"}, "fix what Go cannot read first: DIR/main.go:1:8: expected 'IDENT', found 'EOF'"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := module(t, test.files)
			before := tree(t, dir)
			_, err := AddService(dir, ".", history, "platform")
			if want := strings.ReplaceAll(test.want, "DIR", dir); err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Errorf("it wrote (-before +after):\n%s", diff)
			}
		})
	}
}

// The golden templates of the new service are written, and every other one is as it was, though the test rewrites all.
func TestAcceptService(t *testing.T) {
	programs(t, map[string]string{"npm": fineNPM, "go": `cd testdata/golden && for f in sandbox/Menu sandbox/Orders production/Orders sandbox/Unreviewed; do mkdir -p $(dirname $f); echo new > $f.json; done; rm sandbox/Gone.json`})
	dir := module(t, map[string]string{"package-lock.json": "", "testdata/golden/sandbox/Menu.json": "old\n", "testdata/golden/sandbox/Gone.json": "old\n"})
	orders, err := NewService("Orders")
	if err != nil {
		t.Fatal(err)
	}
	at := &project.Project{Root: dir, App: "go run ."}
	got, err := AcceptService(t.Context(), at, dir, orders, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	golden := func(names ...string) (files []string) {
		for _, name := range names {
			files = append(files, filepath.Join(dir, "testdata", "golden", name+".json"))
		}
		return files
	}
	if diff := cmp.Diff(golden("production/Orders", "sandbox/Orders"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, file := range golden("sandbox/Menu", "sandbox/Gone") {
		if text, err := os.ReadFile(file); err != nil || string(text) != "old\n" {
			t.Errorf("%s is %q: %v", file, text, err)
		}
	}
	if _, err := os.Stat(golden("sandbox/Unreviewed")[0]); err == nil {
		t.Error("a golden template that no one reviewed is there")
	}
}
