package microservice

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// serviceLinkedRole is the role that Application Auto Scaling creates and uses for ECS.
const serviceLinkedRole = "arn:%s:iam::%s:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"

// reasonKey is the metadata key of the reason for fewer tasks than the profile's minimum.
const reasonKey = "FewerTasksBecause"

// addScaling defines the scalable target and its policies directly. The service's own method would parse the load
// balancer's name from the listener's ARN, which is impossible for another stack's output.
func (m *Microservice) addScaling(defaults profile.Profile) {
	policy := m.props.Scaling
	least, most := policy.Limits()
	fewer := policy.Fewer(defaults.MinTasks)
	if policy.Fixed() {
		if fewer {
			m.service.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String(reasonKey), policy.FewerTasksBecause)
		}
		return
	}
	stack := m.place().Stack()
	role := awsiam.Role_FromRoleArn(m, jsii.String("ScalingRole"),
		jsii.String(fmt.Sprintf(serviceLinkedRole, stack.Partition(), stack.Account())), nil)
	m.scalable = awsapplicationautoscaling.NewScalableTarget(m, jsii.String("Scaling"), &awsapplicationautoscaling.ScalableTargetProps{
		ServiceNamespace:  awsapplicationautoscaling.ServiceNamespace_ECS,
		ScalableDimension: jsii.String("ecs:service:DesiredCount"),
		ResourceId:        jsii.String(fmt.Sprintf("service/%s/%s", m.metrics.Cluster, m.metrics.Service)),
		MinCapacity:       jsii.Number(least),
		MaxCapacity:       jsii.Number(most),
		Role:              role,
	})
	if fewer {
		m.scalable.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String(reasonKey), policy.FewerTasksBecause)
	}
	m.addTargets()
	for _, step := range policy.Steps {
		m.addSteps(step)
	}
	for _, schedule := range policy.Schedules {
		m.addSchedule(schedule)
	}
}

func (m *Microservice) addTargets() {
	policy := m.props.Scaling
	m.trackPredefined("CPU", policy.CPUPercent, awsapplicationautoscaling.PredefinedMetric_ECS_SERVICE_AVERAGE_CPU_UTILIZATION, nil)
	m.trackPredefined("Memory", policy.MemoryPercent, awsapplicationautoscaling.PredefinedMetric_ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION, nil)
	m.trackRequests()
	for _, measure := range policy.Metrics {
		problem.MustAt(m, m.track("Scaling.Metrics", measure.ID, measure.Metric, measure.PerTask))
	}
}

// trackPredefined keeps a predefined metric of Application Auto Scaling at a value, unless the value is zero.
func (m *Microservice) trackPredefined(id string, value int, predefined awsapplicationautoscaling.PredefinedMetric, label *string) {
	if value == 0 {
		return
	}
	m.scalable.ScaleToTrackMetric(jsii.String(id), &awsapplicationautoscaling.BasicTargetTrackingScalingPolicyProps{
		PredefinedMetric: predefined,
		ResourceLabel:    label,
		TargetValue:      jsii.Number(value),
		ScaleInCooldown:  cdkx.Seconds(m, m.props.Scaling.ScaleInCooldown),
		ScaleOutCooldown: cdkx.Seconds(m, m.props.Scaling.ScaleOutCooldown),
	})
}

// trackRequests uses the predefined metric if there is one target group. That metric names a group, so with two it would
// miss the requests after a deployment shifts them to the other.
func (m *Microservice) trackRequests() {
	perTask := m.props.Scaling.RequestsPerTask
	switch groups := m.metrics.TargetGroups; {
	case perTask == 0:
	case len(groups) == 1:
		label := fmt.Sprintf("%s/%s", m.metrics.LoadBalancer, groups[0])
		m.trackPredefined("Requests", perTask, awsapplicationautoscaling.PredefinedMetric_ALB_REQUEST_COUNT_PER_TARGET, jsii.String(label))
	default:
		m.trackMetric("Requests", m.metrics.RequestsPerTask(), float64(perTask))
	}
}

