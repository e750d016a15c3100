package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// sandbox down also finds what interrupted tests left in an account, and destroys a service before what it is on.
func TestWhatIsLeft(t *testing.T) {
	p := newPlace(&project.Project{Root: filepath.Join(t.TempDir(), "a [shop]")}, newSandbox())
	if got, err := p.left(); err == nil || !strings.Contains(err.Error(), p.assemblies+", which lists what was deployed, does not exist") {
		t.Errorf("nothing was deployed: got %q, %v", got, err)
	}
	want := []string{}
	deploy := func(folder string, settings map[string]string) {
		dir := filepath.Join(folder, folderOf(settings))
		want = append(want, dir)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		if got, err := p.left(); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		want = nil
	}
	deploy(p.tested, nil)
	check()
	deploy(p.assemblies, map[string]string{"only": "order-history"})
	deploy(p.assemblies, map[string]string{"only": "order,history"}) // two others
	deploy(p.assemblies, map[string]string{"only": "cart,search", "env": "../production"})
	deploy(p.assemblies, map[string]string{"env": "production"})
	deploy(p.assemblies, nil)
	check()
}
