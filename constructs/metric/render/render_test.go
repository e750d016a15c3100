package render

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

var (
	orders = metric.Metric{
		Label: "Orders", Namespace: "Shop", Name: "Orders", Dimensions: map[string]string{"Stage": "live", "Shop": "eu"}, Statistic: metric.Sum, Period: 5 * time.Minute,
	}
	share = metric.Metric{Label: "Refused, percent", Expression: "100 * refused / all", Over: map[string]metric.Metric{
		"refused": {Namespace: "Shop", Name: "Refused", Statistic: "p99"}, "all": orders,
	}}
)

func TestAlarmOnANumber(t *testing.T) {
	percentile := orders
	percentile.Statistic, percentile.Dimensions, percentile.Period = "p99.9", nil, 0
	dimensions := []any{
		&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String("Shop"), Value: jsii.String("eu")},
		&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String("Stage"), Value: jsii.String("live")},
	}
	for name, c := range map[string]struct {
		metric metric.Metric
		want   awscloudwatch.CfnAlarmProps
	}{
		"a statistic": {orders, awscloudwatch.CfnAlarmProps{
			Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders"), Dimensions: dimensions, Statistic: jsii.String("Sum"), Period: jsii.Number(300),
		}},
		"a percentile": {percentile, awscloudwatch.CfnAlarmProps{
			Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders"), ExtendedStatistic: jsii.String("p99.9"), Period: jsii.Number(60),
		}},
		"the default statistic": {metric.Metric{Namespace: "Shop", Name: "Orders"}, awscloudwatch.CfnAlarmProps{
			Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders"), Statistic: jsii.String("Average"), Period: jsii.Number(60),
		}},
	} {
		var got awscloudwatch.CfnAlarmProps
		Alarm(c.metric, &got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAlarmOnAnExpression(t *testing.T) {
	got := awscloudwatch.CfnAlarmProps{AlarmName: jsii.String("kept")}
	Alarm(share, &got)
	want := awscloudwatch.CfnAlarmProps{AlarmName: jsii.String("kept"), Metrics: &[]*awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		{Id: jsii.String("watched"), Label: jsii.String("Refused, percent"), Expression: jsii.String("100 * refused / all"), ReturnData: jsii.Bool(true)},
		{Id: jsii.String("all"), Label: jsii.String("Orders"), ReturnData: jsii.Bool(false), MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders"), Dimensions: []any{
				&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String("Shop"), Value: jsii.String("eu")},
				&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String("Stage"), Value: jsii.String("live")},
			}},
			Period: jsii.Number(300), Stat: jsii.String("Sum"),
		}},
		{Id: jsii.String("refused"), ReturnData: jsii.Bool(false), MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{Namespace: jsii.String("Shop"), MetricName: jsii.String("Refused")},
			Period: jsii.Number(60), Stat: jsii.String("p99"),
		}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("props (-want +got):\n%s", diff)
	}
}

func TestTracking(t *testing.T) {
	type (
		query      = awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty
		stat       = awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricStatProperty
		metricOf   = awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricProperty
		dimension  = awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDimensionProperty
		customized = awsapplicationautoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty
	)
	want := &customized{Metrics: []any{
		&query{Id: jsii.String("watched"), Label: jsii.String("Refused, percent"), Expression: jsii.String("100 * refused / all"), ReturnData: jsii.Bool(true)},
		&query{Id: jsii.String("all"), Label: jsii.String("Orders"), ReturnData: jsii.Bool(false), MetricStat: &stat{
			Metric: &metricOf{Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders"), Dimensions: []any{
				&dimension{Name: jsii.String("Shop"), Value: jsii.String("eu")}, &dimension{Name: jsii.String("Stage"), Value: jsii.String("live")},
			}},
			Stat: jsii.String("Sum"),
		}},
		&query{Id: jsii.String("refused"), ReturnData: jsii.Bool(false), MetricStat: &stat{
			Metric: &metricOf{Namespace: jsii.String("Shop"), MetricName: jsii.String("Refused")}, Stat: jsii.String("p99"),
		}},
	}}
	if diff := cmp.Diff(want, Tracking(share)); diff != "" {
		t.Errorf("an expression (-want +got):\n%s", diff)
	}
	want = &customized{Metrics: []any{
		&query{Id: jsii.String("watched"), ReturnData: jsii.Bool(true), MetricStat: &stat{
			Metric: &metricOf{Namespace: jsii.String("Shop"), MetricName: jsii.String("Late")}, Stat: jsii.String("Average"),
		}},
	}}
	if diff := cmp.Diff(want, Tracking(metric.Metric{Namespace: "Shop", Name: "Late"})); diff != "" {
		t.Errorf("a number (-want +got):\n%s", diff)
	}
}
