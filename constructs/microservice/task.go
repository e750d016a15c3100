package microservice

import (
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/call"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
)

// The construct IDs of the roles of a task.
const (
	taskRole      = "TaskRole"
	executionRole = "ExecutionRole"
)

const (
	// tmpMiB is the maximum that /tmp uses of the task's memory. With EphemeralStorageGiB and a writable root filesystem it is
	// that of the image, which is on the task's disk. It is not a volume of the task, which only root could write to.
	tmpMiB = 64
	// logBufferMiB buffers the application's output while CloudWatch Logs is unreachable. Beyond it output is lost, and
	// the application continues: in blocking mode, a full pipe would stop it.
	logBufferMiB = 25
)

// allowMonitoring allows the agent of GuardDuty to be pulled, which GuardDuty adds to each task of an account with runtime
// monitoring.
//
// Source: https://docs.aws.amazon.com/guardduty/latest/ug/prereq-runtime-monitoring-ecs-support.html
func (m *Microservice) allowMonitoring() {
	stack := m.place().Stack()
	m.task.AddToExecutionRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("ecr:GetAuthorizationToken"),
		Resources: jsii.Strings("*"), // does not support resource-level permissions
	}))
	m.task.AddToExecutionRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
		Resources: jsii.Strings(fmt.Sprintf("arn:%s:ecr:%s:*:repository/aws-guardduty-agent-fargate", stack.Partition(), stack.Region())),
	}))
}

// newTaskDefinition defines the task with its two roles: that of the application, and that with which ECS starts it.
func (m *Microservice) newTaskDefinition(props Props) awsecs.FargateTaskDefinition {
	role := &awsiam.RoleProps{AssumedBy: m.tasks()}
	m.taskRole = awsiam.NewRole(m, jsii.String(taskRole), role)
	m.executionRole = awsiam.NewRole(m, jsii.String(executionRole), role)
	return awsecs.NewFargateTaskDefinition(m, jsii.String("Task"), &awsecs.FargateTaskDefinitionProps{
		TaskRole:            m.taskRole,
		ExecutionRole:       m.executionRole,
		Cpu:                 jsii.Number(props.Size.CPU),
		MemoryLimitMiB:      jsii.Number(props.Size.MemoryMiB),
		EphemeralStorageGiB: cdkx.OptionalNumber(props.Size.EphemeralStorageGiB),
		RuntimePlatform: &awsecs.RuntimePlatform{
			CpuArchitecture:       m.cpu(),
			OperatingSystemFamily: place.Shared(m, linux{}, awsecs.OperatingSystemFamily_LINUX),
		},
	})
}

// tasks are the tasks of this account and region: ECS assumes the roles for no other (the confused deputy problem).
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
func (m *Microservice) tasks() awsiam.IPrincipal {
	stack := m.place().Stack()
	source, account := fmt.Sprintf("arn:%s:ecs:%s:%s:*", stack.Partition(), stack.Region(), stack.Account()), stack.Account()
	return place.Shared(m, tasksOf(source), func() awsiam.IPrincipal {
		return awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{Conditions: &map[string]any{
			"ArnLike":      map[string]string{"aws:SourceArn": source},
			"StringEquals": map[string]string{"aws:SourceAccount": account},
		}})
	})
}

func (m *Microservice) newContainer(props Props) awsecs.ContainerDefinition {
	linux := awsecs.NewLinuxParameters(m, jsii.String("Linux"), &awsecs.LinuxParametersProps{
		// An application that is process 1 ignores SIGTERM unless it handles it, and inherits orphaned processes.
		InitProcessEnabled: jsii.Bool(true),
	})
	if props.Size.EphemeralStorageGiB == 0 || !props.WritableRootFilesystem {
		linux.AddTmpfs(&awsecs.Tmpfs{ContainerPath: jsii.String(tmp), Size: jsii.Number(tmpMiB)})
	}
	if props.dropsCapabilities() {
		linux.DropCapabilities(awsecs.Capability_ALL)
	}
	return m.task.AddContainer(jsii.String(containerName), &awsecs.ContainerDefinitionOptions{
		Image:                  props.Image.Define(m, m.imagePlatform(), m.executionRole),
		Command:                cdkx.OptionalStrings(props.Command),
		PortMappings:           &[]*awsecs.PortMapping{portMapping(props)},
		Environment:            m.variablesOf(props),
		Secrets:                secrets(props.Secrets),
		HealthCheck:            m.containerHealth(props),
		LinuxParameters:        linux,
		Logging:                m.logging(),
		ReadonlyRootFilesystem: jsii.Bool(!props.WritableRootFilesystem),
		StopTimeout:            cdkx.Seconds(m, props.StopTimeout),
		User:                   jsii.String(props.User),
	})
}

