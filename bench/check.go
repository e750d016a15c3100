package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// check compares the templates of both languages: of the storefront and of a small fleet, in both environments. It returns an error
// that lists every difference of stacks, resource types and their counts, and outputs.
func check(ctx context.Context, b *bench) error {
	if _, err := b.versions(); err != nil {
		return err
	}
	var problems []error
	for _, environment := range []string{"sandbox", "production"} {
		for _, s := range []scenario{{Environment: environment}, {Fleet: 41, Environment: environment}} {
			found, err := b.compare(ctx, s)
			if err != nil {
				return err
			}
			for _, difference := range found.differences {
				problems = append(problems, fmt.Errorf("%s: %s", s, difference))
			}
			fmt.Printf("%-24s %2d stacks, %4d resources, %4d with the same properties, %d differences of types and counts\n",
				s, found.stacks, found.resources, found.same, len(found.differences))
		}
	}
	if len(problems) > 0 {
		return errors.Join(append([]error{errors.New("the twin in bench/twin must define what the app in Go does")}, problems...)...)
	}
	return nil
}

type comparison struct {
	stacks, resources int
	// same is the number of resources whose logical ID and properties are the same, but for the order in lists.
	same        int
	differences []string
}

func (b *bench) compare(ctx context.Context, s scenario) (comparison, error) {
	assemblies := map[language]map[string]template{}
	for _, l := range languages {
		out := filepath.Join(b.work, "check", string(l))
		if _, err := b.synthesize(ctx, l, s, out); err != nil {
			return comparison{}, err
		}
		templates, err := readTemplates(out)
		if err != nil {
			return comparison{}, err
		}
		assemblies[l] = templates
	}
	return compare(assemblies[inGo], assemblies[inTypeScript]), nil
}

// template is the part of a template that is compared.
type template struct {
	Resources map[string]resource
	Outputs   map[string]any
	// size is the number of bytes of the file.
	size int
}

type resource struct {
	Type                                  string
	Properties, DependsOn, DeletionPolicy any
}

// readTemplates returns the templates of an assembly by the IDs of their stacks.
func readTemplates(assembly string) (map[string]template, error) {
	const suffix = ".template.json"
	templates := map[string]template{}
	files, err := filepath.Glob(filepath.Join(assembly, "*"+suffix))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: %w: no templates", assembly, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		t := template{size: len(text)}
		if err := json.Unmarshal(text, &t); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		templates[strings.TrimSuffix(filepath.Base(file), suffix)] = t
	}
	return templates, nil
}

func compare(here, there map[string]template) comparison {
	c := comparison{stacks: len(here)}
	add := func(format string, values ...any) {
		c.differences = append(c.differences, fmt.Sprintf(format, values...))
	}
	for _, stack := range names(here, there) {
		one, defined := here[stack]
		other, twin := there[stack]
		if !defined || !twin {
			add("stack %s: in %s only", stack, map[bool]language{true: inGo, false: inTypeScript}[defined])
			continue
		}
		c.resources += len(one.Resources)
		counts, twins := one.types(), other.types()
		for _, name := range names(counts, twins) {
			if counts[name] != twins[name] {
				add("stack %s: %s: %d in Go, %d in TypeScript", stack, name, counts[name], twins[name])
			}
		}
		for _, name := range names(one.Outputs, other.Outputs) {
			if (one.Outputs[name] == nil) != (other.Outputs[name] == nil) {
				add("stack %s: output %s: in %s only", stack, name, map[bool]language{true: inGo, false: inTypeScript}[one.Outputs[name] != nil])
			}
		}
		for id, r := range one.Resources {
			if text(r) == text(other.Resources[id]) {
				c.same++
			}
		}
	}
	return c
}

func (t template) types() map[string]int {
	counts := map[string]int{}
	for _, r := range t.Resources {
		counts[r.Type]++
	}
	return counts
}

// names returns the keys of both maps, sorted.
func names[V any](one, other map[string]V) []string {
	all := slices.Concat(slices.Collect(maps.Keys(one)), slices.Collect(maps.Keys(other)))
	slices.Sort(all)
	return slices.Compact(all)
}

// text returns a value as JSON with sorted lists: the library sorts some, such as environment variables, that the twin does not.
func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	var decoded any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		panic(err) // it was encoded just now
	}
	encoded, _ = json.Marshal(sorted(decoded))
	return string(encoded)
}

func sorted(value any) any {
	switch of := value.(type) {
	case map[string]any:
		for key := range of {
			of[key] = sorted(of[key])
		}
	case []any:
		for n := range of {
			of[n] = sorted(of[n])
		}
		slices.SortFunc(of, func(a, b any) int {
			one, _ := json.Marshal(a)
			other, _ := json.Marshal(b)
			return strings.Compare(string(one), string(other))
		})
	}
	return value
}
