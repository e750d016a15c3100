package job

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Object is one of the JSON of a state machine.
type Object = map[string]any

// Flow is what surrounds a run in a state machine.
type Flow struct {
	// Identifier is the name of the environment variable with the ARN of the execution, which is the same in all attempts.
	Identifier string
	// Variables are further environment variables of the task: expressions in JSONata, by name.
	Variables map[string]string
	// Concurrent starts a run beside others. Otherwise a run that finds an earlier one continues with the state Overlap, which States
	// must have.
	Concurrent bool
	// States are further states, and others in place of Done, Failed and TimedOut, in which a run ends. The variable cause has the reason.
	States map[string]Object
}

// Overlap is the name of the state with which a run continues that has found an earlier one.
const Overlap = "Overlap"

const (
	// firstDelay is the time before the first retry.
	firstDelay = time.Minute
	// maxCause is what is kept of an error, within the 32,768 characters of the cause of a failed execution.
	maxCause = 20_000
)

// definition returns the state machine in the Amazon States Language, with JSONata.
//
// A run has succeeded if the application's container exits with 0, whatever the others do: sidecars are killed when it exits. So the
// exit code decides, be it in the result of the task or in the cause of its failure, and not whether Step Functions takes the task
// for failed.
//
// Sources:
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
func (p Props) definition(at target, flow Flow) string {
	begin, states := "Run", Object{}
	if !flow.Concurrent {
		begin = "Others"
		maps.Copy(states, others(at))
	}
	maps.Copy(states, Object{
		"Begin":  Object{"Type": "Pass", "Assign": Object{"attempt": 1}, "Next": begin},
		"Run":    p.run(at, flow),
		"Judge":  p.judge(),
		"Done":   Object{"Type": "Succeed"},
		"Failed": Fail("RunFailed"),
	})
	if p.retries() > 0 {
		states["Wait"] = Object{
			"Type": "Wait", "Seconds": fmt.Sprintf("{%% %d * $power(2, $attempt - 1) %%}", int(firstDelay.Seconds())),
			"Assign": Object{"attempt": "{% $attempt + 1 %}"}, "Next": "Run",
		}
	}
	maps.Copy(states, stop(at, flow.Identifier))
	for name, state := range flow.States {
		states[name] = state
	}
	return text(Object{
		"Comment": "Runs a task of a service and waits until it ends", "QueryLanguage": "JSONata", "StartAt": "Begin", "States": states,
	})
}

// Fail returns a state that ends an execution with the reason why the run failed.
func Fail(name string) Object { return Object{"Type": "Fail", "Error": name, "Cause": "{% $cause %}"} }

// run runs the task. Step Functions fails it if RunTask answers with failures.
func (p Props) run(at target, flow Flow) Object {
	// Where a task has not started, its container has no exit code.
	exitCode := fmt.Sprintf(".Containers[Name = '%s'].ExitCode", at.Container)
	return Object{
		"Type": "Task", "Resource": at.action("ecs:runTask.sync"), "TimeoutSeconds": int(p.Timeout.Seconds()),
		"Arguments": Object{
			"Cluster": at.cluster, "TaskDefinition": at.definition, "LaunchType": "FARGATE",
			"PropagateTags": "TASK_DEFINITION",
			"NetworkConfiguration": Object{"AwsvpcConfiguration": Object{
				"AssignPublicIp": "DISABLED", "SecurityGroups": []string{at.securityGroup}, "Subnets": at.SubnetIDs,
			}},
			"Overrides": p.overrides(at, flow),
		},
		"Assign": Object{
			"exitCode": "{% ($code := $states.result" + exitCode + "; $exists($code) ? $code : -1) %}",
			"cause":    "the application's container did not exit with status 0",
		},
		"Catch": []Object{
			{"ErrorEquals": []string{"States.Timeout"}, "Next": "Find", "Assign": Object{"cause": fmt.Sprintf("the task took longer than %s", p.Timeout)}},
			{"ErrorEquals": []string{"States.ALL"}, "Next": "Judge", "Assign": Object{
				"exitCode": `{% ($task := $states.errorOutput.Cause; $code := $contains($task, '"Containers"') ? $parse($task)` + exitCode + "; $exists($code) ? $code : -1) %}",
				"cause":    fmt.Sprintf("{%% $substring($string($states.errorOutput), 0, %d) %%}", maxCause),
			}},
		},
		"Next": "Judge",
	}
}

