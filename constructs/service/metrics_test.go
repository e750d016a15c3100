package service

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/metrictest"
)

var (
	one   = Targets{LoadBalancer: "app/shop/1", TargetGroups: []string{"targetgroup/cart/1"}}
	two   = Targets{LoadBalancer: "app/shop/1", TargetGroups: []string{"targetgroup/cart/1", "targetgroup/cart/2"}}
	tasks = Tasks{Cluster: "shop", Service: "cart"}
)

// labeled are the metrics that alarms compare and dashboards draw.
func labeled(targets Targets) map[string]metric.Metric {
	return map[string]metric.Metric{
		"requests":       targets.Requests(),
		"failed":         targets.Failed(10),
		"rejected":       targets.Rejected(10),
		"median":         targets.Latency(50, 10),
		"slowest":        targets.Latency(99, 100),
		"healthy":        targets.HealthyTasks(),
		"CPU":            tasks.CPU(),
		"memory":         tasks.Memory(),
		"average memory": tasks.AverageMemory(),
		"running":        tasks.Running(),
		"missing":        tasks.Missing(),
	}
}

func TestMetrics(t *testing.T) {
	const (
		first  = " map[LoadBalancer:app/shop/1 TargetGroup:targetgroup/cart/1]"
		second = " map[LoadBalancer:app/shop/1 TargetGroup:targetgroup/cart/2]"
		cart   = " map[ClusterName:shop ServiceName:cart]"
	)
	number := func(name string) map[string]string { return map[string]string{"watched": name} }
	elb := func(name, statistic, group string) string {
		return "AWS/ApplicationELB " + name + " " + statistic + group
	}
	for name, c := range map[string]struct {
		metric            metric.Metric
		label, expression string
		numbers           map[string]string
	}{
		"requests": {one.Requests(), "Requests a minute", "", number(elb("RequestCount", "Sum", first))},
		"requests of two groups": {two.Requests(), "Requests a minute", "FILL(requests1, 0) + FILL(requests2, 0)", map[string]string{
			"requests1": elb("RequestCount", "Sum", first), "requests2": elb("RequestCount", "Sum", second),
		}},
		"failed": {
			one.Failed(10), "Failed requests, percent, from 10 requests a minute",
			"IF(requests1 >= 10, 100 * (FILL(failed1, 0) + FILL(refused1, 0)) / requests1, 0)",
			map[string]string{
				"requests1": elb("RequestCount", "Sum", first),
				"failed1":   elb("HTTPCode_Target_5XX_Count", "Sum", first),
				"refused1":  elb("TargetConnectionErrorCount", "Sum", first),
			},
		},
		"failed of two groups": {
			two.Failed(20), "Failed requests, percent, from 20 requests a minute", "MAX([FILL(group1, 0), FILL(group2, 0)])", map[string]string{
				"requests1": elb("RequestCount", "Sum", first), "requests2": elb("RequestCount", "Sum", second),
				"failed1": elb("HTTPCode_Target_5XX_Count", "Sum", first), "failed2": elb("HTTPCode_Target_5XX_Count", "Sum", second),
				"refused1": elb("TargetConnectionErrorCount", "Sum", first), "refused2": elb("TargetConnectionErrorCount", "Sum", second),
			},
		},
		"rejected": {
			one.Rejected(10), "Rejected requests, percent, from 10 requests a minute",
			"IF(requests1 >= 10, 100 * FILL(rejected1, 0) / requests1, 0)",
			map[string]string{
				"requests1": elb("RequestCount", "Sum", first),
				"rejected1": elb("HTTPCode_Target_4XX_Count", "Sum", first),
			},
		},
		"median": {
			one.Latency(50, 10), "Latency, p50 in seconds, from 10 requests a minute", "IF(requests1 >= 10, latency1, 0)", map[string]string{
				"requests1": elb("RequestCount", "Sum", first),
				"latency1":  elb("TargetResponseTime", "p50", first),
			},
		},
		"slowest": {
			two.Latency(99, 100), "Latency, p99 in seconds, from 100 requests a minute", "MAX([FILL(group1, 0), FILL(group2, 0)])", map[string]string{
				"requests1": elb("RequestCount", "Sum", first), "latency1": elb("TargetResponseTime", "p99", first),
				"requests2": elb("RequestCount", "Sum", second), "latency2": elb("TargetResponseTime", "p99", second),
			},
		},
		"healthy": {one.HealthyTasks(), "Healthy tasks", "", number(elb("HealthyHostCount", "Minimum", first))},
		"healthy in two groups": {two.HealthyTasks(), "Healthy tasks", "FILL(healthy1, 0) + FILL(healthy2, 0)", map[string]string{
			"healthy1": elb("HealthyHostCount", "Minimum", first),
			"healthy2": elb("HealthyHostCount", "Minimum", second),
		}},
		// With two target groups requests come to either, or to both for a while.
		"requests per task": {one.RequestsPerTask(), "", "", number(elb("RequestCountPerTarget", "Sum", first))},
		"requests per task of two groups": {two.RequestsPerTask(), "", "SUM([group1, group2])", map[string]string{
			"group1": elb("RequestCountPerTarget", "Sum", first),
			"group2": elb("RequestCountPerTarget", "Sum", second),
		}},
		"CPU":            {tasks.CPU(), "CPU, percent", "", number("AWS/ECS CPUUtilization Average" + cart)},
		"memory":         {tasks.Memory(), "Memory, percent", "", number("AWS/ECS MemoryUtilization Maximum" + cart)},
		"average memory": {tasks.AverageMemory(), "Memory on average, percent", "", number("AWS/ECS MemoryUtilization Average" + cart)},
		"running":        {tasks.Running(), "Running tasks", "", number("AWS/ECS CPUUtilization SampleCount" + cart)},
		"missing": {tasks.Missing(), "Missing tasks", "desired - running", map[string]string{
			"desired": "ECS/ContainerInsights DesiredTaskCount Average" + cart,
			"running": "ECS/ContainerInsights RunningTaskCount Average" + cart,
		}},
		"per task": {
			tasks.PerTask(metric.Metric{Namespace: "AWS/Kinesis", Name: "IncomingRecords", Statistic: metric.Sum}), "", "serviceTotal / runningTasks", map[string]string{
				"serviceTotal": "AWS/Kinesis IncomingRecords Sum map[]", "runningTasks": "AWS/ECS CPUUtilization SampleCount" + cart,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.metric.Label != c.label {
				t.Errorf("the label is %q, want %q", c.metric.Label, c.label)
			}
			if c.metric.Expression != c.expression {
				t.Errorf("the expression is\n%s\nwant\n%s", c.metric.Expression, c.expression)
			}
			if diff := cmp.Diff(c.numbers, metrictest.Numbers(c.metric)); diff != "" {
				t.Errorf("over (-want +got):\n%s", diff)
			}
			if c.metric.Count() != len(c.numbers) {
				t.Errorf("it counts as %d, want %d", c.metric.Count(), len(c.numbers))
			}
			if err := c.metric.Validate(name); err != nil {
				t.Errorf("it is not valid: %v", err)
			}
			if got := c.metric.WithDefaults().Period; got != time.Minute {
				t.Errorf("the period is %s, want 1m", got)
			}
		})
	}
}

