package summary

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	s, err := Of("testdata/assembly", "cdk.out")
	if err != nil {
		t.Fatal(err)
	}
	want := `stack     name                 resources of 500  KB of 1024  depends on
Platform  Platform                            0           1  -
Identity  sandbox-zz-identity                 1           1  Platform
Cart      sandbox-cart                        9           2  Platform, elsewhere, sandbox-zz-identity

3 stacks, 10 resources; templates in cdk.out/*.template.json
`
	if got := s.StackTable("cdk.out"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	want = `method   path            access                               service  stack
ANY      $default        public                               -        Cart
ANY      /cart/{proxy+}  signed in, scope carts/a or carts/b  cart     Cart
GET      /cart/{proxy+}  public                               cart     Cart
OPTIONS  /cart/{proxy+}  public                               -        Cart
POST     /cart/{proxy+}  IAM                                  -        Cart

5 routes
`
	if got := s.RouteTable(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	text, err := json.Marshal(s.Stacks[2])
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(text), `{"id":"Cart","name":"sandbox-cart","account":"111122223333","region":"us-east-1","template":"cdk.out/Cart.template.json",`; !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s…", got, want)
	}
}

func TestStackTableRoundsUp(t *testing.T) {
	got := Summary{Stacks: []Stack{{ID: "A", Name: "a", Resources: 1, Bytes: 1023*1024 + 1}}}.StackTable("out")

	want := `stack  name  resources of 500  KB of 1024  depends on
A      a                    1        1024  -

1 stack, 1 resource; templates in out/*.template.json
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// A machine reads lists, even if they are empty.
func TestNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Of(dir, "cdk.out")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(s); err != nil || string(text) != `{"stacks":[],"routes":[]}` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestOfFails(t *testing.T) {
	stack := `{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}}}`
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no assembly": {nil, "manifest.json: no such file"},
		"no template": {map[string]string{"manifest.json": stack}, "A.template.json: no such file"},
		"broken template": {
			map[string]string{"manifest.json": stack, "A.template.json": "{"},
			"A.template.json: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Of(dir, "cdk.out"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}
