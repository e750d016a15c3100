package microservice

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// serviceLinkedRole is Application Auto Scaling's own for ECS. It makes the role when it is first needed.
const serviceLinkedRole = "arn:%s:iam::%s:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"

// reasonKey is where a template says why fewer tasks run than the profile asks for.
const reasonKey = "FewerTasksBecause"

// addScaling defines the target and its policies, rather than have the service do it: the service would take the
// balancer's name out of the listener's ARN, which cannot be done to another stack's output.
func (m *Microservice) addScaling(policy scaling.Policy, environment profile.Profile) {
	fewer := policy.Fewer(environment.MinTasks)
	if policy.Fixed() {
		if fewer {
			m.service.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String(reasonKey), policy.FewerTasksBecause)
		}
		return
	}
	stack := awscdk.Stack_Of(m)
	role := awsiam.Role_FromRoleArn(m, jsii.String("ScalingRole"),
		jsii.String(fmt.Sprintf(serviceLinkedRole, *stack.Partition(), *stack.Account())), nil)
	m.scalable = awsapplicationautoscaling.NewScalableTarget(m, jsii.String("Scaling"), &awsapplicationautoscaling.ScalableTargetProps{
		ServiceNamespace:  awsapplicationautoscaling.ServiceNamespace_ECS,
		ScalableDimension: jsii.String("ecs:service:DesiredCount"),
		ResourceId:        jsii.String(fmt.Sprintf("service/%s/%s", *m.platform.Cluster().ClusterName(), *m.service.ServiceName())),
		MinCapacity:       jsii.Number(policy.Min),
		MaxCapacity:       jsii.Number(policy.Max),
		Role:              role,
	})
	if fewer {
		m.scalable.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String(reasonKey), policy.FewerTasksBecause)
	}
	m.addTargets(policy)
	for _, step := range policy.Steps {
		m.addSteps(policy, step)
	}
	for _, schedule := range policy.Schedules {
		m.addSchedule(schedule)
	}
}

func (m *Microservice) addTargets(policy scaling.Policy) {
	m.hold(policy, "CPU", policy.CPUPercent, awsapplicationautoscaling.PredefinedMetric_ECS_SERVICE_AVERAGE_CPU_UTILIZATION, nil)
	m.hold(policy, "Memory", policy.MemoryPercent, awsapplicationautoscaling.PredefinedMetric_ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION, nil)
	m.holdRequests(policy)
	for _, metric := range policy.Metrics {
		m.holdSeries(policy, metric.ID, metric.PerTask, m.perRunningTask(seriesOf(metric)))
	}
	if policy.Backlog != (scaling.Backlog{}) {
		m.backlog.policy = policy
		m.Node().AddValidation(&needsQueue{m})
	}
}

// hold keeps a metric at a value, unless the value is zero.
func (m *Microservice) hold(policy scaling.Policy, id string, value int, metric awsapplicationautoscaling.PredefinedMetric, label *string) {
	if value == 0 {
		return
	}
	m.scalable.ScaleToTrackMetric(jsii.String(id), &awsapplicationautoscaling.BasicTargetTrackingScalingPolicyProps{
		PredefinedMetric: metric,
		ResourceLabel:    label,
		TargetValue:      jsii.Number(value),
		ScaleInCooldown:  cdkx.Seconds(policy.ScaleInCooldown),
		ScaleOutCooldown: cdkx.Seconds(policy.ScaleOutCooldown),
	})
}

// holdRequests takes the predefined metric where there is one target group. It names a group, so that with two of them
// it would lose the requests when a deployment moves them to the other.
func (m *Microservice) holdRequests(policy scaling.Policy) {
	switch {
	case policy.RequestsPerTask == 0:
	case len(m.targetGroups) == 1:
		label := fmt.Sprintf("%s/%s", m.platform.BalancerFullName(), *m.targetGroups[0].TargetGroupFullName())
		m.hold(policy, "Requests", policy.RequestsPerTask, awsapplicationautoscaling.PredefinedMetric_ALB_REQUEST_COUNT_PER_TARGET, jsii.String(label))
	default:
		m.holdSeries(policy, "Requests", float64(policy.RequestsPerTask), m.requests())
	}
}

