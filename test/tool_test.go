package test

import (
	"path/filepath"
	"strings"
	"testing"
)

// The tool imports nothing of the library, so that it can be run before there is a module that requires one. It reads templates
// by a copy of two files, names what it adds by a copy of one, and reads what AWS responds by a copy of one of the services.
func TestTheToolReadsTemplatesAsTheLibraryDoes(t *testing.T) {
	copies := filepath.Join("..", "cmd", "storefront", "internal", "snapshot")
	for _, file := range []string{"assembly.go", "template.go"} {
		if string(read(t, copies, file)) != string(read(t, filepath.Join("..", "constructs", "snapshot"), file)) {
			t.Errorf("the copies differ: run\n\tcp constructs/snapshot/%[1]s cmd/storefront/internal/snapshot/%[1]s", file)
		}
	}
}

func TestTheToolNamesServicesAsTheLibraryDoes(t *testing.T) {
	const of, copied = "package cdkx\n", "package scaffold\n"
	library := read(t, filepath.Join("..", "internal", "cdkx"), "words.go")
	if got := read(t, filepath.Join("..", "cmd", "storefront", "internal", "scaffold"), "words.go"); string(got) != strings.Replace(string(library), of, copied, 1) {
		t.Error("the copies differ in more than the package: run\n\tsed 's/^package cdkx$/package scaffold/' internal/cdkx/words.go > cmd/storefront/internal/scaffold/words.go")
	}
}

func TestTheToolReadsResponsesAsTheServicesDo(t *testing.T) {
	const file = "awsclient.go"
	if string(read(t, filepath.Join("..", "cmd", "storefront", "internal", "awsclient"), file)) != string(read(t, filepath.Join("..", "services", "internal", "awsclient"), file)) {
		t.Errorf("the copies differ: run\n\tcp services/internal/awsclient/%[1]s cmd/storefront/internal/awsclient/%[1]s", file)
	}
}
