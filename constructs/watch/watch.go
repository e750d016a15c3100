package watch

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Topics are where alarms are sent, by ARN. Zero is nowhere.
type Topics struct {
	// Page is for what somebody must look at now.
	Page string
	// Inform is for what somebody should know.
	Inform string
}

// Props describe what is watched, and who is told.
type Props struct {
	// Service is the name of the service, and Owner the team that answers for it. Required.
	Service, Owner string
	// Targets are where the balancer sends the service's requests. If there are no groups, it is a worker.
	Targets Targets
	// MinTasks is how many tasks run at the least. If zero, one.
	MinTasks int
	// Alarms say what the alarms wait for.
	Alarms Alarms
	// DeploymentOnly defines no more than the alarms that a deployment is rolled back by.
	DeploymentOnly bool
	// Insights says that the cluster has Container Insights, and so counts tasks.
	Insights bool
	// Topics are where the alarms are sent. If zero, nobody is told.
	Topics Topics
}

func (p Props) validate() error {
	var problems []error
	if p.Service == "" {
		problems = append(problems, errors.New("Service is missing: name the service that is watched"))
	}
	if p.Owner == "" {
		problems = append(problems, errors.New("Owner is missing: name the team that answers for the service"))
	}
	if len(p.Targets.Groups) > 0 && p.Targets.Balancer == "" {
		problems = append(problems, errors.New("Targets.Balancer is missing: name the balancer of Targets.Groups"))
	}
	if len(p.Targets.Groups) > 2 {
		// ECS shifts requests between two, and an alarm may be over ten numbers, of which each group has up to three.
		problems = append(problems, fmt.Errorf("Targets.Groups must be at most 2, got %d", len(p.Targets.Groups)))
	}
	return errors.Join(append(problems, p.Alarms.Validate(p.MinTasks, len(p.Targets.Groups) > 0))...)
}

// Watch is the alarms of one service.
type Watch struct {
	constructs.Construct
	props      Props
	subject    subject
	deployment []string
	dependable constructs.Construct
	stores     map[string]constructs.Construct
	known      map[string]bool
	page       awscloudwatch.CfnCompositeAlarm
	paging     map[string]string
}

// New defines the alarms of a service that can be there before it: those on the balancer's groups. [Watch.AddService]
// and the like define the others. It panics when the props are wrong, and names all that is.
func New(scope constructs.Construct, id string, props Props) *Watch {
	cdkx.Check(scope, id, props.validate())
	w := &Watch{
		props:   props,
		subject: subject{props.Service, props.Owner, props.Alarms.WithDefaults(props.MinTasks)},
		stores:  map[string]constructs.Construct{},
		known:   map[string]bool{},
		paging:  map[string]string{},
	}
	constructs.NewConstruct_Override(w, scope, jsii.String(id))
	if len(props.Targets.Groups) > 0 {
		w.addDeployment()
	}
	return w
}

// DeploymentAlarms are the names of the alarms that a deployment of the service is rolled back by, and what the service
// must depend on for ECS to find them. There are none for a worker.
func (w *Watch) DeploymentAlarms() ([]string, constructs.IDependable) {
	return w.deployment, w.dependable
}

// AddService defines the alarms that need the service itself: those that name it, and the one on its healthy tasks,
// which would page while the first of them start.
func (w *Watch) AddService(service constructs.IDependable, tasks Tasks) {
	if w.props.DeploymentOnly {
		return
	}
	routed := len(w.props.Targets.Groups) > 0
	if routed {
		for _, a := range w.subject.balancer(w.props.Targets) {
			defined := w.add(a)
			if a.missing == isBad {
				defined.Node().AddDependency(service)
			}
		}
	}
	for _, a := range w.subject.tasks(tasks, w.props.Insights, routed) {
		w.add(a)
	}
	w.followPaging()
}

// AddTable defines the alarms on a table of the service, called id, and has the page follow them. A table that is added
// again is the same.
func (w *Watch) AddTable(id, name string) {
	if w.props.DeploymentOnly || w.isKnown("table", name) {
		return
	}
	for _, a := range w.subject.table(id, Table(name)) {
		w.add(a)
	}
	w.followPaging()
}

// AddQueue defines the alarms on a queue that the service consumes, called id, and has the page follow them. A queue
// that is added again is the same.
func (w *Watch) AddQueue(id string, queue store.Queue) {
	if w.props.DeploymentOnly || w.isKnown("queue", queue.Name) {
		return
	}
	for _, a := range w.subject.queue(id, Queue(queue.Name), Queue(queue.DeadLetterName)) {
		w.add(a)
	}
	w.followPaging()
}

func (w *Watch) isKnown(kind, name string) bool {
	key := kind + " " + name
	known := w.known[key]
	w.known[key] = true
	return known
}

// addDeployment has a construct of its own for the alarms that the service depends on, and nothing else.
func (w *Watch) addDeployment() {
	w.dependable = constructs.NewConstruct(w, jsii.String("Deployment"))
	stackName := *awscdk.Stack_Of(w).StackName()
	for _, a := range w.subject.deployment(w.props.Targets, func(alarm string) string { return alarmName(stackName, w.props.Service, alarm) }) {
		// By ARN and not by name in the page's rule, so that CloudFormation knows what must be there first.
		w.paging[a.id] = *w.define(w.dependable, a).AttrArn()
		w.deployment = append(w.deployment, a.name)
	}
}

