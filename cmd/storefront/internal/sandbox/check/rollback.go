package check

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Rollback breaks the update of a service after its task definition has changed. Everything must be as it was.
func (s *Suite) Rollback(ctx context.Context) (Result, error) {
	app, err := s.Read(ctx)
	if err != nil {
		return Result{}, err
	}
	id := aService(app)
	if id == "" {
		return Result{NotRun: []string{"a failed update of a service: the app has none"}}, nil
	}
	return s.FailedUpdate(ctx, id, func(template snapshot.Template) error {
		AddVariable(template, "SANDBOX_BROKEN", "yes")
		return BreakHalfWay(template, "AWS::ECS::TaskDefinition", "AWS::DynamoDB::GlobalTable")
	})
}

// aService is the construct ID of a stack with an ECS service: one with data, if there is any.
func aService(app *deployed.App) (id string) {
	for _, stack := range app.Stacks {
		if len(stack.Template.Resources("AWS::ECS::Service")) == 0 {
			continue
		}
		if len(stack.Template.Resources("AWS::DynamoDB::GlobalTable")) > 0 {
			return stack.ID
		}
		if id == "" {
			id = stack.ID
		}
	}
	return id
}

// FailedUpdate deploys a stack with a change that adds what [BreakHalfWay] adds. The deployment must fail and leave the stack and
// all others as they were.
func (s *Suite) FailedUpdate(ctx context.Context, id string, change func(snapshot.Template) error) (Result, error) {
	var r Result
	before, err := s.Read(ctx)
	if err != nil {
		return r, err
	}
	stack := before.ByID(id)
	running, err := Running(ctx, before, stack)
	if err != nil {
		return r, err
	}
	broken, err := Changed(s.Dir, s.Assembly, id, change)
	if err != nil {
		return r, err
	}
	_, err = s.CLI.Deploy(ctx, broken, id)
	var failure *cdk.Error
	switch {
	case err == nil:
		r.find("%s: the broken update was deployed, want a failure", stack.Name)
		return r, nil
	case !errors.As(err, &failure):
		return r, err
	case failure.Stack != stack.Name || !strings.HasPrefix(failure.Resource, "AWS::EC2::SecurityGroupIngress") || !strings.Contains(failure.Reason, Nobody):
		r.find("the update failed elsewhere: %v", failure)
	}
	now, err := s.Read(ctx)
	if err != nil {
		return r, err
	}
	r.Findings = append(r.Findings, Unchanged(before, now, id)...)
	is := now.ByID(id)
	if is.Status != "UPDATE_ROLLBACK_COMPLETE" {
		r.find("%s is %s, want UPDATE_ROLLBACK_COMPLETE", is.Name, is.Status)
	}
	r.Findings = append(r.Findings, SameResources(stack, is)...)
	runs, err := Running(ctx, now, is)
	if err != nil {
		return r, err
	}
	if !maps.Equal(running, runs) {
		r.find("%s runs %v, and ran %v", is.Name, runs, running)
	}
	after, err := True(ctx, s.Target, now)
	if err != nil {
		return r, err
	}
	r.Findings = append(r.Findings, after.Findings...)
	if _, err := s.CLI.Deploy(ctx, s.Assembly, id); err != nil {
		r.find("the next deployment: %v", err)
	}
	r.number("an update of %s that failed was rolled back", stack.Name)
	return r, nil
}

// Running returns the ARNs of the task definitions that the ECS services of a stack run, by logical ID.
func Running(ctx context.Context, app *deployed.App, stack *deployed.Stack) (map[string]string, error) {
	client := ecs.NewFromConfig(app.Config)
	running := map[string]string{}
	for _, each := range stack.Template.Resources("AWS::ECS::Service") {
		r, found := stack.Resources[each.LogicalID]
		parts := strings.Split(r.PhysicalID, "/")
		if !found || len(parts) < 3 {
			return nil, fmt.Errorf("%s: want the ARN of ECS service %s, got %q", stack.Name, each.LogicalID, r.PhysicalID)
		}
		out, err := client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &parts[1], Services: []string{r.PhysicalID}})
		if err != nil {
			return nil, fmt.Errorf("read ECS service %s: %w", r.PhysicalID, err)
		}
		active := slices.DeleteFunc(out.Services, func(s ecstypes.Service) bool { return aws.ToString(s.Status) == "INACTIVE" })
		if len(active) != 1 {
			return nil, fmt.Errorf("ECS service %s does not exist", r.PhysicalID)
		}
		running[each.LogicalID] = aws.ToString(active[0].TaskDefinition)
	}
	return running, nil
}
