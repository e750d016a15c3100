package run

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// ConfigKey is the key of the context in cdk.json with the settings of a repository whose programs are not where they usually are.
const ConfigKey = "storefront:run"

// Config is what that key has.
type Config struct {
	// Programs are folders, from the root, by the name of the service or the last part of the name of its image. If missing,
	// services/<name>.
	Programs map[string]string `json:"programs"`
	// Page is the folder with the built page that is served in front of the API. If empty, web/dist.
	Page string `json:"page"`
	// Seed is the folder of the program that fills a new sandbox. If empty, services/seed.
	Seed string `json:"seed"`
}

// ReadConfig reads the settings in the cdk.json of a repository.
func ReadConfig(root string) (Config, error) {
	file := filepath.Join(root, "cdk.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return Config{}, err
	}
	var all struct {
		Context map[string]json.RawMessage `json:"context"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	var c Config
	if given := all.Context[ConfigKey]; given != nil {
		decoder := json.NewDecoder(bytes.NewReader(given))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&c); err != nil {
			return Config{}, fmt.Errorf("%s: context: %s: %w (it has programs, page and seed)", file, ConfigKey, err)
		}
	}
	return c, nil
}

// PageIn is the folder with the built page of a repository, or nothing if there is none.
func (c Config) PageIn(root string) string {
	folder := filepath.Join(root, cmp.Or(c.Page, filepath.Join("web", "dist")))
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return ""
	}
	return folder
}

// Documents are the files openapi.yaml of programs, by the name of the program. Given names select some.
func (c Config) Documents(root string, names []string) (map[string]string, error) {
	documents := map[string]string{}
	found, err := project.Glob(filepath.Join(root, "services"), filepath.Join("*", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	for _, file := range found {
		documents[filepath.Base(filepath.Dir(file))] = file
	}
	for name, folder := range c.Programs {
		if file := filepath.Join(root, folder, "openapi.yaml"); isFile(file) {
			documents[name] = file
		}
	}
	if len(documents) == 0 {
		return nil, errors.New("no program has an openapi.yaml in its folder: describe its operations there")
	}
	all := slices.Sorted(maps.Keys(documents))
	for _, name := range names {
		if documents[name] == "" {
			return nil, fmt.Errorf("%s has no openapi.yaml: those with one are %s", name, strings.Join(all, ", "))
		}
	}
	maps.DeleteFunc(documents, func(name, _ string) bool { return len(names) > 0 && !slices.Contains(names, name) })
	return documents, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// seed is the folder of the program that fills a new sandbox, which may not exist.
func (c Config) seed(root string) string {
	return filepath.Join(root, cmp.Or(c.Seed, filepath.Join("services", "seed")))
}

// Folders are the folders at the root that only programs and the page are built from, and no template.
func (c Config) Folders() []string {
	all := []string{"services", first(cmp.Or(c.Page, "web"))}
	for _, given := range c.Programs {
		all = append(all, first(given))
	}
	if c.Seed != "" {
		all = append(all, first(c.Seed))
	}
	return all
}

func first(path string) string {
	first, _, _ := strings.Cut(filepath.ToSlash(filepath.Clean(path)), "/")
	return first
}
