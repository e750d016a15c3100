// Package summary lists the stacks of a cloud assembly, the directory that `cdk synth` writes, each after the stacks
// that it depends on. It shows how close every template is to CloudFormation's limits: 500 resources and 1 MB.
package summary

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Table returns the table of the assembly in dir, which its last line calls shown.
func Table(dir, shown string) (string, error) {
	stacks, err := read(dir)
	if err != nil {
		return "", err
	}
	return table(shown, stacks), nil
}

type stack struct {
	id        string   // the stack's ID in the CDK CLI
	name      string   // the stack's name in CloudFormation
	dependsOn []string // names, sorted
	resources int
	bytes     int
}

// read returns the stacks of the assembly in dir, each after its dependencies and otherwise sorted by name.
func read(dir string) ([]stack, error) {
	var manifest struct {
		Artifacts map[string]struct {
			Type         string
			Dependencies []string
			Properties   struct{ StackName, TemplateFile string }
		}
	}
	if _, err := readJSON(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return nil, err
	}

	names := map[string]string{} // stack names by artifact ID; artifacts can also be the assets of a stack
	for id, a := range manifest.Artifacts {
		if a.Type == "aws:cloudformation:stack" {
			names[id] = id
			if a.Properties.StackName != "" {
				names[id] = a.Properties.StackName
			}
		}
	}
	byName := map[string]stack{}
	for id, name := range names {
		a := manifest.Artifacts[id]
		var template map[string]any
		size, err := readJSON(filepath.Join(dir, a.Properties.TemplateFile), &template)
		if err != nil {
			return nil, err
		}
		resources, _ := template["Resources"].(map[string]any)
		s := stack{id: id, name: name, dependsOn: readBy(template), resources: len(resources), bytes: size}
		for _, dependency := range a.Dependencies {
			if name, ok := names[dependency]; ok {
				s.dependsOn = append(s.dependsOn, name)
			}
		}
		slices.Sort(s.dependsOn)
		s.dependsOn = slices.Compact(s.dependsOn)
		byName[name] = s
	}
	return inOrder(byName), nil
}

// readBy returns the names of the stacks whose outputs are referenced in value. They may be in another assembly, since
// a weak reference has only the stack's name.
func readBy(value any) []string {
	var names []string
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if reference, ok := child.(map[string]any); ok && key == "Fn::GetStackOutput" {
				names = append(names, fmt.Sprint(reference["StackName"]))
			}
			names = append(names, readBy(child)...)
		}
	case []any:
		for _, child := range value {
			names = append(names, readBy(child)...)
		}
	}
	return names
}

func inOrder(byName map[string]stack) []stack {
	var ordered []stack
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if _, here := byName[name]; !here || seen[name] {
			return
		}
		seen[name] = true
		for _, dependency := range byName[name].dependsOn {
			visit(dependency)
		}
		ordered = append(ordered, byName[name])
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		visit(name)
	}
	return ordered
}

// readJSON decodes the file and returns its size in bytes.
func readJSON(path string, into any) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return len(data), nil
}

func table(dir string, stacks []stack) string {
	ids, names, resources := len("stack"), len("name"), 0
	for _, s := range stacks {
		ids, names = max(ids, len(s.id)), max(names, len(s.name))
		resources += s.resources
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s  %-*s  resources of 500  KB of 1024  depends on\n", ids, "stack", names, "name")
	for _, s := range stacks {
		dependsOn := "-"
		if len(s.dependsOn) > 0 {
			dependsOn = strings.Join(s.dependsOn, ", ")
		}
		fmt.Fprintf(&b, "%-*s  %-*s  %16d  %10d  %s\n", ids, s.id, names, s.name, s.resources, (s.bytes+1023)/1024, dependsOn)
	}
	fmt.Fprintf(&b, "\n%s, %s; templates in %s\n", count(len(stacks), "stack"), count(resources, "resource"),
		filepath.Join(dir, "*.template.json"))
	return b.String()
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
