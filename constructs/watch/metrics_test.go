package watch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	one = Targets{Balancer: "app/shop/1", Groups: []string{"targetgroup/cart/1"}}
	two = Targets{Balancer: "app/shop/1", Groups: []string{"targetgroup/cart/1", "targetgroup/cart/2"}}
)

// all are the metrics of a service, by what they are called here.
func all(targets Targets) map[string]Metric {
	tasks := Tasks{Cluster: "shop", Service: "cart"}
	return map[string]Metric{
		"requests":         targets.Requests(),
		"failed":           targets.Failed(10),
		"rejected":         targets.Rejected(10),
		"median":           targets.Latency(50, 10),
		"slowest":          targets.Latency(99, 100),
		"healthy":          targets.Healthy(),
		"cpu":              tasks.CPU(),
		"memory":           tasks.Memory(),
		"missing":          tasks.Missing(),
		"throttled reads":  Table("items").ThrottledReads(),
		"throttled writes": Table("items").ThrottledWrites(),
		"system errors":    Table("items").SystemErrors(),
		"age":              Queue("orders").Age(),
		"waiting":          Queue("orders").Waiting(),
		"added":            Queue("orders").Added(),
	}
}

// leaf matches a number that CloudWatch keeps: namespace, name, statistic and dimensions.
func leaf(m Metric) string {
	return fmt.Sprintf("%s %s %s %v", m.Namespace, m.Name, m.Statistic, m.Dimensions)
}

func TestMetrics(t *testing.T) {
	const (
		first  = " map[LoadBalancer:app/shop/1 TargetGroup:targetgroup/cart/1]"
		second = " map[LoadBalancer:app/shop/1 TargetGroup:targetgroup/cart/2]"
		cart   = " map[ClusterName:shop ServiceName:cart]"
	)
	elb := func(name, statistic, group string) string {
		return "AWS/ApplicationELB " + name + " " + statistic + group
	}
	table := func(name, operation string) string {
		if operation != "" {
			operation = "Operation:" + operation + " "
		}
		return "AWS/DynamoDB " + name + " Sum map[" + operation + "TableName:items]"
	}
	cases := map[string]struct {
		targets    Targets
		expression string
		numbers    map[string]string
	}{
		"requests": {one, "", map[string]string{watchedID: elb("RequestCount", "Sum", first)}},
		"failed": {one, "IF(requests1 >= 10, 100 * (FILL(failed1, 0) + FILL(refused1, 0)) / requests1, 0)", map[string]string{
			"requests1": elb("RequestCount", "Sum", first),
			"failed1":   elb("HTTPCode_Target_5XX_Count", "Sum", first),
			"refused1":  elb("TargetConnectionErrorCount", "Sum", first),
		}},
		"rejected": {one, "IF(requests1 >= 10, 100 * FILL(rejected1, 0) / requests1, 0)", map[string]string{
			"requests1": elb("RequestCount", "Sum", first),
			"rejected1": elb("HTTPCode_Target_4XX_Count", "Sum", first),
		}},
		"median": {one, "IF(requests1 >= 10, latency1, 0)", map[string]string{
			"requests1": elb("RequestCount", "Sum", first),
			"latency1":  elb("TargetResponseTime", "p50", first),
		}},
		"slowest": {two, "MAX([FILL(group1, 0), FILL(group2, 0)])", map[string]string{
			"requests1": elb("RequestCount", "Sum", first), "latency1": elb("TargetResponseTime", "p99", first),
			"requests2": elb("RequestCount", "Sum", second), "latency2": elb("TargetResponseTime", "p99", second),
		}},
		"healthy": {two, "FILL(healthy1, 0) + FILL(healthy2, 0)", map[string]string{
			"healthy1": elb("HealthyHostCount", "Minimum", first),
			"healthy2": elb("HealthyHostCount", "Minimum", second),
		}},
		"cpu":    {one, "", map[string]string{watchedID: "AWS/ECS CPUUtilization Average" + cart}},
		"memory": {one, "", map[string]string{watchedID: "AWS/ECS MemoryUtilization Maximum" + cart}},
		"missing": {one, "desired - running", map[string]string{
			"desired": "ECS/ContainerInsights DesiredTaskCount Average" + cart,
			"running": "ECS/ContainerInsights RunningTaskCount Average" + cart,
		}},
		"throttled reads": {one, "FILL(table, 0) + FILL(queries, 0) + FILL(scans, 0)", map[string]string{
			"table": table("ReadThrottleEvents", ""), "queries": table("ThrottledRequests", "Query"), "scans": table("ThrottledRequests", "Scan"),
		}},
		"throttled writes": {one, "FILL(table, 0) + FILL(puts, 0) + FILL(updates, 0) + FILL(deletes, 0)", map[string]string{
			"table": table("WriteThrottleEvents", ""), "puts": table("ThrottledRequests", "PutItem"),
			"updates": table("ThrottledRequests", "UpdateItem"), "deletes": table("ThrottledRequests", "DeleteItem"),
		}},
		"age":     {one, "", map[string]string{watchedID: "AWS/SQS ApproximateAgeOfOldestMessage Maximum map[QueueName:orders]"}},
		"waiting": {one, "", map[string]string{watchedID: "AWS/SQS ApproximateNumberOfMessagesVisible Maximum map[QueueName:orders]"}},
		"added": {one, "DIFF(FILL(waiting, 0) + FILL(received, 0))", map[string]string{
			"waiting":  "AWS/SQS ApproximateNumberOfMessagesVisible Maximum map[QueueName:orders]",
			"received": "AWS/SQS ApproximateNumberOfMessagesNotVisible Maximum map[QueueName:orders]",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			metric := all(c.targets)[name]
			if metric.Expression != c.expression {
				t.Errorf("the expression is\n%s\nwant\n%s", metric.Expression, c.expression)
			}
			got := map[string]string{}
			for _, q := range flatten(metric) {
				if q.metric.Expression == "" {
					got[q.id] = leaf(q.metric)
				}
			}
			if diff := cmp.Diff(c.numbers, got); diff != "" {
				t.Errorf("over (-want +got):\n%s", diff)
			}
			if metric.Count() != len(c.numbers) {
				t.Errorf("it counts as %d, want %d", metric.Count(), len(c.numbers))
			}
		})
	}
}

