package microservice

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/watch"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// The tags on all that a service has.
const (
	TagService = "service"
	TagOwner   = "owner"
)

// containerName is the application's container, in the task definition, in commands that run in it and in the target.
const containerName = "app"

// leavesOutAlarms is the flag of the CDK that says nothing of deployment alarms where there are none. A service has it
// off, whatever the app says: what a template does not say of deployments any more ECS keeps as it was, and so would go
// on asking for alarms that are gone.
//
// Measured in https://github.com/go-to-k/cdkd/pull/1805.
const leavesOutAlarms = "@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm"

// Microservice is one service doing one job: a Fargate service with its own stores, routes and scaling.
type Microservice struct {
	constructs.Construct
	name, owner   string
	uses          []Use
	platform      *platform.Platform
	task          awsecs.FargateTaskDefinition
	container     awsecs.ContainerDefinition
	logGroup      awslogs.LogGroup
	securityGroup awsec2.SecurityGroup
	service       awsecs.FargateService
	targetGroups  []awselasticloadbalancingv2.ApplicationTargetGroup
	scalable      awsapplicationautoscaling.ScalableTarget
	watch         *watch.Watch
	variables     map[string]string
	backlog       backlog
}

var (
	_ awsiam.IGrantable   = (*Microservice)(nil)
	_ awsec2.IConnectable = (*Microservice)(nil)
	_ store.Consumer      = (*Microservice)(nil)
)

// New defines a microservice. It panics when the props are wrong, or when another service of the app has the same
// name, route or priority on the same platform, and names all that is.
func New(scope constructs.Construct, id string, props Props) *Microservice {
	environment := profile.Of(scope)
	props = props.withDefaults(id, environment)
	cdkx.Check(scope, id, errors.Join(props.validate(), props.validateCapacity(environment)))
	cdkx.Check(scope, id, props.Identity.CheckFrom(scope))
	teams, err := teamsOf(scope, props, environment)
	cdkx.Check(scope, id, err)
	cdkx.Check(scope, id, register(scope, id, props))

	m := &Microservice{name: props.Name, owner: props.Owner, variables: map[string]string{}}
	constructs.NewConstruct_Override(m, scope, jsii.String(id))
	m.Node().SetContext(jsii.String(leavesOutAlarms), false)
	m.platform = platform.Import(m, props.Platform)
	m.logGroup = m.newLogGroup(environment)
	m.task = m.newTaskDefinition(props)
	m.container = m.newContainer(props)
	for _, sidecar := range props.Sidecars {
		m.addSidecar(sidecar, props)
	}
	m.securityGroup = awsec2.NewSecurityGroup(m, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:         m.platform.VPC(),
		Description: jsii.String("The tasks of " + props.Name),
	})
	if len(props.Routes) > 0 {
		m.targetGroups = m.newTargetGroups(props, environment)
	}
	m.watch = m.newWatch(props, environment, teams)
	m.service = m.newService(props, environment)
	if props.Exec {
		m.allowExec()
	}
	m.watchService()
	if len(props.Routes) > 0 {
		m.addRoutes(props)
	}
	m.addScaling(props.Scaling, environment)
	awscdk.Tags_Of(m).Add(jsii.String(TagService), jsii.String(props.Name), nil)
	awscdk.Tags_Of(m).Add(jsii.String(TagOwner), jsii.String(props.Owner), nil)
	m.record(props.Owner)
	return m
}

// Uses lets the service use a store with the given access and no more: permission, network and environment variables.
// It panics when the store does not know the access, names a variable that the service has already, or is in another
// stack, since a service owns its data.
func (m *Microservice) Uses(used store.Store, access store.Access) {
	cdkx.CheckAt(m, m.owns(used))
	binding, err := used.Bind(m, access)
	if err != nil {
		cdkx.CheckAt(m, fmt.Errorf("Uses: %w", err))
	}
	cdkx.CheckAt(m, m.consume(binding.Queues))
	for _, name := range slices.Sorted(maps.Keys(binding.Environment)) {
		cdkx.CheckAt(m, m.setVariable("Uses", name, binding.Environment[name]))
	}
	m.watchStore(used, binding)
	m.uses = append(m.uses, useOf(used, access, binding))
	m.record(m.owner)
}

// owns says what is wrong with a store that is a construct of another stack: using it would tie the two together.
func (m *Microservice) owns(used store.Store) error {
	construct, ok := used.(constructs.IConstruct)
	if !ok {
		return nil
	}
	stack, path := *awscdk.Stack_Of(m).Node().Path(), *construct.Node().Path()
	if !strings.HasPrefix(path, stack+"/") {
		return fmt.Errorf("Uses: %s is not in stack %s: define it there, or call the service that owns it", path, stack)
	}
	return nil
}

