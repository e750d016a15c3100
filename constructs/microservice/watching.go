package microservice

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/constructs/watch"
)

// alarmed says whether a service has alarms.
func alarmed(props Props, environment profile.Profile) bool {
	return props.Alarms.Switch.Or(environment.Alarms)
}

// teamsOf is who may be told of a service's alarms. It is zero where there are no alarms, or no teams were set, and an
// error where teams were set and the owner is none of them.
func teamsOf(scope constructs.Construct, props Props, environment profile.Profile) (team.Ref, error) {
	if !alarmed(props, environment) {
		return team.Ref{}, nil
	}
	teams, set := team.Of(scope)
	if !set {
		return team.Ref{}, nil
	}
	if err := teams.CheckFrom(scope); err != nil {
		return team.Ref{}, err
	}
	return teams, teams.CheckOwner(props.Owner)
}

// newWatch defines the alarms that need only the target groups, before the service is made, since ECS looks for them by
// name when it is. A gradual deployment is watched in every environment. It is nil where there is
// nothing to watch.
func (m *Microservice) newWatch(props Props, environment profile.Profile, teams team.Ref) *watch.Watch {
	on := alarmed(props, environment)
	if !on && !props.Deployment.Gradual() {
		return nil
	}
	watched := watch.Props{
		Service:        props.Name,
		Owner:          props.Owner,
		MinTasks:       props.Scaling.Min,
		Alarms:         props.Alarms,
		DeploymentOnly: !on,
		Insights:       environment.ContainerInsights,
	}
	for _, group := range m.targetGroups {
		watched.Targets.Balancer = m.platform.BalancerFullName()
		watched.Targets.Groups = append(watched.Targets.Groups, *group.TargetGroupFullName())
	}
	switch {
	case teams.StackName != "":
		watched.Topics = watch.Topics{Page: teams.PageTopicARN(props.Owner), Inform: teams.InformTopicARN(props.Owner)}
	case on:
		m.noteThatNobodyIsTold()
	}
	return watch.New(m, "Alarms", watched)
}

// noteThatNobodyIsTold says so once in an app: it is as true of the first service as of all others. It is a notice, since
// with the CDK's recommended flags a warning fails the synthesis, and the smallest service has to work with them.
func (m *Microservice) noteThatNobodyIsTold() {
	registry := registryOf(m)
	if registry.noted {
		return
	}
	registry.noted = true
	awscdk.Annotations_Of(m).AddInfoV2(jsii.String("storefront:nobodyIsTold"), jsii.String(
		"nobody is told of the alarms of this app's services: define the teams with team.New and name them with team.Set, or set Alarms of the profile to false"))
}

// deploymentAlarms roll a deployment back. They are nil where there are none.
func (m *Microservice) deploymentAlarms() *awsecs.DeploymentAlarmConfig {
	if m.watch == nil {
		return nil
	}
	names, _ := m.watch.DeploymentAlarms()
	if len(names) == 0 {
		return nil
	}
	return &awsecs.DeploymentAlarmConfig{AlarmNames: jsii.Strings(names...), Behavior: awsecs.AlarmBehavior_ROLLBACK_ON_ALARM}
}

// watchService defines the alarms that need the service, and has it wait for those that it is deployed by.
func (m *Microservice) watchService() {
	if m.watch == nil {
		return
	}
	if names, alarms := m.watch.DeploymentAlarms(); len(names) > 0 {
		m.service.Node().AddDependency(alarms)
	}
	m.watch.AddService(m.service, watch.Tasks{
		Cluster: *m.platform.Cluster().ClusterName(),
		Service: *m.service.ServiceName(),
	})
}

// watchStore defines the alarms on what a store brings.
func (m *Microservice) watchStore(used store.Store, binding store.Binding) {
	if m.watch == nil {
		return
	}
	id := storeID(used, binding)
	for n, table := range binding.Tables {
		m.watch.AddTable(numberedID(id, n), table)
	}
	for n, queue := range binding.Queues {
		m.watch.AddQueue(numberedID(id, n), queue)
	}
}

// storeID is what a store's alarms are called: the construct's ID, or, of a store that is none, a variable that it sets.
func storeID(used store.Store, binding store.Binding) string {
	if construct, ok := used.(constructs.IConstruct); ok {
		return *construct.Node().Id()
	}
	for _, name := range slices.Sorted(maps.Keys(binding.Environment)) {
		return name
	}
	return "Store"
}

// numberedID is the ID itself for the first of several.
func numberedID(id string, n int) string {
	if n == 0 {
		return id
	}
	return fmt.Sprint(id, n+1)
}
