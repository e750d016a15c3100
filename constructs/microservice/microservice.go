package microservice

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/subscription"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// TagService is the key of the tag with the service's name. The tag with its owner is [team.TagOwner].
const TagService = "service"

// containerName is the name of the application's container, in the task definition, in commands and in the target.
const containerName = "app"

// leavesOutAlarms is the feature flag of the CDK that omits the alarms of a deployment where there are none. A service
// turns it off, whatever the app sets: ECS keeps deployment settings that a template no longer has, and would continue
// to require deleted alarms.
//
// Measured in https://github.com/go-to-k/cdkd/pull/1805.
const leavesOutAlarms = "@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm"

// Microservice is one service with one job: a Fargate service with its own stores, routes and scaling.
type Microservice struct {
	constructs.Construct
	props         Props
	environment   string
	registry      *registry
	entry         *entry
	platform      *platform.Platform
	task          awsecs.FargateTaskDefinition
	taskRole      awsiam.Role
	executionRole awsiam.Role
	container     awsecs.ContainerDefinition
	logGroup      awslogs.LogGroup
	securityGroup awsec2.SecurityGroup
	service       awsecs.FargateService
	cfnService    awsecs.CfnService
	targetGroups  []awselasticloadbalancingv2.ApplicationTargetGroup
	scalable      awsapplicationautoscaling.ScalableTarget
	metrics       service.Metrics
	page          *alarmPage
	// ownRollbackAlarms is the number of the page's rollback alarms that are the service's own.
	ownRollbackAlarms int
	// variables are the environment variables of the application: values, and secrets.
	variables map[string]any
	uses      []Use
	calls     []Call
	// callsScope has what the calls define, once there is one.
	callsScope constructs.Construct
	backlog    store.Backlog
	// publishes and subscribes are the events that the service exchanges, by source and type.
	publishes  map[string]published
	subscribes map[string]event.Event
	// subscription is the queue of Subscribes, once it was called.
	subscription *subscription.Subscription
	// accessLogs is set if the proxy of Service Connect logs each request.
	accessLogs bool
}

var (
	_ awsiam.IGrantable   = (*Microservice)(nil)
	_ awsec2.IConnectable = (*Microservice)(nil)
	_ store.Consumer      = (*Microservice)(nil)
	_ service.Service     = (*Microservice)(nil)
)

// New defines a microservice. It panics with one error that lists every invalid prop, and every name, route or priority
// that another service of the app already uses on the same platform. If it panics, the service and what it claims are gone,
// so that it can be defined again.
func New(scope constructs.Construct, id string, props Props) *Microservice {
	problem.MustScope(scope, id)
	p, err := newPlan(scope, id, props)
	problem.Must(scope, id, err)

	m := &Microservice{
		props: p.Props, environment: p.environment.Name, registry: p.registry, entry: p.entry(), variables: map[string]any{},
		publishes: map[string]published{}, subscribes: map[string]event.Event{}, accessLogs: p.environment.Profile.AccessLogs,
	}
	done := false
	defer func() {
		if !done {
			place.Of(scope).Node().TryRemoveChild(jsii.String(id))
		}
	}()
	place.Define(m, scope, id)
	m.define(p)
	m.registry.add(m.entry)
	done = true
	return m
}

// define defines everything that does not depend on later calls.
func (m *Microservice) define(p plan) {
	m.place().Node().SetContext(jsii.String(leavesOutAlarms), false)
	p.override(m)
	m.platform = platform.Import(m, p.Platform)
	m.logGroup = m.newLogGroup(p.environment.Profile)
	m.task = m.newTaskDefinition(p.Props)
	m.container = m.newContainer(p.Props)
	m.defineVolumes(p.Props)
	mount(m.container, p.Mounts)
	for _, sidecar := range p.Sidecars {
		m.addSidecar(sidecar, p.Props)
	}
	m.securityGroup = m.newSecurityGroup(p.Props)
	if len(p.Routes) > 0 {
		m.targetGroups = m.newTargetGroups(p)
		m.metrics.Targets = m.targets()
	}
	m.page = m.newPage(p)
	m.service = m.newService(p)
	m.cfnService = place.Of(m.service).Node().FindChild(jsii.String("Service")).(awsecs.CfnService)
	m.metrics.Tasks = service.Tasks{Cluster: m.platform.ClusterName(), Service: *m.service.ServiceName()}
	m.addProxy()
	if p.Exec {
		m.allowExec()
	}
	if p.environment.Profile.RuntimeMonitoring {
		m.allowMonitoring()
	}
	m.addServiceAlarms(p)
	if len(p.Routes) > 0 {
		m.addRoutes(p)
	} else {
		// ECS keeps the load balancers that an update leaves out, and so those of a service that becomes a worker.
		m.cfnService.AddPropertyOverride(jsii.String("LoadBalancers"), []any{})
	}
	m.addScaling(p.environment.Profile)
	tags := awscdk.Tags_Of(m)
	tags.Add(jsii.String(TagService), jsii.String(p.Name), nil)
	tags.Add(jsii.String(team.TagOwner), jsii.String(p.Owner), nil)
	m.place().Node().AddValidation(&finish{m})
}

// must panics with a clear error if the service is nil, like a variable that nothing was assigned to, or is one that [New] did
// not return.
func (m *Microservice) must(method string) {
	if m == nil || m.Construct == nil {
		problem.MustAt(nil, fmt.Errorf("%s: the service is nil: call it on what microservice.New returned", method))
	}
}

