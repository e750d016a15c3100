package microservice

import (
	"fmt"
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

const (
	// tmpMiB is the maximum that /tmp uses of the task's memory, if it is not on the task's disk.
	tmpMiB = 64
	// logBufferMiB buffers the application's output while CloudWatch Logs is unreachable. Beyond it output is lost, and
	// the application continues: in blocking mode, a full pipe would stop it.
	logBufferMiB = 25
)

func (m *Microservice) newTaskDefinition(props Props) awsecs.FargateTaskDefinition {
	return awsecs.NewFargateTaskDefinition(m, jsii.String("Task"), &awsecs.FargateTaskDefinitionProps{
		Cpu:                 jsii.Number(props.Size.CPU),
		MemoryLimitMiB:      jsii.Number(props.Size.MemoryMiB),
		EphemeralStorageGiB: cdkx.OptionalNumber(props.Size.EphemeralStorageGiB),
		RuntimePlatform: &awsecs.RuntimePlatform{
			CpuArchitecture:       props.Architecture.cpu(),
			OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
		},
	})
}

func (m *Microservice) newContainer(props Props) awsecs.ContainerDefinition {
	linux := awsecs.NewLinuxParameters(m, jsii.String("Linux"), &awsecs.LinuxParametersProps{
		// An application that is process 1 ignores SIGTERM unless it handles it, and inherits orphaned processes.
		InitProcessEnabled: jsii.Bool(true),
	})
	container := m.task.AddContainer(jsii.String(containerName), &awsecs.ContainerDefinitionOptions{
		Image:                  props.Image.Define(m, props.Architecture.platform()),
		Command:                cdkx.OptionalStrings(props.Command),
		PortMappings:           &[]*awsecs.PortMapping{{ContainerPort: jsii.Number(props.Port)}},
		Environment:            m.variablesOf(props),
		Secrets:                secrets(props),
		HealthCheck:            containerHealth(props),
		LinuxParameters:        linux,
		Logging:                m.logging(),
		ReadonlyRootFilesystem: jsii.Bool(!props.WritableRootFilesystem),
		StopTimeout:            cdkx.Seconds(props.StopTimeout),
		User:                   jsii.String(props.User),
	})
	m.addTmp(props, linux)
	return container
}

// addTmp adds a writable /tmp: in memory, or on the task's disk if EphemeralStorageGiB is set.
func (m *Microservice) addTmp(props Props, linux awsecs.LinuxParameters) {
	if props.Size.EphemeralStorageGiB == 0 {
		linux.AddTmpfs(&awsecs.Tmpfs{ContainerPath: jsii.String("/tmp"), Size: jsii.Number(tmpMiB)})
		return
	}
	m.task.AddVolume(&awsecs.Volume{Name: jsii.String("tmp")})
	m.task.DefaultContainer().AddMountPoints(&awsecs.MountPoint{
		SourceVolume:  jsii.String("tmp"),
		ContainerPath: jsii.String("/tmp"),
		ReadOnly:      jsii.Bool(false),
	})
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

func secrets(props Props) *map[string]awsecs.Secret {
	if len(props.Secrets) == 0 {
		return nil
	}
	return &props.Secrets
}

func (m *Microservice) logging() awsecs.LogDriver {
	return awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{
		LogGroup:      m.logGroup,
		StreamPrefix:  jsii.String(m.Name()),
		Mode:          awsecs.AwsLogDriverMode_NON_BLOCKING,
		MaxBufferSize: awscdk.Size_Mebibytes(jsii.Number(logBufferMiB)),
	})
}

// containerHealth returns nil without a check: disabled, or a worker with neither path nor command.
func containerHealth(props Props) *awsecs.HealthCheck {
	command := props.Health.Command
	if props.Health.DisableContainerCheck || len(command) == 0 && props.Health.Path == "" {
		return nil
	}
	check := []string{"CMD-SHELL", healthCommand(props.LoadBalancing.TLS, props.Port, props.Health.Path)}
	if len(command) > 0 {
		check = append([]string{"CMD"}, command...)
	}
	return &awsecs.HealthCheck{
		Command:     jsii.Strings(check...),
		Interval:    cdkx.Seconds(props.Health.Interval),
		Timeout:     cdkx.Seconds(props.Health.Timeout),
		Retries:     jsii.Number(props.Health.UnhealthyThreshold),
		StartPeriod: cdkx.Seconds(props.Health.StartPeriod),
	}
}

// healthCommand uses whichever of the two common clients the image has: wget on Alpine, often curl on Debian. Like the load
// balancer, neither verifies a certificate.
func healthCommand(tls bool, port int, path string) string {
	url := fmt.Sprintf("127.0.0.1:%d%s", port, path)
	if tls {
		return fmt.Sprintf("wget -q --no-check-certificate -O /dev/null https://%s || curl -fkSs -o /dev/null https://%s || exit 1", url, url)
	}
	url = "http://" + url
	return fmt.Sprintf("wget -q -O /dev/null %s || curl -fsS -o /dev/null %s || exit 1", url, url)
}

func (a Architecture) cpu() awsecs.CpuArchitecture {
	if a == X86_64 {
		return awsecs.CpuArchitecture_X86_64()
	}
	return awsecs.CpuArchitecture_ARM64()
}

func (a Architecture) platform() awsecrassets.Platform {
	if a == X86_64 {
		return awsecrassets.Platform_LINUX_AMD64()
	}
	return awsecrassets.Platform_LINUX_ARM64()
}
