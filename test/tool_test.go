package test

import (
	"path/filepath"
	"testing"
)

// The tool imports nothing of the library, so that it can be run before there is a module that requires one. It reads templates
// by a copy of two files.
func TestTheToolReadsTemplatesAsTheLibraryDoes(t *testing.T) {
	copies := filepath.Join("..", "cmd", "storefront", "internal", "snapshot")
	for _, file := range []string{"assembly.go", "template.go"} {
		if string(read(t, copies, file)) != string(read(t, filepath.Join("..", "constructs", "snapshot"), file)) {
			t.Errorf("the copies differ: run\n\tcp constructs/snapshot/%[1]s cmd/storefront/internal/snapshot/%[1]s", file)
		}
	}
}
