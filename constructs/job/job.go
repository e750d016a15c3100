package job

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/service"
)

// Machine is a state machine whose executions are the runs.
type Machine struct {
	StateMachine awsstepfunctions.CfnStateMachine
	// Role is that of the state machine.
	Role awsiam.Role
	// Ready is what must exist before the first execution, beside the state machine.
	Ready []constructs.IDependable
}

// target is where a task runs, as texts of a template.
type target struct {
	service.Task
	partition, cluster, definition, family, securityGroup string
}

// New defines the state machine in scope, with its role. The props must be valid, and have their defaults. More are statements that
// the flow needs.
//
// It has no logs of its own: Step Functions keeps the history of an execution for 90 days, while a log group needs permissions on all
// log groups, and one of the ten resource policies of a region.
func New(scope constructs.Construct, of service.Service, p Props, flow Flow, more ...awsiam.PolicyStatement) Machine {
	task := of.Task()
	at := target{
		Task: task, partition: *awscdk.Stack_Of(of).Partition(), cluster: *task.Cluster.ClusterArn(),
		definition: *task.Definition.TaskDefinitionArn(), family: *task.Definition.Family(), securityGroup: *task.SecurityGroup.SecurityGroupId(),
	}
	machine := Machine{Role: newRole(scope, at, more)}
	machine.StateMachine = awsstepfunctions.NewCfnStateMachine(scope, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		RoleArn:          machine.Role.RoleArn(),
		StateMachineType: jsii.String("STANDARD"),
		DefinitionString: jsii.String(p.definition(at, flow)),
	})
	if !flow.Concurrent {
		machine.Ready = append(machine.Ready, allowList(scope, machine))
	}
	return machine
}

// newRole allows the state machine to run the service's task in its cluster and nothing else, and to stop it. The permission is on
// all revisions of the task definition, since a run that began before a deployment uses the earlier one.
//
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
func newRole(scope constructs.Construct, at target, more []awsiam.PolicyStatement) awsiam.Role {
	stack := awscdk.Stack_Of(scope)
	arn := func(service, resource string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", at.partition, service, *stack.Region(), *stack.Account(), resource)
	}
	inCluster := map[string]any{"ArnEquals": map[string]any{"ecs:cluster": at.cluster}}
	tasks := arn("ecs", "task/"+*at.Cluster.ClusterName()+"/*")
	statements := append([]awsiam.PolicyStatement{
		Allow(inCluster, []string{arn("ecs", "task-definition/"+at.family+":*")}, "ecs:RunTask"),
		Allow(nil, []string{tasks}, "ecs:DescribeTasks", "ecs:StopTask"),
		Allow(inCluster, []string{"*"}, "ecs:ListTasks"), // its resource is a container instance, which Fargate does not have
		Allow(map[string]any{"StringEquals": map[string]any{"ecs:CreateAction": "RunTask"}}, []string{tasks}, "ecs:TagResource"),
		Allow(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
			[]string{*at.Definition.TaskRole().RoleArn(), *at.Definition.ExecutionRole().RoleArn()}, "iam:PassRole"),
		// The rule by which Step Functions learns that a task has stopped. It manages it itself.
		Allow(nil, []string{arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")}, "events:DescribeRule", "events:PutRule", "events:PutTargets"),
	}, more...)
	return role(scope, "Role", "states.amazonaws.com", arn("states", "stateMachine:*"), statements...)
}

// allowList allows the state machine to list its own executions. It is a policy of its own, since the state machine needs the role
// first.
func allowList(scope constructs.Construct, machine Machine) awsiam.CfnPolicy {
	return awsiam.NewCfnPolicy(scope, jsii.String("ListExecutions"), &awsiam.CfnPolicyProps{
		PolicyName: jsii.String("ListExecutions"),
		Roles:      &[]*string{machine.Role.RoleName()},
		PolicyDocument: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			Allow(nil, []string{*machine.StateMachine.AttrArn()}, "states:ListExecutions"),
		}}),
	})
}

// NewScheduleRole defines the role with which EventBridge Scheduler starts an execution, by a schedule of the default group.
func NewScheduleRole(scope constructs.Construct, id string, machine awsstepfunctions.CfnStateMachine) awsiam.Role {
	stack := awscdk.Stack_Of(scope)
	group := fmt.Sprintf("arn:%s:scheduler:%s:%s:schedule-group/default", *stack.Partition(), *stack.Region(), *stack.Account())
	return role(scope, id, "scheduler.amazonaws.com", group, Allow(nil, []string{*machine.AttrArn()}, "states:StartExecution"))
}

// role defines a role that a service of AWS assumes for a resource of this account (the confused deputy problem).
func role(scope constructs.Construct, id, principal, source string, statements ...awsiam.PolicyStatement) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String(principal), &awsiam.ServicePrincipalOpts{Conditions: &map[string]any{
			"ArnLike":      map[string]any{"aws:SourceArn": source},
			"StringEquals": map[string]any{"aws:SourceAccount": *awscdk.Stack_Of(scope).Account()},
		}}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Job": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
}

// Allow returns a statement that allows actions on resources, under conditions or without.
func Allow(conditions map[string]any, resources []string, actions ...string) awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...)}
	if conditions != nil {
		props.Conditions = &conditions
	}
	return awsiam.NewPolicyStatement(props)
}
