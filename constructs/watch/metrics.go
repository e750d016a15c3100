package watch

import (
	"fmt"
	"strings"
	"time"
)

// Metric is a number that CloudWatch keeps, or an expression over such numbers, as a plain value: an alarm compares it,
// a dashboard can draw it, and a test needs no CDK to read it. Values of dimensions may be CDK tokens.
type Metric struct {
	// Label says to people what the number is.
	Label string
	// Namespace, Name, Dimensions and Statistic find a number. They are empty for an expression.
	Namespace, Name string
	Dimensions      map[string]string
	Statistic       string
	// Expression is CloudWatch's metric math over the metrics of Over, by their ids. It is empty for a number.
	Expression string
	Over       map[string]Metric
	// Period is what one datapoint covers.
	Period time.Duration
}

// minute is the period of every metric here: balancer, tables, queues and ECS publish each minute, and a canary is
// baked for five.
const minute = time.Minute

// The statistics that the metrics here are read by.
const (
	average = "Average"
	maximum = "Maximum"
	minimum = "Minimum"
	sum     = "Sum"
)

// MaxMetricsOfAnAlarm is how many numbers the expression of one alarm may be over.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-data-queries.html
const MaxMetricsOfAnAlarm = 10

// Count is how many numbers the metric is over, which is what CloudWatch bills an alarm on it by.
func (m Metric) Count() int {
	if m.Expression == "" {
		return 1
	}
	count := 0
	for _, other := range m.Over {
		count += other.Count()
	}
	return count
}

// Targets are where the balancer sends a service's requests, by the full names that CloudWatch knows them by. With a
// gradual deployment there are two groups, of which either may be live: shares and latency are those of the worse one,
// so that a canary that fails is seen although the whole looks well.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
type Targets struct {
	Balancer string
	Groups   []string
}

// Requests is how many requests a minute reached a task.
func (t Targets) Requests() Metric {
	return t.total("Requests a minute", "requests", func(group string) Metric { return t.count(group, "RequestCount") })
}

// Failed is the share of requests that a task answered with 5xx, or could not be asked, in percent. It is 0 where a
// minute had fewer than minRequests.
func (t Targets) Failed(minRequests int) Metric {
	return t.worst(from("Failed requests, percent", minRequests), func(n int, group string) Metric {
		return t.share(n, group, minRequests, map[string]string{
			"failed": "HTTPCode_Target_5XX_Count", "refused": "TargetConnectionErrorCount",
		}, fmt.Sprintf("(FILL(failed%d, 0) + FILL(refused%d, 0))", n, n))
	})
}

// Rejected is the share of requests that a task answered with 4xx, in percent. It is 0 where a minute had fewer than
// minRequests.
func (t Targets) Rejected(minRequests int) Metric {
	return t.worst(from("Rejected requests, percent", minRequests), func(n int, group string) Metric {
		return t.share(n, group, minRequests, map[string]string{
			"rejected": "HTTPCode_Target_4XX_Count",
		}, fmt.Sprintf("FILL(rejected%d, 0)", n))
	})
}

// Latency is the time in seconds within which a task began to answer that percentile of requests, such as 50 or 99. It
// is 0 where a minute had fewer than minRequests.
func (t Targets) Latency(percentile, minRequests int) Metric {
	return t.worst(from(fmt.Sprintf("Latency, p%d in seconds", percentile), minRequests), func(n int, group string) Metric {
		return Metric{
			Expression: fmt.Sprintf("IF(requests%d >= %d, latency%d, 0)", n, minRequests, n),
			Over: map[string]Metric{
				fmt.Sprint("requests", n): t.count(group, "RequestCount"),
				fmt.Sprint("latency", n):  t.metric(group, "TargetResponseTime", fmt.Sprint("p", percentile)),
			},
			Period: minute,
		}
	})
}

