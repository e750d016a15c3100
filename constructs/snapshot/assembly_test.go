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

// writeFiles writes files by their path under a new directory and returns it.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range files {
		file := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRead(t *testing.T) {
	// The shape, and the other artifacts between the stacks, are those of CDK 2.276.
	dir := writeFiles(t, map[string]string{
		"manifest.json": `{"version": "54.0.0", "artifacts": {
			"assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod", "displayName": "Prod"}},
			"Cart.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Cart.assets.json"}},
			"Cart": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Cart.template.json"}, "displayName": "Cart"},
			"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
			"aws-cdk-lib/feature-flag-report": {"type": "cdk:feature-flag-report", "properties": {"module": "aws-cdk-lib", "flags": {}}}
		}}`,
		"Cart.assets.json": `{"files": {
			"7b": {"source": {"path": "asset.7b", "packaging": "zip"}},
			"f1": {"source": {"path": "CartSearch63BB2E0D.nested.template.json", "packaging": "file"}},
			"13": {"source": {"path": "Cart.template.json", "packaging": "file"}}
		}}`,
		"Cart.template.json":                      `{"Description": "cart"}`,
		"CartSearch63BB2E0D.nested.template.json": `{"Description": "cart search"}`,
		"CartLeft0A0B0C0D.nested.template.json":   `{"Description": "left by an earlier synthesis"}`,
		"assembly-Prod/manifest.json": `{"artifacts": {
			"ProdCart6C646F86": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "ProdCart6C646F86.template.json"}}
		}}`,
		"assembly-Prod/ProdCart6C646F86.template.json": `{"Description": "cart in production"}`,
	})
	got, err := snapshot.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]snapshot.Template{
		"Cart":                      {"Description": "cart"},
		"CartSearch63BB2E0D.nested": {"Description": "cart search"},
		"ProdCart6C646F86":          {"Description": "cart in production"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("templates (-want +got):\n%s", diff)
	}
}

func TestReadErrors(t *testing.T) {
	const cart = `"Cart": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Cart.template.json"}}`
	cases := map[string]struct {
		files map[string]string
		want  []string
	}{
		"no manifest": {
			nil,
			[]string{"manifest.json", "no such file"},
		},
		"broken manifest": {
			map[string]string{"manifest.json": `{"artifacts": [`},
			[]string{"manifest.json: unexpected end of JSON input"},
		},
		"no template": {
			map[string]string{"manifest.json": `{"artifacts": {` + cart + `}}`},
			[]string{"Cart.template.json", "no such file"},
		},
		"broken template": {
			map[string]string{"manifest.json": `{"artifacts": {` + cart + `}}`, "Cart.template.json": `{`},
			[]string{"Cart.template.json: parse template: unexpected EOF"},
		},
		"stack without a file": {
			map[string]string{"manifest.json": `{"artifacts": {"Cart": {"type": "aws:cloudformation:stack"}}}`},
			[]string{`manifest.json: artifact "Cart" must be a file or a directory below that of the manifest, got "."`},
		},
		"nested assembly without a directory": {
			map[string]string{"manifest.json": `{"artifacts": {"assembly-Prod": {"type": "cdk:cloud-assembly"}}}`},
			[]string{`manifest.json: artifact "assembly-Prod" must be a file or a directory below that of the manifest, got "."`},
		},
		"assembly that names its own directory": {
			map[string]string{"manifest.json": `{"artifacts": {"assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}`},
			[]string{`manifest.json: artifact "assembly-Prod" must be a file or a directory below that of the manifest, got "."`},
		},
		"assembly that names its parent": {
			map[string]string{
				"manifest.json":      `{"artifacts": {"assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "prod"}}}}`,
				"prod/manifest.json": `{"artifacts": {"assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "x/../.."}}}}`,
			},
			[]string{filepath.Join("prod", "manifest.json") + `: artifact "assembly-Prod" must be a file or a directory below that of the manifest, got ".."`},
		},
		"stack elsewhere": {
			map[string]string{"manifest.json": `{"artifacts": {"Cart": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "/etc/passwd"}}}}`},
			[]string{`manifest.json: artifact "Cart" must be a file or a directory below that of the manifest, got "/etc/passwd"`},
		},
		"broken nested assembly": {
			map[string]string{
				"manifest.json":      `{"artifacts": {"assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "prod"}}}}`,
				"prod/manifest.json": `{`,
			},
			[]string{filepath.Join("prod", "manifest.json") + ": unexpected end"},
		},
		"missing asset manifest": {
			map[string]string{"manifest.json": `{"artifacts": {"Cart.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Cart.assets.json"}}}}`},
			[]string{"Cart.assets.json", "no such file"},
		},
		"missing nested stack": {
			map[string]string{
				"manifest.json":    `{"artifacts": {"Cart.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Cart.assets.json"}}}}`,
				"Cart.assets.json": `{"files": {"f1": {"source": {"path": "CartSearch.nested.template.json"}}}}`,
			},
			[]string{"CartSearch.nested.template.json", "no such file"},
		},
		"two stacks with the same key": {
			map[string]string{
				"manifest.json":      `{"artifacts": {` + cart + `, "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "prod"}}}}`,
				"prod/manifest.json": `{"artifacts": {` + cart + `}}`,
				"Cart.template.json": `{}`, "prod/Cart.template.json": `{}`,
			},
			[]string{filepath.Join("prod", "Cart.template.json") + `: the assembly has more than one stack "Cart"`},
		},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			templates, err := snapshot.Read(writeFiles(t, cases[name].files))
			if err == nil {
				t.Fatalf("got %v, want an error", templates)
			}
			for _, part := range append(cases[name].want, "read cloud assembly: ") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error lacks %q: %v", part, err)
				}
			}
		})
	}
}