// place returns where the service is.
func (m *Microservice) place() *place.Place { return place.Of(m) }

// GrantPrincipal returns the task role: a grant to a microservice is a grant to its application.
func (m *Microservice) GrantPrincipal() awsiam.IPrincipal { return m.taskRole }

// Connections returns the network connections of the tasks.
func (m *Microservice) Connections() awsec2.Connections { return m.securityGroup.Connections() }

// Name returns the service's name: what the listener rule matches, and the value of the tag "service".
func (m *Microservice) Name() string { return m.props.Name }

// Owner returns the team that owns the service.
func (m *Microservice) Owner() string { return m.props.Owner }

// Metrics returns the service's CloudWatch metrics: of its requests and its tasks.
func (m *Microservice) Metrics() service.Metrics { return m.metrics }

// Platform returns the platform that the service runs on.
func (m *Microservice) Platform() *platform.Platform { return m.platform }

// FargateService returns the underlying CDK service.
func (m *Microservice) FargateService() awsecs.FargateService { return m.service }

// TaskDefinition returns the task definition, to which sidecars and volumes can be added.
func (m *Microservice) TaskDefinition() awsecs.FargateTaskDefinition { return m.task }

// Task returns what a feature needs to run a task of the service, beside those that ECS runs for it.
func (m *Microservice) Task() service.Task {
	m.must("Task")
	var subnets []string
	for _, id := range *m.platform.VPC().SelectSubnets(nil).SubnetIds {
		subnets = append(subnets, *id)
	}
	return service.Task{
		Definition: m.task, Container: containerName, Cluster: m.platform.Cluster(), SubnetIDs: subnets,
		SecurityGroup: m.securityGroup, Service: m.service,
	}
}

// Container returns the application's container.
func (m *Microservice) Container() awsecs.ContainerDefinition { return m.container }

// LogGroup returns the log group of the application's output.
func (m *Microservice) LogGroup() awslogs.LogGroup { return m.logGroup }

// SecurityGroup returns the tasks' security group.
func (m *Microservice) SecurityGroup() awsec2.SecurityGroup { return m.securityGroup }

// TargetGroups returns the target groups of the tasks. A worker has none. A service with gradual deployments has two,
// and either may be the one that receives the requests.
func (m *Microservice) TargetGroups() []awselasticloadbalancingv2.ApplicationTargetGroup {
	return m.targetGroups
}

// ScalableTarget returns the scalable target, for further schedules and policies. It is nil if the number of tasks is
// fixed.
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
		CapacityProviderStrategies: capacity(p.Scaling.Spot, p.environment.Profile),
		// A deployment starts new tasks before it stops old ones: the CDK's default of 50 % halves capacity.
		MinHealthyPercent:    jsii.Number(100),
		MaxHealthyPercent:    jsii.Number(200),
		CircuitBreaker:       &awsecs.DeploymentCircuitBreaker{Rollback: jsii.Bool(true)},
		DeploymentController: &awsecs.DeploymentController{Type: awsecs.DeploymentControllerType_ECS},
		EnableECSManagedTags: jsii.Bool(true),
		PropagateTags:        awsecs.PropagatedTagSource_SERVICE,
		EnableExecuteCommand: jsii.Bool(false),
		// Set explicitly, since ECS rebalances a new service whose template does not set it.
		AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED,
	}
	if p.environment.Profile.ZoneRebalancing {
		props.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	if len(p.Routes) > 0 {
		props.HealthCheckGracePeriod = cdkx.Seconds(m, p.Health.StartPeriod)
	}
	if p.Scaling.Fixed() {
		props.DesiredCount = jsii.Number(p.Scaling.Most())
	}
	if len(p.DeploymentHooks) > 0 {
		props.LifecycleHooks = &p.DeploymentHooks
	}
	p.Deployment.Configure(props)
	names, alarms := m.page.rollbackAlarms()
	m.ownRollbackAlarms = len(names)
	if len(names) > 0 {
		props.DeploymentAlarms = &awsecs.DeploymentAlarmConfig{AlarmNames: jsii.Strings(names...), Behavior: awsecs.AlarmBehavior_ROLLBACK_ON_ALARM}
	}
	defined := awsecs.NewFargateService(m, jsii.String("Service"), props)
	// What its tasks need to start must exist before the service, and be updated before it and deleted after it: the
	// policy that allows them to pull images and read secrets, and the rules of their security group.
	needed := []constructs.IDependable{m.executionRole, m.securityGroup}
	if len(names) > 0 { // ECS looks them up when it creates the service
		needed = append(needed, alarms)
	}
	place.Of(defined).Node().AddDependency(needed...)
	return defined
}

// allowExec allows the agent that ECS puts into the application's container to connect to Systems Manager and to write
// sessions into the service's logs. The CDK's own option would allow all log groups of the account.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
func (m *Microservice) allowExec() {
	m.cfnService.SetEnableExecuteCommand(jsii.Bool(true))
	m.task.AddToTaskRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("logs:DescribeLogGroups", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
		Resources: jsii.Strings("*"), // none of these supports resource-level permissions
	}))
	m.logGroup.Grant(m, jsii.String("logs:CreateLogStream"), jsii.String("logs:DescribeLogStreams"), jsii.String("logs:PutLogEvents"))
}
