package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// serviceBeforePlatform deploys a service without a platform.
func serviceBeforePlatform(t *testing.T, s *suite) {
	s.synth(t, "sandbox", s.assembly)
	s.refuseOccupied(t)
	s.before = s.inventory(t, s.config(t, s.assembly))
	s.platformIsMissing(t)
}

// refuseOccupied fails the test if a stack exists that these tests would destroy.
func (s *suite) refuseOccupied(t *testing.T) {
	t.Helper()
	if there := s.occupied(t); len(there) > 0 {
		t.Fatalf("account %s already has %s, which these tests would destroy: run make sandbox-down first, or delete it",
			s.target.Account, strings.Join(there, ", "))
	}
}

// occupied returns the existing stacks, of those that these tests deploy.
func (s *suite) occupied(t *testing.T) []string {
	t.Helper()
	names := []string{teamStack}
	for _, assembly := range []string{s.assembly, s.kinds()} {
		stacks, err := deployed.Assembly(assembly)
		if err != nil {
			t.Fatal(err)
		}
		for _, stack := range stacks {
			names = append(names, stack.Name)
		}
	}
	client := cloudformation.NewFromConfig(s.config(t, s.assembly))
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := client.DescribeStacks(s.ctx, &cloudformation.DescribeStacksInput{StackName: &name})
		var answer smithy.APIError
		missing := errors.As(err, &answer) && answer.ErrorCode() == "ValidationError"
		if err != nil && !missing {
			t.Fatalf("check whether stack %s exists: %v", name, err)
		}
		return missing
	})
}

// platformIsMissing deploys only the cart. The deployment must fail, name the missing stack and leave nothing.
func (s *suite) platformIsMissing(t *testing.T) {
	t.Helper()
	_, err := s.cli.Deploy(s.ctx, s.assembly, "Cart")
	fails(t, err, "storefront-sandbox-cart", "AWS::", "storefront-sandbox-platform")
	if _, err := s.cli.Destroy(s.ctx, s.assembly, "Cart"); err != nil {
		t.Fatal(err)
	}
	s.nothingNew(t, s.before, s.config(t, s.assembly))
}

func deploy(t *testing.T, s *suite) {
	if _, err := s.cli.Deploy(s.ctx, s.assembly); err != nil {
		t.Fatal(err)
	}
	if s.target.Emulator != nil {
		memory, err := s.target.Emulator.MemoryMiB()
		if err != nil {
			t.Fatal(err)
		}
		s.count("the emulator uses %d MiB of memory with the whole storefront", memory)
	}
}

func complete(t *testing.T, s *suite) {
	s.count("sandbox: %d resources, those of its templates and no other", s.complete(t, s.assembly))
}

