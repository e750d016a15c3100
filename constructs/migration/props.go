package migration

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/job"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Props configure a migration. Only Command is required.
type Props struct {
	// Command is the command of the task, in place of that of the service. Required: the service's own never ends.
	Command []string
	// Environment sets environment variables in addition to those of the service, or other values of them.
	Environment map[string]string
	// Size is the CPU and memory of the task. If zero, those of the service.
	Size Size

	// Timeout is the time after which the task is stopped and the migration has failed, in whole seconds from a minute. With all
	// retries it must be less than the twelve hours that CloudFormation waits. If zero, 30 minutes.
	Timeout time.Duration
	// Retries is how often a migration is repeated that failed, from 1 to 5, or [NoRetries]: after a minute, then after twice as long
	// as before. If zero, 2. One that timed out is not repeated.
	Retries int

	// Before are further services of the stack whose deployment waits for the migration, such as a worker with the same database.
	Before []service.Service
	// After is what the task needs beside what its task definition refers to, such as a database whose instances are resources of their
	// own. It must not depend on the service.
	After []constructs.IConstruct
	// Disabled leaves the migration out, such as to deploy an earlier version whose tool does not accept the newer schema.
	Disabled bool
}

// Size is the CPU and memory of a task.
type Size = job.Size

// NoRetries as Props.Retries runs the task once.
const NoRetries = job.NoRetries

const (
	defaultTimeout = 30 * time.Minute
	// margin is for the start of the schedule, which has a precision of a minute, and for the signal with its retries.
	margin = 15 * time.Minute
	// longestWait is what CloudFormation waits for a signal at most.
	//
	// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html
	longestWait = 12 * time.Hour
)

// variableRun is the environment variable of the task with the ARN of the execution.
const variableRun = "MIGRATION_RUN"

func (p Props) withDefaults() Props {
	run := p.job().WithDefaults(defaultTimeout)
	p.Size, p.Timeout, p.Retries = run.Size, run.Timeout, run.Retries
	return p
}

// job returns how the task is run.
func (p Props) job() job.Props {
	return job.Props{Command: p.Command, Environment: p.Environment, Size: p.Size, Timeout: p.Timeout, Retries: p.Retries}
}

// wait returns the time for which CloudFormation waits.
func (p Props) wait() time.Duration { return (p.job().Longest() + margin).Truncate(time.Minute) }

// validate returns one error that lists every problem of the props, or nil. It expects the defaults.
func (p Props) validate() error {
	problems := []error{p.job().Validate("migration", variableRun)}
	if errors.Join(problems...) == nil && p.wait() > longestWait {
		problems = append(problems, fmt.Errorf("Timeout with all Retries must be at most %s, which CloudFormation waits less %s for the start, got %s: lower one of the two",
			longestWait-margin, margin, p.job().Longest()))
	}
	for n, after := range p.After {
		if problem.IsNil(after) {
			problems = append(problems, fmt.Errorf("After[%d] is nil: define it first", n))
		}
	}
	return errors.Join(problems...)
}

// checkBefore requires services of the stack of the migrated one.
func (p Props) checkBefore(of service.Service) error {
	var problems []error
	own := *awscdk.Stack_Of(of).Node().Path()
	for n, before := range p.Before {
		switch {
		case problem.IsNil(before):
			problems = append(problems, fmt.Errorf("Before[%d] is nil: define the service first", n))
		case before.Name() == of.Name():
			problems = append(problems, fmt.Errorf("Before[%d] is %s itself, which waits for its migration in any case: leave it out", n, of.Name()))
		case *awscdk.Stack_Of(before).Node().Path() != own:
			problems = append(problems, fmt.Errorf("Before[%d] must be a service of the stack %s, whose deployment CloudFormation can hold, got %s of another stack", n, own, before.Name()))
		}
	}
	return errors.Join(problems...)
}
