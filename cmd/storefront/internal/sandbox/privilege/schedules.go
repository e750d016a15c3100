package privilege

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// addRuns adds what the state machine of a schedule runs a task with: the tasks of the cluster of each service, and the rule by
// which Step Functions learns that one has stopped. A policy limits what is run to the cluster, so it is in the context of the
// simulations.
func (l *landscape) addRuns(ctx context.Context, s *deployed.App) error {
	for _, each := range s.Stacks {
		for _, resource := range each.Template.Resources("AWS::ECS::Service") {
			name, err := s.Resolve(ctx, each, resource.Get("Properties.Cluster"))
			if err != nil {
				return fmt.Errorf("%s: %s: the cluster: %w", each.Name, resource.LogicalID, err)
			}
			l.addCluster(fmt.Sprint(name))
		}
	}
	return nil
}

func (l *landscape) addCluster(name string) {
	name = name[strings.LastIndex(name, "/")+1:] // of an ARN
	tasks := l.arns.of("ecs", "task/"+name+"/")
	if slices.ContainsFunc(l.things, func(t thing) bool { return t.kind == ranTask && t.pattern == tasks+"*" }) {
		return
	}
	within := map[string]string{"ecs:cluster": l.arns.of("ecs", "cluster/"+name)}
	for n, t := range l.things {
		if t.kind == account || t.kind == taskDefinition {
			l.things[n].context = within
		}
	}
	l.add(thing{kind: ranTask, arn: tasks + probe, pattern: tasks + "*", context: map[string]string{"ecs:CreateAction": "RunTask"}})
	l.thing(stopRule, l.arns.of("events", "rule/StepFunctionsGetEventsForECSTaskRule"))
}

// addSchedules finds the two roles of each schedule of a service, and what they need: Scheduler starts the state machine, and that
// runs the task of the service.
func (l *landscape) addSchedules(t deployed.Task) {
	of := slices.IndexFunc(l.things, func(each thing) bool {
		return each.kind == taskDefinition && each.arn == aws.ToString(t.Definition.TaskDefinitionArn)
	})
	if of < 0 {
		return // of another app
	}
	definition := l.things[of]
	service := strings.TrimSuffix(definition.path, "Task/Resource")
	for _, machine := range slices.Clone(l.things) {
		schedule, found := strings.CutSuffix(machine.path, "/StateMachine")
		if machine.kind != stateMachine || machine.stack != t.Stack || !found || !strings.HasPrefix(schedule, service) {
			continue
		}
		starts, runs := l.roleAt(t.Stack, schedule+"/ScheduleRole/Resource"), l.roleAt(t.Stack, schedule+"/Role/Resource")
		if starts == nil || runs == nil {
			continue // of no schedule
		}
		name := schedule[strings.LastIndex(schedule, "/")+1:] + " of " + t.Service()
		starts.principal, starts.purpose = ofScheduler, "role that starts "+name
		starts.need(machine, startsRun)
		runs.principal, runs.purpose = ofStates, "role that runs "+name
		runs.need(machine, listsRuns)
		runs.need(definition, runsTask)
		runs.need(l.things[0], listsTasks)
		for _, each := range slices.Clone(l.things) {
			switch {
			case each.kind == ranTask:
				runs.need(each, handlesTask...)
			case each.kind == stopRule:
				runs.need(each, managesRule...)
			case each.kind == iamRole && slices.Contains([]string{aws.ToString(t.Definition.TaskRoleArn), aws.ToString(t.Definition.ExecutionRoleArn)}, each.arn):
				runs.need(each, passesRole)
			}
		}
	}
}

func (l *landscape) roleAt(stack, path string) *role {
	at := slices.IndexFunc(l.roles, func(r *role) bool { return r.stack == stack && r.path == path })
	if at < 0 {
		return nil
	}
	return l.roles[at]
}
