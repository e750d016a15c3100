package microservice

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// addSteps defines a policy and an alarm for the intervals that start tasks, and for those that stop them.
func (m *Microservice) addSteps(step scaling.StepPolicy) {
	if line, intervals, ok := step.Out(); ok {
		id := step.Measure.ID + "StepsOut"
		action := m.newStepPolicy(id, m.props.Scaling.ScaleOutCooldown.Seconds(), line, intervals)
		m.newStepAlarm(id, fmt.Sprintf("Starts tasks of %s while %s is at or above %v: part of scaling, no action required", m.Name(), step.Measure.ID, line),
			m.measured(step.Measure), step.Minutes, alarm.AtLeast, line, action)
	}
	if line, intervals, ok := step.In(); ok {
		id := step.Measure.ID + "StepsIn"
		action := m.newStepPolicy(id, m.props.Scaling.ScaleInCooldown.Seconds(), line, intervals)
		m.newStepAlarm(id, fmt.Sprintf("Stops tasks of %s while %s is below %v: part of scaling, no action required", m.Name(), step.Measure.ID, line),
			m.measured(step.Measure), step.Minutes, alarm.Below, line, action)
	}
}

// newStepPolicy converts the intervals to step adjustments of Application Auto Scaling: distances from the threshold,
// without the outer bound of the outermost.
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

// newStepAlarm defines the alarm that triggers scaling. It requires no action, and so is on no page.
func (m *Microservice) newStepAlarm(id, description string, of metric.Metric, minutes int, comparison alarm.Comparison, line float64, action awsapplicationautoscaling.CfnScalingPolicy) {
	props := &awscloudwatch.CfnAlarmProps{
		AlarmDescription:   jsii.String(description),
		AlarmActions:       &[]any{action.Ref()},
		ComparisonOperator: jsii.String(string(comparison)),
		Threshold:          jsii.Number(line),
		EvaluationPeriods:  jsii.Number(minutes),
		// Missing data changes nothing.
		TreatMissingData: jsii.String(string(alarm.NotBreaching)),
	}
	render.Alarm(of, props)
	awscloudwatch.NewCfnAlarm(m.scalable, jsii.String(id+"Alarm"), props)
}

// measured returns the metric of a measure as it is, and not for each task.
func (m *Microservice) measured(measure scaling.Measure) metric.Metric {
	switch {
	case !measure.Own():
		return measure.Metric
	case measure.ID == scaling.CPU().ID:
		return m.metrics.CPU()
	case measure.ID == scaling.Memory().ID:
		return m.metrics.AverageMemory()
	}
	return m.metrics.RequestsPerTask()
}
