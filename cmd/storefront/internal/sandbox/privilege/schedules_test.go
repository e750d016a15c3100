package privilege

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

const (
	revision = "arn:aws:ecs:eu-west-1:111122223333:task-definition/cart:7"
	machine  = "arn:aws:states:eu-west-1:111122223333:stateMachine:nightly"
)

// withSchedule is a service with a schedule, another one, and a state machine of a team's own.
func withSchedule(t *testing.T) *landscape {
	t.Helper()
	s := &deployed.App{Account: "111122223333"}
	s.Config.Region = "eu-west-1"
	stack := stackOf(t, "cart", `"Task": {"Type": "AWS::ECS::TaskDefinition"}, "Nightly": {"Type": "AWS::StepFunctions::StateMachine"}, "Own": {"Type": "AWS::StepFunctions::StateMachine"},
		"TaskRole": {"Type": "AWS::IAM::Role"}, "ExecutionRole": {"Type": "AWS::IAM::Role"}, "Runs": {"Type": "AWS::IAM::Role"}, "Starts": {"Type": "AWS::IAM::Role"}, "OwnRole": {"Type": "AWS::IAM::Role"}`)
	for id, path := range map[string]string{
		"Task": "cart/Cart/Task/Resource", "Nightly": "cart/Cart/Nightly/StateMachine", "Own": "cart/Cart/Own/StateMachine",
		"Runs": "cart/Cart/Nightly/Role/Resource", "Starts": "cart/Cart/Nightly/ScheduleRole/Resource", "OwnRole": "cart/Cart/Own/Role/Resource",
	} {
		stack.Template.Get("Resources." + id).(map[string]any)["Metadata"] = map[string]any{"aws:cdk:path": path}
	}
	for id, physical := range map[string]string{"Task": revision, "Nightly": machine, "Own": machine + "-own"} {
		resource := stack.Resources[id]
		resource.PhysicalID = physical
		stack.Resources[id] = resource
	}
	s.Stacks = []*deployed.Stack{stack}
	land := &landscape{arns: arns{"aws", "eu-west-1", "111122223333"}}
	land.addThings(s)
	land.addRoles(s)
	land.addCluster("arn:aws:ecs:eu-west-1:111122223333:cluster/shop")
	land.addCluster("shop")
	return land
}

func TestNeedsOfASchedule(t *testing.T) {
	land := withSchedule(t)
	land.addSchedules(cart(func(d *types.TaskDefinition) { d.TaskDefinitionArn = aws.String(revision) }))
	for _, r := range land.roles {
		want, known := map[string][]string{
			"Starts": {"states:StartExecution states:stateMachine:nightly"},
			"Runs": {
				"ecs:DescribeTasks ecs:task/shop/*", "ecs:ListTasks *", "ecs:RunTask ecs:task-definition/cart:*",
				"ecs:StopTask ecs:task/shop/*", "ecs:TagResource ecs:task/shop/*",
				"events:DescribeRule events:rule/StepFunctionsGetEventsForECSTaskRule", "events:PutRule events:rule/StepFunctionsGetEventsForECSTaskRule",
				"events:PutTargets events:rule/StepFunctionsGetEventsForECSTaskRule",
				"iam:PassRole iam::111122223333:role/executionrole", "iam:PassRole iam::111122223333:role/taskrole", "states:ListExecutions states:stateMachine:nightly",
			},
		}[r.logicalID]
		if got := rights(r); !cmp.Equal(want, got) && (known || len(got) > 0) {
			t.Errorf("%s (-want +got):\n%s", r.logicalID, cmp.Diff(want, got))
		}
		if principal := map[string]string{"Starts": ofScheduler, "Runs": ofStates}[r.logicalID]; r.principal != principal {
			t.Errorf("%s is assumed by %q, want %q", r.logicalID, r.principal, principal)
		}
	}
}

// Without the conditions of the policy in the context, the simulation would deny what the role may do.
func TestTheContextOfARun(t *testing.T) {
	of := map[kind]string{}
	for _, each := range withSchedule(t).things {
		for _, entry := range contextOf(each.context) {
			of[each.kind] = aws.ToString(entry.ContextKeyName) + "=" + entry.ContextKeyValues[0]
		}
	}
	const within = "ecs:cluster=arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
	want := map[kind]string{account: within, taskDefinition: within, ranTask: "ecs:CreateAction=RunTask", iamRole: "iam:PassedToService=ecs-tasks.amazonaws.com"}
	if diff := cmp.Diff(want, of); diff != "" {
		t.Errorf("contexts (-want +got):\n%s", diff)
	}
}
