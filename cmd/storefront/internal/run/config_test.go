package run

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDocuments(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"services/cart", "services/menu", "apps/orders", "apps/plain"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		if folder == "apps/plain" {
			continue
		}
		if err := os.WriteFile(filepath.Join(root, folder, "openapi.yaml"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := Config{Programs: map[string]string{"orders": "apps/orders", "plain": "apps/plain"}}
	for _, c := range []struct {
		names []string
		want  string
	}{{nil, "cart menu orders"}, {[]string{"orders"}, "orders"}} {
		got, err := config.Documents(root, c.names)
		if names := strings.Join(slices.Sorted(maps.Keys(got)), " "); err != nil || names != c.want {
			t.Errorf("%v: got %s, %v", c.names, names, err)
		}
	}
	if _, err := config.Documents(root, []string{"plain"}); err == nil || err.Error() != "plain has no openapi.yaml: those with one are cart, menu, orders" {
		t.Errorf("got %v", err)
	}
	if _, err := (Config{}).Documents(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "openapi.yaml") {
		t.Errorf("got %v", err)
	}
}
