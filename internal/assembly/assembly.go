// Package assembly merges the cloud assemblies that several processes made of the stacks of one app into the one that a single
// process makes of them all, byte for byte. It returns an error wherever it is not certain of that.
package assembly

import (
	"bytes"
	"cmp"
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

// App is what the processes made together.
type App struct {
	// Stacks are the IDs of all stacks, in the order in which one process defines them.
	Stacks []string
	// After are the stacks after which each is deployed, in the order in which one process adds them.
	After map[string][]string
	// Beside are the IDs of constructs beside the stacks, each of which a process defines with the first stack that needs it.
	Beside []string
	// PrintsReport is set if the process that synthesizes the app also prints the report of the validation.
	PrintsReport bool
}

// The files that are merged.
const (
	manifestFile   = "manifest.json"
	treeFile       = "tree.json"
	reportFile     = "validation-report.json"
	versionFile    = "cdk.out"
	assetPrefix    = "asset."
	assetsManifest = ".assets"
)

// maxNodes is the number of constructs from which the CDK divides the tree into several files.
const maxNodes = 500_000

// Deployed returns the IDs of the stacks in the order in which the CDK deploys and validates them: those that wait for no other
// are first, by their IDs, then those that wait only for them, and so on.
func (a App) Deployed() []string {
	levels := map[string]int{}
	var level func(id string) int
	level = func(id string) int {
		known, ok := levels[id]
		if !ok {
			for _, other := range a.After[id] {
				known = max(known, 1+level(other))
			}
			levels[id] = known
		}
		return known
	}
	return slices.SortedFunc(slices.Values(a.Stacks), func(x, y string) int {
		return cmp.Or(cmp.Compare(level(x), level(y)), cmp.Compare(x, y))
	})
}

// Merge moves the files of the assemblies in the folders parts, which are in the folder scratch, to the folder into. If it returns
// an error, it has not changed that folder, unless the error is one of moving files.
func (a App) Merge(into, scratch string, parts []string) error {
	if err := errors.Join(a.check()...); err != nil {
		return err
	}
	files, err := moved(parts, filepath.Base(scratch))
	if err != nil {
		return err
	}
	merged := map[string]json.RawMessage{}
	for file, merge := range map[string]func([]object) (json.RawMessage, error){
		manifestFile: a.mergeManifests, treeFile: a.mergeTrees, reportFile: a.mergeReports,
	} {
		var found []object
		for _, part := range parts {
			one, err := read(filepath.Join(part, file))
			if errors.Is(err, fs.ErrNotExist) && file != manifestFile {
				continue
			}
			if err != nil {
				return err
			}
			found = append(found, one)
		}
		if len(found) == 0 {
			continue
		}
		if file == treeFile && len(found) != len(parts) {
			return fmt.Errorf("%s must be in each part, got it in %d of %d", file, len(found), len(parts))
		}
		if merged[file], err = merge(found); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := move(filepath.Join(files[name], name), filepath.Join(into, name)); err != nil {
			return err
		}
	}
	for _, file := range []string{reportFile, treeFile, manifestFile} { // the manifest last, since it makes an assembly
		if text, ok := merged[file]; ok {
			if err := os.WriteFile(filepath.Join(into, file), text, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// check returns an error if an ID has a meaning of its own in an assembly.
func (a App) check() (problems []error) {
	for _, id := range a.Stacks {
		if id == "Tree" || slices.Contains(a.Beside, id) || strings.Contains(id, ".") {
			problems = append(problems, fmt.Errorf("a stack is named %q", id))
		}
	}
	return problems
}

// moved returns the folder of each file and folder that is moved as it is.
func moved(parts []string, scratch string) (map[string]string, error) {
	from := map[string]string{}
	for _, part := range parts {
		entries, err := os.ReadDir(part)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			name := entry.Name()
			other, taken := from[name]
			switch {
			case name == manifestFile || name == treeFile || name == reportFile:
				continue
			case name == "policy-validation-report.json" || strings.HasPrefix(name, "trees-"):
				return nil, fmt.Errorf("%s cannot be merged", name)
			case !taken || entry.IsDir() && strings.HasPrefix(name, assetPrefix): // which is named by its content
				from[name] = part
			default:
				one, err := os.ReadFile(filepath.Join(other, name))
				if err != nil {
					return nil, err
				}
				same, err := os.ReadFile(filepath.Join(part, name))
				if err != nil {
					return nil, err
				}
				if !bytes.Equal(one, same) {
					return nil, fmt.Errorf("%s is in two parts with different content", name)
				}
			}
			if entry.IsDir() {
				if err := foreign(filepath.Join(part, name), scratch); err != nil {
					return nil, err
				}
			}
		}
	}
	return from, nil
}

// foreign returns an error if a folder has a copy of the folder in which the parts are: an asset of a folder that has the assembly
// itself, whose hash is another one than in one process.
func foreign(folder, scratch string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == scratch {
			return fmt.Errorf("%s is a copy of the assembly itself", path)
		}
		return err
	})
}

func move(from, to string) error {
	info, err := os.Stat(to)
	switch {
	case err == nil && info.IsDir() && strings.HasPrefix(filepath.Base(to), assetPrefix):
		return nil // the same asset of an earlier synthesis
	case err == nil && info.IsDir():
		if err := os.RemoveAll(to); err != nil {
			return err
		}
	}
	return os.Rename(from, to)
}

func read(file string) (object, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return found, nil
}

// alike returns an error unless all objects have the same members, but for the value of one.
func alike(all []object, except string) error {
	for _, other := range all[1:] {
		if len(other) != len(all[0]) {
			return fmt.Errorf("the parts have %d and %d members", len(all[0]), len(other))
		}
		for n, m := range all[0] {
			if other[n].key != m.key || m.key != except && !bytes.Equal(other[n].value, m.value) {
				return fmt.Errorf("the parts differ in %s", m.key)
			}
		}
	}
	return nil
}

// children parses the same member of all objects.
func children(all []object, key string) ([]object, error) {
	found := make([]object, len(all))
	for n, one := range all {
		var err error
		if found[n], err = parse(one.get(key)); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return found, nil
}

// The types of artifacts that an app of package app has, by the end of their ID after that of a stack, or by their whole ID.
var (
	ofStacks = map[string]string{"": "aws:cloudformation:stack", assetsManifest: "cdk:asset-manifest"}
	ofApps   = map[string]string{"Tree": "cdk:tree", "aws-cdk-lib/feature-flag-report": "cdk:feature-flag-report"}
)

func (a App) mergeManifests(parts []object) (json.RawMessage, error) {
	const key = "artifacts"
	if err := alike(parts, key); err != nil {
		return nil, err
	}
	artifacts, err := children(parts, key)
	if err != nil {
		return nil, err
	}
	byStack := map[string]object{}
	var last []object
	for _, part := range artifacts {
		of := map[string]object{}
		var others object
		for _, artifact := range part {
			fields, err := parse(artifact.value)
			if err != nil {
				return nil, err
			}
			id, assets := strings.CutSuffix(artifact.key, assetsManifest)
			kind := ofStacks[artifact.key[len(id):]]
			if _, known := ofApps[artifact.key]; known && !assets {
				kind = ofApps[artifact.key]
				others = append(others, artifact)
			} else {
				of[id] = append(of[id], artifact)
			}
			if got := fields.text("type"); got != kind {
				return nil, fmt.Errorf("artifact %s must be a %s, got %s", artifact.key, kind, got)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(of)) {
			if _, twice := byStack[id]; twice || !slices.Contains(a.Stacks, id) {
				return nil, fmt.Errorf("artifact %s is in two parts, or of no service", id)
			}
			if byStack[id], err = a.order(of[id], id, of); err != nil {
				return nil, fmt.Errorf("artifact %s: %w", id, err)
			}
		}
		last = append(last, others)
	}
	if err := alike(last, ""); err != nil {
		return nil, err
	}
	var merged object
	for _, id := range a.Stacks {
		if byStack[id] == nil {
			return nil, fmt.Errorf("artifact %s is missing", id)
		}
		merged = append(merged, byStack[id]...)
	}
	return parts[0].with(key, append(merged, last[0]...).write(1)).write(0), nil
}

// order gives a stack the dependencies that it has in one process. A part has those on its own stacks at most.
func (a App) order(artifacts object, id string, of map[string]object) (object, error) {
	const key = "dependencies"
	if artifacts.get(id) == nil {
		return nil, errors.New("it is missing")
	}
	stack, err := parse(artifacts.get(id))
	if err != nil {
		return nil, err
	}
	var found []string
	if text := stack.get(key); text != nil {
		if err := json.Unmarshal(text, &found); err != nil {
			return nil, err
		}
	}
	var elements []json.RawMessage
	for _, other := range a.After[id] {
		elements = append(elements, quote(other))
	}
	for _, other := range found {
		if _, stack := of[other]; stack {
			continue
		}
		if other != id+assetsManifest {
			return nil, fmt.Errorf("it depends on %s", other)
		}
		elements = append(elements, quote(other))
	}
	if stack.get(key) == nil {
		if len(elements) > 0 {
			return nil, errors.New("it has no dependencies")
		}
		return artifacts, nil
	}
	return artifacts.with(id, stack.with(key, array(elements, 3)).write(2)), nil
}

func (a App) mergeTrees(parts []object) (json.RawMessage, error) {
	const key, inner = "tree", "children"
	if err := alike(parts, key); err != nil {
		return nil, err
	}
	roots, err := children(parts, key)
	if err != nil {
		return nil, err
	}
	if err := alike(roots, inner); err != nil {
		return nil, err
	}
	all, err := children(roots, inner)
	if err != nil {
		return nil, err
	}
	byID := map[string]json.RawMessage{}
	beside := map[string]int{} // the place of the stack before, in the order of all stacks
	nodes := 0
	for _, part := range all {
		at := -1
		for _, child := range part {
			nodes += bytes.Count(child.value, []byte(`"path":`))
			stack := slices.Index(a.Stacks, child.key)
			other, twice := byID[child.key]
			switch {
			case twice && (stack >= 0 || !bytes.Equal(other, child.value)):
				return nil, fmt.Errorf("construct %s is in two parts", child.key)
			case stack >= 0:
				at = stack
			case slices.Contains(a.Beside, child.key):
				if known, ok := beside[child.key]; !ok || at < known {
					beside[child.key] = at
				}
			case child.key != "Tree":
				return nil, fmt.Errorf("a service defines the construct %s outside of its stack", child.key)
			}
			byID[child.key] = child.value
		}
	}
	if nodes >= maxNodes {
		return nil, fmt.Errorf("it has %d constructs", nodes)
	}
	var merged object
	add := func(id string) {
		if value, ok := byID[id]; ok {
			merged = append(merged, member{id, value})
		}
	}
	for n := -1; n < len(a.Stacks); n++ {
		if n >= 0 {
			add(a.Stacks[n])
		}
		for _, id := range a.Beside {
			if at, known := beside[id]; known && at == n {
				add(id)
			}
		}
	}
	add("Tree")
	if len(merged) != len(byID) {
		return nil, errors.New("a construct has no place in it")
	}
	return parts[0].with(key, roots[0].with(inner, merged.write(-1)).write(-1)).write(-1), nil
}
