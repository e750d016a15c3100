package schedule

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/job"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Schedule runs a task of a service at certain times.
type Schedule struct {
	constructs.Construct
	stateMachine awsstepfunctions.CfnStateMachine
	schedule     awsscheduler.CfnSchedule
}

// New defines a schedule in a service, with its alarms. The id is also the group of the alarms. It panics with one error that lists
// every invalid prop, and if the service has something else with the same ID.
func New(of service.Service, id string, props Props) *Schedule {
	problem.MustScope(of, id)
	p := props.withDefaults()
	problem.Must(of, id, p.validate())

	s := &Schedule{}
	place.Define(s, of, id)
	// It names the revision of the task definition, and is updated after the service: until a deployment has succeeded, and if it is
	// rolled back, runs use the revision of the deployment before.
	machine := job.New(s, of, p.job(), p.flow())
	machine.StateMachine.Node().AddDependency(of.Task().Service)
	s.stateMachine = machine.StateMachine
	s.schedule = s.newSchedule(p)
	s.schedule.Node().AddDependency(machine.Ready...)
	for _, a := range p.Alarms.on(id, s.Metrics()) {
		of.AddAlarm(id, a)
	}
	return s
}

// newSchedule defines the schedule. It is in the default group.
//
// A call that fails is repeated for an hour at most, and not beyond the next time, so that Scheduler does not catch up on runs that
// nobody needs any more.
func (s *Schedule) newSchedule(p Props) awsscheduler.CfnSchedule {
	window := &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")}
	if p.FlexibleWindow > 0 {
		window.Mode, window.MaximumWindowInMinutes = jsii.String("FLEXIBLE"), jsii.Number(p.FlexibleWindow.Minutes())
	}
	state := ""
	if p.Disabled {
		state = "DISABLED"
	}
	age := time.Hour
	if interval := p.interval(); interval > 0 {
		age = min(age, interval)
	}
	role := job.NewScheduleRole(s, "ScheduleRole", s.stateMachine)
	return awsscheduler.NewCfnSchedule(s, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Description:                jsii.String("Runs a task of " + *s.Node().Path()),
		ScheduleExpression:         jsii.String(p.Expression),
		ScheduleExpressionTimezone: cdkx.OptionalString(p.TimeZone),
		FlexibleTimeWindow:         window,
		State:                      cdkx.OptionalString(state),
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:     s.stateMachine.AttrArn(),
			RoleArn: role.RoleArn(),
			// Scheduler replaces the attribute.
			//
			// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
			Input: jsii.String(`{"scheduledTime":"<aws.scheduler.scheduled-time>"}`),
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(age.Seconds()),
				MaximumRetryAttempts:     jsii.Number(185), // the largest: the age limits them
			},
		},
	})
}

// StateMachine returns the underlying CloudFormation state machine, whose executions are the runs.
func (s *Schedule) StateMachine() awsstepfunctions.CfnStateMachine { return s.stateMachine }

// Schedule returns the underlying CloudFormation schedule.
func (s *Schedule) Schedule() awsscheduler.CfnSchedule { return s.schedule }

// Metrics returns the CloudWatch metrics of the runs.
func (s *Schedule) Metrics() Metrics { return Metrics{*s.stateMachine.AttrArn()} }
