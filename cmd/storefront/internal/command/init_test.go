package command

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/scaffold"
)

func TestInitWithoutATerminal(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-3")
	dir := filepath.Join(t.TempDir(), "menu-api")
	if err := os.MkdirAll(filepath.Join(dir, "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	noVersion := "this program was compiled from a folder, and so has no version that go.mod could require: add --library with the root of that copy of the library, or use go run " + scaffold.Tool + "@VERSION init\n"
	inTheWay := dir + " has node_modules, which would be overwritten or in the way: move them, or choose another folder\n"
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing given": {
			[]string{dir}, "init: --module is missing, and there is no terminal to ask on: add it, such as --module example.com/menu-api\n" +
				"--service is missing, and there is no terminal to ask on: add it, such as --service MenuApi\n" +
				"--region is missing, and there is no terminal to ask on: add it, such as --region eu-west-3\n" + inTheWay + noVersion,
		},
		"everything wrong": {
			[]string{dir, "--module", "a b", "--name", "A", "--region", "mars-1", "--service", "teams"}, "init: --module must be the path of a Go module, such as github.com/acme/menu, got \"a b\"\n" +
				"--name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got \"A\"\n" +
				"--region must be one with VPC links of HTTP APIs, " + strings.Join(scaffold.Regions(), ", ") + ", got \"mars-1\"\n" +
				"--service: a service must not have the name of a stack that services share, Platform, Identity or Teams, got \"teams\": choose another\n" + inTheWay + noVersion,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out, problems bytes.Buffer
			status := Main(append([]string{"init"}, test.args...), strings.NewReader(""), &out, &problems)
			if status != statusUsage || out.Len() > 0 || problems.String() != test.want {
				t.Errorf("exit status %d\n%s%s\nwant\n%s", status, out.String(), problems.String(), test.want)
			}
		})
	}
}

// What a script passes to init can be an empty text, or the path of a file.
func TestInitInNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "menu")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		"":   "init: the folder is empty text: name one, or leave it out for the working directory\n",
		file: "init: " + file + " must be a folder, and is a file or below one: choose another\n",
	} {
		var out, problems bytes.Buffer
		status := Main([]string{"init", dir, "--module", "example.com/menu", "--service", "Menu", "--region", "us-east-2", "--library", "../../../.."}, strings.NewReader(""), &out, &problems)
		if status != statusUsage || problems.String() != want {
			t.Errorf("init %q: exit status %d\n%s\nwant\n%s", dir, status, problems.String(), want)
		}
	}
}

func TestInitInAModuleOfAnotherPath(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/menu\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	status := Main([]string{"init", dir, "--module", "example.com/other", "--service", "Menu", "--region", "us-east-2", "--library", "../../../.."}, strings.NewReader(""), &out, &problems)
	want := "init: --module must be absent, or that of the go.mod in " + dir + ", example.com/menu, got \"example.com/other\"\n"
	if status != statusUsage || problems.String() != want {
		t.Errorf("exit status %d\n%s\nwant\n%s", status, problems.String(), want)
	}
}

