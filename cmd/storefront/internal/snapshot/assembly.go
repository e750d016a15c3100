package snapshot

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Read returns every template of the cloud assembly in dir, including those of
// its nested assemblies, one for each CDK stage.
//
// A stack's key is its artifact ID in manifest.json: "Cart" for a stack directly
// under the app, and a name with a hash, such as "ProdCart6C646F86", for a deeper
// one. A nested stack's key is the name of its file without ".template.json",
// such as "CartSearch63BB2E0D.nested".
func Read(dir string) (map[string]Template, error) {
	templates := assembly{}
	if err := templates.addAssembly("", dir); err != nil {
		return nil, fmt.Errorf("read cloud assembly: %w", err)
	}
	return templates, nil
}

// assembly has the templates read so far. Each of its methods adds the templates of
// one kind of artifact, given the artifact's ID and its file or directory.
type assembly map[string]Template

func (a assembly) addAssembly(_, dir string) error {
	file := filepath.Join(dir, "manifest.json")
	var manifest struct {
		Artifacts map[string]struct {
			Type       string `json:"type"`
			Properties struct {
				TemplateFile  string `json:"templateFile"`
				DirectoryName string `json:"directoryName"`
				File          string `json:"file"`
			} `json:"properties"`
		} `json:"artifacts"`
	}
	if err := readJSON(file, &manifest); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		var path string
		var add func(id, path string) error
		switch artifact := manifest.Artifacts[id]; artifact.Type {
		case "aws:cloudformation:stack":
			path, add = artifact.Properties.TemplateFile, a.addTemplate
		case "cdk:cloud-assembly":
			path, add = artifact.Properties.DirectoryName, a.addAssembly
		case "cdk:asset-manifest":
			path, add = artifact.Properties.File, a.addNestedStacks
		default:
			continue
		}
		// A nested assembly that is not below this one could be read without end.
		if path = filepath.Clean(path); path == "." || !filepath.IsLocal(path) {
			return fmt.Errorf("%s: artifact %q must be a file or a directory below that of the manifest, got %q", file, id, path)
		}
		if err := add(id, filepath.Join(dir, path)); err != nil {
			return err
		}
	}
	return nil
}

// addNestedStacks reads a stack's asset manifest instead of listing the files in the
// directory, because the CDK does not remove those of an earlier synthesis.
func (a assembly) addNestedStacks(_, file string) error {
	var assets struct {
		Files map[string]struct {
			Source struct {
				Path string `json:"path"`
			} `json:"source"`
		} `json:"files"`
	}
	if err := readJSON(file, &assets); err != nil {
		return err
	}
	for _, hash := range slices.Sorted(maps.Keys(assets.Files)) {
		path := filepath.Join(filepath.Dir(file), assets.Files[hash].Source.Path)
		if !strings.HasSuffix(path, ".nested.template.json") {
			continue
		}
		if err := a.addTemplate(strings.TrimSuffix(filepath.Base(path), ".template.json"), path); err != nil {
			return err
		}
	}
	return nil
}

func (a assembly) addTemplate(id, file string) error {
	if _, taken := a[id]; taken {
		return fmt.Errorf("%s: the assembly has more than one stack %q", file, id)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if a[id], err = Parse(text); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func readJSON(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
