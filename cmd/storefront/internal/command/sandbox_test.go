package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// sandbox down also finds what interrupted tests left in an account.
func TestWhatIsLeft(t *testing.T) {
	p := newPlace(&project.Project{Root: t.TempDir()}, newSandbox())
	if got, err := p.left(); err == nil || !strings.Contains(err.Error(), p.assembly+", which lists what was deployed, does not exist") {
		t.Errorf("nothing was deployed: got %q, %v", got, err)
	}
	for _, want := range []string{p.tested, p.assembly} { // the last one goes first
		if err := os.MkdirAll(want, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(want, "manifest.json"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := p.left(); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}
