package summary

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	stacks, err := read("testdata/assembly")
	if err != nil {
		t.Fatal(err)
	}
	got := table("cdk.out", stacks)

	want := `stack     name                 resources of 500  KB of 1024  depends on
Platform  Platform                            0           1  -
Identity  sandbox-zz-identity                 1           1  Platform
Cart      sandbox-cart                        2           1  Platform, elsewhere, sandbox-zz-identity

3 stacks, 3 resources; templates in cdk.out/*.template.json
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestTableRoundsUp(t *testing.T) {
	got := table("out", []stack{{id: "A", name: "a", resources: 1, bytes: 1023*1024 + 1}})

	want := `stack  name  resources of 500  KB of 1024  depends on
A      a                    1        1024  -

1 stack, 1 resource; templates in out/*.template.json
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestReadFails(t *testing.T) {
	stack := `{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}}}`
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no assembly": {nil, "manifest.json: no such file"},
		"no template": {map[string]string{"manifest.json": stack}, "A.template.json: no such file"},
		"broken template": {
			map[string]string{"manifest.json": stack, "A.template.json": "{"},
			"A.template.json: unexpected end of JSON input",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := read(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}
