package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ran runs the command line, and returns its exit status and what it has printed.
func ran(args ...string) (status int, out, problems string) {
	var stdout, stderr strings.Builder
	status = Main(args, strings.NewReader(""), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// golden writes golden templates of one service into a folder: one that publishes, and may do more than it should.
func golden(t *testing.T, statement string) string {
	t.Helper()
	dir := t.TempDir()
	text := `{"Metadata": {"storefront:service:cart": {"Path": "Cart/Cart", "Owner": "checkout", "Environment": "production", "Uses": [],
		"Publishes": [{"Source": "shop.cart", "DetailType": "CheckedOut", "Schema": {"type": "object"}}]}},
		"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": {"Statement": [` + statement + `]}}]}}}}`
	if err := os.WriteFile(filepath.Join(dir, "Cart.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

const wide = `{"Effect": "Allow", "Action": "athena:ListDataCatalogs", "Resource": "*"}`

func TestGraph(t *testing.T) {
	dir, out := golden(t, ""), filepath.Join(t.TempDir(), "docs")
	graph := func(want int, flags ...string) (string, string) {
		t.Helper()
		status, out, problems := ran(append([]string{"graph", "--assembly", dir, "--out", out}, flags...)...)
		if status != want {
			t.Fatalf("%v: exit status %d, want %d\n%s%s", flags, status, want, out, problems)
		}
		return out, problems
	}
	if _, problems := graph(1, "--check"); !strings.HasPrefix(problems, "graph: events/cart.asyncapi.json, graph.md, least-privilege.md are not as the templates say: run ") ||
		!strings.HasSuffix(problems, " graph --env production --out "+out+", and commit what it writes\n") {
		t.Errorf("got %s", problems)
	}
	if said, _ := graph(0); said != "wrote "+out+"/events/cart.asyncapi.json\nwrote "+out+"/graph.md\nwrote "+out+"/least-privilege.md\n" {
		t.Errorf("got %s", said)
	}
	graph(0, "--check")
	if said, _ := graph(0); said != out+"/graph.md and the files beside it are up to date\n" {
		t.Errorf("got %s", said)
	}

	// The document of a service that is gone is deleted, and one that the team wrote stays.
	old, own := filepath.Join(out, "events", "old.asyncapi.json"), filepath.Join(out, "events", "own.asyncapi.json")
	text, err := os.ReadFile(filepath.Join(out, "events", "cart.asyncapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string][]byte{old: text, own: []byte("{}"), filepath.Join(out, "graph.md"): []byte("# Edited\n")} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, problems := graph(1, "--check"); !strings.HasPrefix(problems, "graph: events/old.asyncapi.json, graph.md are not as") {
		t.Errorf("got %s", problems)
	}
	if said, _ := graph(0); said != "deleted "+old+"\nwrote "+out+"/graph.md\n" {
		t.Errorf("got %s", said)
	}
	if _, err := os.Stat(own); err != nil {
		t.Error(err)
	}
}

func TestAnActionOnEveryResourceIsAFinding(t *testing.T) {
	dir, out := golden(t, wide), t.TempDir()
	args := []string{"graph", "--assembly", dir, "--out", out}
	status, _, problems := ran(args...)
	if want := "graph: athena:ListDataCatalogs on every resource (role of cart): name the resource, or "; status != 1 || !strings.HasPrefix(problems, want) {
		t.Errorf("exit status %d\n%s", status, problems)
	}
	if status, _, problems := ran(append(args, "--check")...); status != 1 || strings.Contains(problems, "not as the templates say") {
		t.Errorf("--check: exit status %d\n%s", status, problems)
	}
	if status, _, problems := ran(append(args, "--reason", "athena:ListDataCatalogs=lists all of them")...); status != 0 || problems != "" {
		t.Errorf("with a reason: exit status %d\n%s", status, problems)
	}
	if page, _ := os.ReadFile(filepath.Join(out, "least-privilege.md")); !strings.Contains(string(page), "| `athena:ListDataCatalogs` | lists all of them | role of cart |") {
		t.Errorf("the page is\n%s", page)
	}
	status, said, _ := ran("graph", "--assembly", dir, "--json")
	var read struct {
		Services   []struct{ Name string }
		Events     []struct{ Publishers []string }
		Roles      []struct{ LogicalID string }
		Everything []struct{ Action, Reason string }
	}
	if err := json.Unmarshal([]byte(said), &read); err != nil || status != 1 {
		t.Fatalf("exit status %d, %v\n%s", status, err, said)
	}
	if read.Services[0].Name != "cart" || read.Events[0].Publishers[0] != "cart" || read.Roles[0].LogicalID != "Role" || read.Everything[0].Action != "athena:ListDataCatalogs" {
		t.Errorf("the JSON is %+v", read)
	}
}

func TestErrorsOfGraph(t *testing.T) {
	t.Chdir(t.TempDir())
	for want, args := range map[string][]string{
		"--env is for the synthesis, which --assembly replaces: leave one out":                                                              {"--assembly", "x", "--env", "production"},
		"--only is a part of the app, and docs has the pages of the whole: add --out with another folder, or --json":                        {"--only", "cart"},
		"--check compares files, and --json writes none: leave one out":                                                                     {"--check", "--json"},
		"--reason must be an action of IAM and a reason, such as 'athena:ListDataCatalogs=lists all catalogs', got \"s3:ListAllMyBuckets\"": {"--reason", "s3:ListAllMyBuckets"},
		"no cdk.json in this folder or above it: run this in the repository of an app, or create one with storefront init":                  {},
	} {
		if status, _, problems := ran(append([]string{"graph"}, args...)...); status != 2 || problems != "graph: "+want+"\n" {
			t.Errorf("%v: exit status %d, got %s", args, status, problems)
		}
	}
	if err := os.WriteFile("notes.json", []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, problems := ran("graph", "--assembly", ".", "--json"); status != 1 || problems != "graph: notes.json is no template: it has no Resources\n" {
		t.Errorf("exit status %d, got %s", status, problems)
	}
	if status, _, problems := ran("graph", "--assembly", "none", "--json"); status != 1 || !strings.HasPrefix(problems, "graph: read cloud assembly: ") {
		t.Errorf("exit status %d, got %s", status, problems)
	}
}