// series is a metric, or what an expression makes of those before it.
type series struct {
	id, expression             string
	namespace, name, statistic string
	dimensions                 map[string]string
}

func seriesOf(metric scaling.Metric) series {
	return series{id: "total", namespace: metric.Namespace, name: metric.Name, statistic: metric.Statistic, dimensions: metric.Dimensions}
}

// requestsPerTask adds what the targets of each group get: one group is idle and gets nothing, or each gets its share
// while a deployment moves requests, so that the sum is what a task has to answer whichever group is live.
//
// SUM adds what there is at each moment. A group without requests has no data, and a sum by + would have none either;
// filled with zeros it would, but then also for the last minute, of which no data has come yet, and the three minutes in
// a row above the target that it takes to start tasks might never be seen.
//
// Sources: https://github.com/aws-samples/sample-amazon-ecs-blue-green-deployment-patterns/pull/12 and
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func requestsPerTask(balancer string, groups []string) []series {
	all := make([]series, 0, len(groups)+1)
	ids := make([]string, len(groups))
	for n, group := range groups {
		ids[n] = fmt.Sprint("group", n+1)
		all = append(all, series{
			id: ids[n], namespace: "AWS/ApplicationELB", name: "RequestCountPerTarget", statistic: "Sum",
			dimensions: map[string]string{"LoadBalancer": balancer, "TargetGroup": group},
		})
	}
	if len(all) == 1 {
		return all
	}
	return append(all, series{id: "requests", expression: "SUM([" + strings.Join(ids, ", ") + "])"})
}

// requests are those of all target groups, by the names that CloudWatch has for them.
func (m *Microservice) requests() []series {
	var groups []string
	for _, group := range m.targetGroups {
		groups = append(groups, *group.TargetGroupFullName())
	}
	return requestsPerTask(m.platform.BalancerFullName(), groups)
}

// perRunningTask divides a metric by the number of running tasks. That is how many samples of its CPU use the service
// has in a minute, each task giving one, and costs nothing; the metric RunningTaskCount takes Container Insights. It
// holds as long as the service does not ask ECS for samples every 20 seconds.
//
// Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html and
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
func (m *Microservice) perRunningTask(total series) []series {
	return []series{
		total,
		m.utilization("running", "CPUUtilization", "SampleCount"),
		{id: "perTask", expression: total.id + " / running"},
	}
}

// utilization is one of the two metrics that ECS has of each service.
func (m *Microservice) utilization(id, name, statistic string) series {
	return series{
		id: id, namespace: "AWS/ECS", name: name, statistic: statistic,
		dimensions: map[string]string{"ClusterName": *m.platform.Cluster().ClusterName(), "ServiceName": *m.service.ServiceName()},
	}
}

// holdSeries keeps the last of several series at a value. It is an L1, since the L2 refuses expressions.
func (m *Microservice) holdSeries(policy scaling.Policy, id string, value float64, all []series) {
	queries := make([]any, len(all))
	for n, s := range all {
		query := &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{
			Id:         jsii.String(s.id),
			Expression: cdkx.OptionalString(s.expression),
			ReturnData: jsii.Bool(n == len(all)-1),
		}
		if s.expression == "" {
			var dimensions []any
			for _, name := range slices.Sorted(maps.Keys(s.dimensions)) {
				dimensions = append(dimensions, &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDimensionProperty{
					Name: jsii.String(name), Value: jsii.String(s.dimensions[name]),
				})
			}
			query.MetricStat = &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricStatProperty{
				Metric: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricProperty{
					Namespace: jsii.String(s.namespace), MetricName: jsii.String(s.name), Dimensions: optional(dimensions),
				},
				Stat: jsii.String(s.statistic),
			}
		}
		queries[n] = query
	}
	m.newPolicy(id, &awsapplicationautoscaling.CfnScalingPolicyProps{
		PolicyType: jsii.String("TargetTrackingScaling"),
		TargetTrackingScalingPolicyConfiguration: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingScalingPolicyConfigurationProperty{
			CustomizedMetricSpecification: &awsapplicationautoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty{Metrics: queries},
			TargetValue:                   jsii.Number(value),
			ScaleInCooldown:               jsii.Number(policy.ScaleInCooldown.Seconds()),
			ScaleOutCooldown:              jsii.Number(policy.ScaleOutCooldown.Seconds()),
		},
	})
}