func portMapping(props Props) *awsecs.PortMapping {
	if props.Callable {
		return call.PortMapping(props.Port, props.ServiceConnect.Protocol)
	}
	return &awsecs.PortMapping{ContainerPort: jsii.Number(props.Port)}
}

// variablesOf returns the environment variables that do not come from stores, and the record of those that are set.
func (m *Microservice) variablesOf(props Props) *map[string]*string {
	variables := map[string]string{variablePort: fmt.Sprint(props.Port), variableService: props.Name}
	maps.Copy(variables, props.Environment)
	environment := map[string]*string{}
	for name, value := range variables {
		m.variables[name] = value
		environment[name] = jsii.String(value)
	}
	for name, secret := range props.Secrets {
		m.variables[name] = secret
	}
	return &environment
}

func secrets(of map[string]awsecs.Secret) *map[string]awsecs.Secret {
	if len(of) == 0 {
		return nil
	}
	return &of
}

func (m *Microservice) logging() awsecs.LogDriver {
	return awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{
		LogGroup:      m.logGroup,
		StreamPrefix:  jsii.String(m.Name()),
		Mode:          awsecs.AwsLogDriverMode_NON_BLOCKING,
		MaxBufferSize: m.mebibytes(logBufferMiB),
	})
}

// dropsCapabilities reports whether the container has no Linux capabilities: root needs some of them, and so does the agent
// with which ECS opens a shell, which runs as root.
func (p Props) dropsCapabilities() bool {
	user, _, _ := strings.Cut(p.User, ":")
	return user != "root" && user != "0" && !p.Exec && !p.KeepCapabilities
}

// containerHealth returns nil without a command: then only the load balancer checks the application.
func (m *Microservice) containerHealth(props Props) *awsecs.HealthCheck {
	if len(props.Health.Command) == 0 {
		return nil
	}
	return &awsecs.HealthCheck{
		Command:     jsii.Strings(append([]string{"CMD"}, props.Health.Command...)...),
		Interval:    cdkx.Seconds(m, props.Health.Interval),
		Timeout:     cdkx.Seconds(m, props.Health.Timeout),
		Retries:     jsii.Number(props.Health.UnhealthyThreshold),
		StartPeriod: cdkx.Seconds(m, props.Health.StartPeriod),
	}
}

// The keys of what all tasks of an app share.
type (
	linux   struct{}
	cpuOf   Architecture
	imageOf Architecture
	memory  int
	tasksOf string
)

func (m *Microservice) cpu() awsecs.CpuArchitecture {
	read := awsecs.CpuArchitecture_ARM64
	if m.props.Architecture == X86_64 {
		read = awsecs.CpuArchitecture_X86_64
	}
	return place.Shared(m, cpuOf(m.props.Architecture), read)
}

func (m *Microservice) imagePlatform() awsecrassets.Platform {
	read := awsecrassets.Platform_LINUX_ARM64
	if m.props.Architecture == X86_64 {
		read = awsecrassets.Platform_LINUX_AMD64
	}
	return place.Shared(m, imageOf(m.props.Architecture), read)
}

func (m *Microservice) mebibytes(n int) awscdk.Size {
	return place.Shared(m, memory(n), func() awscdk.Size { return awscdk.Size_Mebibytes(jsii.Number(n)) })
}
