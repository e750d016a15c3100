package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// profile is a CPU profile of the process of Node.js: the seconds of each part. A part has what it calls, unless that is a part of its own.
type profile map[string]float64

// The parts of a synthesis.
const (
	partWaiting    = "waiting for the Go program"
	partJSII       = "jsii: reading requests, values"
	partResponses  = "jsii: writing responses"
	partLoad       = "loading the CDK"
	partConstructs = "defining constructs"
	partTraces     = "stack traces"
	partUsage      = "metadata of use"
	partReferences = "finding references between stacks"
	partTemplates  = "resolving templates"
	partAssets     = "writing templates and assets"
	partTree       = "tree.json"
	partManifest   = "metadata and manifest"
	partGarbage    = "garbage collection"
	partOther      = "the rest"
)

// parts are those of the functions by which one can tell them. The innermost one counts.
var parts = map[string]string{
	"readLine":                   partWaiting,
	"processRequest":             partJSII,
	"writeBuffer":                partResponses, // by functions that the CDK has replaced
	"_Kernel_load":               partLoad,
	"require":                    partLoad,
	"captureStackTrace":          partTraces,
	"redactMetadata":             partUsage,
	"addConstructMetadata":       partUsage,
	"synthesizeTree":             partAssets,
	"resolveReferences":          partReferences,
	"_toCloudFormation":          partTemplates,
	"_synthesizeTemplate":        partAssets,
	"_synthesizeTree":            partTree,
	"addStackArtifactToAssembly": partManifest,
	"buildAssembly":              partManifest,
	"define":                     partConstructs,
	"(garbage collector)":        partGarbage,
}

// profiled runs an app in one process of Node.js, with its profiler.
func (b *bench) profiled(ctx context.Context, l language, services int) (profile, error) {
	out, folder := filepath.Join(b.work, "out", string(l)), filepath.Join(b.work, "profile")
	for _, path := range []string{out, folder} {
		if err := os.RemoveAll(path); err != nil {
			return nil, err
		}
	}
	command, err := b.command(ctx, l, scenario{Fleet: services, Environment: "sandbox", OneProcess: true}, out)
	if err != nil {
		return nil, err
	}
	command.Env = append(command.Env, "NODE_OPTIONS=--cpu-prof --cpu-prof-dir="+folder)
	if _, err := measure(command); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.cpuprofile"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("node --cpu-prof must write one file, got %q: %w", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	return readProfile(text)
}

// ofCDK matches the files of the CDK, which jsii calls.
var ofCDK = regexp.MustCompile(`/node_modules/(aws-cdk-lib|constructs)/`)

// node is a function in a profile, where it was called from one place.
type node struct {
	ID        int
	CallFrame struct{ FunctionName, URL string }
	Children  []int
}

// readProfile sums the time of each part, in seconds.
func readProfile(text []byte) (profile, error) {
	var recorded struct {
		Nodes               []node
		Samples, TimeDeltas []int
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		return nil, err
	}
	of := map[int]string{}
	parents := map[int]int{}
	for _, n := range recorded.Nodes { // parents come first
		for _, child := range n.Children {
			parents[child] = n.ID
		}
		part, known := parts[n.CallFrame.FunctionName]
		switch parent, called := parents[n.ID]; {
		case known && (part != partConstructs || strings.Contains(n.CallFrame.URL, "/dist/")): // define is a common name
			of[n.ID] = part
		case called && of[parent] == partJSII && ofCDK.MatchString(n.CallFrame.URL):
			of[n.ID] = partConstructs
		case called:
			of[n.ID] = of[parent]
		default:
			of[n.ID] = partOther
		}
	}
	p := profile{}
	for n, id := range recorded.Samples {
		p[of[id]] += float64(recorded.TimeDeltas[n]) / 1e6
	}
	return p, nil
}

// total returns the seconds of all parts.
func (p profile) total() float64 {
	total := 0.0
	for _, seconds := range p {
		total += seconds
	}
	return total
}

// names returns the parts, the largest first.
func (p profile) names() []string {
	return slices.SortedFunc(maps.Keys(p), func(a, b string) int {
		return int(1e6 * (p[b] - p[a]))
	})
}
