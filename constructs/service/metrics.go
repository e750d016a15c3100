package service

import (
	"fmt"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics are a service's CloudWatch metrics: of its requests and its tasks. Each method returns a metric as a plain
// value, for an alarm, a scaling policy or a dashboard. Metrics of requests are zero for a worker, which gets none.
type Metrics struct {
	Targets
	Tasks
}

// minute is the period of every metric here: load balancers and ECS publish each minute, and a canary is baked for
// five.
const minute = time.Minute

// Targets are the target groups to which the load balancer sends a service's requests, by their full names, which
// CloudWatch uses. With a gradual deployment there are two groups, either of which may be live: shares and latency are
// the higher value of the two, so that a canary that fails is detected even if the overall value is normal.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
type Targets struct {
	LoadBalancer string
	TargetGroups []string
}

// Requests returns the number of requests a minute that reached a task.
func (t Targets) Requests() metric.Metric {
	return t.total("Requests a minute", "requests", func(group string) metric.Metric { return t.count(group, "RequestCount") })
}

// Failed returns the percentage of requests with a 5xx response from a task or without a connection to one. It is 0 in
// a minute with fewer than minRequests.
func (t Targets) Failed(minRequests int) metric.Metric {
	return t.highest(from("Failed requests, percent", minRequests), func(n int, group string) metric.Metric {
		return t.share(n, group, minRequests, map[string]string{
			"failed": "HTTPCode_Target_5XX_Count", "refused": "TargetConnectionErrorCount",
		}, fmt.Sprintf("(FILL(failed%d, 0) + FILL(refused%d, 0))", n, n))
	})
}

// Rejected returns the percentage of requests with a 4xx response from a task. It is 0 in a minute with fewer than
// minRequests.
func (t Targets) Rejected(minRequests int) metric.Metric {
	return t.highest(from("Rejected requests, percent", minRequests), func(n int, group string) metric.Metric {
		return t.share(n, group, minRequests, map[string]string{
			"rejected": "HTTPCode_Target_4XX_Count",
		}, fmt.Sprintf("FILL(rejected%d, 0)", n))
	})
}

// Latency returns a percentile, such as 50 or 99, of the time in seconds until a task begins to respond. It is 0 in a
// minute with fewer than minRequests.
func (t Targets) Latency(percentile, minRequests int) metric.Metric {
	return t.highest(from(fmt.Sprintf("Latency, p%d in seconds", percentile), minRequests), func(n int, group string) metric.Metric {
		return metric.Metric{
			Expression: fmt.Sprintf("IF(requests%d >= %d, latency%d, 0)", n, minRequests, n),
			Over: map[string]metric.Metric{
				fmt.Sprint("requests", n): t.count(group, "RequestCount"),
				fmt.Sprint("latency", n):  t.of(group, "TargetResponseTime", fmt.Sprint("p", percentile)),
			},
			Period: minute,
		}
	})
}

// HealthyTasks returns the number of healthy targets in all target groups. Nodes of the load balancer may disagree for
// seconds, and the lowest number counts.
func (t Targets) HealthyTasks() metric.Metric {
	return t.total("Healthy tasks", "healthy", func(group string) metric.Metric { return t.of(group, "HealthyHostCount", metric.Minimum) })
}

// RequestsPerTask returns the number of requests a minute that each task handles. It adds the values of both groups:
// one group is idle, or each has its share while a deployment shifts traffic, so that the sum is the load of a task
// whichever group is live.
//
// SUM adds the values that exist at each moment. A group without requests has no data, and a sum by + would have none
// either; filled with zeros it would, but then also for the last minute, whose data have not arrived yet, and the three
// consecutive minutes above the target that start tasks might never occur.
//
// Sources: https://github.com/aws-samples/sample-amazon-ecs-blue-green-deployment-patterns/pull/12 and
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func (t Targets) RequestsPerTask() metric.Metric {
	if len(t.TargetGroups) == 1 {
		return t.count(t.TargetGroups[0], "RequestCountPerTarget")
	}
	over, ids := t.each("group", func(group string) metric.Metric { return t.count(group, "RequestCountPerTarget") })
	if len(ids) == 0 {
		return metric.Metric{}
	}
	return metric.Metric{Expression: "SUM([" + strings.Join(ids, ", ") + "])", Over: over}
}

// share is the percentage of a group's requests that matches. The load balancer does not publish zeros: a minute
// without requests has no data, and the other metrics are filled with 0.
func (t Targets) share(n int, group string, minRequests int, names map[string]string, matching string) metric.Metric {
	over := map[string]metric.Metric{fmt.Sprint("requests", n): t.count(group, "RequestCount")}
	for id, name := range names {
		over[fmt.Sprint(id, n)] = t.count(group, name)
	}
	return metric.Metric{
		Expression: fmt.Sprintf("IF(requests%d >= %d, 100 * %s / requests%d, 0)", n, minRequests, matching, n),
		Over:       over,
		Period:     minute,
	}
}

// from appends to a label the number of requests from which a metric counts, unless each counts.
func from(label string, minRequests int) string {
	if minRequests <= 1 {
		return label
	}
	return fmt.Sprintf("%s, from %d requests a minute", label, minRequests)
}

// highest is the highest value of the groups' metrics, as metricOf returns them, counted from one.
func (t Targets) highest(label string, metricOf func(n int, group string) metric.Metric) metric.Metric {
	if len(t.TargetGroups) == 1 {
		only := metricOf(1, t.TargetGroups[0])
		only.Label = label
		return only
	}
	n := 0
	over, ids := t.each("group", func(group string) metric.Metric { n++; return metricOf(n, group) })
	if len(ids) == 0 {
		return metric.Metric{}
	}
	return metric.Metric{Label: label, Expression: "MAX([" + strings.Join(filled(ids), ", ") + "])", Over: over, Period: minute}
}

// total is the sum of the groups' metrics, as metricOf returns them.
func (t Targets) total(label, id string, metricOf func(group string) metric.Metric) metric.Metric {
	if len(t.TargetGroups) == 1 {
		only := metricOf(t.TargetGroups[0])
		only.Label = label
		return only
	}
	over, ids := t.each(id, metricOf)
	if len(ids) == 0 {
		return metric.Metric{}
	}
	return metric.Metric{Label: label, Expression: strings.Join(filled(ids), " + "), Over: over, Period: minute}
}

// each returns each group's metric with an ID that ends in the group's number, counted from one.
func (t Targets) each(id string, metricOf func(group string) metric.Metric) (over map[string]metric.Metric, ids []string) {
	over = map[string]metric.Metric{}
	for i, group := range t.TargetGroups {
		ids = append(ids, fmt.Sprint(id, i+1))
		over[ids[i]] = metricOf(group)
	}
	return over, ids
}

// filled replaces missing data with zero.
func filled(ids []string) []string {
	terms := make([]string, len(ids))
	for i, id := range ids {
		terms[i] = "FILL(" + id + ", 0)"
	}
	return terms
}

func (t Targets) count(group, name string) metric.Metric { return t.of(group, name, metric.Sum) }

func (t Targets) of(group, name, statistic string) metric.Metric {
	return metric.Metric{
		Namespace:  "AWS/ApplicationELB",
		Name:       name,
		Dimensions: map[string]string{"LoadBalancer": t.LoadBalancer, "TargetGroup": group},
		Statistic:  statistic,
		Period:     minute,
	}
}

// Tasks are the tasks of a service, by the names of its cluster and of the service in ECS.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
type Tasks struct{ Cluster, Service string }

// CPU returns the average CPU utilization of the tasks, in percent.
func (t Tasks) CPU() metric.Metric {
	return t.metric("CPU, percent", "AWS/ECS", "CPUUtilization", metric.Average)
}

// Memory returns the memory utilization of the task with the highest, in percent: the average hides a task that is
// about to be stopped.
func (t Tasks) Memory() metric.Metric {
	return t.metric("Memory, percent", "AWS/ECS", "MemoryUtilization", metric.Maximum)
}

// AverageMemory returns the average memory utilization of the tasks, in percent.
func (t Tasks) AverageMemory() metric.Metric {
	return t.metric("Memory on average, percent", "AWS/ECS", "MemoryUtilization", metric.Average)
}

// Running returns the number of running tasks: the number of samples of CPU utilization in a minute, one from each
// task. It is free, whereas RunningTaskCount requires Container Insights, and correct as long as the service does not
// turn on metrics every 20 seconds.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
func (t Tasks) Running() metric.Metric {
	return t.metric("Running tasks", "AWS/ECS", "CPUUtilization", metric.SampleCount)
}

// PerTask returns a metric of the whole service, divided by the number of running tasks. The metric must not itself use
// the IDs serviceTotal and runningTasks.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
func (t Tasks) PerTask(total metric.Metric) metric.Metric {
	return metric.Metric{
		Expression: "serviceTotal / runningTasks",
		Over:       map[string]metric.Metric{"serviceTotal": total, "runningTasks": t.Running()},
	}
}

// Waiting returns a metric of the whole service while no task runs, and 0 while one does: what waits for a first task. The
// metric must not itself use the IDs serviceTotal and runningTasks. A minute whose data on tasks have not arrived yet is like
// one without a task, so that an alarm must require more minutes than data are late.
func (t Tasks) Waiting(total metric.Metric) metric.Metric {
	return metric.Metric{
		Expression: "IF(FILL(runningTasks, 0) < 1, serviceTotal, 0)",
		Over:       map[string]metric.Metric{"serviceTotal": total, "runningTasks": t.Running()},
	}
}

// Missing returns the desired count minus the running tasks. It requires Container Insights on the cluster.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
func (t Tasks) Missing() metric.Metric {
	return metric.Metric{
		Label:      "Missing tasks",
		Expression: "desired - running",
		Over: map[string]metric.Metric{
			"desired": t.metric("", "ECS/ContainerInsights", "DesiredTaskCount", metric.Average),
			"running": t.metric("", "ECS/ContainerInsights", "RunningTaskCount", metric.Average),
		},
		Period: minute,
	}
}

func (t Tasks) metric(label, namespace, name, statistic string) metric.Metric {
	return metric.Metric{
		Label:      label,
		Namespace:  namespace,
		Name:       name,
		Dimensions: map[string]string{"ClusterName": t.Cluster, "ServiceName": t.Service},
		Statistic:  statistic,
		Period:     minute,
	}
}
