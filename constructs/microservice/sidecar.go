package microservice

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Sidecar is a container that runs beside the application in each task and shares its network: the application connects
// to it at 127.0.0.1. It starts before the application and stops after it, and the task continues to run if it stops,
// unless it is essential. It has the service's role and logs. Like the application it has a read-only root filesystem and a
// writable /tmp, unless WritableRootFilesystem is set, which many images of others need: a sidecar that exits at once and logs
// "read-only file system" is one of them. A sidecar that completes is a step before the application, such as a migration of a
// database.
type Sidecar struct {
	// Name is the container's: lower-case letters, digits and hyphens. Required.
	Name string
	// Image is where the container image comes from. Required.
	Image image.Image
	// Command replaces the image's own. If empty, the image's.
	Command []string
	// Environment sets environment variables that are not secret.
	Environment map[string]string
	// Secrets sets environment variables by reference to Secrets Manager or to a parameter, like those of the
	// application.
	Secrets map[string]awsecs.Secret
	// User is the user that the sidecar runs as. If empty, the image's.
	User string
	// WritableRootFilesystem allows the sidecar to write to its root filesystem. If false, it can write to /tmp, which is up to
	// 64 MiB of its memory, and to its Mounts.
	WritableRootFilesystem bool
	// Mounts are folders that the sidecar shares with the application or with other sidecars. If empty, none.
	Mounts []Mount
	// MemoryMiB is the limit at which the container is stopped. If zero, the task's memory.
	MemoryMiB int
	// Health is the health check that ECS runs in the container, the program and its arguments. The application starts
	// once it succeeds; if empty, once the sidecar has started.
	Health []string
	// Completes starts the application once the sidecar has exited with status 0, within the three minutes that ECS
	// waits. If it fails, the task stops. It excludes Health and Essential. Each task runs it, several at the same time.
	Completes bool
	// Essential stops the task when the sidecar stops.
	Essential bool
	// Permissions are what the sidecar needs beyond the application, added to the role that they share.
	Permissions []awsiam.PolicyStatement
	// Variables are environment variables of the application, such as the sidecar's address.
	Variables map[string]string
}

// collectorConfiguration has the collector receive traces from the application and export them to X-Ray.
const collectorConfiguration = `extensions:
  health_check:
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 127.0.0.1:4317
      http:
        endpoint: 127.0.0.1:4318
processors:
  memory_limiter:
    check_interval: 1s
    limit_mib: 100
  batch:
exporters:
  awsxray:
service:
  extensions: [health_check]
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter, batch]
      exporters: [awsxray]
`

// OpenTelemetryCollector receives the application's traces at OTEL_EXPORTER_OTLP_ENDPOINT and exports them to X-Ray. The endpoint
// is port 4318, to which traces are sent by HTTP, as OTEL_EXPORTER_OTLP_PROTOCOL says; port 4317 receives them by gRPC. It is
// AWS's distribution of the collector, uses up to 128 MiB of the task's memory, and costs X-Ray's price of traces: about 5 USD
// a million. Its image has a tag; where the profile has PinnedImages, set Image to the same one by its digest.
//
// Source: https://aws-otel.github.io/docs/setup/ecs
func OpenTelemetryCollector() Sidecar {
	return Sidecar{
		Name:        "collector",
		Image:       image.Registry("public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0"),
		Command:     []string{"--config=env:AOT_CONFIG_CONTENT"},
		Environment: map[string]string{"AOT_CONFIG_CONTENT": collectorConfiguration},
		MemoryMiB:   128,
		Health:      []string{"/healthcheck"},
		Permissions: []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"),
			Resources: jsii.Strings("*"), // X-Ray does not support resource-level permissions
		})},
		// HTTP is the default of OpenTelemetry, and an application needs no gRPC for it. Some SDKs assume gRPC.
		//
		// Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter
		Variables: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
	}
}

var sidecarName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (p Props) validateSidecars() error {
	var problems []error
	if len(p.Sidecars) > maxSidecars {
		problems = append(problems, fmt.Errorf("Sidecars must be at most %d, since a task has at most 10 containers, got %d", maxSidecars, len(p.Sidecars)))
	}
	names := map[string]bool{containerName: true}
	variables := map[string]int{}
	memory := 0
	for n, sidecar := range p.Sidecars {
		field := fmt.Sprintf("Sidecars[%d]", n)
		if names[sidecar.Name] {
			problems = append(problems, fmt.Errorf("%s.Name must differ from those of the other containers, got %q", field, sidecar.Name))
		}
		names[sidecar.Name] = true
		memory += min(max(sidecar.MemoryMiB, 0), p.Size.MemoryMiB) // does not overflow
		problems = append(problems, sidecar.validate(field), p.validateSidecarVariables(field, sidecar))
		for _, name := range slices.Sorted(maps.Keys(sidecar.Variables)) {
			if other, taken := variables[name]; taken && sidecar.Variables[name] != p.Sidecars[other].Variables[name] {
				problems = append(problems, fmt.Errorf("%s.Variables has %s, which Sidecars[%d].Variables sets to another value: keep one", field, name, other))
			}
			variables[name] = n
		}
	}
	if memory >= p.Size.MemoryMiB {
		problems = append(problems, fmt.Errorf("Sidecars reserve %d of %d MiB (Size.MemoryMiB); leave memory for the application", memory, p.Size.MemoryMiB))
	}
	return errors.Join(problems...)
}

