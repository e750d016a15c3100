package microservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// TagService is the tag that names the service on all that it has. The tag of its owner is [team.TagOwner].
const TagService = "service"

// containerName is the application's container, in the task definition, in commands that run in it and in the target.
const containerName = "app"

// leavesOutAlarms is the flag of the CDK that says nothing of deployment alarms where there are none. A service has it
// off, whatever the app says: ECS keeps what a template no longer says of deployments, and so would go on asking for
// alarms that are gone.
//
// Measured in https://github.com/go-to-k/cdkd/pull/1805.
const leavesOutAlarms = "@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm"

// Microservice is one service doing one job: a Fargate service with its own stores, routes and scaling.
type Microservice struct {
	constructs.Construct
	props         Props
	environment   string
	platform      *platform.Platform
	task          awsecs.FargateTaskDefinition
	container     awsecs.ContainerDefinition
	logGroup      awslogs.LogGroup
	securityGroup awsec2.SecurityGroup
	service       awsecs.FargateService
	targetGroups  []awselasticloadbalancingv2.ApplicationTargetGroup
	scalable      awsapplicationautoscaling.ScalableTarget
	metrics       service.Metrics
	page          *alarm.Page
	// ownRollbackAlarms is how many of the page's rollback alarms are the service's own.
	ownRollbackAlarms int
	// variables are what the application finds in its environment: the values of environment variables, and secrets.
	variables map[string]any
	uses      []Use
	backlog   store.Backlog
}

var (
	_ awsiam.IGrantable   = (*Microservice)(nil)
	_ awsec2.IConnectable = (*Microservice)(nil)
	_ store.Consumer      = (*Microservice)(nil)
	_ service.Service     = (*Microservice)(nil)
)

// New defines a microservice. It panics with one error that lists every invalid prop, and what another service of the app
// has already on the same platform: its name, a route or its priority. A New that panics leaves nothing behind.
func New(scope constructs.Construct, id string, props Props) *Microservice {
	p, err := newPlan(scope, id, props)
	problem.Must(scope, id, err)

	m := &Microservice{props: p.Props, environment: p.environment, variables: map[string]any{}}
	done := false
	defer func() {
		if !done {
			scope.Node().TryRemoveChild(jsii.String(id))
		}
	}()
	constructs.NewConstruct_Override(m, scope, jsii.String(id))
	m.define(p)
	p.claim()
	done = true
	return m
}

// define gives the service all that it has by itself.
func (m *Microservice) define(p plan) {
	m.Node().SetContext(jsii.String(leavesOutAlarms), false)
	p.override(m)
	m.platform = platform.Import(m, p.Platform)
	m.logGroup = m.newLogGroup(p.profile)
	m.task = m.newTaskDefinition(p.Props)
	m.container = m.newContainer(p.Props)
	for _, sidecar := range p.Sidecars {
		m.addSidecar(sidecar, p.Props)
	}
	m.securityGroup = awsec2.NewSecurityGroup(m, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:         m.platform.VPC(),
		Description: jsii.String("The tasks of " + p.Name),
	})
	if len(p.Routes) > 0 {
		m.targetGroups = m.newTargetGroups(p.Props, p.profile)
		m.metrics.Targets = m.targets()
	}
	m.page = m.newPage(p)
	m.service = m.newService(p)
	m.metrics.Tasks = service.Tasks{Cluster: *m.platform.Cluster().ClusterName(), Service: *m.service.ServiceName()}
	if p.Exec {
		m.allowExec()
	}
	m.addServiceAlarms(p)
	if len(p.Routes) > 0 {
		m.addRoutes(p)
	}
	m.addScaling(p.profile)
	awscdk.Tags_Of(m).Add(jsii.String(TagService), jsii.String(p.Name), nil)
	awscdk.Tags_Of(m).Add(jsii.String(team.TagOwner), jsii.String(p.Owner), nil)
	m.Node().AddValidation(&finish{m})
}

// GrantPrincipal is the task role: a grant to a microservice is a grant to its application.
func (m *Microservice) GrantPrincipal() awsiam.IPrincipal { return m.task.TaskRole().GrantPrincipal() }

// Connections open the network to and from the tasks.
func (m *Microservice) Connections() awsec2.Connections { return m.securityGroup.Connections() }

