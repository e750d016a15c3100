package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// bench has what all measurements share.
type bench struct {
	// root is the folder of the repository, and work that of what is built and written here.
	root, work string
	// flags are the context of cdk.json, with the feature flags.
	flags map[string]any
}

// language is that of an app.
type language string

const (
	inGo         language = "Go"
	inTypeScript language = "TypeScript"
)

var languages = []language{inGo, inTypeScript}

// storefrontServices is the number of the storefront's own services.
const storefrontServices = 8

// scenario is what an app synthesizes.
type scenario struct {
	// Fleet is the number of copies of the cart. If zero, the storefront itself.
	Fleet       int
	Environment string
	// Validated has the CDK validate the templates.
	Validated bool
	// Only is the name of the one service whose stack is synthesized. If empty, all stacks are.
	Only string
	// OneProcess keeps the library from dividing a large app among several processes. The twin has one anyway.
	OneProcess bool
	// Without is one of the switches. If empty, nothing is switched off.
	Without string
}

// switches change the context of an app so that the assembly lacks what a deployment does not need.
var switches = map[string]map[string]any{
	creationStacks: {"aws:cdk:disable-creation-stack-traces": true},
	logicalIDs:     {"aws:cdk:disable-logicalId-metadata": true},
	paths:          {"aws:cdk:enable-path-metadata": false},
	usage:          {"@aws-cdk/core:enableAdditionalMetadataCollection": false},
	constructTree:  {},
	withoutAllMetadata: {
		"aws:cdk:disable-creation-stack-traces":            true,
		"aws:cdk:disable-logicalId-metadata":               true,
		"aws:cdk:enable-path-metadata":                     false,
		"@aws-cdk/core:enableAdditionalMetadataCollection": false,
	},
}

// switchNames are in the order of the page.
var switchNames = []string{creationStacks, logicalIDs, usage, paths, constructTree, withoutAllMetadata}

// What the switches leave out.
const (
	creationStacks     = "stack traces of constructs"
	logicalIDs         = "logical IDs by path"
	paths              = "paths in templates"
	usage              = "properties used, for AWS"
	constructTree      = "tree.json"
	withoutAllMetadata = "all of these"
)

func (s scenario) services() int {
	if s.Fleet == 0 {
		return storefrontServices
	}
	return s.Fleet
}

func (s scenario) String() string {
	name := "storefront"
	if s.Fleet > 0 {
		name = fmt.Sprintf("%d carts", s.Fleet)
	}
	name += " " + s.Environment
	if s.Only != "" {
		name += " only=" + s.Only
	}
	if s.Validated {
		name += " validated"
	}
	if s.OneProcess {
		name += " in one process"
	}
	if s.Without != "" {
		name += " without " + s.Without
	}
	return name
}

func newBench(ctx context.Context) (*bench, error) {
	root, err := filepath.Abs("..")
	if err != nil {
		return nil, err
	}
	b := &bench{root: root, work: filepath.Join(root, ".cache", "bench")}
	text, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if err != nil {
		return nil, err
	}
	var configuration struct{ Context map[string]any }
	if err := json.Unmarshal(text, &configuration); err != nil {
		return nil, fmt.Errorf("cdk.json: %w", err)
	}
	b.flags = configuration.Context
	for _, file := range []string{"node_modules/.bin/node", "bench/dist/storefront.js"} {
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			return nil, fmt.Errorf("%s is missing: run it by make bench, which installs and compiles what it needs", file)
		}
	}
	if err := os.MkdirAll(b.work, 0o755); err != nil {
		return nil, err
	}
	return b, b.build(ctx)
}

// build builds both programs in Go once: what is measured is a program that is built.
func (b *bench) build(ctx context.Context) error {
	for name, folder := range map[string]string{"storefront": b.root, "fleet": filepath.Join(b.root, "bench", "fleet")} {
		build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(b.work, name), ".")
		build.Dir = folder
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build in %s: %w\n%s", folder, err, out)
		}
	}
	return nil
}

// command returns the command that synthesizes a scenario into a folder. Except for the program itself, it is the same for both
// languages.
func (b *bench) command(ctx context.Context, l language, s scenario, out string) (*exec.Cmd, error) {
	settings, err := b.context(s)
	if err != nil {
		return nil, err
	}
	name := "storefront"
	if s.Fleet > 0 {
		name = "fleet"
	}
	program := []string{filepath.Join(b.work, name)}
	if l == inTypeScript {
		program = []string{b.node(), filepath.Join(b.root, "bench", "dist", name+".js")}
	}
	command := exec.CommandContext(ctx, program[0], program[1:]...)
	command.Dir = b.root
	command.Env = append(b.environment(), "CDK_CONTEXT_JSON="+settings, "CDK_OUTDIR="+out)
	if s.Fleet > 0 {
		command.Env = append(command.Env, fmt.Sprintf("FLEET=%d", s.Fleet))
	}
	if l == inTypeScript && (s.Without == constructTree || s.Without == withoutAllMetadata) {
		command.Env = append(command.Env, "FLEET_TREE=none")
	}
	if !s.Validated {
		command.Env = append(command.Env, "CDK_VALIDATION=false")
	}
	return command, nil
}

// node is the Node.js that the project pins, which runs the twin, and the CDK behind the Go program.
func (b *bench) node() string { return filepath.Join(b.root, "node_modules", ".bin", "node") }

// context returns the context with which the CDK's command line would run the app.
func (b *bench) context(s scenario) (string, error) {
	settings := maps.Clone(b.flags)
	maps.Copy(settings, map[string]any{
		"env":                                       s.Environment,
		"aws:cdk:bundling-stacks":                   []string{"**"},
		"aws:cdk:disable-version-reporting":         true,
		"aws:cdk:enable-asset-metadata":             true,
		"aws:cdk:enable-path-metadata":              true,
		"@aws-cdk/core:failSynthOnValidationErrors": false,
	})
	maps.Copy(settings, switches[s.Without])
	if s.OneProcess {
		settings["storefront:jobs"] = "1"
	}
	if s.Only != "" {
		settings["only"] = s.Only
	}
	text, err := json.Marshal(settings)
	return string(text), err
}

// environment returns the variables of this process without those that would change how an app runs.
func (b *bench) environment() []string {
	path := filepath.Join(b.root, "node_modules", ".bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	kept := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return name == "PATH" || slices.ContainsFunc([]string{"CDK_", "FLEET", "JSII_", "NODE_", "STOREFRONT_"}, func(prefix string) bool {
			return strings.HasPrefix(name, prefix)
		})
	})
	return append(kept, "PATH="+path)
}
