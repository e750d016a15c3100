// Package deployed reads a deployed app from CloudFormation, together with the templates it was deployed from.
package deployed

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// App is the stacks of one cloud assembly, deployed.
type App struct {
	Config  aws.Config // region, credentials and endpoint
	Account string
	Stacks  []*Stack // in the order of deployment

	known map[string]any // what Resolve has already requested
}

// Stack is one deployed stack.
type Stack struct {
	Name        string              // in CloudFormation
	ID          string              // the construct ID, which the CDK CLI takes
	ARN         string              // which CloudFormation calls the stack's ID
	Template    snapshot.Template   // that was deployed
	Protected   bool                // whether the app gives it termination protection
	Resources   map[string]Resource // by logical ID
	Outputs     map[string]string
	Status      string
	LastUpdated time.Time // of the last create or update
}

// Resource is one resource of a deployed stack.
type Resource struct{ LogicalID, Type, PhysicalID, Status string }

// Stack returns the stack with a name, or nil.
func (s *App) Stack(name string) *Stack {
	for _, stack := range s.Stacks {
		if stack.Name == name {
			return stack
		}
	}
	return nil
}

// ByID returns the stack with a construct ID, or nil.
func (s *App) ByID(id string) *Stack {
	for _, stack := range s.Stacks {
		if stack.ID == id {
			return stack
		}
	}
	return nil
}

// Read reads the stacks of the cloud assembly in a folder from CloudFormation. A stack that is not deployed is an error.
func Read(ctx context.Context, config aws.Config, assembly string) (*App, error) {
	stacks, err := Assembly(assembly)
	if err != nil {
		return nil, err
	}
	caller, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("get the account: %w", err)
	}
	region, err := Region(assembly)
	if err != nil {
		return nil, err
	}
	config = config.Copy()
	config.Region = cmp.Or(region, config.Region)
	client := cloudformation.NewFromConfig(config)
	for _, stack := range stacks {
		if err := stack.read(ctx, client); err != nil {
			return nil, fmt.Errorf("read stack %s: %w", stack.Name, err)
		}
	}
	return &App{Config: config, Account: aws.ToString(caller.Account), Stacks: stacks}, nil
}

func (s *Stack) read(ctx context.Context, client *cloudformation.Client) error {
	described, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &s.Name})
	if err != nil {
		return err
	}
	stack := described.Stacks[0]
	s.ARN, s.Status = aws.ToString(stack.StackId), string(stack.StackStatus)
	s.LastUpdated = aws.ToTime(stack.CreationTime)
	if stack.LastUpdatedTime != nil {
		s.LastUpdated = *stack.LastUpdatedTime
	}
	s.Outputs = map[string]string{}
	for _, output := range stack.Outputs {
		s.Outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	s.Resources = map[string]Resource{}
	pages := cloudformation.NewListStackResourcesPaginator(client, &cloudformation.ListStackResourcesInput{StackName: &s.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus == types.ResourceStatusDeleteComplete || r.ResourceStatus == types.ResourceStatusDeleteSkipped {
				continue // was in an earlier template
			}
			s.Resources[aws.ToString(r.LogicalResourceId)] = Resource{
				LogicalID:  aws.ToString(r.LogicalResourceId),
				Type:       aws.ToString(r.ResourceType),
				PhysicalID: aws.ToString(r.PhysicalResourceId),
				Status:     string(r.ResourceStatus),
			}
		}
	}
	return nil
}

// Region returns the region of the stacks of the cloud assembly in a folder, or nothing if they are for any region, which is
// then that of the credentials. Stacks of several regions, and no stacks, are an error.
func Region(dir string) (string, error) {
	_, region, err := environment(dir)
	return region, err
}

// Account returns the account of the stacks of the cloud assembly in a folder, or nothing if they are for any account. Stacks of
// several accounts are an error.
func Account(dir string) (string, error) {
	account, _, err := environment(dir)
	return account, err
}

func environment(dir string) (account, region string, err error) {
	manifest, err := readManifest(dir)
	if err != nil {
		return "", "", err
	}
	environments := map[string]bool{}
	for _, artifact := range manifest.Artifacts {
		if artifact.Type == stackArtifact {
			environments[strings.TrimPrefix(artifact.Environment, "aws://")] = true
		}
	}
	if len(environments) == 0 {
		return "", "", fmt.Errorf("%s has no stacks", dir)
	}
	if len(environments) > 1 {
		return "", "", fmt.Errorf("%s: want the stacks of one account and region, got %s", dir, strings.Join(slices.Sorted(maps.Keys(environments)), ", "))
	}
	account, region, _ = strings.Cut(slices.Collect(maps.Keys(environments))[0], "/")
	return known(account, "unknown-account"), known(region, "unknown-region"), nil
}

// known is a value, or nothing if it is the word for an unknown one.
func known(value, unknown string) string {
	if value == unknown {
		return ""
	}
	return value
}

// Assembly returns the stacks of the cloud assembly in a folder in the order of deployment, each after those that it depends
// on, otherwise by name. Only their Name, ID, Template and Protected are set.
func Assembly(dir string) ([]*Stack, error) {
	templates, err := snapshot.Read(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	byID := map[string]*Stack{}
	for id, artifact := range manifest.Artifacts {
		if artifact.Type == stackArtifact {
			// The manifest names a stack only where its name differs from its ID.
			byID[id] = &Stack{
				Name: cmp.Or(artifact.Properties.StackName, id), ID: id, Template: templates[id],
				Protected: artifact.Properties.TerminationProtection,
			}
		}
	}
	var ordered []*Stack
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if byID[id] == nil || seen[id] {
			return
		}
		seen[id] = true
		for _, dependency := range manifest.Artifacts[id].Dependencies {
			visit(dependency)
		}
		ordered = append(ordered, byID[id])
	}
	ids := slices.SortedFunc(maps.Keys(byID), func(a, b string) int { return strings.Compare(byID[a].Name, byID[b].Name) })
	for _, id := range ids {
		visit(id)
	}
	return ordered, nil
}

// stackArtifact is the artifact type of stacks.
const stackArtifact = "aws:cloudformation:stack"

// manifest is the part of an assembly's manifest.json that is used.
type manifest struct {
	Artifacts map[string]struct {
		Type         string
		Environment  string
		Dependencies []string
		Properties   struct {
			StackName             string
			TerminationProtection bool
		}
	}
}

func readManifest(dir string) (manifest, error) {
	var m manifest
	file := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}