// Healthy is how many tasks the balancer may send requests to, in all groups. Nodes of the balancer may disagree for
// seconds, and the one that sees fewest counts.
func (t Targets) Healthy() Metric {
	return t.total("Healthy tasks", "healthy", func(group string) Metric { return t.metric(group, "HealthyHostCount", minimum) })
}

// share is the part of a group's requests that matches, in percent. The balancer publishes no zeros: requests that are
// missing were none, and the others are filled in.
func (t Targets) share(n int, group string, minRequests int, names map[string]string, matching string) Metric {
	over := map[string]Metric{fmt.Sprint("requests", n): t.count(group, "RequestCount")}
	for id, name := range names {
		over[fmt.Sprint(id, n)] = t.count(group, name)
	}
	return Metric{
		Expression: fmt.Sprintf("IF(requests%d >= %d, 100 * %s / requests%d, 0)", n, minRequests, matching, n),
		Over:       over,
		Period:     minute,
	}
}

// from says from how many requests on a metric counts.
func from(label string, minRequests int) string {
	return fmt.Sprintf("%s, from %d requests a minute", label, minRequests)
}

// worst is the highest of what each gives for the groups, counted from one.
func (t Targets) worst(label string, each func(n int, group string) Metric) Metric {
	if len(t.Groups) == 1 {
		metric := each(1, t.Groups[0])
		metric.Label = label
		return metric
	}
	over := map[string]Metric{}
	var ids []string
	for i, group := range t.Groups {
		id := fmt.Sprint("group", i+1)
		over[id] = each(i+1, group)
		ids = append(ids, "FILL("+id+", 0)")
	}
	return Metric{Label: label, Expression: "MAX([" + strings.Join(ids, ", ") + "])", Over: over, Period: minute}
}

// total is the sum of what each gives for the groups.
func (t Targets) total(label, id string, each func(group string) Metric) Metric {
	if len(t.Groups) == 1 {
		metric := each(t.Groups[0])
		metric.Label = label
		return metric
	}
	over := map[string]Metric{}
	var ids []string
	for i, group := range t.Groups {
		over[fmt.Sprint(id, i+1)] = each(group)
		ids = append(ids, fmt.Sprintf("FILL(%s%d, 0)", id, i+1))
	}
	return Metric{Label: label, Expression: strings.Join(ids, " + "), Over: over, Period: minute}
}

func (t Targets) count(group, name string) Metric { return t.metric(group, name, sum) }

func (t Targets) metric(group, name, statistic string) Metric {
	return Metric{
		Namespace:  "AWS/ApplicationELB",
		Name:       name,
		Dimensions: map[string]string{"LoadBalancer": t.Balancer, "TargetGroup": group},
		Statistic:  statistic,
		Period:     minute,
	}
}

// Tasks are the running copies of a service.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
type Tasks struct{ Cluster, Service string }

// CPU is the share of their processors that the tasks use on average, in percent.
func (t Tasks) CPU() Metric {
	return t.metric("CPU, percent", "AWS/ECS", "CPUUtilization", average)
}

// Memory is the share of its memory that the fullest task uses, in percent: the average hides the one that is about to
// be killed.
func (t Tasks) Memory() Metric {
	return t.metric("Memory, percent", "AWS/ECS", "MemoryUtilization", maximum)
}

// Missing is how many tasks fewer run than the service wants. It is there where the cluster has Container Insights.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
func (t Tasks) Missing() Metric {
	return Metric{
		Label:      "Missing tasks",
		Expression: "desired - running",
		Over: map[string]Metric{
			"desired": t.metric("", "ECS/ContainerInsights", "DesiredTaskCount", average),
			"running": t.metric("", "ECS/ContainerInsights", "RunningTaskCount", average),
		},
		Period: minute,
	}
}

func (t Tasks) metric(label, namespace, name, statistic string) Metric {
	return Metric{
		Label:      label,
		Namespace:  namespace,
		Name:       name,
		Dimensions: map[string]string{"ClusterName": t.Cluster, "ServiceName": t.Service},
		Statistic:  statistic,
		Period:     minute,
	}
}

