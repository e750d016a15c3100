package microservice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// targets returns the service's target groups by their names in CloudWatch.
func (m *Microservice) targets() service.Targets {
	targets := service.Targets{LoadBalancer: m.platform.LoadBalancerFullName()}
	for _, group := range m.targetGroups {
		targets.TargetGroups = append(targets.TargetGroups, *group.TargetGroupFullName())
	}
	return targets
}

// newPage defines the service's page with the alarms that need only the target groups, before the service is defined,
// since ECS looks them up by name when it creates it. A gradual deployment has them in every environment.
func (m *Microservice) newPage(p plan) *alarmPage {
	props := alarmPageProps{
		Service: p.Name, Owner: p.Owner,
		RollbackOnly: !p.alarmed, Silent: !p.alarmed && !p.Deployment.Gradual(),
	}
	if p.alarmed && p.environment.Teams.StackName != "" {
		teams := team.Import(m, p.environment.Teams)
		props.Topics = alarmTopics{Page: teams.PageTopicARN(p.Owner), Inform: teams.InformTopicARN(p.Owner)}
	}
	page := newAlarmPage(m, "Alarms", props)
	if len(p.Routes) > 0 {
		for _, a := range p.Alarms.deployment(m.metrics) {
			_, err := page.add("", a)
			problem.MustAt(m, err)
		}
		page.complete()
	}
	return page
}

// addServiceAlarms defines the alarms that need the service itself: those that name it, and the one on its healthy
// tasks, which would page while the first tasks start.
func (m *Microservice) addServiceAlarms(p plan) {
	for _, a := range p.Alarms.running(m.metrics, len(p.Routes) > 0, p.environment.Profile.ContainerInsights) {
		defined, err := m.page.add("", a)
		problem.MustAt(m, err)
		switch {
		case defined == nil:
		case a.ID == healthyTasks:
			defined.AddResourceDependency(m.cfnService, nil)
		case a.ID == missingTasks:
			m.platform.RequireContainerInsights()
		}
	}
	m.page.complete()
}

// AddAlarm defines an alarm. If the service has no alarms, only those with RollsBack are defined, in a gradual
// deployment. The group is the construct ID of the feature that defines it. AddAlarm panics if the alarm is invalid, or
// if the group already has another one with the same ID.
func (m *Microservice) AddAlarm(group string, a alarm.Alarm) {
	m.must("AddAlarm")
	if err := m.addAlarm(group, a); err != nil {
		problem.MustAt(m, prefixed("AddAlarm: ", err))
	}
	m.page.complete()
}

// checkAlarm returns what is wrong with an alarm that is added to the service.
func (m *Microservice) checkAlarm(group string, a alarm.Alarm) error {
	if group == "" {
		return fmt.Errorf("Alarm %q must have a group: the construct ID of the store or feature that defines it", a.ID)
	}
	if a.RollsBack && m.isOn(a.Metric) {
		return fmt.Errorf("Alarm %q must not roll back, since its metric names the service, which is deployed after such an alarm: remove RollsBack", a.ID)
	}
	return m.page.check(group, a)
}

func (m *Microservice) addAlarm(group string, a alarm.Alarm) error {
	if err := m.checkAlarm(group, a); err != nil {
		return err
	}
	defined, err := m.page.add(group, a)
	if err == nil && defined != nil && a.RollsBack {
		place.Of(m.service).Node().AddDependency(defined)
		m.rollBackByAll()
	}
	return err
}

// rollBackByAll has ECS roll a deployment back by the alarms of stores and features too, sorted. It overrides the
// property, since a second call of FargateService.EnableDeploymentAlarms discards its own names. What the user
// overrides later replaces it.
func (m *Microservice) rollBackByAll() {
	names, _ := m.page.rollbackAlarms()
	slices.Sort(names[m.ownRollbackAlarms:])
	override := func(key string, value any) {
		m.cfnService.AddPropertyOverride(jsii.String("DeploymentConfiguration.Alarms."+key), value)
	}
	override("AlarmNames", names)
	if m.ownRollbackAlarms == 0 {
		override("Enable", true)
		override("Rollback", true)
	}
}

// isOn reports whether a dimension of a metric refers to the ECS service.
func (m *Microservice) isOn(of metric.Metric) bool {
	service := *m.place().Stack().CDK.GetLogicalId(m.cfnService)
	for _, query := range of.Queries() {
		for _, value := range query.Metric.Dimensions {
			resolved := fmt.Sprintf("%q", m.place().Stack().CDK.Resolve(value))
			if strings.Contains(resolved, `"`+service+`"`) || strings.Contains(resolved, "${"+service+".") {
				return true
			}
		}
	}
	return false
}