// complete fails if a stack of an assembly lacks a resource or output of its template, or has another. It returns the number
// of resources.
func (s *suite) complete(t *testing.T, assembly string) int {
	t.Helper()
	storefront := s.read(t, assembly)
	resources := 0
	for _, stack := range storefront.Stacks {
		want, got := map[string]string{}, map[string]string{}
		for _, r := range stack.Template.Resources("") {
			want[r.LogicalID] = r.Type
		}
		for id, r := range stack.Resources {
			got[id] = r.Type
			if r.PhysicalID == "" || (r.Status != "CREATE_COMPLETE" && r.Status != "UPDATE_COMPLETE") {
				t.Errorf("%s: %s %s is %s and has the physical id %q", stack.Name, r.Type, id, r.Status, r.PhysicalID)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the stack has other resources than its template (-template +stack):\n%s", stack.Name, diff)
		}
		outputs := map[string]bool{}
		for id := range stack.Outputs {
			outputs[id] = true
		}
		for id := range stack.Template.Outputs() {
			if stack.Outputs[id] == "" {
				t.Errorf("%s: output %s has no value", stack.Name, id)
			}
			delete(outputs, id)
		}
		if len(outputs) > 0 {
			t.Errorf("%s: the stack has outputs that its template lacks: %v", stack.Name, outputs)
		}
		resources += len(got)
	}
	return resources
}

// again deploys the same assembly again: nothing changes.
func again(t *testing.T, s *suite) {
	want := s.read(t, s.assembly)
	said, err := s.cli.Deploy(s.ctx, s.assembly)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(said, "(no changes)"); got != len(want.Stacks) {
		t.Errorf("%d of %d stacks were deployed without changes (logs are in %s)", got, len(want.Stacks), s.cli.Dir)
	}
	s.unchanged(t, want)
	said, err = s.cli.Diff(s.ctx, s.assembly)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(said, "There were no differences"); got != len(want.Stacks) {
		t.Errorf("%d of %d stacks are as the app defines them (logs are in %s)", got, len(want.Stacks), s.cli.Dir)
	}
}

// unchanged fails if a stack of a storefront has changed since it was read, except some.
func (s *suite) unchanged(t *testing.T, before *deployed.App, except ...string) {
	t.Helper()
	now := s.read(t, s.assembly)
	for _, was := range before.Stacks {
		is := now.Stack(was.Name)
		if slices.Contains(except, was.ID) {
			continue
		}
		if !is.LastUpdated.Equal(was.LastUpdated) {
			t.Errorf("%s was updated at %s", was.Name, is.LastUpdated)
		}
		if diff := cmp.Diff(ids(was), ids(is)); diff != "" {
			t.Errorf("%s has other resources than before (-before +now):\n%s", was.Name, diff)
		}
	}
}

// destroy destroys the stacks with the CDK CLI, and checks that nothing is left.
func destroy(t *testing.T, s *suite) {
	before := s.read(t, s.assembly)
	ids := s.stackIDs(t, before)
	if _, err := s.cli.Destroy(s.ctx, s.assembly); err != nil {
		t.Fatal(err)
	}
	for _, stack := range before.Stacks {
		s.destroyed(t, before.Config, ids[stack.Name], stack)
	}
	s.nothingNew(t, s.before, before.Config)
	s.platformIsMissing(t) // that it existed once must not matter
}

// stackIDs returns the ARNs of stacks, with which they can be described after their deletion.
func (s *suite) stackIDs(t *testing.T, storefront *deployed.App) map[string]string {
	t.Helper()
	ids := map[string]string{}
	client := cloudformation.NewFromConfig(storefront.Config)
	for _, stack := range storefront.Stacks {
		described, err := client.DescribeStacks(s.ctx, &cloudformation.DescribeStacksInput{StackName: &stack.Name})
		if err != nil {
			t.Fatal(err)
		}
		ids[stack.Name] = aws.ToString(described.Stacks[0].StackId)
	}
	return ids
}

// destroyed fails unless a stack was deleted and CloudFormation retained only what the template retains.
func (s *suite) destroyed(t *testing.T, config aws.Config, id string, stack *deployed.Stack) {
	t.Helper()
	client := cloudformation.NewFromConfig(config)
	want := map[string]string{}
	for _, r := range stack.Template.Resources("") {
		want[r.LogicalID] = "DELETE_COMPLETE"
		if keeps(r) {
			want[r.LogicalID] = "DELETE_SKIPPED"
		}
	}
	got := map[string]string{}
	pages := cloudformation.NewDescribeStackEventsPaginator(client, &cloudformation.DescribeStackEventsInput{StackName: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range page.StackEvents { // newest first
			logical := aws.ToString(event.LogicalResourceId)
			if _, known := got[logical]; !known && want[logical] != "" {
				got[logical] = string(event.ResourceStatus)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-template +stack):\n%s", stack.Name, diff)
	}
	described, err := client.DescribeStacks(s.ctx, &cloudformation.DescribeStacksInput{StackName: &id})
	if err != nil {
		t.Fatal(err)
	}
	if status := described.Stacks[0].StackStatus; status != "DELETE_COMPLETE" {
		t.Errorf("%s is %s", stack.Name, status)
	}
}

// keeps reports whether a resource is retained when its stack is deleted.
func keeps(r snapshot.Resource) bool {
	policy, _ := r.Get("DeletionPolicy").(string)
	return strings.HasPrefix(policy, "Retain")
}

// folder creates a folder of this run.
func (s *suite) folder(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(s.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
