package alarm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Topics are where the alarms of a service are sent, by ARN. Zero is nowhere.
type Topics struct {
	// Page is for what somebody must look at now.
	Page string
	// Inform is for what somebody should know.
	Inform string
}

// PageProps describe whose alarms a page has, and who is notified.
type PageProps struct {
	// Service is the name of the service. Required.
	Service string
	// Owner is the team that answers for it. Required.
	Owner string
	// Topics are where the alarms are sent. If zero, nobody is notified.
	Topics Topics
	// RollbackOnly defines no alarms but those that roll a deployment back.
	RollbackOnly bool
	// Silent defines no alarms at all. They are checked all the same.
	Silent bool
}

func (p PageProps) validate() error {
	var problems []error
	if p.Service == "" {
		problems = append(problems, errors.New("Service is missing: name the service whose alarms these are"))
	}
	if p.Owner == "" {
		problems = append(problems, errors.New("Owner is missing: name the team that answers for the service"))
	}
	return errors.Join(problems...)
}

// Page is the alarms of one service, and the composite alarm by which the owner is paged.
type Page struct {
	constructs.Construct
	props      PageProps
	stackName  string
	groups     map[string]constructs.Construct
	alarms     map[string]Alarm
	deployment []string
	paging     map[string]string
	composite  awscloudwatch.CfnCompositeAlarm
}

// NewPage defines the page of a service, without alarms. It panics with one error that lists every invalid prop.
func NewPage(scope constructs.Construct, id string, props PageProps) *Page {
	problem.Must(scope, id, props.validate())
	p := &Page{props: props, groups: map[string]constructs.Construct{}, alarms: map[string]Alarm{}, paging: map[string]string{}}
	constructs.NewConstruct_Override(p, scope, jsii.String(id))
	p.stackName = *awscdk.Stack_Of(p).StackName()
	return p
}

// Add defines an alarm, and has the composite alarm follow it where it pages. The group is the ID of the store or feature
// that brings the alarm; it is empty for the service's own. An alarm that is added again is the same; another one of the
// same group and ID is an error. Add returns nil where the page defines no such alarms.
func (p *Page) Add(group string, a Alarm) (awscloudwatch.CfnAlarm, error) {
	a = a.WithDefaults()
	key := group + "/" + a.ID
	if other, known := p.alarms[key]; known && cdkx.Same(p, other, a) {
		return nil, nil
	}
	if err := a.Validate("Alarm"); err != nil {
		return nil, err
	}
	if err := p.check(group, a); err != nil {
		return nil, err
	}
	p.alarms[key] = a
	if p.props.Silent || p.props.RollbackOnly && !a.RollsBack {
		return nil, nil
	}
	if a.RollsBack {
		p.deployment = append(p.deployment, p.name(group, a))
	}
	defined := p.define(p.group(group, a.RollsBack), p.name(group, a), a)
	if a.Pages && !p.props.RollbackOnly {
		// By ARN and not by name in the rule, so that CloudFormation knows what must be there first.
		p.paging[key] = *defined.AttrArn()
		p.followPaging()
	}
	return defined, nil
}

// check finds what is wrong with an alarm on this page: another one of its ID or name, and texts that CloudWatch refuses.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func (p *Page) check(group string, a Alarm) error {
	const maxName, maxDescription = 255, 1024
	var problems []error
	name := p.name(group, a)
	if _, known := p.alarms[group+"/"+a.ID]; known {
		problems = append(problems, fmt.Errorf("Alarm.ID %q is already used by another alarm of %s: choose another", a.ID, group))
	} else if a.RollsBack && slices.Contains(p.deployment, name) {
		problems = append(problems, fmt.Errorf("Alarm.ID %q of %s gives the name %s, which another alarm has: choose another", a.ID, group, name))
	}
	if len(name) > maxName {
		problems = append(problems, fmt.Errorf("Alarm.ID %q of %s gives a name of more than %d characters, got %d: shorten it", a.ID, group, maxName, len(name)))
	}
	if description := a.Description(p.props.Service, p.props.Owner); utf8.RuneCountInString(description) > maxDescription {
		problems = append(problems, fmt.Errorf("Alarm.Meaning and LookAt must fit into a description of %d characters with the names of the service and its owner, got %d",
			maxDescription, utf8.RuneCountInString(description)))
	}
	return errors.Join(problems...)
}

