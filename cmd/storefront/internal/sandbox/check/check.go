package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

// Suite is an app, synthesized, and the target that it is deployed to.
type Suite struct {
	Target   *target.Target
	CLI      *cdk.CLI
	Assembly string // the folder of the cloud assembly
	Dir      string // for assemblies with a change

	before Inventory
}

// Result is what a check has found.
type Result struct {
	Findings []string // what is wrong, one line each
	Numbers  []string // what was checked, one line each
	NotRun   []string // what was not checked, and why
}

func (r *Result) number(format string, values ...any) {
	r.Numbers = append(r.Numbers, fmt.Sprintf(format, values...))
}

func (r *Result) find(format string, values ...any) {
	r.Findings = append(r.Findings, fmt.Sprintf(format, values...))
}

func (r *Result) notRun(format string, values ...any) {
	r.NotRun = append(r.NotRun, fmt.Sprintf(format, values...))
}

// Check is one check of an app.
type Check struct {
	Name string
	Run  func(context.Context) (Result, error)
}

// Deployed is the name of the first check. Without it no other can run.
const Deployed = "deployed"

// Checks returns all checks, in their order.
func (s *Suite) Checks() []Check {
	checks := []Check{
		{Deployed, s.Deploy},
		{"complete", s.Complete},
		{"true", s.True},
		{"least privilege", s.LeastPrivilege},
		{"routed", s.Routed},
		{"events", s.Events},
		{"drift", s.Drift},
		{"rollback", s.Rollback},
		{"again", s.Again},
		{"destroy", s.Destroy},
	}
	if s.Target.Emulator != nil {
		checks = append(checks, Check{"no server error", s.NoServerError})
	}
	return checks
}

// Read reads the app's stacks from CloudFormation.
func (s *Suite) Read(ctx context.Context) (*deployed.App, error) {
	return deployed.Read(ctx, s.Target.Config, s.Assembly)
}

// Region is the region of the app.
func (s *Suite) Region() (string, error) {
	region, err := deployed.Region(s.Assembly)
	return s.Target.In(region).Region, err
}

// Occupied returns those of the named stacks that exist.
func Occupied(ctx context.Context, config aws.Config, names ...string) ([]string, error) {
	var there []string
	client := cloudformation.NewFromConfig(config)
	for _, name := range names {
		_, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
		var answer smithy.APIError
		if errors.As(err, &answer) && answer.ErrorCode() == "ValidationError" {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("check whether stack %s exists: %w", name, err)
		}
		there = append(there, name)
	}
	return there, nil
}

// Deploy prepares the region, takes the inventory with which Destroy compares, and deploys the app. A stack that exists is an
// error, since Destroy would destroy it.
func (s *Suite) Deploy(ctx context.Context) (Result, error) {
	var r Result
	region, err := s.Region()
	if err != nil {
		return r, err
	}
	stacks, err := deployed.Assembly(s.Assembly)
	if err != nil {
		return r, err
	}
	var names []string
	for _, stack := range stacks {
		names = append(names, stack.Name)
	}
	there, err := Occupied(ctx, s.Target.In(region), names...)
	if err != nil {
		return r, err
	}
	if len(there) > 0 {
		return r, fmt.Errorf("account %s already has %s, which these checks would destroy: run storefront sandbox down first, or delete it",
			s.Target.Account, strings.Join(there, ", "))
	}
	if err := s.CLI.Bootstrap(ctx, s.Target.Account, region); err != nil {
		return r, err
	}
	if s.before, err = Take(ctx, s.Target, region); err != nil {
		return r, err
	}
	if _, err := s.CLI.Deploy(ctx, s.Assembly); err != nil {
		return failed(r, err)
	}
	r.number("%d stacks in account %s, %s", len(stacks), s.Target.Account, region)
	return r, nil
}

// failed makes a deployment that failed a finding.
func failed(r Result, err error) (Result, error) {
	var failure *cdk.Error
	if errors.As(err, &failure) {
		r.find("%v", err)
		return r, nil
	}
	return r, err
}

// Complete finds resources and outputs that the stacks lack or have beside those of their templates.
func (s *Suite) Complete(ctx context.Context) (Result, error) {
	app, err := s.Read(ctx)
	if err != nil {
		return Result{}, err
	}
	return Complete(ctx, app)
}