// Table is a DynamoDB table, by its name.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
type Table string

// ThrottledReads is how many reads a minute DynamoDB refused for now. The table's own number leaves out its indexes,
// which only queries and scans read; one that met both is counted twice.
func (t Table) ThrottledReads() Metric {
	return t.sum("Throttled reads a minute", map[string]Metric{
		"table":   t.count("ReadThrottleEvents", ""),
		"queries": t.count("ThrottledRequests", "Query"),
		"scans":   t.count("ThrottledRequests", "Scan"),
	}, "table", "queries", "scans")
}

// ThrottledWrites is how many writes a minute DynamoDB refused for now. The table's own number leaves out its indexes,
// to which each write of an item goes too; one that met both is counted twice.
func (t Table) ThrottledWrites() Metric {
	return t.sum("Throttled writes a minute", map[string]Metric{
		"table":   t.count("WriteThrottleEvents", ""),
		"puts":    t.count("ThrottledRequests", "PutItem"),
		"updates": t.count("ThrottledRequests", "UpdateItem"),
		"deletes": t.count("ThrottledRequests", "DeleteItem"),
	}, "table", "puts", "updates", "deletes")
}

// operations are all that read or write items, as many as one alarm may be over. DynamoDB counts its own errors by
// operation alone.
var operations = []string{
	"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems",
	"PutItem", "BatchWriteItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
}

// SystemErrors is how many requests a minute failed inside DynamoDB.
func (t Table) SystemErrors() Metric {
	over := map[string]Metric{}
	var ids []string
	for _, operation := range operations {
		id := strings.ToLower(operation)
		over[id] = t.count("SystemErrors", operation)
		ids = append(ids, id)
	}
	return t.sum("Errors of DynamoDB a minute", over, ids...)
}

func (t Table) sum(label string, over map[string]Metric, ids ...string) Metric {
	filled := make([]string, len(ids))
	for i, id := range ids {
		filled[i] = "FILL(" + id + ", 0)"
	}
	return Metric{Label: label, Expression: strings.Join(filled, " + "), Over: over, Period: minute}
}

func (t Table) count(name, operation string) Metric {
	dimensions := map[string]string{"TableName": string(t)}
	if operation != "" {
		dimensions["Operation"] = operation
	}
	return Metric{Namespace: "AWS/DynamoDB", Name: name, Dimensions: dimensions, Statistic: sum, Period: minute}
}

// Queue is an SQS queue, by its name.
//
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
type Queue string

// Age is how long the oldest message has waited, in seconds.
func (q Queue) Age() Metric {
	return q.metric("Age of the oldest message, seconds", "ApproximateAgeOfOldestMessage")
}

// Waiting is how many messages can be received.
func (q Queue) Waiting() Metric {
	return q.metric("Waiting messages", "ApproximateNumberOfMessagesVisible")
}

// Added is by how many the messages in the queue grew in a minute. It is what a dead-letter queue is watched by: a queue
// that moves messages there does not count them as sent, and their mere number would stay up until somebody has
// emptied the queue, and hide all that happens meanwhile. Messages that somebody has received count too: whoever looks at
// one takes it from those that wait, and it comes back.
func (q Queue) Added() Metric {
	waiting := q.Waiting()
	waiting.Label = ""
	return Metric{
		Label: "New messages a minute", Expression: "DIFF(FILL(waiting, 0) + FILL(received, 0))",
		Over:   map[string]Metric{"waiting": waiting, "received": q.metric("", "ApproximateNumberOfMessagesNotVisible")},
		Period: minute,
	}
}

func (q Queue) metric(label, name string) Metric {
	return Metric{
		Label: label, Namespace: "AWS/SQS", Name: name,
		Dimensions: map[string]string{"QueueName": string(q)}, Statistic: maximum, Period: minute,
	}
}
