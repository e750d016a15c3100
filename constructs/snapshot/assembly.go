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
// the assemblies nested in it, one for each CDK stage.
//
// A stack's key is the ID of its artifact in manifest.json: "Cart" for a stack
// directly under the app, and a name with a hash, such as "ProdCart6C646F86", for
// a deeper one. A nested stack's key is the name of its file without the ending,
// such as "CartSearch63BB2E0D.nested".
func Read(dir string) (map[string]Template, error) {
	templates := assembly{}
	if err := templates.addAssembly("", dir); err != nil {
		return nil, fmt.Errorf("read cloud assembly: %w", err)
	}
	return templates, nil
}

// assembly holds the templates read so far. Its methods each add what one kind of
// artifact leads to, given the artifact's ID and its file or folder.
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
		// A nested assembly without a folder would be this one again, for ever.
		if path == "" {
			return fmt.Errorf("%s: artifact %q does not say where it is", file, id)
		}
		if err := add(id, filepath.Join(dir, path)); err != nil {
			return err
		}
	}
	return nil
}

// addNestedStacks goes by a stack's list of assets and not by the files that lie
// beside it, because the CDK does not remove those of an earlier synthesis.
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
		return fmt.Errorf("%s: the assembly has another stack %q", file, id)
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
