package main

import (
	"path/filepath"
	"testing"

	"github.com/storefront-cdk/storefront/internal/graphtest"
)

// TestTemplates is in a file before this one, and so runs before it.
func TestPages(t *testing.T) {
	graphtest.Current(t, filepath.Join("testdata", "golden", "production"), "docs")
}