// setVariable adds an environment variable on behalf of by, which may be set again only to the same value.
func (m *Microservice) setVariable(by, name, value string) error {
	if err := validateVariable(by, name); err != nil {
		return err
	}
	if old, ok := m.variables[name]; ok && old != value {
		return fmt.Errorf("%s: the environment variable %s is set already: give the store another ID, or the variable another name", by, name)
	}
	m.variables[name] = value
	m.container.AddEnvironment(jsii.String(name), jsii.String(value))
	return nil
}

// GrantPrincipal is the task role: a grant to a microservice is a grant to its application.
func (m *Microservice) GrantPrincipal() awsiam.IPrincipal { return m.task.TaskRole().GrantPrincipal() }

// Connections open the network to and from the tasks.
func (m *Microservice) Connections() awsec2.Connections { return m.securityGroup.Connections() }

// Name is what the gateway routes by.
func (m *Microservice) Name() string { return m.name }

// Platform is what the service runs on.
func (m *Microservice) Platform() *platform.Platform { return m.platform }

// FargateService is the service as the CDK knows it.
func (m *Microservice) FargateService() awsecs.FargateService { return m.service }

// TaskDefinition is where sidecars and volumes are added.
func (m *Microservice) TaskDefinition() awsecs.FargateTaskDefinition { return m.task }

// Container is the application's.
func (m *Microservice) Container() awsecs.ContainerDefinition { return m.container }

// LogGroup is where the application's output goes.
func (m *Microservice) LogGroup() awslogs.LogGroup { return m.logGroup }

// SecurityGroup is the tasks'.
func (m *Microservice) SecurityGroup() awsec2.SecurityGroup { return m.securityGroup }

// TargetGroups are where the balancer finds the tasks. A worker has none. A service that is deployed gradually has two,
// and either may be the one that requests go to.
func (m *Microservice) TargetGroups() []awselasticloadbalancingv2.ApplicationTargetGroup {
	return m.targetGroups
}

// ScalableTarget takes schedules and further policies. It is nil where the number of tasks is fixed.
func (m *Microservice) ScalableTarget() awsapplicationautoscaling.ScalableTarget { return m.scalable }

func (m *Microservice) newLogGroup(environment profile.Profile) awslogs.LogGroup {
	return awslogs.NewLogGroup(m, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     cdkx.LogRetention(environment.LogRetentionDays),
		EncryptionKey: m.platform.LogKey(),
		RemovalPolicy: cdkx.Removal(environment.RetainData),
	})
}

func (m *Microservice) newService(props Props, environment profile.Profile) awsecs.FargateService {
	service := &awsecs.FargateServiceProps{
		Cluster:                    m.platform.Cluster(),
		TaskDefinition:             m.task,
		SecurityGroups:             &[]awsec2.ISecurityGroup{m.securityGroup},
		AssignPublicIp:             jsii.Bool(false),
		CapacityProviderStrategies: capacity(props.Scaling.Spot, environment),
		// A deployment starts new tasks before it stops old ones: the CDK's default of 50 % halves capacity.
		MinHealthyPercent:    jsii.Number(100),
		MaxHealthyPercent:    jsii.Number(200),
		CircuitBreaker:       &awsecs.DeploymentCircuitBreaker{Rollback: jsii.Bool(true)},
		DeploymentController: &awsecs.DeploymentController{Type: awsecs.DeploymentControllerType_ECS},
		EnableECSManagedTags: jsii.Bool(true),
		PropagateTags:        awsecs.PropagatedTagSource_SERVICE,
		EnableExecuteCommand: jsii.Bool(false),
		DeploymentAlarms:     m.deploymentAlarms(),
	}
	if environment.ZoneRebalancing {
		service.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_ENABLED
	} else { // said, since ECS has it on for a new service that does not say
		service.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_DISABLED
	}
	if len(props.Routes) > 0 {
		service.HealthCheckGracePeriod = cdkx.Seconds(props.Health.StartPeriod)
	}
	if props.Scaling.Fixed() {
		service.DesiredCount = jsii.Number(props.Scaling.Min)
	}
	if len(props.DeploymentHooks) > 0 {
		service.LifecycleHooks = &props.DeploymentHooks
	}
	props.Deployment.Configure(service)
	return awsecs.NewFargateService(m, jsii.String("Service"), service)
}

// allowExec lets ECS put an agent into the application's container, which talks to Systems Manager and writes what it
// sees into the service's logs. The CDK's own switch would allow it all log groups of the account.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
func (m *Microservice) allowExec() {
	m.service.Node().FindChild(jsii.String("Service")).(awsecs.CfnService).SetEnableExecuteCommand(jsii.Bool(true))
	m.task.AddToTaskRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("logs:DescribeLogGroups", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
		Resources: jsii.Strings("*"), // none of these can be allowed for less
	}))
	m.logGroup.Grant(m, jsii.String("logs:CreateLogStream"), jsii.String("logs:DescribeLogStreams"), jsii.String("logs:PutLogEvents"))
}
