package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/schedule"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// nightly is a schedule, of which each test changes one thing.
func nightly() schedule.Props {
	return schedule.Props{Expression: "cron(0 3 * * ? *)", TimeZone: "Europe/Berlin", Command: []string{"rebuild", "${ALL}"}}
}

func scheduled(change func(*schedule.Props)) func(*microservice.Microservice) {
	return func(cart *microservice.Microservice) {
		props := nightly()
		change(&props)
		schedule.New(cart, "Rebuild", props)
	}
}

func asIs(*schedule.Props) {}

// joined is a text of a template in one piece, with what is known in the deployment in braces.
func joined(text any) string {
	parts, ok := text.(map[string]any)["Fn::Join"].([]any)
	if !ok {
		return fmt.Sprint(text)
	}
	var all strings.Builder
	for _, part := range parts[1].([]any) {
		if literal, ok := part.(string); ok {
			all.WriteString(literal)
			continue
		}
		for _, reference := range part.(map[string]any) {
			switch reference := reference.(type) {
			case []any:
				fmt.Fprintf(&all, "{%v}", reference[0])
			case map[string]any:
				fmt.Fprintf(&all, "{%v}", reference["OutputName"])
			default:
				fmt.Fprintf(&all, "{%v}", reference)
			}
		}
	}
	return all.String()
}

// statesOf are the states of the only state machine of a template.
func statesOf(t *testing.T, template snapshot.Template) snapshot.Template {
	t.Helper()
	var machine struct{ States map[string]any }
	text := joined(template.One(t, "AWS::StepFunctions::StateMachine").Get("Properties.DefinitionString"))
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&machine); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return machine.States
}

