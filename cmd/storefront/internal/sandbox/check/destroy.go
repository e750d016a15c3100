package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Destroy destroys the stacks with the CDK CLI. Nothing may be left but what the templates retain.
func (s *Suite) Destroy(ctx context.Context) (Result, error) {
	var r Result
	before, err := s.Read(ctx)
	if err != nil {
		return r, err
	}
	for _, stack := range before.Stacks {
		if stack.Protected {
			r.notRun("the destruction: %s has termination protection, as it should in production; --protection off leaves it out", stack.Name)
			return r, nil
		}
	}
	ids, err := StackIDs(ctx, before)
	if err != nil {
		return r, err
	}
	if _, err := s.CLI.Destroy(ctx, s.Assembly); err != nil {
		return failed(r, err)
	}
	for _, stack := range before.Stacks {
		findings, err := Destroyed(ctx, before, ids[stack.Name], stack)
		if err != nil {
			return r, err
		}
		r.Findings = append(r.Findings, findings...)
	}
	now, err := Take(ctx, s.Target, before.Config.Region)
	if err != nil {
		return r, err
	}
	retained := Retained(before)
	r.Findings = append(r.Findings, s.before.Changes(now, retained...)...)
	r.number("%d stacks destroyed, %d resources retained as the templates say, nothing else left", len(before.Stacks), len(retained))
	return r, nil
}

// StackIDs returns the ARNs of an app's stacks by name, with which they can be described after their deletion.
func StackIDs(ctx context.Context, app *deployed.App) (map[string]string, error) {
	ids := map[string]string{}
	client := cloudformation.NewFromConfig(app.Config)
	for _, stack := range app.Stacks {
		described, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack.Name})
		if err != nil {
			return nil, fmt.Errorf("read stack %s: %w", stack.Name, err)
		}
		ids[stack.Name] = aws.ToString(described.Stacks[0].StackId)
	}
	return ids, nil
}

// Destroyed finds out whether a stack, by its ARN, was deleted and CloudFormation retained only what the template retains.
func Destroyed(ctx context.Context, app *deployed.App, id string, stack *deployed.Stack) (findings []string, err error) {
	client := cloudformation.NewFromConfig(app.Config)
	want := map[string]string{}
	for _, r := range stack.Template.Resources("") {
		if _, created := stack.Resources[r.LogicalID]; !created {
			continue
		}
		want[r.LogicalID] = "DELETE_COMPLETE"
		if Keeps(r) {
			want[r.LogicalID] = "DELETE_SKIPPED"
		}
	}
	got := map[string]string{}
	pages := cloudformation.NewDescribeStackEventsPaginator(client, &cloudformation.DescribeStackEventsInput{StackName: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the events of %s: %w", stack.Name, err)
		}
		for _, event := range page.StackEvents { // newest first
			logical := aws.ToString(event.LogicalResourceId)
			if _, known := got[logical]; !known && want[logical] != "" {
				got[logical] = string(event.ResourceStatus)
			}
		}
	}
	for _, logical := range slices.Sorted(maps.Keys(want)) {
		if got[logical] != want[logical] {
			findings = append(findings, fmt.Sprintf("%s: %s is %s, want %s", stack.Name, logical, got[logical], want[logical]))
		}
	}
	described, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &id})
	if err != nil {
		return nil, fmt.Errorf("read stack %s: %w", stack.Name, err)
	}
	if status := described.Stacks[0].StackStatus; status != "DELETE_COMPLETE" {
		findings = append(findings, fmt.Sprintf("%s is %s", stack.Name, status))
	}
	return findings, nil
}

// Keeps reports whether a resource is retained when its stack is deleted.
func Keeps(r snapshot.Resource) bool {
	policy, _ := r.Get("DeletionPolicy").(string)
	return strings.HasPrefix(policy, "Retain")
}

// Retained returns the physical IDs of the resources that the templates of an app retain.
func Retained(app *deployed.App) []string {
	var ids []string
	for _, stack := range app.Stacks {
		for _, r := range stack.Template.Resources("") {
			if Keeps(r) {
				ids = append(ids, stack.Resources[r.LogicalID].PhysicalID)
			}
		}
	}
	return ids
}