// RollbackAlarms are the names of the alarms that roll a deployment of the service back, in the order in which they were
// added, and what the service must depend on for ECS to find them.
func (p *Page) RollbackAlarms() ([]string, constructs.IDependable) {
	return slices.Clone(p.deployment), p.groups[deploymentGroup]
}

// deploymentGroup is the construct of the service's own alarms that roll a deployment back: the service depends on them
// and on no others.
const deploymentGroup = "Deployment"

// reserved are the constructs that a page has beside those of stores and features.
var reserved = []string{"CPU", "ClientErrors", deploymentGroup, "HealthyTasks", "Memory", "MissingTasks", "Page"}

// group is the construct that has the alarms of a store or feature: it has the group's own name, unless an alarm of the
// service has that, as with a table called Memory.
func (p *Page) group(group string, rollsBack bool) constructs.Construct {
	id := group
	switch {
	case group == "" && !rollsBack:
		return p
	case group == "":
		id = deploymentGroup
	case slices.Contains(reserved, group):
		id = "Store-" + group
	}
	if p.groups[id] == nil {
		p.groups[id] = constructs.NewConstruct(p, jsii.String(id))
	}
	return p.groups[id]
}

// name is that of an alarm which a deployment finds by it, and empty for others. It is unique in an account and region, as
// the stack's name is.
func (p *Page) name(group string, a Alarm) string {
	if !a.RollsBack {
		return ""
	}
	name := cdkx.Kebab(a.ID)
	if group != "" {
		name = cdkx.Kebab(group) + "-" + name
	}
	return fmt.Sprintf("%s-%s-%s", p.stackName, p.props.Service, name)
}

// define puts an alarm into the template, in one call with all of its properties.
func (p *Page) define(scope constructs.Construct, name string, a Alarm) awscloudwatch.CfnAlarm {
	props := &awscloudwatch.CfnAlarmProps{
		AlarmName:          cdkx.OptionalString(name),
		AlarmDescription:   jsii.String(a.Description(p.props.Service, p.props.Owner)),
		ComparisonOperator: jsii.String(string(a.Comparison)),
		Threshold:          jsii.Number(a.Threshold),
		DatapointsToAlarm:  jsii.Number(a.Datapoints),
		EvaluationPeriods:  jsii.Number(a.Periods),
		TreatMissingData:   jsii.String(string(a.Missing)),
		AlarmActions:       actions(p.props.Topics.Inform),
		OkActions:          actions(p.props.Topics.Inform),
	}
	render.Alarm(a.Metric, props)
	return awscloudwatch.NewCfnAlarm(scope, jsii.String(a.ID), props)
}

// followPaging has the service's one composite alarm follow every alarm that pages, in the order of their names, so that
// the order in which they are added changes nothing.
func (p *Page) followPaging() {
	var terms []string
	for _, id := range slices.Sorted(maps.Keys(p.paging)) {
		terms = append(terms, `ALARM("`+p.paging[id]+`")`)
	}
	rule := jsii.String(strings.Join(terms, " OR "))
	if p.composite != nil {
		p.composite.SetAlarmRule(rule)
		return
	}
	p.composite = awscloudwatch.NewCfnCompositeAlarm(p, jsii.String("Page"), &awscloudwatch.CfnCompositeAlarmProps{
		AlarmDescription: jsii.String(p.summary()),
		AlarmRule:        rule,
		AlarmActions:     actions(p.props.Topics.Page),
		OkActions:        actions(p.props.Topics.Page), // closes what it opened
	})
}

// summary is the description of the composite alarm. It names no threshold, so that a change of one changes one alarm.
func (p *Page) summary() string {
	return Alarm{
		Meaning: "customers are hurt: requests fail or wait, data is refused, or work is not done.",
		LookAt: [3]string{
			"which of its alarms are in ALARM: each says what it means and where to look.", LookAtDeployment,
			"the newest errors in the service's log group.",
		},
	}.Description(p.props.Service, p.props.Owner)
}

func actions(topic string) *[]any {
	if topic == "" {
		return nil
	}
	return &[]any{topic}
}

// What several alarms send people to.
const (
	LookAtDeployment   = "the service's deployments in ECS: did it begin with one? Roll back."
	LookAtDependencies = "the alarms of its stores, and the services that it calls."
	LookAtEvents       = "the service's events in ECS, and why tasks stopped."
)