func TestAsk(t *testing.T) {
	check := func(answer string) error {
		if answer == "bad" {
			return fmt.Errorf("not %s", answer)
		}
		return nil
	}
	for name, test := range map[string]struct{ typed, want, shown string }{
		"nothing":            {"\n", "good", "Service [good]: "},
		"something":          {"  other \n", "other", "Service [good]: "},
		"a mistake":          {"bad\nother\n", "other", "Service [good]: not bad\nService [good]: "},
		"no line end":        {"other", "other", "Service [good]: "},
		"the end":            {"", "error: the input has ended: nothing was written", "Service [good]: \n"},
		"a mistake, at last": {"bad", "error: the input has ended: nothing was written", "Service [good]: not bad\nService [good]: \n"},
	} {
		t.Run(name, func(t *testing.T) {
			var shown bytes.Buffer
			got, err := ask(t.Context(), bufio.NewReader(strings.NewReader(test.typed)), &shown, "Service", "good", check)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != test.want || shown.String() != test.shown {
				t.Errorf("got %q and showed %q, want %q and %q", got, shown.String(), test.want, test.shown)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	silent, _, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(ctx, bufio.NewReader(silent), &bytes.Buffer{}, "Service", "good", check); fmt.Sprint(err) != "interrupted: nothing was written" {
		t.Errorf("interrupted, it returned %v", err)
	}
}

func TestModuleOfARepository(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "services", "menu")
	if err := os.MkdirAll(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) {
		t.Helper()
		if output, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	if got := moduleOf(t.Context(), inner); got != "example.com/menu" {
		t.Errorf("without a repository it is %s", got)
	}
	git("init", "-q")
	git("remote", "add", "origin", "x")
	for url, want := range map[string]string{
		"git@github.com:acme/shop.git":                 "github.com/acme/shop/services/menu",
		"https://github.com/acme/shop":                 "github.com/acme/shop/services/menu",
		"https://user:secret@git.example.com/a/b.git/": "git.example.com/a/b/services/menu",
		"ssh://git@git.example.com:7999/acme/shop.git": "git.example.com/acme/shop/services/menu",
		"/srv/git/shop.git":                            "example.com/menu",
		"../shop":                                      "example.com/menu",
	} {
		git("remote", "set-url", "origin", url)
		if got := moduleOf(t.Context(), inner); got != want {
			t.Errorf("%s: the module is %s, want %s", url, got, want)
		}
	}
}

func TestVersionOfTheTool(t *testing.T) {
	of := func(module debug.Module) *debug.BuildInfo { return &debug.BuildInfo{Main: module} }
	for version, want := range map[string]bool{
		"v1.2.3": true, "v0.0.0-20261126120000-aaaaaaaaaa01": true, "": false, "(devel)": false,
		"v0.0.0-20261126120000-aaaaaaaaaa01+dirty": false, "v0.0.0-00010101000000-000000000000": false,
	} {
		got, err := versionOf(of(debug.Module{Path: scaffold.Tool, Version: version}))
		if (err == nil) != want || want && got != version {
			t.Errorf("%q: got %q, %v", version, got, err)
		}
	}
	for name, info := range map[string]*debug.BuildInfo{
		"none":                 nil,
		"of another program":   of(debug.Module{Path: "example.com/menu", Version: "v1.2.3"}),
		"replaced by a folder": of(debug.Module{Path: scaffold.Tool, Version: "v1.2.3", Replace: &debug.Module{Path: "../storefront"}}),
	} {
		if got, err := versionOf(info); err == nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestCreatedSaysWhatIsNext(t *testing.T) {
	app := scaffold.App{Name: "menu", Service: scaffold.Service{ID: "Menu"}}
	files := []scaffold.File{{Path: "main.go", About: "the app"}, {Path: "testdata/golden/sandbox/Menu.json"}, {Path: "go.mod"}, {Path: "go.sum"}}
	want := `menu is an app with the service Menu, in environments sandbox and production, in api:

  main.go                    the app
  testdata/golden            1 templates, as they were reviewed
  and go.mod, go.sum

Next:

  cd api
  make synth                 # the CloudFormation of it all
  make sandbox               # all of it, deployed to an emulator on this machine
`
	if got := created(app, "api", files); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := created(app, "it's a menu", files); !strings.Contains(got, `  cd 'it'\''s a menu'`+"\n") {
		t.Errorf("in a folder that a shell would split it is\n%s", got)
	}
	if got := created(app, ".", files); strings.Contains(got, "cd ") || !strings.Contains(got, "make help") {
		t.Errorf("in the folder itself it is\n%s", got)
	}
}

func TestTheWorkflowBelowTheRootOfARepository(t *testing.T) {
	root := t.TempDir()
	app := filepath.Join(root, "infra", "api")
	if err := os.MkdirAll(app, 0o755); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("git", "init", "-q", root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if got := elsewhere(t.Context(), app); !strings.Contains(got, "go-version-file to infra/api/go.mod") {
		t.Errorf("below the root: got %q", got)
	}
	if got := elsewhere(t.Context(), root); got != "" {
		t.Errorf("in the root: got %q, want nothing", got)
	}
}

func TestARouteWithTheScopeOfAccessTokens(t *testing.T) {
	r := &report{Routes: []reportRoute{
		{Service: "menu", Method: "GET", Path: "/menu", SignedIn: true, URL: "https://api/menu", tokens: true},
		{Service: "menu", Method: "POST", Path: "/menu", SignedIn: true, Scopes: []string{"aws.cognito.signin.user.admin"}, URL: "https://api/menu", tokens: true},
		{Service: "menu", Method: "PUT", Path: "/menu", SignedIn: true, Scopes: []string{"menu/write"}, URL: "https://api/menu", tokens: true},
	}}
	var b strings.Builder
	r.call(&b, true)
	for _, want := range []string{"sandbox token)\" 'https://api/menu'   # menu", "sandbox token --access)\" -X POST 'https://api/menu'   # menu"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "PUT") {
		t.Errorf("no token of the tool has the scope menu/write:\n%s", b.String())
	}
}