func (s Sidecar) validate(field string) error {
	var problems []error
	if !sidecarName.MatchString(s.Name) {
		problems = append(problems, fmt.Errorf("%s.Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got %q", field, s.Name))
	}
	if problem.Inherited(s.Name) {
		problems = append(problems, fmt.Errorf("%s.Name must not be %q, which every JavaScript object has, so that the CDK takes it for used: choose another name", field, s.Name))
	}
	if err := s.Image.Validate(); err != nil {
		problems = append(problems, prefixed(field+".Image ", err))
	}
	if s.MemoryMiB != 0 && s.MemoryMiB < minContainerMemoryMiB {
		problems = append(problems, fmt.Errorf("%s.MemoryMiB must be at least %d, or 0 for no limit, got %d", field, minContainerMemoryMiB, s.MemoryMiB))
	}
	if s.User != "" && !containerUser.MatchString(s.User) {
		problems = append(problems, fmt.Errorf(`%s.User must be a user or user:group such as "65532:65532", by names or numbers, got %q`, field, s.User))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		problems = append(problems, checkVariableName(field+".Environment", name))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		problems = append(problems, checkVariableName(field+".Secrets", name))
	}
	problems = append(problems, validateSecrets(field+".", s.Environment, s.Secrets), validateMounts(field+".", s.Mounts),
		checkCommand(field+".Health", s.Health), s.validateCompletes(field))
	for i, statement := range s.Permissions {
		if problem.IsNil(statement) {
			problems = append(problems, fmt.Errorf("%s.Permissions[%d] is nil: use awsiam.NewPolicyStatement", field, i))
		}
	}
	return errors.Join(problems...)
}

func (s Sidecar) validateCompletes(field string) error {
	var problems []error
	if s.Completes && len(s.Health) > 0 {
		problems = append(problems, fmt.Errorf("%s.Completes excludes Health, since a container that has exited is not checked: keep one", field))
	}
	if s.Completes && s.Essential {
		problems = append(problems, fmt.Errorf("%s.Completes excludes Essential, since the task would stop when the container exits: keep one", field))
	}
	return errors.Join(problems...)
}

// maxSidecars leaves one container for the application.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const maxSidecars = 9

// minContainerMemoryMiB is the minimum for a container.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const minContainerMemoryMiB = 6

func (p Props) validateSidecarVariables(field string, sidecar Sidecar) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(sidecar.Variables)) {
		problems = append(problems, checkVariable(field+".Variables", name))
		_, plain := p.Environment[name]
		_, secret := p.Secrets[name]
		if plain || secret {
			problems = append(problems, fmt.Errorf("%s.Variables sets %s, which is already set for the application: keep one", field, name))
		}
	}
	return errors.Join(problems...)
}

// addSidecar defines the container, has the application wait for it, and sets its environment variables in the
// application.
func (m *Microservice) addSidecar(sidecar Sidecar, props Props) {
	// Its own scope, since two images of one kind would define the same children.
	scope := constructs.NewConstruct(m, jsii.String("Sidecar-"+sidecar.Name))
	environment := map[string]*string{}
	for name, value := range sidecar.Environment {
		environment[name] = jsii.String(value)
	}
	var linux awsecs.LinuxParameters
	if !sidecar.WritableRootFilesystem {
		linux = awsecs.NewLinuxParameters(scope, jsii.String("Linux"), nil)
		linux.AddTmpfs(&awsecs.Tmpfs{ContainerPath: jsii.String(tmp), Size: jsii.Number(tmpMiB)})
	}
	container := m.task.AddContainer(jsii.String(sidecar.Name), &awsecs.ContainerDefinitionOptions{
		Image:                  sidecar.Image.Define(scope, m.imagePlatform(), m.executionRole),
		Command:                cdkx.OptionalStrings(sidecar.Command),
		Environment:            &environment,
		Essential:              jsii.Bool(sidecar.Essential),
		HealthCheck:            m.sidecarHealth(sidecar),
		LinuxParameters:        linux,
		Logging:                m.logging(),
		MemoryLimitMiB:         cdkx.OptionalNumber(sidecar.MemoryMiB),
		ReadonlyRootFilesystem: jsii.Bool(!sidecar.WritableRootFilesystem),
		Secrets:                secrets(sidecar.Secrets),
		StopTimeout:            cdkx.Seconds(m, props.StopTimeout),
		User:                   cdkx.OptionalString(sidecar.User),
	})
	mount(container, sidecar.Mounts)
	m.container.AddContainerDependencies(&awsecs.ContainerDependency{Container: container, Condition: sidecar.condition()})
	for _, statement := range sidecar.Permissions {
		m.task.AddToTaskRolePolicy(statement)
	}
	for _, name := range slices.Sorted(maps.Keys(sidecar.Variables)) {
		problem.MustAt(m, m.checkValue("Sidecars", name, sidecar.Variables[name]))
		m.setVariable(name, sidecar.Variables[name])
	}
}

// condition is when the application starts.
func (s Sidecar) condition() awsecs.ContainerDependencyCondition {
	switch {
	case s.Completes:
		return awsecs.ContainerDependencyCondition_SUCCESS
	case len(s.Health) > 0:
		return awsecs.ContainerDependencyCondition_HEALTHY
	}
	return awsecs.ContainerDependencyCondition_START
}

func (m *Microservice) sidecarHealth(s Sidecar) *awsecs.HealthCheck {
	if len(s.Health) == 0 {
		return nil
	}
	return &awsecs.HealthCheck{
		Command:     jsii.Strings(append([]string{"CMD"}, s.Health...)...),
		Interval:    cdkx.Seconds(m, 10*time.Second),
		Timeout:     cdkx.Seconds(m, 5*time.Second),
		Retries:     jsii.Number(defaultUnhealthyThreshold),
		StartPeriod: cdkx.Seconds(m, defaultStartPeriod),
	}
}
