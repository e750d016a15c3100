package assembly

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// ReadTemplates returns the stacks of a folder that cdk synth wrote, or of one of golden templates, which has a file for each
// stack and no manifest. Stacks of golden templates have only an ID, a file and a template.
func ReadTemplates(dir string) ([]Stack, error) {
	stacks, err := Read(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return stacks, err
	}
	if _, missing := os.Stat(filepath.Join(dir, "manifest.json")); missing == nil {
		return nil, err // another file of the assembly is missing
	}
	files, _ := fs.Glob(os.DirFS(dir), "*.json") // the pattern is good
	if len(files) == 0 {
		return nil, err
	}
	var golden []Stack
	for _, file := range files {
		template, size, err := readTemplate(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		if template["Resources"] == nil {
			return nil, fmt.Errorf("%s is no template: it has no Resources", filepath.Join(dir, file))
		}
		golden = append(golden, Stack{ID: strings.TrimSuffix(file, ".json"), File: file, Size: size, Template: template})
	}
	slices.SortFunc(golden, func(a, b Stack) int { return strings.Compare(a.ID, b.ID) })
	return golden, nil
}

// Templates returns the template of the stack and those of the stacks nested in it.
func (s Stack) Templates() []snapshot.Template {
	return append([]snapshot.Template{s.Template}, s.Nested...)
}
