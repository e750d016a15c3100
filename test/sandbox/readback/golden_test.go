package readback

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// A new type in a golden template is to be missed here, in milliseconds, and not first in a deployed storefront.
func TestEveryTypeHasAReader(t *testing.T) {
	files, err := filepath.Glob("../../testdata/golden/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no golden templates")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		template, err := snapshot.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, r := range template.Resources("") {
			if readers[r.Type] == nil {
				t.Errorf("%s: %s: nobody reads %s: add it to readers.go", file, r.LogicalID, r.Type)
			}
		}
	}
}