// Complete is the check Complete of any app.
func Complete(ctx context.Context, app *deployed.App) (Result, error) {
	var r Result
	resources := 0
	for _, stack := range app.Stacks {
		want := map[string]string{}
		for _, each := range stack.Template.Resources("") {
			created, err := app.Creates(ctx, stack, each)
			if err != nil {
				return r, err
			}
			if created {
				want[each.LogicalID] = each.Type
			}
		}
		for id, kind := range want {
			if _, found := stack.Resources[id]; !found {
				r.find("%s: %s (%s) is in the template and not in the stack", stack.Name, id, kind)
			}
		}
		for id, each := range stack.Resources {
			switch {
			case each.Type == deployed.Metadata:
				continue
			case want[id] == "":
				r.find("%s: %s (%s) is in the stack and not in the template", stack.Name, id, each.Type)
			case want[id] != each.Type:
				r.find("%s: %s is a %s, want %s", stack.Name, id, each.Type, want[id])
			case each.PhysicalID == "" || each.Status != "CREATE_COMPLETE" && each.Status != "UPDATE_COMPLETE":
				r.find("%s: %s (%s) is %s and has the physical ID %q", stack.Name, id, each.Type, each.Status, each.PhysicalID)
			}
			resources++
		}
		outputs := stack.Template.Outputs()
		for id := range outputs {
			wanted, err := app.HasOutput(ctx, stack, id)
			if err != nil {
				return r, err
			}
			if wanted && stack.Outputs[id] == "" {
				r.find("%s: output %s has no value", stack.Name, id)
			}
		}
		for id := range stack.Outputs {
			if _, known := outputs[id]; !known {
				r.find("%s: output %s is not in the template", stack.Name, id)
			}
		}
	}
	slices.Sort(r.Findings)
	r.number("%d resources, those of the templates and no other", resources)
	return r, nil
}

// Again deploys the same assembly again: nothing may change.
func (s *Suite) Again(ctx context.Context) (Result, error) {
	var r Result
	before, err := s.Read(ctx)
	if err != nil {
		return r, err
	}
	said, err := s.CLI.Deploy(ctx, s.Assembly)
	if err != nil {
		return failed(r, err)
	}
	if got := strings.Count(said, "(no changes)"); got != len(before.Stacks) {
		r.find("%d of %d stacks were deployed without changes (logs are in %s)", got, len(before.Stacks), s.CLI.Dir)
	}
	now, err := s.Read(ctx)
	if err != nil {
		return r, err
	}
	r.Findings = append(r.Findings, Unchanged(before, now)...)
	if said, err = s.CLI.Diff(ctx, s.Assembly); err != nil {
		return failed(r, err)
	}
	if got := strings.Count(said, "There were no differences"); got != len(before.Stacks) {
		r.find("%d of %d stacks are as the app defines them (logs are in %s)", got, len(before.Stacks), s.CLI.Dir)
	}
	r.number("%d stacks deployed again without changes, cdk diff is empty", len(before.Stacks))
	return r, nil
}

// Unchanged finds the stacks that have changed since they were read, except some, by construct ID.
func Unchanged(before, now *deployed.App, except ...string) (findings []string) {
	for _, was := range before.Stacks {
		is := now.Stack(was.Name)
		if slices.Contains(except, was.ID) {
			continue
		}
		if is == nil {
			findings = append(findings, was.Name+" is gone")
			continue
		}
		if !is.LastUpdated.Equal(was.LastUpdated) {
			findings = append(findings, fmt.Sprintf("%s was updated at %s", was.Name, is.LastUpdated))
		}
		findings = append(findings, SameResources(was, is)...)
	}
	return findings
}

// SameResources finds the resources of a stack that were replaced, added or removed.
func SameResources(was, is *deployed.Stack) (findings []string) {
	for id, r := range was.Resources {
		if now := is.Resources[id]; now.PhysicalID != r.PhysicalID {
			findings = append(findings, fmt.Sprintf("%s: %s (%s) was %s, and is %q", was.Name, id, r.Type, r.PhysicalID, now.PhysicalID))
		}
	}
	for id, r := range is.Resources {
		if _, known := was.Resources[id]; !known {
			findings = append(findings, fmt.Sprintf("%s: %s (%s) is new", was.Name, id, r.Type))
		}
	}
	slices.Sort(findings)
	return findings
}

// NoServerError finds requests to which the emulator responded with an error of its own. Nothing is retried, so none is hidden.
func (s *Suite) NoServerError(context.Context) (Result, error) {
	found, err := s.Target.Emulator.ServerErrors()
	return Result{Findings: found}, err
}
