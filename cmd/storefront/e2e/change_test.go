package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// changed copies an assembly and changes the template of one stack, as a change of the app's code would, with its hash, which
// the CLI compares.
func (s *suite) changed(t *testing.T, assembly, stack string, change func(snapshot.Template)) string {
	t.Helper()
	dir, err := os.MkdirTemp(s.dir, "changed-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(assembly)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, stack+".template.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	template, err := snapshot.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	change(template)
	text = template.JSON()
	write(t, file, text)

	assets := filepath.Join(dir, stack+".assets.json")
	was := templateHash(t, assets, filepath.Base(file))
	sum := sha256.Sum256(text)
	for _, file := range []string{assets, filepath.Join(dir, "manifest.json")} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), was) {
			t.Fatalf("%s does not name the template's hash %s", file, was)
		}
		write(t, file, []byte(strings.ReplaceAll(string(text), was, hex.EncodeToString(sum[:]))))
	}
	return dir
}

// templateHash is the hash of a stack's template in its list of assets.
func templateHash(t *testing.T, file, template string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var assets struct {
		Files map[string]struct{ Source struct{ Path string } }
	}
	if err := json.Unmarshal(text, &assets); err != nil {
		t.Fatal(err)
	}
	for hash, asset := range assets.Files {
		if asset.Source.Path == template {
			return hash
		}
	}
	t.Fatalf("%s has no %s", file, template)
	return ""
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// properties returns the properties of the template's only resource of a type, to be changed.
func properties(t *testing.T, template snapshot.Template, resourceType string) map[string]any {
	t.Helper()
	return template.One(t, resourceType).Get("Properties").(map[string]any)
}
