// Package assembly reads what `cdk synth` wrote: the stacks, where each is deployed, and their templates.
package assembly

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/jsonfile"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Stack is one stack of an assembly.
type Stack struct {
	ID      string // its ID in the CDK CLI
	Name    string // its name in CloudFormation
	Account string // twelve digits, or empty: the account of the credentials
	Region  string // or empty: the region of the SDK's configuration

	// Dependencies are the IDs of the stacks that the CDK CLI deploys before it, without those that these depend on.
	Dependencies []string
	// Tags are those of the stack, which CloudFormation adds to each of its resources.
	Tags map[string]string

	// File is the template's path below the folder of the assembly, and Size its bytes.
	File     string
	Size     int
	Template snapshot.Template
	// Nested are the templates of the stacks nested in it, at any depth.
	Nested []snapshot.Template

	// Bootstrap is the SSM parameter with the version of the bootstrap stack, and the lowest that will do. They are
	// empty and zero for a stack that needs no bootstrapping.
	BootstrapParameter string
	BootstrapVersion   int
	// DeployRole is the role with which the CDK CLI deploys, and ExecutionRole the one with which CloudFormation then
	// creates the resources and reads outputs of other stacks. Both have ${AWS::Partition} and ${AWS::AccountId} in them,
	// and are empty where the credentials do it.
	DeployRole    string
	ExecutionRole string
}

// Resources returns the resources of one type, of the stack and of those nested in it.
func (s Stack) Resources(resourceType string) []snapshot.Resource {
	found := s.Template.Resources(resourceType)
	for _, nested := range s.Nested {
		found = append(found, nested.Resources(resourceType)...)
	}
	return found
}

// Read returns the stacks of the assembly in dir and of those nested in it, by ID, and those of a nested one together.
func Read(dir string) ([]Stack, error) {
	stacks, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read cloud assembly: %w: run go tool storefront synth first, or cdk synth", err)
	}
	if err != nil {
		return nil, fmt.Errorf("read cloud assembly: %w", err)
	}
	return stacks, nil
}

// stackArtifact is the type of a stack's artifact.
const stackArtifact = "aws:cloudformation:stack"

type artifact struct {
	Type        string
	Environment string
	Properties  struct {
		TemplateFile                      string
		DirectoryName                     string
		File                              string
		StackName                         string
		AssumeRoleArn                     string
		CloudFormationExecutionRoleArn    string
		BootstrapStackVersionSsmParameter string
		RequiresBootstrapStackVersion     int
		Tags                              map[string]string
	}
	Dependencies []string
}

func read(dir string) ([]Stack, error) {
	file := filepath.Join(dir, "manifest.json")
	var manifest struct{ Artifacts map[string]artifact }
	if err := jsonfile.Read(file, &manifest); err != nil {
		return nil, err
	}
	var stacks []Stack
	for _, id := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		switch artifact := manifest.Artifacts[id]; artifact.Type {
		case stackArtifact:
			stack, err := readStack(dir, id, artifact, manifest.Artifacts)
			if err != nil {
				return nil, err
			}
			stacks = append(stacks, stack)
		case "cdk:cloud-assembly":
			// One that is not below this one could be read without end.
			nested := filepath.Clean(artifact.Properties.DirectoryName)
			if nested == "." || !filepath.IsLocal(nested) {
				return nil, fmt.Errorf("%s: artifact %q must be a directory below that of the manifest, got %q", file, id, nested)
			}
			within, err := read(filepath.Join(dir, nested))
			if err != nil {
				return nil, err
			}
			for i := range within {
				within[i].File = filepath.Join(nested, within[i].File)
			}
			stacks = append(stacks, within...)
		}
	}
	return stacks, nil
}

func readStack(dir, id string, from artifact, all map[string]artifact) (Stack, error) {
	stack := Stack{
		ID: id, Name: id, Tags: from.Properties.Tags, File: from.Properties.TemplateFile,
		BootstrapParameter: from.Properties.BootstrapStackVersionSsmParameter,
		BootstrapVersion:   from.Properties.RequiresBootstrapStackVersion,
		DeployRole:         from.Properties.AssumeRoleArn,
		ExecutionRole:      from.Properties.CloudFormationExecutionRoleArn,
	}
	if from.Properties.StackName != "" {
		stack.Name = from.Properties.StackName
	}
	account, region, _ := strings.Cut(strings.TrimPrefix(from.Environment, "aws://"), "/")
	if account != "unknown-account" {
		stack.Account = account
	}
	if region != "unknown-region" {
		stack.Region = region
	}
	var err error
	if stack.Template, stack.Size, err = readTemplate(filepath.Join(dir, stack.File)); err != nil {
		return Stack{}, err
	}
	for _, dependency := range from.Dependencies {
		if all[dependency].Type == stackArtifact {
			stack.Dependencies = append(stack.Dependencies, dependency)
		}
		if assets := all[dependency]; assets.Type == "cdk:asset-manifest" {
			if err := stack.addAssets(filepath.Join(dir, assets.Properties.File)); err != nil {
				return Stack{}, err
			}
		}
	}
	return stack, nil
}

// addAssets reads the templates of nested stacks, which only the assets name.
func (s *Stack) addAssets(file string) error {
	var assets struct {
		Files map[string]struct{ Source struct{ Path string } }
	}
	if err := jsonfile.Read(file, &assets); err != nil {
		return err
	}
	for _, hash := range slices.Sorted(maps.Keys(assets.Files)) {
		path := assets.Files[hash].Source.Path
		if !strings.HasSuffix(path, ".nested.template.json") {
			continue
		}
		template, _, err := readTemplate(filepath.Join(filepath.Dir(file), path))
		if err != nil {
			return err
		}
		s.Nested = append(s.Nested, template)
	}
	return nil
}

func readTemplate(file string) (template snapshot.Template, size int, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	if template, err = snapshot.Parse(text); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	return template, len(text), nil
}

// OutputOf returns what a value of a template reads if it is an Fn::GetStackOutput of the stack's own account and region,
// otherwise nothing.
func OutputOf(value any) (stack, output string) {
	whole, _ := value.(map[string]any)
	argument, _ := whole["Fn::GetStackOutput"].(map[string]any)
	if argument["Region"] != nil || argument["RoleArn"] != nil {
		return "", ""
	}
	stack, _ = argument["StackName"].(string)
	output, _ = argument["OutputName"].(string)
	return stack, output
}
