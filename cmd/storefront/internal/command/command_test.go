package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// each calls visit for every command of ours.
func each(c *cobra.Command, visit func(*cobra.Command)) {
	if c.Name() == "completion" || c.Name() == "help" {
		return
	}
	visit(c)
	for _, child := range c.Commands() {
		each(child, visit)
	}
}

func TestHelp(t *testing.T) {
	each(newRoot(), func(c *cobra.Command) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the short help is %q", c.CommandPath(), c.Short)
		}
		if c.Example == "" && (!c.HasSubCommands() || !c.HasParent()) {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if width := len([]rune(strings.TrimRight(line, "\n"))); width > 82 {
				t.Errorf("%s: a line of %d characters does not fit on a terminal: %s", c.CommandPath(), width, line)
			}
		}
		if c.Flags().Lookup("json") != nil && !strings.Contains(c.Example, "--json") {
			t.Errorf("%s has no example of --json", c.CommandPath())
		}
	})
}

// A user of the tool of a module writes go tool storefront.
func TestDisplayed(t *testing.T) {
	for path, want := range map[string]string{
		"/home/me/.cache/go-build/4f/4f0b2c-d/storefront": "go tool storefront",
		"/tmp/go-build123/b001/exe/storefront":            "storefront",
		"bin/storefront":                                  "storefront",
		"storefront":                                      "storefront",
	} {
		if got := displayed(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	args := os.Args
	defer func() { os.Args = args }()
	os.Args = []string{"/home/me/.cache/go-build/4f/4f0b2c-d/storefront"}
	if _, _, problems := ran("synth", "cart"); problems != "synth: unexpected argument \"cart\": write go tool storefront synth [flags]\n" {
		t.Errorf("got %s", problems)
	}
	if _, help, _ := ran("synth", "--help"); !strings.Contains(help, "\nUsage:\n  go tool storefront synth [flags]\n") || !strings.Contains(help, "\n  go tool storefront synth --only cart,reviews\n") {
		t.Errorf("got %s", help)
	}
}

func TestCompletion(t *testing.T) {
	root := t.TempDir()
	for file, text := range map[string]string{
		"cdk.json":                            `{"app": "go run ."}`,
		"testdata/golden/staging/Cart.json":   `{"Metadata": {"storefront:service:cart": {}}}`,
		"testdata/golden/staging/Two.json":    `{"Metadata": {"storefront:service:login": {}, "storefront:service:likes": {}}}`,
		"test/testdata/golden/prod/Cart.json": `{"Metadata": {"storefront:service:cart": {}}}`,
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(root, "test"))
	for typed, want := range map[string]string{
		"synth --env ":       "prod staging :4",
		"synth --only ":      "cart likes login :6",
		"synth --only cart,": "cart,likes cart,login :6",
		"synth ":             ":4",
		"init ":              ":16",
		"lint --assembly ":   ":16",
	} {
		var out, problems strings.Builder
		words := strings.Split(typed, " ")
		if status := Main(append([]string{"__complete"}, words...), strings.NewReader(""), &out, &problems); status != 0 {
			t.Errorf("%q: exit status %d\n%s", typed, status, problems.String())
		}
		if got := strings.Join(strings.Fields(out.String()), " "); got != want {
			t.Errorf("%q: got %s, want %s", typed, got, want)
		}
	}
}

// NO_COLOR and --no-color hold for the programs that are started, too.
func TestNoColor(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Chdir(t.TempDir())
	var out, problems strings.Builder
	Main([]string{"synth", "--no-color"}, strings.NewReader(""), &out, &problems)
	if os.Getenv("NO_COLOR") == "" {
		t.Error("--no-color sets no NO_COLOR")
	}
}

// The page of the tool names every command and every flag.
func TestThePageOfTheTool(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/tool.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	inHelp := map[string]bool{"help": true, "version": true}
	each(newRoot(), func(c *cobra.Command) {
		if path := strings.TrimPrefix(c.CommandPath(), "storefront "); c.HasParent() && !c.HasSubCommands() && !c.Hidden &&
			!strings.Contains(page, "`go tool storefront "+path) && !strings.Contains(page, "`"+path) && !strings.Contains(page, "`"+c.Name()+"`") {
			t.Errorf("the page does not name %s", path)
		}
		if c.Name() == "init" || c.Parent() != nil && c.Parent().Name() == "add" {
			return // pages of their own
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !inHelp[f.Name] && !strings.Contains(page, "--"+f.Name) {
				t.Errorf("the page does not name --%s of %s", f.Name, c.CommandPath())
			}
		})
	})
}
