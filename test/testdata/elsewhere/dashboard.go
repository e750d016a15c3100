package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/constructs/service"
)

// newDashboard is a custom feature: a dashboard of any service, whose name the service has in an environment variable,
// with an alarm of the service.
func newDashboard(of service.Service, id string) awscloudwatch.Dashboard {
	// An explicit name: the task has it, and the dashboard names the service that runs the task.
	name := *awscdk.Stack_Of(of).StackName() + "-" + of.Name()
	board := awscloudwatch.NewDashboard(of, jsii.String(id), &awscloudwatch.DashboardProps{DashboardName: jsii.String(name)})
	graph := func(title string, metrics ...metric.Metric) awscloudwatch.IWidget {
		return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{Title: jsii.String(of.Name() + ": " + title), Left: render.Graph(metrics...)})
	}
	m := of.Metrics()
	board.AddWidgets(graph("requests", m.Requests(), m.Failed(1)), graph("latency", m.Latency(50, 1), m.Latency(99, 1)), graph("tasks", m.CPU(), m.Memory()))
	of.SetVariable("DASHBOARD_NAME", name)
	of.AddAlarm(id, alarm.Alarm{
		ID: "Quiet", Metric: m.Requests(), Comparison: alarm.Below, Threshold: 1, Periods: 60, Missing: alarm.Breaching,
		Meaning: "no requests to " + of.Name() + " for an hour.",
		LookAt:  [3]string{"the pages that call it.", "the routes of the API.", "the alarms of its callers."},
	})
	of.Track("OpenReports", metric.Metric{Namespace: "Finance", Name: "OpenReports", Statistic: metric.Maximum}, 10)
	return board
}
