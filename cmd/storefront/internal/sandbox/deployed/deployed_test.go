package deployed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// assembly writes a cloud assembly with the given artifacts, and an empty template for each stack.
func assembly(t *testing.T, artifacts string) string {
	t.Helper()
	dir := t.TempDir()
	for file, text := range map[string]string{
		"manifest.json": `{"version": "1", "artifacts": {` + artifacts + `}}`,
		"Cart.json":     `{}`, "Login.json": `{}`, "Platform.json": `{}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func stack(id, region string, dependencies ...string) string {
	list := ""
	if len(dependencies) > 0 {
		list = `"` + strings.Join(dependencies, `", "`) + `"`
	}
	return `"` + id + `": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/` + region + `",
		"dependencies": [` + list + `], "properties": {"templateFile": "` + id + `.json", "stackName": "shop-` + strings.ToLower(id) + `"}}`
}

func TestAssembly(t *testing.T) {
	dir := assembly(t, strings.Join([]string{
		stack("Login", "us-east-1", "Platform", "Login.assets"), stack("Cart", "us-east-1", "Platform"),
		stack("Platform", "us-east-1"), `"Tree": {"type": "cdk:tree"}`,
	}, ","))
	stacks, err := Assembly(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, stack := range stacks {
		got = append(got, stack.ID+" "+stack.Name)
	}
	want := []string{"Platform shop-platform", "Cart shop-cart", "Login shop-login"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if region, err := Region(dir); region != "us-east-1" || err != nil {
		t.Errorf("region %q, %v", region, err)
	}
}

func TestRegionOfSeveralOrNone(t *testing.T) {
	for name, test := range map[string]struct{ artifacts, want string }{
		"several": {stack("Cart", "us-east-1") + "," + stack("Login", "eu-central-1"), `want the stacks of one account and region, got unknown-account/eu-central-1, unknown-account/us-east-1`},
		"any":     {stack("Cart", "unknown-region"), ""},
		"none":    {`"Tree": {"type": "cdk:tree"}`, ` has no stacks`},
	} {
		t.Run(name, func(t *testing.T) {
			region, err := Region(assembly(t, test.artifacts))
			if test.want == "" && (err != nil || region != "") {
				t.Errorf("got %q, %v, want any region", region, err)
			}
			if test.want != "" && (err == nil || !strings.HasSuffix(err.Error(), test.want)) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestAStackThatTheManifestDoesNotName(t *testing.T) {
	dir := assembly(t, `"Cart": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/us-east-1",
		"properties": {"templateFile": "Cart.json", "terminationProtection": true}}`)
	stacks, err := Assembly(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(stacks) != 1 || stacks[0].Name != "Cart" || !stacks[0].Protected {
		t.Errorf("got %+v, want the protected stack Cart", stacks)
	}
	if account, err := Account(dir); account != "111122223333" || err != nil {
		t.Errorf("account %q, %v", account, err)
	}
}
