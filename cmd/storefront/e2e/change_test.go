package e2e

import (
	"os"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// changed copies an assembly and changes the template of one stack.
func (s *suite) changed(t *testing.T, assembly, stack string, change func(snapshot.Template)) string {
	t.Helper()
	dir, err := check.Changed(s.dir, assembly, stack, func(template snapshot.Template) error {
		change(template)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
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