func TestMetricsFitIntoAnAlarm(t *testing.T) {
	for _, targets := range []Targets{one, two} {
		for name, m := range labeled(targets) {
			metrictest.FitsAlarm(t, name, m)
		}
	}
}

// A worker gets no requests.
func TestMetricsOfNoTargetsAreZero(t *testing.T) {
	worker := Metrics{Tasks: tasks}
	for name, m := range map[string]metric.Metric{
		"requests": worker.Requests(), "failed": worker.Failed(10), "rejected": worker.Rejected(10), "latency": worker.Latency(50, 10),
		"healthy": worker.HealthyTasks(), "per task": worker.RequestsPerTask(),
	} {
		if !m.IsZero() {
			t.Errorf("%s is %+v, want no metric", name, m)
		}
	}
	if worker.CPU().IsZero() {
		t.Error("the tasks of a worker have no metric of their CPU")
	}
}

func TestWhatAMinuteMeans(t *testing.T) {
	type minute = metrictest.Minute
	failed, slow, healthy, each := two.Failed(10), two.Latency(99, 100), two.HealthyTasks(), two.RequestsPerTask()
	records := tasks.PerTask(metric.Metric{Namespace: "AWS/Kinesis", Name: "IncomingRecords"})
	for name, c := range map[string]struct {
		metric metric.Metric
		minute minute
		want   float64
	}{
		"one error at night":            {one.Failed(10), minute{"requests1": 1, "failed1": 1}, 0},
		"nine errors of nine":           {one.Failed(10), minute{"requests1": 9, "failed1": 9}, 0},
		"ten errors of ten":             {one.Failed(10), minute{"requests1": 10, "failed1": 10}, 100},
		"nothing failed":                {one.Failed(10), minute{"requests1": 500}, 0},
		"answers and connections":       {one.Failed(10), minute{"requests1": 200, "failed1": 5, "refused1": 15}, 10},
		"no requests at all":            {one.Failed(10), minute{}, math.NaN()},
		"no requests in two groups":     {failed, minute{}, 0},
		"a canary that fails":           {failed, minute{"requests1": 180, "requests2": 20, "failed2": 20}, 100},
		"a canary in the first group":   {failed, minute{"requests1": 20, "failed1": 5, "requests2": 180}, 25},
		"a canary of too few requests":  {failed, minute{"requests1": 80, "requests2": 8, "failed2": 8}, 0},
		"the idle group has no data":    {failed, minute{"requests2": 100, "failed2": 6}, 6},
		"the median":                    {one.Latency(50, 10), minute{"requests1": 10, "latency1": 0.3}, 0.3},
		"a slow canary":                 {slow, minute{"requests1": 900, "latency1": 0.2, "requests2": 100, "latency2": 4}, 4},
		"a slow canary, too few":        {slow, minute{"requests1": 900, "latency1": 0.2, "requests2": 99, "latency2": 4}, 0.2},
		"healthy in the first group":    {healthy, minute{"healthy1": 2}, 2},
		"healthy in both groups":        {healthy, minute{"healthy1": 2, "healthy2": 1}, 3},
		"healthy in none":               {healthy, minute{}, 0},
		"a task fewer":                  {Tasks{}.Missing(), minute{"desired": 3, "running": 2}, 1},
		"without Container Insights":    {Tasks{}.Missing(), minute{}, math.NaN()},
		"rejected, of enough":           {one.Rejected(10), minute{"requests1": 40, "rejected1": 10}, 25},
		"rejected, of too few":          {one.Rejected(50), minute{"requests1": 40, "rejected1": 40}, 0},
		"requests of two groups":        {two.Requests(), minute{"requests1": 40, "requests2": 2}, 42},
		"requests while one group idle": {two.Requests(), minute{"requests2": 2}, 2},
		"per task, moving":              {each, minute{"group1": 300, "group2": 40}, 340},
		"per task, the second is live":  {each, minute{"group2": 340}, 340},
		"per task, the last minute":     {each, minute{}, math.NaN()},
		"records for each task":         {records, minute{"serviceTotal": 900, "runningTasks": 3}, 300},
		"records, and no task":          {records, minute{"serviceTotal": 900}, math.NaN()},
	} {
		t.Run(name, func(t *testing.T) { c.minute.Expect(t, c.metric, c.want) })
	}
}