// Track keeps a metric at a value for each running task, by a target tracking policy with the given ID. The metric must
// measure the work of the whole service. Track panics if the metric or the value is invalid, the ID is already used, or
// the number of tasks is fixed.
func (m *Microservice) Track(id string, of metric.Metric, perTask float64) {
	m.must("Track")
	err := scaling.Measure{ID: id, Metric: of, PerTask: perTask}.Validate("Track")
	if err == nil {
		err = m.track("Track", id, of, perTask)
	}
	problem.MustAt(m, err)
}

// track implements Track for the caller named by, with a valid measure.
func (m *Microservice) track(by, id string, of metric.Metric, perTask float64) error {
	if m.scalable == nil {
		return fmt.Errorf("%s: %s has no effect while Scaling.Min and Max are both %d: raise Max", by, id, m.props.Scaling.Most())
	}
	if m.scalable.Node().TryFindChild(jsii.String(id)) != nil {
		return fmt.Errorf("%s: %s is already used by another scaling policy of the service: choose another ID", by, id)
	}
	each := m.metrics.PerTask(of)
	if err := each.Validate(id); err != nil {
		return prefixed(by+": ", err)
	}
	m.trackMetric(id, each, perTask)
	return nil
}

// trackBacklog keeps a backlog at the policy's value for each running task. Without a task there is no such value, so that a
// service whose minimum may be none has a step policy too, which starts the first. Its cooldown is longer than the first task
// takes until CloudWatch has data of it, so that it starts no second.
func (m *Microservice) trackBacklog(by string, backlog metric.Metric) error {
	if err := m.track(by, "Backlog", backlog, m.props.Scaling.Backlog.PerTask()); err != nil || m.props.Scaling.Least() > 0 {
		return err
	}
	const oneMessage, cooldown = 1, 300
	action := m.newStepPolicy("FirstTask", cooldown, oneMessage, []scaling.Interval{{Lower: oneMessage, Change: 1}})
	m.newStepAlarm("FirstTask", fmt.Sprintf("Starts the first task of %s while messages wait and none runs: part of scaling, no action required", m.Name()),
		m.metrics.Waiting(backlog), scaling.FirstTaskMinutes, alarm.AtLeast, oneMessage, action)
	return nil
}

// trackMetric keeps a metric at a value. It is an L1, since the L2 rejects expressions.
func (m *Microservice) trackMetric(id string, of metric.Metric, value float64) {
	m.newPolicy(id, &awsapplicationautoscaling.CfnScalingPolicyProps{
		PolicyType: jsii.String("TargetTrackingScaling"),
		TargetTrackingScalingPolicyConfiguration: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingScalingPolicyConfigurationProperty{
			CustomizedMetricSpecification: render.Tracking(of),
			TargetValue:                   jsii.Number(value),
			ScaleInCooldown:               jsii.Number(m.props.Scaling.ScaleInCooldown.Seconds()),
			ScaleOutCooldown:              jsii.Number(m.props.Scaling.ScaleOutCooldown.Seconds()),
		},
	})
}

// newPolicy uses the logical ID and the name of the L2, so that a policy that changes from one to the other, as that on
// requests does when a service gets a second target group, is updated and not replaced.
func (m *Microservice) newPolicy(id string, props *awsapplicationautoscaling.CfnScalingPolicyProps) awsapplicationautoscaling.CfnScalingPolicy {
	scope := constructs.NewConstruct(m.scalable, jsii.String(id))
	props.PolicyName = awscdk.Names_UniqueId(scope)
	props.ScalingTargetId = m.scalable.ScalableTargetId()
	return awsapplicationautoscaling.NewCfnScalingPolicy(scope, jsii.String("Resource"), props)
}

func (m *Microservice) addSchedule(schedule scaling.Schedule) {
	least, most := schedule.Limits()
	action := &awsapplicationautoscaling.ScalingSchedule{
		Schedule:    awsapplicationautoscaling.Schedule_Expression(jsii.String(schedule.Expression)),
		MinCapacity: jsii.Number(least),
		MaxCapacity: jsii.Number(most),
	}
	if schedule.TimeZone != "" {
		action.TimeZone = awscdk.TimeZone_Of(jsii.String(schedule.TimeZone))
	}
	m.scalable.ScaleOnSchedule(jsii.String(schedule.Name), action)
}