// newPolicy gives a policy the logical ID and the name that the L2 would, so that a measure that goes from the one to the
// other, as requests do when a service gets a second target group, is updated and not replaced.
func (m *Microservice) newPolicy(id string, props *awsapplicationautoscaling.CfnScalingPolicyProps) awsapplicationautoscaling.CfnScalingPolicy {
	scope := constructs.NewConstruct(m.scalable, jsii.String(id))
	props.PolicyName = awscdk.Names_UniqueId(scope)
	props.ScalingTargetId = m.scalable.ScalableTargetId()
	return awsapplicationautoscaling.NewCfnScalingPolicy(scope, jsii.String("Resource"), props)
}

// optional is nil for an empty list, which is not the same to the CDK.
func optional(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// addSteps defines a policy and an alarm for the intervals that start tasks, and for those that stop them.
func (m *Microservice) addSteps(policy scaling.Policy, step scaling.StepPolicy) {
	if line, intervals, ok := step.Out(); ok {
		id := step.Metric.ID + "StepsOut"
		action := m.newStepPolicy(id, policy.ScaleOutCooldown.Seconds(), line, intervals)
		m.newStepAlarm(id, "Starts tasks of %s while %s is at or above %v: the service scales, nothing is wrong",
			step, "GreaterThanOrEqualToThreshold", line, action)
	}
	if line, intervals, ok := step.In(); ok {
		id := step.Metric.ID + "StepsIn"
		action := m.newStepPolicy(id, policy.ScaleInCooldown.Seconds(), line, intervals)
		m.newStepAlarm(id, "Stops tasks of %s while %s is below %v: the service scales, nothing is wrong",
			step, "LessThanThreshold", line, action)
	}
}

// newStepPolicy writes the intervals as Application Auto Scaling has them: as distances from the line, without the outer
// end of the outermost.
func (m *Microservice) newStepPolicy(id string, cooldown, line float64, intervals []scaling.Interval) awsapplicationautoscaling.CfnScalingPolicy {
	adjustments := make([]any, len(intervals))
	for n, interval := range intervals {
		adjustment := &awsapplicationautoscaling.CfnScalingPolicy_StepAdjustmentProperty{ScalingAdjustment: jsii.Number(interval.Change)}
		if interval.Change > 0 || n > 0 {
			adjustment.MetricIntervalLowerBound = jsii.Number(interval.Lower - line)
		}
		if interval.Change < 0 || n < len(intervals)-1 {
			adjustment.MetricIntervalUpperBound = jsii.Number(interval.Upper - line)
		}
		adjustments[n] = adjustment
	}
	return m.newPolicy(id, &awsapplicationautoscaling.CfnScalingPolicyProps{
		PolicyType: jsii.String("StepScaling"),
		StepScalingPolicyConfiguration: &awsapplicationautoscaling.CfnScalingPolicy_StepScalingPolicyConfigurationProperty{
			AdjustmentType:        jsii.String("ChangeInCapacity"),
			Cooldown:              jsii.Number(cooldown),
			MetricAggregationType: jsii.String("Average"),
			StepAdjustments:       adjustments,
		},
	})
}

func (m *Microservice) newStepAlarm(id, description string, step scaling.StepPolicy, comparison string, line float64, action awsapplicationautoscaling.CfnScalingPolicy) {
	all := m.stepSeries(step.Metric)
	queries := make([]any, len(all))
	for n, s := range all {
		query := &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id:         jsii.String(s.id),
			Expression: cdkx.OptionalString(s.expression),
			ReturnData: jsii.Bool(n == len(all)-1),
		}
		if s.expression == "" {
			var dimensions []any
			for _, name := range slices.Sorted(maps.Keys(s.dimensions)) {
				dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(s.dimensions[name])})
			}
			query.MetricStat = &awscloudwatch.CfnAlarm_MetricStatProperty{
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{
					Namespace: jsii.String(s.namespace), MetricName: jsii.String(s.name), Dimensions: optional(dimensions),
				},
				Period: jsii.Number(60),
				Stat:   jsii.String(s.statistic),
			}
		}
		queries[n] = query
	}
	awscloudwatch.NewCfnAlarm(m.scalable, jsii.String(id+"Alarm"), &awscloudwatch.CfnAlarmProps{
		AlarmDescription:   jsii.String(fmt.Sprintf(description, m.name, step.Metric.ID, line)),
		AlarmActions:       &[]any{action.Ref()},
		ComparisonOperator: jsii.String(comparison),
		Threshold:          jsii.Number(line),
		EvaluationPeriods:  jsii.Number(step.Minutes),
		Metrics:            queries,
		// No data is no reason to change anything.
		TreatMissingData: jsii.String("notBreaching"),
	})
}