// alarmName is unique in an account and region, as the stack's name is. It has at most 208 of the 255 characters that it
// may have: 128 of the stack, 63 of the service and 15 of the alarm.
func alarmName(stack, service, alarm string) string {
	return fmt.Sprintf("%s-%s-%s", stack, service, alarm)
}

// add defines an alarm that has no name of its own.
func (w *Watch) add(a alarm) awscloudwatch.CfnAlarm {
	var scope constructs.Construct = w
	if a.store != "" {
		scope = w.store(a.store)
	}
	defined := w.define(scope, a)
	if a.pages {
		w.paging[a.store+a.id] = *defined.AttrArn()
	}
	return defined
}

func (w *Watch) store(id string) constructs.Construct {
	if w.stores[id] == nil {
		w.stores[id] = constructs.NewConstruct(w, jsii.String(storeScope(id)))
	}
	return w.stores[id]
}

// taken are the constructs that a watch has beside those of stores.
var taken = []string{"CPU", "ClientErrors", "Deployment", "HealthyTasks", "Memory", "MissingTasks", "Page"}

// storeScope is the ID of the construct that has a store's alarms: the store's own, but for one that is called like an
// alarm of the service, such as a table Memory.
func storeScope(id string) string {
	if slices.Contains(taken, id) {
		return "Store-" + id
	}
	return id
}

// define puts an alarm into the template, in one call with all of its properties.
func (w *Watch) define(scope constructs.Construct, a alarm) awscloudwatch.CfnAlarm {
	props := &awscloudwatch.CfnAlarmProps{
		AlarmName:          cdkx.OptionalString(a.name),
		AlarmDescription:   jsii.String(a.description),
		ComparisonOperator: jsii.String(string(a.passed)),
		Threshold:          jsii.Number(a.threshold),
		DatapointsToAlarm:  jsii.Number(a.datapoints),
		EvaluationPeriods:  jsii.Number(a.of),
		TreatMissingData:   jsii.String(string(a.missing)),
		AlarmActions:       actions(w.props.Topics.Inform),
		OkActions:          actions(w.props.Topics.Inform),
	}
	if a.metric.Expression != "" {
		props.Metrics = queries(a.metric)
	} else {
		props.Namespace = jsii.String(a.metric.Namespace)
		props.MetricName = jsii.String(a.metric.Name)
		props.Dimensions = dimensions(a.metric)
		props.Statistic = jsii.String(a.metric.Statistic)
		props.Period = jsii.Number(a.metric.Period.Seconds())
	}
	return awscloudwatch.NewCfnAlarm(scope, jsii.String(a.id), props)
}

// followPaging has the service's one composite alarm follow all that page, in the order of their names, so that the
// order in which stores are used changes nothing.
func (w *Watch) followPaging() {
	if len(w.paging) == 0 {
		return
	}
	var terms []string
	for _, id := range slices.Sorted(maps.Keys(w.paging)) {
		terms = append(terms, `ALARM("`+w.paging[id]+`")`)
	}
	rule := jsii.String(strings.Join(terms, " OR "))
	if w.page != nil {
		w.page.SetAlarmRule(rule)
		return
	}
	w.page = awscloudwatch.NewCfnCompositeAlarm(w, jsii.String("Page"), &awscloudwatch.CfnCompositeAlarmProps{
		AlarmDescription: jsii.String(w.subject.summary()),
		AlarmRule:        rule,
		AlarmActions:     actions(w.props.Topics.Page),
		OkActions:        actions(w.props.Topics.Page), // closes what it opened
	})
}

func actions(topic string) *[]any {
	if topic == "" {
		return nil
	}
	return &[]any{topic}
}

// query is one entry of an alarm's metric math.
type query struct {
	id      string
	metric  Metric
	watched bool
}

// watchedID is what the alarm compares.
const watchedID = "watched"

// flatten lists an expression and all that it is over, in the order of their ids.
func flatten(m Metric) []query {
	all := []query{{watchedID, m, true}}
	var add func(over map[string]Metric)
	add = func(over map[string]Metric) {
		for _, id := range slices.Sorted(maps.Keys(over)) {
			all = append(all, query{id, over[id], false})
			add(over[id].Over)
		}
	}
	add(m.Over)
	return all
}

func queries(m Metric) *[]*awscloudwatch.CfnAlarm_MetricDataQueryProperty {
	var all []*awscloudwatch.CfnAlarm_MetricDataQueryProperty
	for _, q := range flatten(m) {
		property := &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id:         jsii.String(q.id),
			Label:      cdkx.OptionalString(q.metric.Label),
			ReturnData: jsii.Bool(q.watched),
		}
		if q.metric.Expression != "" {
			property.Expression = jsii.String(q.metric.Expression)
		} else {
			property.MetricStat = &awscloudwatch.CfnAlarm_MetricStatProperty{
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{
					Namespace:  jsii.String(q.metric.Namespace),
					MetricName: jsii.String(q.metric.Name),
					Dimensions: dimensions(q.metric),
				},
				Period: jsii.Number(q.metric.Period.Seconds()),
				Stat:   jsii.String(q.metric.Statistic),
			}
		}
		all = append(all, property)
	}
	return &all
}

func dimensions(m Metric) *[]*awscloudwatch.CfnAlarm_DimensionProperty {
	var all []*awscloudwatch.CfnAlarm_DimensionProperty
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		all = append(all, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(m.Dimensions[name])})
	}
	return &all
}