// What CloudWatch takes for an alarm, and what it needs to be quick: one period, of a minute.
func TestMetricsFitIntoAnAlarm(t *testing.T) {
	id := regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)
	for _, targets := range []Targets{one, two} {
		for name, metric := range all(targets) {
			if metric.Label == "" {
				t.Errorf("%s has no label", name)
			}
			if metric.Count() > MaxMetricsOfAnAlarm {
				t.Errorf("%s is over %d numbers, more than %d", name, metric.Count(), MaxMetricsOfAnAlarm)
			}
			seen := map[string]bool{}
			for _, q := range flatten(metric) {
				if q.metric.Period != time.Minute {
					t.Errorf("%s: %s has a period of %s", name, q.id, q.metric.Period)
				}
				if !id.MatchString(q.id) || seen[q.id] {
					t.Errorf("%s: the id %q is not legal, or there twice", name, q.id)
				}
				if len(q.metric.Expression) > 1024 {
					t.Errorf("%s: the expression of %s has %d characters", name, q.id, len(q.metric.Expression))
				}
				seen[q.id] = true
			}
		}
	}
	if got := Table("items").SystemErrors().Count(); got != 10 {
		t.Errorf("system errors are over %d operations", got)
	}
}

// A minute in numbers, by id; what is not there was not published.
type minuteOf map[string]float64

func TestWhatAMinuteMeans(t *testing.T) {
	failed, slow, healthy := two.Failed(10), two.Latency(99, 100), two.Healthy()
	cases := map[string]struct {
		metric Metric
		minute minuteOf
		want   float64
	}{
		"one error at night":            {one.Failed(10), minuteOf{"requests1": 1, "failed1": 1}, 0},
		"nine errors of nine":           {one.Failed(10), minuteOf{"requests1": 9, "failed1": 9}, 0},
		"ten errors of ten":             {one.Failed(10), minuteOf{"requests1": 10, "failed1": 10}, 100},
		"nothing failed":                {one.Failed(10), minuteOf{"requests1": 500}, 0},
		"answers and connections":       {one.Failed(10), minuteOf{"requests1": 200, "failed1": 5, "refused1": 15}, 10},
		"no requests at all":            {one.Failed(10), minuteOf{}, math.NaN()},
		"no requests in two groups":     {failed, minuteOf{}, 0},
		"a canary that fails":           {failed, minuteOf{"requests1": 180, "requests2": 20, "failed2": 20}, 100},
		"a canary in the first group":   {failed, minuteOf{"requests1": 20, "failed1": 5, "requests2": 180}, 25},
		"a canary of too few requests":  {failed, minuteOf{"requests1": 80, "requests2": 8, "failed2": 8}, 0},
		"the idle group says nothing":   {failed, minuteOf{"requests2": 100, "failed2": 6}, 6},
		"a slow canary":                 {slow, minuteOf{"requests1": 900, "latency1": 0.2, "requests2": 100, "latency2": 4}, 4},
		"a slow canary, too few":        {slow, minuteOf{"requests1": 900, "latency1": 0.2, "requests2": 99, "latency2": 4}, 0.2},
		"healthy in the first group":    {healthy, minuteOf{"healthy1": 2}, 2},
		"healthy in both groups":        {healthy, minuteOf{"healthy1": 2, "healthy2": 1}, 3},
		"healthy in none":               {healthy, minuteOf{}, 0},
		"a task fewer":                  {Tasks{}.Missing(), minuteOf{"desired": 3, "running": 2}, 1},
		"without Container Insights":    {Tasks{}.Missing(), minuteOf{}, math.NaN()},
		"throttled by an index":         {Table("items").ThrottledReads(), minuteOf{"queries": 12}, 12},
		"nothing throttled":             {Table("items").ThrottledWrites(), minuteOf{}, 0},
		"errors of several operations":  {Table("items").SystemErrors(), minuteOf{"putitem": 2, "query": 3}, 5},
		"rejected, of enough":           {one.Rejected(10), minuteOf{"requests1": 40, "rejected1": 10}, 25},
		"rejected, of too few":          {one.Rejected(50), minuteOf{"requests1": 40, "rejected1": 40}, 0},
		"requests of two groups":        {two.Requests(), minuteOf{"requests1": 40, "requests2": 2}, 42},
		"requests while one group idle": {two.Requests(), minuteOf{"requests2": 2}, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.minute.value(t, c.metric)
			if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
				t.Errorf("got %g, want %g", got, c.want)
			}
		})
	}
}

