package render

import (
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Alarm sets the metric in the props of an alarm: by its name, or as metric math if it is an expression.
func Alarm(m metric.Metric, props *awscloudwatch.CfnAlarmProps) {
	queries := m.Queries()
	if m = queries[0].Metric; m.Expression == "" {
		props.Namespace = jsii.String(m.Namespace)
		props.MetricName = jsii.String(m.Name)
		props.Dimensions = alarmDimensions(m)
		props.Statistic, props.ExtendedStatistic = alarmStatistic(m)
		props.Period = jsii.Number(m.Period.Seconds())
		return
	}
	all := make([]*awscloudwatch.CfnAlarm_MetricDataQueryProperty, len(queries))
	for n, query := range queries {
		property := &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id:         jsii.String(query.ID),
			Label:      cdkx.OptionalString(query.Metric.Label),
			Expression: cdkx.OptionalString(query.Metric.Expression),
			ReturnData: jsii.Bool(query.Result),
		}
		if query.Metric.Expression == "" {
			property.MetricStat = &awscloudwatch.CfnAlarm_MetricStatProperty{
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{
					Namespace:  jsii.String(query.Metric.Namespace),
					MetricName: jsii.String(query.Metric.Name),
					Dimensions: alarmDimensions(query.Metric),
				},
				Period: jsii.Number(query.Metric.Period.Seconds()),
				Stat:   jsii.String(query.Metric.Statistic),
			}
		}
		all[n] = property
	}
	props.Metrics = &all
}

// alarmStatistic sets one of two fields, since CloudWatch has a separate one for percentiles.
func alarmStatistic(m metric.Metric) (simple, extended *string) {
	switch m.Statistic {
	case metric.Average, metric.Sum, metric.Minimum, metric.Maximum, metric.SampleCount:
		return jsii.String(m.Statistic), nil
	}
	return nil, jsii.String(m.Statistic)
}

func alarmDimensions(m metric.Metric) any {
	return dimensions(m, func(name, value *string) any {
		return &awscloudwatch.CfnAlarm_DimensionProperty{Name: name, Value: value}
	})
}

// Tracking returns the metric in the form of a target tracking policy of Application Auto Scaling, which has no
// periods.
func Tracking(m metric.Metric) *awsapplicationautoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty {
	queries := m.Queries()
	all := make([]any, len(queries))
	for n, query := range queries {
		property := &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{
			Id:         jsii.String(query.ID),
			Label:      cdkx.OptionalString(query.Metric.Label),
			Expression: cdkx.OptionalString(query.Metric.Expression),
			ReturnData: jsii.Bool(query.Result),
		}
		if query.Metric.Expression == "" {
			property.MetricStat = &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricStatProperty{
				Metric: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricProperty{
					Namespace:  jsii.String(query.Metric.Namespace),
					MetricName: jsii.String(query.Metric.Name),
					Dimensions: trackingDimensions(query.Metric),
				},
				Stat: jsii.String(query.Metric.Statistic),
			}
		}
		all[n] = property
	}
	return &awsapplicationautoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty{Metrics: all}
}

func trackingDimensions(m metric.Metric) any {
	return dimensions(m, func(name, value *string) any {
		return &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDimensionProperty{Name: name, Value: value}
	})
}

// dimensions returns the dimensions in the order of their names, or nil if there are none: the CDK treats an empty list
// differently.
func dimensions(m metric.Metric, property func(name, value *string) any) any {
	if len(m.Dimensions) == 0 {
		return nil
	}
	all := make([]any, 0, len(m.Dimensions))
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		all = append(all, property(jsii.String(name), jsii.String(m.Dimensions[name])))
	}
	return all
}

// Graph returns the metrics of one side of a graph on a dashboard, as CloudWatch's constructs, without those that are zero.
// IDs of metric math must be unique in a graph, on both of its sides, so each metric's IDs end with a hash of the metric and
// its number.
func Graph(metrics ...metric.Metric) *[]awscloudwatch.IMetric {
	all := []awscloudwatch.IMetric{}
	for _, m := range metrics {
		if !m.IsZero() {
			all = append(all, graphed(m.WithDefaults(), fmt.Sprintf("_%s_%d", hash(m), len(all)+1)))
		}
	}
	return &all
}

// token matches a token of the CDK, whose number changes when the program is changed elsewhere.
var token = regexp.MustCompile(`\$\{Token\[[^]]*\]\}`)

// hash returns the same for a metric in every graph.
func hash(m metric.Metric) string {
	sum := fnv.New32a()
	for _, query := range m.Queries() {
		query.Metric.Over = nil // they are queries themselves
		sum.Write([]byte(token.ReplaceAllString(fmt.Sprintf("%+v", query), "")))
	}
	return fmt.Sprintf("%08x", sum.Sum32())
}

func graphed(m metric.Metric, suffix string) awscloudwatch.IMetric {
	if m.Expression == "" {
		props := &awscloudwatch.MetricProps{
			Namespace:  jsii.String(m.Namespace),
			MetricName: jsii.String(m.Name),
			Statistic:  jsii.String(m.Statistic),
			Label:      cdkx.OptionalString(m.Label),
			Period:     awscdk.Duration_Seconds(jsii.Number(m.Period.Seconds())),
		}
		if len(m.Dimensions) > 0 {
			values := map[string]*string{}
			for name, value := range m.Dimensions {
				values[name] = jsii.String(value)
			}
			props.DimensionsMap = &values
		}
		return awscloudwatch.NewMetric(props)
	}
	over := map[string]awscloudwatch.IMetric{}
	for id, other := range m.Over {
		over[id+suffix] = graphed(other, suffix)
	}
	expression := identifier.ReplaceAllStringFunc(m.Expression, func(word string) string {
		if _, known := m.Over[word]; known {
			return word + suffix
		}
		return word
	})
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String(expression),
		UsingMetrics: &over,
		Label:        cdkx.OptionalString(m.Label),
		Period:       awscdk.Duration_Seconds(jsii.Number(m.Period.Seconds())),
	})
}

// identifier matches an ID or the name of a function in an expression.
var identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
