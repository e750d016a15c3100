package test

import (
	"path/filepath"
	"testing"

	"github.com/storefront-cdk/storefront/internal/graphtest"
)

// The test of the golden templates is in a file before this one, and so runs before it.
func TestPagesOfTheGraphAreAsTheTemplatesSay(t *testing.T) {
	graphtest.Current(t, filepath.Join("testdata", "golden", "production"), filepath.Join("..", "docs"))
}