// Whoever looks at a dead letter takes it from those that wait for as long, and its return must page nobody.
func TestMinutesOfADeadLetter(t *testing.T) {
	added := Queue("orders-dead").Added()
	inner, ok := strings.CutPrefix(added.Expression, "DIFF(")
	if !ok {
		t.Fatalf("%s is no difference", added.Expression)
	}
	added.Expression = strings.TrimSuffix(inner, ")")
	minutes := []struct {
		what   string
		minute minuteOf
		want   float64
	}{
		{"the queue was not used for long", minuteOf{}, 0},
		{"two messages were given up", minuteOf{"waiting": 2, "received": 0}, 2},
		{"somebody looks at one", minuteOf{"waiting": 1, "received": 1}, 0},
		{"it is back", minuteOf{"waiting": 2, "received": 0}, 0},
		{"another one is given up", minuteOf{"waiting": 3, "received": 0}, 1},
		{"all are sent back", minuteOf{"waiting": 0, "received": 0}, -3},
	}
	for n := 1; n < len(minutes); n++ {
		if got := minutes[n].minute.value(t, added) - minutes[n-1].minute.value(t, added); got != minutes[n].want {
			t.Errorf("%s: got %g new messages, want %g", minutes[n].what, got, minutes[n].want)
		}
	}
}

// value computes what CloudWatch would, as far as the expressions here go. NaN is a missing datapoint: whatever is
// computed from one is missing too, but for FILL.
func (m minuteOf) value(t *testing.T, metric Metric) float64 {
	t.Helper()
	expression, err := parser.ParseExpr(strings.NewReplacer("[", "", "]", "").Replace(metric.Expression))
	if err != nil {
		t.Fatal(err)
	}
	return m.evaluate(t, metric, expression)
}

func (m minuteOf) evaluate(t *testing.T, metric Metric, node ast.Expr) float64 {
	t.Helper()
	switch e := node.(type) {
	case *ast.ParenExpr:
		return m.evaluate(t, metric, e.X)
	case *ast.BasicLit:
		number, err := strconv.ParseFloat(e.Value, 64)
		if err != nil {
			t.Fatal(err)
		}
		return number
	case *ast.Ident:
		other, ok := metric.Over[e.Name]
		if !ok {
			t.Fatalf("%s is over no %s", metric.Expression, e.Name)
		}
		if other.Expression != "" {
			return m.value(t, other)
		}
		if value, published := m[e.Name]; published {
			return value
		}
		return math.NaN()
	case *ast.BinaryExpr:
		x, y := m.evaluate(t, metric, e.X), m.evaluate(t, metric, e.Y)
		switch e.Op {
		case token.ADD:
			return x + y
		case token.SUB:
			return x - y
		case token.MUL:
			return x * y
		case token.QUO:
			return x / y
		case token.GEQ:
			if math.IsNaN(x) || math.IsNaN(y) {
				return math.NaN()
			}
			return map[bool]float64{true: 1}[x >= y]
		}
	case *ast.CallExpr:
		arguments := make([]float64, len(e.Args))
		for n, argument := range e.Args {
			arguments[n] = m.evaluate(t, metric, argument)
		}
		return function(t, e.Fun.(*ast.Ident).Name, arguments)
	}
	t.Fatalf("cannot evaluate %T in %s", node, metric.Expression)
	return 0
}

func function(t *testing.T, name string, arguments []float64) float64 {
	t.Helper()
	switch name {
	case "FILL":
		if math.IsNaN(arguments[0]) {
			return arguments[1]
		}
		return arguments[0]
	case "IF":
		switch {
		case math.IsNaN(arguments[0]):
			return math.NaN()
		case arguments[0] != 0:
			return arguments[1]
		}
		return arguments[2]
	case "MAX":
		highest := arguments[0]
		for _, argument := range arguments {
			highest = math.Max(highest, argument)
		}
		return highest
	}
	t.Fatalf("no such function: %s", name)
	return 0
}
