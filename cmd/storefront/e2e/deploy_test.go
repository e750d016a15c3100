package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// serviceBeforePlatform deploys a service without a platform.
func serviceBeforePlatform(t *testing.T, s *suite) {
	s.synth(t, "sandbox", s.assembly)
	s.refuseOccupied(t)
	s.before = s.inventory(t, s.assembly)
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
	there, err := check.Occupied(s.ctx, s.config(t, s.assembly), names...)
	if err != nil {
		t.Fatal(err)
	}
	return there
}

// platformIsMissing deploys only the cart. The deployment must fail, name the missing stack and leave nothing.
func (s *suite) platformIsMissing(t *testing.T) {
	t.Helper()
	_, err := s.cli.Deploy(s.ctx, s.assembly, "Cart")
	fails(t, err, "storefront-sandbox-cart", "AWS::", "storefront-sandbox-platform")
	if _, err := s.cli.Destroy(s.ctx, s.assembly, "Cart"); err != nil {
		t.Fatal(err)
	}
	s.nothingNew(t, s.before, s.assembly)
}

func deploy(t *testing.T, s *suite) {
	s.want(t, s.checks.Deploy)
	if s.target.Emulator != nil {
		memory, err := s.target.Emulator.MemoryMiB()
		if err != nil {
			t.Fatal(err)
		}
		s.count("the emulator uses %d MiB of memory with the whole storefront", memory)
	}
}

// want runs a check, and fails unless it finds nothing and leaves nothing out on an emulator.
func (s *suite) want(t *testing.T, run func(context.Context) (check.Result, error)) {
	t.Helper()
	result, err := run(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.wantNothing(t, result)
}

func (s *suite) wantNothing(t *testing.T, result check.Result) {
	t.Helper()
	for _, finding := range result.Findings {
		t.Error(finding)
	}
	for _, line := range result.Numbers {
		s.count("%s", line)
	}
	for _, reason := range result.NotRun {
		s.count("not run: %s", reason)
		if s.target.Emulator != nil {
			t.Errorf("not run: %s", reason)
		}
	}
	if len(result.Numbers) == 0 {
		t.Error("nothing was checked")
	}
}

func complete(t *testing.T, s *suite) { s.want(t, s.checks.Complete) }

// complete fails if a stack of an assembly lacks a resource or output of its template, or has another.
func (s *suite) complete(t *testing.T, assembly string) {
	t.Helper()
	result, err := check.Complete(s.ctx, s.read(t, assembly))
	if err != nil {
		t.Fatal(err)
	}
	s.wantNothing(t, result)
}

// again deploys the same assembly again: nothing changes.
func again(t *testing.T, s *suite) { s.want(t, s.checks.Again) }

// unchanged fails if a stack of the storefront has changed since it was read, except some.
func (s *suite) unchanged(t *testing.T, before *deployed.App, except ...string) {
	t.Helper()
	for _, finding := range check.Unchanged(before, s.read(t, s.assembly), except...) {
		t.Error(finding)
	}
}

// destroy destroys the stacks with the CDK CLI, and checks that nothing is left.
func destroy(t *testing.T, s *suite) {
	s.want(t, s.checks.Destroy)
	s.platformIsMissing(t) // that it existed once must not matter
}

// destroyed fails unless the stacks, by their ARNs, were deleted and CloudFormation retained only what the templates retain.
func (s *suite) destroyed(t *testing.T, app *deployed.App, ids map[string]string) {
	t.Helper()
	for _, stack := range app.Stacks {
		findings, err := check.Destroyed(s.ctx, app, ids[stack.Name], stack)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range findings {
			t.Error(finding)
		}
	}
}

// inventory lists the resources of the region of an assembly.
func (s *suite) inventory(t *testing.T, assembly string) check.Inventory {
	t.Helper()
	found, err := check.Take(s.ctx, s.target, s.config(t, assembly).Region)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// nothingNew fails if the inventory has changed, except for the given names.
func (s *suite) nothingNew(t *testing.T, before check.Inventory, assembly string, except ...string) {
	t.Helper()
	for _, finding := range before.Changes(s.inventory(t, assembly), except...) {
		t.Error(finding)
	}
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
