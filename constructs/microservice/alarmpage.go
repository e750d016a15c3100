package microservice

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
)

// alarmTopics are the SNS topics, by ARN, that the alarms of a service notify. If zero, none.
type alarmTopics struct {
	// Page gets the alarms that require immediate action.
	Page string
	// Inform gets every alarm.
	Inform string
}

// alarmPageProps configure a page: whose alarms it holds, and what they notify.
type alarmPageProps struct {
	// Service is the name of the service. Required.
	Service string
	// Owner is the team that owns the service. Required.
	Owner string
	// Topics are the SNS topics that the alarms notify. If zero, none.
	Topics alarmTopics
	// RollbackOnly defines only the alarms that roll a deployment back.
	RollbackOnly bool
	// Silent defines no alarms at all. They are validated nevertheless.
	Silent bool
}

// alarmPage holds the alarms of one service, and its composite alarm, which pages the owner.
type alarmPage struct {
	scope      constructs.Construct
	props      alarmPageProps
	stackName  string
	groups     map[string]constructs.Construct
	alarms     map[string]alarm.Alarm
	deployment []string
	paging     map[string]string
	composite  awscloudwatch.CfnCompositeAlarm
	parts      []awscloudwatch.CfnCompositeAlarm
	// unfollowed is set while the composite alarm does not follow all alarms that page, since more are added.
	unfollowed bool
}

// newAlarmPage defines the page of a service, without alarms.
func newAlarmPage(scope constructs.Construct, id string, props alarmPageProps) *alarmPage {
	return &alarmPage{
		scope: place.NewConstruct(scope, id), props: props, stackName: place.Of(scope).Stack().Name(),
		groups: map[string]constructs.Construct{}, alarms: map[string]alarm.Alarm{}, paging: map[string]string{},
	}
}

// add defines an alarm, and adds it to the composite alarm if it pages. The group is the ID of the store or feature
// that defines the alarm; it is empty for the service's own. Adding an equal alarm again changes nothing; another one
// with the same group and ID is an error. The page is then to be completed. It returns nil if the page defines no such alarms.
func (p *alarmPage) add(group string, a alarm.Alarm) (awscloudwatch.CfnAlarm, error) {
	a = a.WithDefaults()
	key := group + "/" + a.ID
	if other, known := p.alarms[key]; known && cdkx.Same(p.scope, other, a) {
		return nil, nil
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
		// By ARN and not by name in the rule, so that CloudFormation creates the alarms before the composite alarm.
		p.paging[key] = *defined.AttrArn()
		if p.composite == nil {
			p.followPaging()
		} else {
			p.unfollowed = true
		}
	}
	return defined, nil
}

// check returns the problems of an alarm, and of it on this page: an ID or name that is already used, and texts that
// CloudWatch rejects. An alarm equal to one that is on the page has none.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func (p *alarmPage) check(group string, a alarm.Alarm) error {
	const maxName, maxDescription = 255, 1024
	a = a.WithDefaults()
	other, known := p.alarms[group+"/"+a.ID]
	if known && cdkx.Same(p.scope, other, a) {
		return nil
	}
	if err := a.Validate("Alarm"); err != nil {
		return err
	}
	var problems []error
	name := p.name(group, a)
	if known {
		problems = append(problems, fmt.Errorf("Alarm.ID %q is already used by another alarm of %s: choose another, or another group", a.ID, group))
	} else if a.RollsBack && slices.Contains(p.deployment, name) {
		problems = append(problems, fmt.Errorf("Alarm.ID %q of %s results in the name %s, which is already used by another alarm: choose another", a.ID, group, name))
	}
	if len(name) > maxName {
		problems = append(problems, fmt.Errorf("Alarm.ID %q of %s results in a name of more than %d characters, got %d: shorten it", a.ID, group, maxName, len(name)))
	}
	if description := a.Description(p.props.Service, p.props.Owner); utf8.RuneCountInString(description) > maxDescription {
		problems = append(problems, fmt.Errorf("Alarm.Meaning and LookAt must fit into a description of %d characters with the names of the service and its owner, got %d",
			maxDescription, utf8.RuneCountInString(description)))
	}
	return errors.Join(problems...)
}

// rollbackAlarms returns the names of the alarms that roll a deployment of the service back, in the order in which they
// were added, and what the service must depend on so that ECS finds them.
func (p *alarmPage) rollbackAlarms() ([]string, constructs.IDependable) {
	return slices.Clone(p.deployment), p.groups[deploymentGroup]
}