// Name is what the gateway routes by.
func (m *Microservice) Name() string { return m.props.Name }

// Owner is the team that answers for the service.
func (m *Microservice) Owner() string { return m.props.Owner }

// Metrics are what CloudWatch knows of the service's requests and tasks.
func (m *Microservice) Metrics() service.Metrics { return m.metrics }

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

// TargetGroups are where the load balancer finds the tasks. A worker has none. A service that is deployed gradually has
// two, and either may be the one that requests go to.
func (m *Microservice) TargetGroups() []awselasticloadbalancingv2.ApplicationTargetGroup {
	return m.targetGroups
}

// ScalableTarget takes schedules and further policies. It is nil where the number of tasks is fixed.
func (m *Microservice) ScalableTarget() awsapplicationautoscaling.ScalableTarget { return m.scalable }

func (m *Microservice) newLogGroup(defaults profile.Profile) awslogs.LogGroup {
	return awslogs.NewLogGroup(m, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     cdkx.LogRetention(defaults.LogRetentionDays),
		EncryptionKey: m.platform.LogKey(),
		RemovalPolicy: cdkx.Removal(defaults.RetainData),
	})
}

func (m *Microservice) newService(p plan) awsecs.FargateService {
	props := &awsecs.FargateServiceProps{
		Cluster:                    m.platform.Cluster(),
		TaskDefinition:             m.task,
		SecurityGroups:             &[]awsec2.ISecurityGroup{m.securityGroup},
		AssignPublicIp:             jsii.Bool(false),
		CapacityProviderStrategies: capacity(p.Scaling.Spot, p.profile),
		// A deployment starts new tasks before it stops old ones: the CDK's default of 50 % halves capacity.
		MinHealthyPercent:    jsii.Number(100),
		MaxHealthyPercent:    jsii.Number(200),
		CircuitBreaker:       &awsecs.DeploymentCircuitBreaker{Rollback: jsii.Bool(true)},
		DeploymentController: &awsecs.DeploymentController{Type: awsecs.DeploymentControllerType_ECS},
		EnableECSManagedTags: jsii.Bool(true),
		PropagateTags:        awsecs.PropagatedTagSource_SERVICE,
		EnableExecuteCommand: jsii.Bool(false),
		// Stated, since ECS rebalances a new service whose template does not say.
		AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED,
	}
	if p.profile.ZoneRebalancing {
		props.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	if len(p.Routes) > 0 {
		props.HealthCheckGracePeriod = cdkx.Seconds(p.Health.StartPeriod)
	}
	if p.Scaling.Fixed() {
		props.DesiredCount = jsii.Number(p.Scaling.Min)
	}
	if len(p.DeploymentHooks) > 0 {
		props.LifecycleHooks = &p.DeploymentHooks
	}
	p.Deployment.Configure(props)
	names, alarms := m.page.RollbackAlarms()
	m.ownRollbackAlarms = len(names)
	if len(names) > 0 {
		props.DeploymentAlarms = &awsecs.DeploymentAlarmConfig{AlarmNames: jsii.Strings(names...), Behavior: awsecs.AlarmBehavior_ROLLBACK_ON_ALARM}
	}
	defined := awsecs.NewFargateService(m, jsii.String("Service"), props)
	if len(names) > 0 { // ECS looks for them when it makes the service
		defined.Node().AddDependency(alarms)
	}
	return defined
}

// allowExec lets ECS put an agent into the application's container, which talks to Systems Manager and writes what it
// sees into the service's logs. The CDK's own switch would allow it all log groups of the account.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
func (m *Microservice) allowExec() {
	m.cfnService().SetEnableExecuteCommand(jsii.Bool(true))
	m.task.AddToTaskRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("logs:DescribeLogGroups", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
		Resources: jsii.Strings("*"), // none of these can be allowed for less
	}))
	m.logGroup.Grant(m, jsii.String("logs:CreateLogStream"), jsii.String("logs:DescribeLogStreams"), jsii.String("logs:PutLogEvents"))
}

// cfnService is the service as CloudFormation knows it.
func (m *Microservice) cfnService() awsecs.CfnService {
	return m.service.Node().FindChild(jsii.String("Service")).(awsecs.CfnService)
}