func (p Props) overrides(at target, flow Flow) Object {
	environment := []Object{{"Name": flow.Identifier, "Value": "{% $states.context.Execution.Id %}"}}
	for _, name := range slices.Sorted(maps.Keys(flow.Variables)) {
		environment = append(environment, Object{"Name": name, "Value": "{% " + flow.Variables[name] + " %}"})
	}
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		environment = append(environment, Object{"Name": name, "Value": p.Environment[name]})
	}
	overrides := Object{"ContainerOverrides": []Object{{"Name": at.Container, "Command": p.Command, "Environment": environment}}}
	if p.Size != (Size{}) {
		overrides["Cpu"], overrides["Memory"] = fmt.Sprint(p.Size.CPU), fmt.Sprint(p.Size.MemoryMiB)
	}
	return overrides
}

func (p Props) judge() Object {
	choices := []Object{{"Condition": "{% $exitCode = 0 %}", "Next": "Done"}}
	if retries := p.retries(); retries > 0 {
		choices = append(choices, Object{"Condition": fmt.Sprintf("{%% $attempt <= %d %%}", retries), "Next": "Wait"})
	}
	return Object{"Type": "Choice", "Choices": choices, "Default": "Failed"}
}

// others find an execution that began earlier. Of two that see each other, one continues.
func others(at target) Object {
	return Object{
		"Others": Object{
			"Type": "Task", "Resource": at.action("aws-sdk:sfn:listExecutions"),
			"Arguments": Object{"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
			"Assign": Object{"earlier": "{% (" +
				"$id := $states.context.Execution.Id; " +
				"$own := $states.result.Executions[ExecutionArn = $id].StartDate; " +
				"$others := $states.result.Executions[ExecutionArn != $id]; " +
				"$exists($own) ? $count($others[StartDate < $own or (StartDate = $own and ExecutionArn < $id)]) : $count($others)" +
				") %}"},
			"Retry": Retry(), "Next": "Earlier",
		},
		"Earlier": Object{
			"Type": "Choice", "Choices": []Object{{"Condition": "{% $earlier > 0 %}", "Next": Overlap}}, "Default": "Run",
		},
	}
}

// stop stops a task that timed out. The documentation of Step Functions does not say that a timeout stops it, and the error has no
// ARN, so the task is found by an environment variable that only it has.
func stop(at target, identifier string) Object {
	failed := []Object{{"ErrorEquals": []string{"States.ALL"}, "Next": "TimedOut"}}
	return Object{
		"Find": Object{
			"Type": "Task", "Resource": at.action("aws-sdk:ecs:listTasks"),
			"Arguments": Object{"Cluster": at.cluster, "Family": at.family, "DesiredStatus": "RUNNING"},
			"Assign":    Object{"tasks": "{% $states.result.TaskArns %}"},
			"Retry":     Retry(), "Catch": failed, "Next": "Describe",
		},
		"Describe": Object{
			"Type": "Task", "Resource": at.action("aws-sdk:ecs:describeTasks"),
			"Arguments": Object{"Cluster": at.cluster, "Tasks": "{% [$tasks] %}"},
			"Assign": Object{"task": fmt.Sprintf(
				"{%% $states.result.Tasks[Overrides.ContainerOverrides.Environment[Name = '%s'].Value = $states.context.Execution.Id][0].TaskArn %%}", identifier)},
			"Retry": Retry(), "Catch": failed, "Next": "Stop",
		},
		"Stop": Object{
			"Type": "Task", "Resource": at.action("aws-sdk:ecs:stopTask"),
			"Arguments": Object{"Cluster": at.cluster, "Task": "{% $task %}", "Reason": "Its timeout"},
			"Retry":     Retry(), "Catch": failed, "Next": "TimedOut",
		},
		"TimedOut": Fail("RunTimedOut"),
	}
}

// Retry returns the retries of a call that is throttled, or that fails on AWS's side.
func Retry() []Object {
	return []Object{{"ErrorEquals": []string{"States.TaskFailed"}, "IntervalSeconds": 5, "MaxAttempts": 5, "BackoffRate": 2}}
}

func (t target) action(name string) string { return Action(t.partition, name) }

// Action returns the ARN of an action of Step Functions, such as aws-sdk:ecs:stopTask.
func Action(partition, name string) string { return "arn:" + partition + ":states:::" + name }

// text returns JSON in which expressions are readable.
func text(of Object) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(of); err != nil {
		panic(err) // cannot happen: texts and numbers have JSON
	}
	return string(bytes.TrimSpace(buffer.Bytes()))
}
