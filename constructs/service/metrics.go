package service

import (
	"fmt"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics are what CloudWatch knows of a service: of the requests that reach it, and of its tasks. Each method gives a
// metric as a plain value, for an alarm, a scaling policy or a dashboard. Metrics of requests are zero for a worker, which
// gets none.
type Metrics struct {
	Targets
	Tasks
}

// minute is the period of every metric here: load balancers and ECS publish each minute, and a canary is baked for five.
const minute = time.Minute

// Targets are the target groups to which the load balancer sends a service's requests, by the full names that CloudWatch
// knows them by. With a gradual deployment there are two groups, of which either may be live: shares and latency are those
// of the worse one, so that a canary that fails is seen although the whole looks well.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
type Targets struct {
	LoadBalancer string
	TargetGroups []string
}

// Requests is how many requests a minute reached a task.
func (t Targets) Requests() metric.Metric {
	return t.total("Requests a minute", "requests", func(group string) metric.Metric { return t.count(group, "RequestCount") })
}

// Failed is the share of requests that a task answered with 5xx, or to which it could not be connected, in percent. It is
// 0 where a minute had fewer than minRequests.
func (t Targets) Failed(minRequests int) metric.Metric {
	return t.worst(from("Failed requests, percent", minRequests), func(n int, group string) metric.Metric {
		return t.share(n, group, minRequests, map[string]string{
			"failed": "HTTPCode_Target_5XX_Count", "refused": "TargetConnectionErrorCount",
		}, fmt.Sprintf("(FILL(failed%d, 0) + FILL(refused%d, 0))", n, n))
	})
}

// Rejected is the share of requests that a task answered with 4xx, in percent. It is 0 where a minute had fewer than
// minRequests.
func (t Targets) Rejected(minRequests int) metric.Metric {
	return t.worst(from("Rejected requests, percent", minRequests), func(n int, group string) metric.Metric {
		return t.share(n, group, minRequests, map[string]string{
			"rejected": "HTTPCode_Target_4XX_Count",
		}, fmt.Sprintf("FILL(rejected%d, 0)", n))
	})
}

// Latency is the time in seconds within which a task began to answer that percentile of requests, such as 50 or 99. It is
// 0 where a minute had fewer than minRequests.
func (t Targets) Latency(percentile, minRequests int) metric.Metric {
	return t.worst(from(fmt.Sprintf("Latency, p%d in seconds", percentile), minRequests), func(n int, group string) metric.Metric {
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

// HealthyTasks is how many tasks the load balancer may send requests to, in all target groups. Nodes of the load balancer
// may disagree for seconds, and the one that sees fewest counts.
func (t Targets) HealthyTasks() metric.Metric {
	return t.total("Healthy tasks", "healthy", func(group string) metric.Metric { return t.of(group, "HealthyHostCount", metric.Minimum) })
}

// RequestsPerTask is how many requests a minute each task has to answer. It adds what the targets of each group get: one
// group is idle and gets nothing, or each gets its share while a deployment moves requests, so that the sum is what a task
// has to answer whichever group is live.
//
// SUM adds what there is at each moment. A group without requests has no data, and a sum by + would have none either; filled
// with zeros it would, but then also for the last minute, of which no data has come yet, and the three minutes in a row
// above the target that it takes to start tasks might never be seen.
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

// share is the part of a group's requests that matches, in percent. The load balancer publishes no zeros: requests that are
// missing were none, and the others are filled in.
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

// from says from how many requests on a metric counts.
func from(label string, minRequests int) string {
	return fmt.Sprintf("%s, from %d requests a minute", label, minRequests)
}

// worst is the highest of what metricOf gives for the groups, counted from one.
func (t Targets) worst(label string, metricOf func(n int, group string) metric.Metric) metric.Metric {
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

// total is the sum of what metricOf gives for the groups.
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

// each gives each group's metric an ID, which ends in the group's number, counted from one.
func (t Targets) each(id string, metricOf func(group string) metric.Metric) (over map[string]metric.Metric, ids []string) {
	over = map[string]metric.Metric{}
	for i, group := range t.TargetGroups {
		ids = append(ids, fmt.Sprint(id, i+1))
		over[ids[i]] = metricOf(group)
	}
	return over, ids
}

// filled has zero where a metric has no data.
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

// CPU is the share of their CPU that the tasks use on average, in percent.
func (t Tasks) CPU() metric.Metric {
	return t.metric("CPU, percent", "AWS/ECS", "CPUUtilization", metric.Average)
}

// Memory is the share of its memory that the fullest task uses, in percent: the average hides the one that is about to be
// stopped.
func (t Tasks) Memory() metric.Metric {
	return t.metric("Memory, percent", "AWS/ECS", "MemoryUtilization", metric.Maximum)
}

// AverageMemory is the share of their memory that the tasks use on average, in percent.
func (t Tasks) AverageMemory() metric.Metric {
	return t.metric("Memory on average, percent", "AWS/ECS", "MemoryUtilization", metric.Average)
}

// Running is how many tasks run: the number of samples of CPU use that the service has in a minute, each task giving one.
// It costs nothing, where RunningTaskCount takes Container Insights, and holds as long as the service does not ask ECS for
// samples every 20 seconds.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
func (t Tasks) Running() metric.Metric {
	return t.metric("Running tasks", "AWS/ECS", "CPUUtilization", metric.SampleCount)
}

// PerTask is a metric of the whole service, divided by the number of running tasks.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
func (t Tasks) PerTask(total metric.Metric) metric.Metric {
	return metric.Metric{
		Expression: "total / running",
		Over:       map[string]metric.Metric{"total": total, "running": t.Running()},
	}
}

// Missing is how many tasks fewer run than the service wants. It is there where the cluster has Container Insights.
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