// stepSeries are the metric as it is.
func (m *Microservice) stepSeries(metric scaling.Metric) []series {
	switch {
	case !metric.Own():
		return []series{seriesOf(metric)}
	case metric.ID == scaling.CPU().ID:
		return []series{m.utilization("use", "CPUUtilization", "Average")}
	case metric.ID == scaling.Memory().ID:
		return []series{m.utilization("use", "MemoryUtilization", "Average")}
	}
	return m.requests()
}

func (m *Microservice) addSchedule(schedule scaling.Schedule) {
	action := &awsapplicationautoscaling.ScalingSchedule{
		Schedule:    awsapplicationautoscaling.Schedule_Expression(jsii.String(schedule.Expression)),
		MinCapacity: jsii.Number(schedule.Min),
		MaxCapacity: jsii.Number(schedule.Max),
	}
	if schedule.TimeZone != "" {
		action.TimeZone = awscdk.TimeZone_Of(jsii.String(schedule.TimeZone))
	}
	m.scalable.ScaleOnSchedule(jsii.String(schedule.Name), action)
}

// backlog is the policy of a service that is scaled by a queue, and the queue once the service consumes one.
type backlog struct {
	policy scaling.Policy
	queue  *store.Queue
}

// consume scales the service by the queue that it has begun to consume, if its policy has a Backlog. It takes one queue:
// a target in messages of two queues would be right for neither, since they are not worked on equally fast.
func (m *Microservice) consume(queues []store.Queue) error {
	target := m.backlog.policy.Backlog
	if target == (scaling.Backlog{}) {
		return nil
	}
	for _, queue := range queues {
		switch {
		case m.backlog.queue != nil && *m.backlog.queue == queue:
			continue
		case m.backlog.queue != nil:
			return fmt.Errorf("Uses: Scaling.Backlog counts the messages of one queue, and the service consumes another already: let a service of its own consume each")
		case queue.VisibilityTimeout > 0 && queue.VisibilityTimeout < target.MessageDuration:
			return fmt.Errorf("Uses: a message takes %s (Scaling.Backlog.MessageDuration), and the queue gives it to another task after %s: set its VisibilityTimeout to more",
				target.MessageDuration, queue.VisibilityTimeout)
		}
		m.backlog.queue = &queue
		m.holdSeries(m.backlog.policy, "Backlog", target.PerTask(), m.perRunningTask(series{
			id: "messages", namespace: "AWS/SQS", name: "ApproximateNumberOfMessagesVisible", statistic: "Maximum",
			dimensions: map[string]string{"QueueName": queue.Name},
		}))
	}
	return nil
}

// needsQueue finds a service that is to be scaled by a queue and consumes none, which only the whole app shows.
type needsQueue struct{ service *Microservice }

var _ constructs.IValidation = (*needsQueue)(nil)

// Validate is called before synthesis.
func (n *needsQueue) Validate() *[]*string {
	if n.service.backlog.queue != nil {
		return &[]*string{}
	}
	return jsii.Strings("Scaling.Backlog counts the messages of a queue, and the service consumes none: let it use one, such as worker.Uses(orders, queue.Consume)")
}