// The constructs of a page beside the service's own alarms: its own that roll a deployment back, on which the service
// depends as a whole, and the groups of stores and features.
const (
	deploymentGroup = "Deployment"
	otherGroups     = "Of"
)

// group returns the construct that holds the alarms of a store or feature, or the service's own.
func (p *alarmPage) group(group string, rollsBack bool) constructs.Construct {
	switch {
	case group == "" && !rollsBack:
		return p.scope
	case group == "":
		return p.child(p.scope, deploymentGroup, deploymentGroup)
	}
	return p.child(p.child(p.scope, otherGroups, otherGroups), group, otherGroups+"/"+group)
}

// child defines a construct once, known by its path in the page.
func (p *alarmPage) child(scope constructs.Construct, id, path string) constructs.Construct {
	if p.groups[path] == nil {
		p.groups[path] = constructs.NewConstruct(scope, jsii.String(id))
	}
	return p.groups[path]
}

// name returns the name of an alarm that a deployment looks up, and an empty string for others. It is unique in an
// account and region, as the stack's name is, since neither that nor a service's name contains a dot.
func (p *alarmPage) name(group string, a alarm.Alarm) string {
	if !a.RollsBack {
		return ""
	}
	parts := []string{p.stackName, p.props.Service, cdkx.Kebab(group), cdkx.Kebab(a.ID)}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ".")
}

// define adds an alarm to the template, in one call with all of its properties.
func (p *alarmPage) define(scope constructs.Construct, name string, a alarm.Alarm) awscloudwatch.CfnAlarm {
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

// maxTerms is how many alarms the rule of a composite alarm may name: with the longest names of alarms, each takes 330 of
// the 10,240 characters of a rule.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
const maxTerms = 30

// complete has the composite alarm follow every alarm that pages. It is called once several alarms were added.
func (p *alarmPage) complete() {
	if p.unfollowed {
		p.followPaging()
	}
}

// followPaging sets the rule of the composite alarm to every alarm that pages, in the order of their names, so that the
// order in which they are added has no effect. More alarms than fit into one rule are in several, which the composite alarm
// follows.
func (p *alarmPage) followPaging() {
	p.unfollowed = false
	var arns []string
	for _, id := range slices.Sorted(maps.Keys(p.paging)) {
		arns = append(arns, p.paging[id])
	}
	if len(arns) > maxTerms {
		arns = p.followParts(slices.Collect(slices.Chunk(arns, maxTerms)))
	}
	if p.composite != nil {
		p.composite.SetAlarmRule(anyOf(arns))
		return
	}
	p.composite = awscloudwatch.NewCfnCompositeAlarm(p.scope, jsii.String("Page"), &awscloudwatch.CfnCompositeAlarmProps{
		AlarmDescription: jsii.String(p.summary()),
		AlarmRule:        anyOf(arns),
		AlarmActions:     actions(p.props.Topics.Page),
		OkActions:        actions(p.props.Topics.Page), // resolves the incident
	})
}

// followParts sets the rule of one composite alarm for each part, which notifies no one, and returns their ARNs.
func (p *alarmPage) followParts(parts [][]string) []string {
	arns := make([]string, len(parts))
	for n, part := range parts {
		if n == len(p.parts) {
			id := fmt.Sprint("Page", n+1)
			p.parts = append(p.parts, awscloudwatch.NewCfnCompositeAlarm(p.scope, jsii.String(id), &awscloudwatch.CfnCompositeAlarmProps{
				AlarmDescription: jsii.String(fmt.Sprintf("%s: a part of the alarms that page %s", p.props.Service, p.props.Owner)),
				AlarmRule:        anyOf(part),
			}))
		} else {
			p.parts[n].SetAlarmRule(anyOf(part))
		}
		arns[n] = *p.parts[n].AttrArn()
	}
	return arns
}

// anyOf returns the rule that is true while any of the alarms is in ALARM.
func anyOf(arns []string) *string {
	return jsii.String(`ALARM("` + strings.Join(arns, `") OR ALARM("`) + `")`)
}

// summary is the description of the composite alarm. It contains no threshold, so that a changed threshold changes one
// alarm.
func (p *alarmPage) summary() string {
	return alarm.Alarm{
		Meaning: "customers are affected: requests fail, are slow or throttled, or work is not done.",
		LookAt: [3]string{
			"which of its alarms are in ALARM: their descriptions state what they mean and where to look.", alarm.LookAtDeployment,
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
