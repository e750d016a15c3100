package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/job"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Migration runs a task of a new version before its deployment.
type Migration struct {
	constructs.Construct
	props        Props
	task         awsecs.FargateTaskDefinition
	stateMachine awsstepfunctions.CfnStateMachine
	start        awsscheduler.CfnSchedule
	completed    awscdk.CfnWaitCondition
}

// New defines a migration of a service. It panics with one error that lists every invalid prop, and if the service has something
// else with the same ID.
func New(of service.Service, id string, props Props) *Migration {
	problem.MustScope(of, id)
	p := props.withDefaults()
	problem.Must(of, id, p.validate())
	problem.Must(of, id, p.checkBefore(of))

	m := &Migration{props: p}
	place.Define(m, of, id)
	if p.Disabled {
		return m
	}
	task := of.Task()
	m.task = task.Definition
	m.completed = awscdk.NewCfnWaitCondition(m, jsii.String("Completed"), nil)
	m.completed.CfnOptions().SetCreationPolicy(&awscdk.CfnCreationPolicy{ResourceSignal: &awscdk.CfnResourceSignal{
		Count: jsii.Number(1), Timeout: jsii.String(fmt.Sprintf("PT%dM", int(p.wait().Minutes()))),
	}})
	stack := awscdk.Stack_Of(m)
	machine := job.New(m, of, p.job(), flow(*stack.Partition(), *stack.StackId()),
		job.Allow(nil, []string{*stack.StackId()}, "cloudformation:SignalResource"))
	m.stateMachine = machine.StateMachine
	m.start = m.newStart()
	// What the task needs: its roles with what they are allowed, and the rules of its security group.
	needed := []constructs.IDependable{task.Definition.TaskRole(), task.Definition.ExecutionRole(), task.SecurityGroup}
	needed = append(needed, machine.Ready...)
	for _, after := range p.After {
		// By its ID, since a store may be a Go value around a construct, which is none to the CDK.
		needed = append(needed, after.Node().Scope().Node().FindChild(after.Node().Id()))
	}
	m.start.Node().AddDependency(needed...)
	m.completed.Node().AddDependency(m.start)
	for _, waits := range append([]service.Service{of}, p.Before...) {
		waits.Task().Service.Node().AddDependency(m.completed)
	}
	m.Node().AddValidation(&version{m})
	return m
}

// flow signals the end of the migration to the wait condition that the input names. An earlier migration, such as one of a deployment
// that was cancelled, ends first.
func flow(partition, stackID string) job.Flow {
	signal := func(status, next string) job.Object {
		return job.Object{
			"Type": "Task", "Resource": job.Action(partition, "aws-sdk:cloudformation:signalResource"),
			"Arguments": job.Object{
				"StackName": stackID, "LogicalResourceId": "{% $states.context.Execution.Input.waitCondition %}",
				"UniqueId": "migration", "Status": status,
			},
			"Retry": job.Retry(), "Catch": []job.Object{{"ErrorEquals": []string{"States.ALL"}, "Next": next}}, "Next": next,
		}
	}
	return job.Flow{Identifier: variableRun, States: map[string]job.Object{
		job.Overlap: {"Type": "Wait", "Seconds": 15, "Next": "Others"},
		"Done":      signal("SUCCESS", "Succeeded"),
		"Failed":    signal("FAILURE", "MigrationFailed"),
		"TimedOut":  signal("FAILURE", "MigrationFailed"),
		// A signal that CloudFormation refuses is one that it does not wait for: somebody started the execution by hand, or Scheduler
		// did so twice.
		"Succeeded":       {"Type": "Succeed"},
		"MigrationFailed": job.Fail("MigrationFailed"),
	}}
}

// newStart defines the schedule that starts the migration: a rate begins when the schedule is created. It comes again in ten
// years, when a signal is refused.
//
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
func (m *Migration) newStart() awsscheduler.CfnSchedule {
	return awsscheduler.NewCfnSchedule(m, jsii.String("Start"), &awsscheduler.CfnScheduleProps{
		Description:        jsii.String("Starts the migration of " + *m.Node().Path() + " once"),
		ScheduleExpression: jsii.String("rate(3650 days)"),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:     m.stateMachine.AttrArn(),
			RoleArn: job.NewScheduleRole(m, "StartRole", m.stateMachine).RoleArn(),
			Input:   jsii.String(`{"waitCondition":"` + *m.completed.LogicalId() + `"}`),
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(margin.Seconds()), MaximumRetryAttempts: jsii.Number(185),
			},
		},
	})
}

// version gives the wait condition and the schedule the version as a part of their logical IDs, so that CloudFormation creates both
// again for each: it signals a wait condition once, and the schedule starts one migration. It runs when the containers are complete.
type version struct{ of *Migration }

var _ constructs.IValidation = (*version)(nil)

// Validate is called once, after everything is defined.
func (v *version) Validate() *[]*string {
	m := v.of
	definition := m.task.Node().DefaultChild().(awsecs.CfnTaskDefinition)
	encoded, err := json.Marshal([]any{
		awscdk.Stack_Of(m).Resolve(definition.ContainerDefinitions()), m.props.Command, m.props.Environment,
	})
	if err != nil {
		return jsii.Strings(strings.Split(err.Error(), "\n")...)
	}
	sum := sha256.Sum256(encoded)
	suffix := strings.ToUpper(hex.EncodeToString(sum[:4]))
	for _, resource := range []awscdk.CfnResource{m.completed, m.start} {
		own := awscdk.Stack_Of(m).GetLogicalId(resource)
		resource.OverrideLogicalId(jsii.String(*own + suffix))
	}
	return &[]*string{}
}

// StateMachine returns the underlying CloudFormation state machine, whose executions are the migrations. It is nil if the migration is
// disabled.
func (m *Migration) StateMachine() awsstepfunctions.CfnStateMachine { return m.stateMachine }
