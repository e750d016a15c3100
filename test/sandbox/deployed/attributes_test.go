package deployed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// A new attribute in a golden template is to be missed here, in milliseconds, and not first in a deployed storefront.
func TestEveryAttributeIsKnown(t *testing.T) {
	files, err := filepath.Glob("../../testdata/golden/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		template, err := snapshot.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		template.Walk(func(path string, value any) {
			if !strings.HasSuffix(path, ".Fn::GetAtt") {
				return
			}
			found++
			parts, ok := asTexts(value.([]any))
			if !ok || len(parts) != 2 {
				t.Fatalf("%s: %s: want a logical ID and an attribute, got %v", file, path, value)
			}
			kind, _ := template.Get("Resources." + parts[0] + ".Type").(string)
			if attributes[kind+"."+parts[1]] == nil {
				t.Errorf("%s: %s: %s of %s is not known: add it to attributes.go", file, path, parts[1], kind)
			}
		})
	}
	if found == 0 {
		t.Error("want golden templates that ask for attributes, found none")
	}
}
