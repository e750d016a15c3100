package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// versions returns the versions of what is compared, by name.
func (b *bench) versions() (map[string]string, error) {
	pinned, err := dependencies(filepath.Join(b.root, "bench", "package.json"))
	if err != nil {
		return nil, err
	}
	tools, err := dependencies(filepath.Join(b.root, "package.json"))
	if err != nil {
		return nil, err
	}
	module, err := os.ReadFile(filepath.Join(b.root, "go.mod"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{"Node.js": tools["node"], "aws-cdk": tools["aws-cdk"], "TypeScript": pinned["typescript"]}
	for npm, path := range map[string]string{
		"aws-cdk-lib": "github.com/aws/aws-cdk-go/awscdk/v2",
		"constructs":  "github.com/aws/constructs-go/constructs/v10",
		"jsii":        "github.com/aws/jsii-runtime-go",
	} {
		found := regexp.MustCompile(`\s` + regexp.QuoteMeta(path) + ` v(\S+)`).FindSubmatch(module)
		if found == nil {
			return nil, fmt.Errorf("go.mod must require %s", path)
		}
		all[npm] = string(found[1])
		if twin := pinned[npm]; twin != "" && twin != all[npm] {
			return nil, fmt.Errorf("bench/package.json must have %s %s, as go.mod has %s, got %s: change it, and run npm install in bench", npm, all[npm], path, twin)
		}
	}
	return all, nil
}

// dependencies returns the versions that a package.json pins.
func dependencies(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var pinned struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal(text, &pinned); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	all := map[string]string{}
	for _, of := range []map[string]string{pinned.Dependencies, pinned.DevDependencies} {
		for name, version := range of {
			all[name] = strings.TrimPrefix(version, "v")
		}
	}
	return all, nil
}