func TestAScheduleRunsATaskOfTheService(t *testing.T) {
	template := cart(t, valid(), scheduled(asIs))
	machine := template.One(t, "AWS::StepFunctions::StateMachine")
	expect(t, "Shop", template.One(t, "AWS::Scheduler::Schedule"), map[string]any{
		"Name": nil, "GroupName": nil, "State": nil,
		"ScheduleExpression":                          "cron(0 3 * * ? *)",
		"ScheduleExpressionTimezone":                  "Europe/Berlin",
		"FlexibleTimeWindow.Mode":                     "OFF",
		"Target.Arn.Fn::GetAtt.0":                     machine.LogicalID,
		"Target.Input":                                `{"scheduledTime":"<aws.scheduler.scheduled-time>"}`,
		"Target.RetryPolicy.MaximumEventAgeInSeconds": json.Number("3600"),
		"Target.DeadLetterConfig":                     nil,
	})
	expect(t, "Shop", machine, map[string]any{"StateMachineName": nil, "StateMachineType": "STANDARD", "LoggingConfiguration": nil})
	states := statesOf(t, template)
	task, service := template.One(t, "AWS::ECS::TaskDefinition"), template.One(t, "AWS::ECS::Service")
	for path, want := range map[string]any{
		"Resource":                                         "arn:{AWS::Partition}:states:::ecs:runTask.sync",
		"TimeoutSeconds":                                   json.Number("3600"),
		"Arguments.Cluster":                                "arn:{AWS::Partition}:ecs:{AWS::Region}:{AWS::AccountId}:cluster/{ClusterName}",
		"Arguments.TaskDefinition":                         "{" + task.LogicalID + "}",
		"Arguments.LaunchType":                             "FARGATE",
		"Arguments.PropagateTags":                          "TASK_DEFINITION",
		"Arguments.Overrides.Cpu":                          nil,
		"Arguments.Overrides.ContainerOverrides.1":         nil,
		"Arguments.Overrides.ContainerOverrides.0.Name":    task.Get("Properties.ContainerDefinitions.0.Name"),
		"Arguments.Overrides.ContainerOverrides.0.Command": []any{"rebuild", "${ALL}"},
		"Arguments.Overrides.ContainerOverrides.0.Environment": []any{
			map[string]any{"Name": "SCHEDULED_RUN", "Value": "{% $states.context.Execution.Id %}"},
			// Not of the input of the state, which is the result of the state before.
			map[string]any{"Name": "SCHEDULED_TIME", "Value": "{% $exists($states.context.Execution.Input.scheduledTime) ? $states.context.Execution.Input.scheduledTime : $states.context.Execution.StartTime %}"},
		},
		"Arguments.NetworkConfiguration.AwsvpcConfiguration": map[string]any{
			"AssignPublicIp": "DISABLED", "SecurityGroups": []any{"{" + template.One(t, "AWS::EC2::SecurityGroup").LogicalID + "}"},
			"Subnets": []any{"{PrivateSubnetId1}", "{PrivateSubnetId2}"},
		},
	} {
		if diff := cmp.Diff(want, states.Get("Run."+path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	// Until a deployment has succeeded, runs use the revision before: the state machine is updated last.
	if got := fmt.Sprint(machine.Get("DependsOn")); !strings.Contains(got, service.LogicalID) {
		t.Errorf("the state machine depends on %s, want the service", got)
	}
	// A run uses what the service uses, also what is added later.
	before := template.One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.HealthCheck")
	if diff := cmp.Diff(before, cart(t, valid()).One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.HealthCheck")); diff != "" {
		t.Errorf("a schedule changes the service's task:\n%s", diff)
	}
}

// The exit code of the application decides, and only of it.
func TestTheExitCodeOfARunDecides(t *testing.T) {
	states := statesOf(t, cart(t, valid(), scheduled(asIs)))
	for path, want := range map[string]any{
		"Run.Assign.exitCode":         "{% ($code := $states.result.Containers[Name = 'app'].ExitCode; $exists($code) ? $code : -1) %}",
		"Run.Next":                    "Judge",
		"Run.Retry":                   nil,
		"Run.Catch.0.ErrorEquals":     []any{"States.Timeout"},
		"Run.Catch.0.Next":            "Find",
		"Run.Catch.1.ErrorEquals":     []any{"States.ALL"},
		"Run.Catch.1.Next":            "Judge",
		"Run.Catch.1.Assign.exitCode": `{% ($task := $states.errorOutput.Cause; $code := $contains($task, '"Containers"') ? $parse($task).Containers[Name = 'app'].ExitCode; $exists($code) ? $code : -1) %}`,
		"Judge.Choices.0.Condition":   "{% $exitCode = 0 %}",
		"Judge.Choices.0.Next":        "Done",
		"Judge.Choices.1.Condition":   "{% $attempt <= 2 %}",
		"Judge.Choices.1.Next":        "Wait",
		"Judge.Default":               "Failed",
		"Failed.Type":                 "Fail",
		"Wait.Seconds":                "{% 60 * $power(2, $attempt - 1) %}",
		"Wait.Next":                   "Run",
		"Earlier.Choices.0.Next":      "Overlap",
		"Overlap.Type":                "Succeed",
		"Stop.Next":                   "TimedOut",
		"TimedOut.Type":               "Fail",
	} {
		if diff := cmp.Diff(want, states.Get(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// rolesOf are the statements of the role that a principal assumes, and its trust.
func rolesOf(t *testing.T, template snapshot.Template, principal string) (statements []string, trust string) {
	t.Helper()
	for _, role := range template.Resources("AWS::IAM::Role") {
		if role.Get("Properties.AssumeRolePolicyDocument.Statement.0.Principal.Service") != principal {
			continue
		}
		conditions := role.Get("Properties.AssumeRolePolicyDocument.Statement.0.Condition").(map[string]any)
		trust = joined(conditions["ArnLike"].(map[string]any)["aws:SourceArn"]) + fmt.Sprint(conditions["StringEquals"])
		all, _ := role.Get("Properties.Policies.0.PolicyDocument.Statement").([]any)
		for _, each := range all {
			statement := each.(map[string]any)
			on := fmt.Sprint(statement["Resource"])
			if _, ok := statement["Resource"].(map[string]any); ok {
				on = joined(statement["Resource"])
			}
			line := fmt.Sprint(statement["Action"], " on ", on)
			if condition, ok := statement["Condition"].(map[string]any); ok {
				for _, keys := range condition {
					for key, value := range keys.(map[string]any) {
						if _, ok := value.(map[string]any); ok {
							value = joined(value)
						}
						line += fmt.Sprint(" if ", key, " is ", value)
					}
				}
			}
			statements = append(statements, line)
		}
	}
	return statements, trust
}

func TestAScheduleMayRunOneTaskAndNoMore(t *testing.T) {
	template := cart(t, valid(), scheduled(asIs))
	machine := template.One(t, "AWS::StepFunctions::StateMachine").LogicalID
	const here = "{AWS::Region}:{AWS::AccountId}:"
	const cluster = "arn:{AWS::Partition}:ecs:" + here + "cluster/{ClusterName}"
	got, trust := rolesOf(t, template, "states.amazonaws.com")
	want := []string{
		"ecs:RunTask on arn:{AWS::Partition}:ecs:" + here + "task-definition/ShopCartTask3F5546CA:* if ecs:cluster is " + cluster,
		"[ecs:DescribeTasks ecs:StopTask] on arn:{AWS::Partition}:ecs:" + here + "task/{ClusterName}/*",
		"ecs:ListTasks on * if ecs:cluster is " + cluster,
		"ecs:TagResource on arn:{AWS::Partition}:ecs:" + here + "task/{ClusterName}/* if ecs:CreateAction is RunTask",
		"iam:PassRole on [map[Fn::GetAtt:[CartTaskRole04A598E5 Arn]] map[Fn::GetAtt:[CartExecutionRoleEDCF9E95 Arn]]] if iam:PassedToService is ecs-tasks.amazonaws.com",
		"[events:DescribeRule events:PutRule events:PutTargets] on arn:{AWS::Partition}:events:" + here + "rule/StepFunctionsGetEventsForECSTaskRule",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the state machine may (-want +got):\n%s", diff)
	}
	if want := "arn:{AWS::Partition}:states:" + here + "stateMachine:*map[aws:SourceAccount:map[Ref:AWS::AccountId]]"; trust != want {
		t.Errorf("the role of the state machine trusts %s, want %s", trust, want)
	}
	if family := template.One(t, "AWS::ECS::TaskDefinition").Get("Properties.Family"); family != "ShopCartTask3F5546CA" {
		t.Errorf("the family is %v", family)
	}
	got, trust = rolesOf(t, template, "scheduler.amazonaws.com")
	if diff := cmp.Diff([]string{"states:StartExecution on map[Fn::GetAtt:[" + machine + " Arn]]"}, got); diff != "" {
		t.Errorf("Scheduler may (-want +got):\n%s", diff)
	}
	if want := "arn:{AWS::Partition}:scheduler:" + here + "schedule-group/defaultmap[aws:SourceAccount:map[Ref:AWS::AccountId]]"; trust != want {
		t.Errorf("the role of Scheduler trusts %s, want %s", trust, want)
	}
	lists := listing(template)
	if len(lists) != 1 {
		t.Fatalf("%d policies allow the list of executions, want one", len(lists))
	}
	expect(t, "Shop", lists[0], map[string]any{
		"Roles.1":                           nil,
		"PolicyDocument.Statement.0.Action": "states:ListExecutions",
		"PolicyDocument.Statement.0.Resource.Fn::GetAtt.0": machine,
		"PolicyDocument.Statement.1":                       nil,
	})
}

// listing returns the policies by which a state machine finds its other executions.
func listing(template snapshot.Template) []snapshot.Resource {
	return slices.DeleteFunc(template.Resources("AWS::IAM::Policy"), func(policy snapshot.Resource) bool {
		return policy.Get("Properties.PolicyName") != "ListExecutions"
	})
}

func TestTheSettingsOfASchedule(t *testing.T) {
	for name, c := range map[string]struct {
		change          func(*schedule.Props)
		schedule, state map[string]any
	}{
		"a rate": {func(p *schedule.Props) { p.Expression, p.TimeZone = "rate(5 minutes)", "" }, map[string]any{
			"ScheduleExpression": "rate(5 minutes)", "ScheduleExpressionTimezone": nil,
			"Target.RetryPolicy.MaximumEventAgeInSeconds": json.Number("300"),
		}, nil},
		"a window": {func(p *schedule.Props) { p.FlexibleWindow = 2 * time.Hour }, map[string]any{
			"FlexibleTimeWindow.Mode": "FLEXIBLE", "FlexibleTimeWindow.MaximumWindowInMinutes": json.Number("120"),
		}, nil},
		"disabled": {func(p *schedule.Props) { p.Disabled = true }, map[string]any{"State": "DISABLED"}, nil},
		"the task": {func(p *schedule.Props) {
			p.Size, p.Environment = schedule.Size{CPU: 1024, MemoryMiB: 4096}, map[string]string{"DEPTH": "3"}
		}, nil, map[string]any{
			"Run.Arguments.Overrides.Cpu": "1024", "Run.Arguments.Overrides.Memory": "4096",
			"Run.Arguments.Overrides.ContainerOverrides.0.Environment.2": map[string]any{"Name": "DEPTH", "Value": "3"},
		}},
		"the run": {func(p *schedule.Props) {
			p.Timeout, p.Retries, p.Overlap = 5*time.Minute, schedule.NoRetries, schedule.Allow
		}, nil, map[string]any{"Run.TimeoutSeconds": json.Number("300"), "Wait": nil, "Others": nil, "Begin.Next": "Run", "Judge.Choices.1": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			template := cart(t, valid(), scheduled(c.change))
			expect(t, "Shop", template.One(t, "AWS::Scheduler::Schedule"), c.schedule)
			states := statesOf(t, template)
			for path, want := range c.state {
				if diff := cmp.Diff(want, states.Get(path)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			}
			if policies := len(listing(template)); (policies == 0) != (c.state["Others"] == nil && name == "the run") {
				t.Errorf("%d policies for the list of executions", policies)
			}
		})
	}
}

// Each change is made in place: nothing has a physical name, and no logical ID changes.
func TestAScheduleIsChangedInPlace(t *testing.T) {
	ids := func(template snapshot.Template) (all []string) {
		for _, resource := range template.Resources("") {
			all = append(all, resource.LogicalID)
		}
		return all
	}
	before := ids(cart(t, valid(), scheduled(asIs)))
	after := ids(cart(t, valid(), scheduled(func(p *schedule.Props) {
		p.Expression, p.TimeZone, p.Command, p.Disabled, p.Timeout = "rate(1 day)", "", []string{"other"}, true, time.Minute
	})))
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("resources (-before +after):\n%s", diff)
	}
}

func TestTheAlarmsOfASchedule(t *testing.T) {
	template := toldCart(t, unchanged, scheduled(asIs))
	machine := template.One(t, "AWS::StepFunctions::StateMachine").LogicalID
	found := map[string]snapshot.Resource{}
	for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
		if strings.Contains(alarm.LogicalID, "Rebuild") {
			found[fmt.Sprint(alarm.Get("Properties.MetricName"))] = alarm
		}
	}
	if len(found) != 2 {
		t.Fatalf("alarms are %v", found)
	}
	expect(t, "Shop", found["ExecutionsFailed"], map[string]any{
		"Namespace": "AWS/States", "Dimensions.0.Name": "StateMachineArn", "Dimensions.0.Value.Fn::GetAtt.0": machine,
		"Period": json.Number("60"), "TreatMissingData": "notBreaching",
	})
	expect(t, "Shop", found["ExecutionsSucceeded"], map[string]any{
		"Namespace": "AWS/States", "Dimensions.0.Value.Fn::GetAtt.0": machine,
		"Period": json.Number("3600"), "EvaluationPeriods": json.Number("29"), "DatapointsToAlarm": json.Number("29"),
		"ComparisonOperator": "LessThanThreshold", "Threshold": json.Number("1"), "TreatMissingData": "breaching",
	})
	page := func(template snapshot.Template) string {
		return fmt.Sprint(template.One(t, "AWS::CloudWatch::CompositeAlarm").Get("Properties.AlarmRule"))
	}
	if got := page(template); strings.Contains(got, "Rebuild") {
		t.Errorf("a schedule pages: %s", got)
	}
	if got := page(toldCart(t, unchanged, scheduled(func(p *schedule.Props) { p.Alarms.Page = true }))); strings.Count(got, "Rebuild") != 2 {
		t.Errorf("what pages is %s, want both", got)
	}
}

func TestWhatIsWrongWithASchedule(t *testing.T) {
	in := func(define func(*microservice.Microservice)) func() {
		return func() {
			app := awscdk.NewApp(nil)
			define(microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid()))
		}
	}
	panics(t, in(func(cart *microservice.Microservice) {
		schedule.New(cart, "Rebuild", nightly())
		schedule.New(cart, "Rebuild", nightly())
	}), `Shop/Cart: the ID "Rebuild" is already used in this scope: choose another ID`)
	panics(t, in(func(cart *microservice.Microservice) {
		schedule.New(cart, "Rebuild", schedule.Props{Expression: "cron(0 3 31 6 ? *)"})
	}),
		`Shop/Cart/Rebuild: Expression column 10: cron must name a day that exists, got "cron(0 3 31 6 ? *)"`,
		`Shop/Cart/Rebuild: Command is missing: name the command that does the work and ends, such as []string{"rebuild"}`)
	panics(t, in(func(cart *microservice.Microservice) { schedule.New(cart, "Logs", nightly()) }),
		`Shop/Cart: the ID "Logs" is used by the service itself, in this environment or in another: choose another ID`)
	panics(t, func() { schedule.New((*microservice.Microservice)(nil), "Rebuild", nightly()) },
		"Rebuild: scope is nil: pass the app, stage, stack or construct in which to define it")
	panics(t, func() { (*microservice.Microservice)(nil).Task() }, "Task: the service is nil: call it on what microservice.New returned")
}

// Two schedules of one service are apart, and their order does not matter.
func TestSeveralSchedules(t *testing.T) {
	first := func(cart *microservice.Microservice) { schedule.New(cart, "Rebuild", nightly()) }
	second := func(cart *microservice.Microservice) { schedule.New(cart, "Expire", nightly()) }
	one, other := toldCart(t, unchanged, first, second), toldCart(t, unchanged, second, first)
	if got := len(one.Resources("AWS::StepFunctions::StateMachine")); got != 2 {
		t.Errorf("there are %d state machines", got)
	}
	if diff := snapshot.Diff(one, other); diff != "" {
		t.Errorf("the order of schedules matters:\n%s", diff)
	}
}
