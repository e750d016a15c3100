package scaling

import (
	"math"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestBacklog(t *testing.T) {
	// 600 s / 2 s
	if got := (Backlog{10 * time.Minute, 2 * time.Second}).PerTask(); got != 300 {
		t.Errorf("ten minutes of two seconds each are %v messages, want 300", got)
	}
	// 1 s / 0.4 s
	if got := (Backlog{time.Second, 400 * time.Millisecond}).PerTask(); got != 2.5 {
		t.Errorf("a second of 400 ms each is %v messages, want 2.5", got)
	}
	for name, c := range map[string]struct {
		backlog Backlog
		want    []string
	}{
		"none":               {Backlog{}, nil},
		"one message a task": {Backlog{time.Second, time.Second}, nil},
		"no duration":        {Backlog{AcceptableDelay: time.Minute}, []string{"Scaling.Backlog.MessageDuration must be more than 0s, what a task takes for one message, got 0s"}},
		"no delay":           {Backlog{MessageDuration: time.Minute}, []string{"Scaling.Backlog.AcceptableDelay must be at least MessageDuration (1m0s), else each message needs a task of its own, got 0s"}},
		"too short a delay":  {Backlog{59 * time.Second, time.Minute}, []string{"Scaling.Backlog.AcceptableDelay must be at least MessageDuration (1m0s), else each message needs a task of its own, got 59s"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.backlog.validate(), c.want...) })
	}
}

func TestMetrics(t *testing.T) {
	const (
		id        = "Scaling.Metrics[0].ID must be letters and digits, starting with a capital letter, at most 32, got "
		taken     = "Scaling.Metrics[0].ID must not be Resource, Default or FirstTask, nor end as those of steps do (StepsOut, StepsIn), which the template already uses, got "
		statistic = "Scaling.Metrics[0].Metric.Statistic must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90, got "
	)
	valid := Measure{ID: "Records", Metric: metric.Metric{Namespace: "AWS/Kinesis", Name: "IncomingRecords", Statistic: "Sum"}, PerTask: 1000}
	for name, c := range map[string]struct {
		change func(*Measure)
		want   []string
	}{
		"valid":               {func(*Measure) {}, nil},
		"Average by default":  {func(m *Measure) { m.Metric.Statistic = "" }, nil},
		"a percentile":        {func(m *Measure) { m.Metric.Statistic = "p99.9" }, nil},
		"with dimensions":     {func(m *Measure) { m.Metric.Dimensions = map[string]string{"StreamName": "orders"} }, nil},
		"no ID":               {func(m *Measure) { m.ID = "" }, []string{id + `""`}},
		"an ID in small":      {func(m *Measure) { m.ID = "records" }, []string{id + `"records"`}},
		"an ID that is taken": {func(m *Measure) { m.ID = "Backlog" }, []string{"Scaling.Metrics[0].ID must not be Backlog, which is the service's own measure"}},
		"CPU of another":      {func(m *Measure) { m.ID = "CPU" }, []string{"Scaling.Metrics[0].ID must not be CPU, which is the service's own measure"}},
		"an ID of the CDK's":  {func(m *Measure) { m.ID = "Resource" }, []string{taken + `"Resource"`}},
		"one without a trace": {func(m *Measure) { m.ID = "Default" }, []string{taken + `"Default"`}},
		"an ID of a step's":   {func(m *Measure) { m.ID = "CPUStepsOut" }, []string{taken + `"CPUStepsOut"`}},
		"another of a step's": {func(m *Measure) { m.ID = "CPUStepsIn" }, []string{taken + `"CPUStepsIn"`}},
		"a step's alarm's":    {func(m *Measure) { m.ID = "CPUStepsOutAlarm" }, []string{taken + `"CPUStepsOutAlarm"`}},
		"an alarm of another": {func(m *Measure) { m.ID = "FireAlarm" }, nil},
		"no namespace":        {func(m *Measure) { m.Metric.Namespace = "" }, []string{"Scaling.Metrics[0].Metric.Namespace is missing: name the metric's, such as AWS/Kinesis"}},
		"no name":             {func(m *Measure) { m.Metric.Name = "" }, []string{"Scaling.Metrics[0].Metric.Name is missing: name the metric, such as IncomingRecords"}},
		"another statistic":   {func(m *Measure) { m.Metric.Statistic = "Median" }, []string{statistic + `"Median"`}},
		"100 %":               {func(m *Measure) { m.Metric.Statistic = "p100" }, nil},
		"another period": {func(m *Measure) { m.Metric.Period = 5 * time.Minute }, []string{
			"Scaling.Metrics[0].Metric.Period must be 1m0s, the period of all scaling, got 5m0s",
		}},
		"an empty dimension": {func(m *Measure) { m.Metric.Dimensions = map[string]string{"StreamName": ""} }, []string{`Scaling.Metrics[0].Metric.Dimensions must have a name and a value each, got "StreamName": ""`}},
		"no target":          {func(m *Measure) { m.PerTask = 0 }, []string{"Scaling.Metrics[0].PerTask must be more than 0 and at most 2.3485425827738332e+108, the value to hold for each running task, got 0"}},
		"a target below":     {func(m *Measure) { m.PerTask = -1 }, []string{"Scaling.Metrics[0].PerTask must be more than 0 and at most 2.3485425827738332e+108, the value to hold for each running task, got -1"}},
		"no number":          {func(m *Measure) { m.PerTask = math.NaN() }, []string{"Scaling.Metrics[0].PerTask must be more than 0 and at most 2.3485425827738332e+108, the value to hold for each running task, got NaN"}},
		"the largest target": {func(m *Measure) { m.PerTask = metric.MaxValue }, nil},
		"a target above":     {func(m *Measure) { m.PerTask = 1e109 }, []string{"Scaling.Metrics[0].PerTask must be more than 0 and at most 2.3485425827738332e+108, the value to hold for each running task, got 1e+109"}},
		"without end":        {func(m *Measure) { m.PerTask = math.Inf(1) }, []string{"Scaling.Metrics[0].PerTask must be more than 0 and at most 2.3485425827738332e+108, the value to hold for each running task, got +Inf"}},
		"the service's own":  {func(m *Measure) { *m = Requests() }, []string{"Scaling.Metrics[0] must not be the service's own: set CPUPercent, MemoryPercent or RequestsPerTask instead"}},
	} {
		t.Run(name, func(t *testing.T) {
			measure := valid
			c.change(&measure)
			expect.Problems(t, validateMeasures(measureDefaults([]Measure{measure})), c.want...)
		})
	}
	twice := []Measure{valid, valid}
	expect.Problems(t, validateMeasures(twice), `Scaling.Metrics[1].ID "Records" is already used by Metrics[0]: give each metric its own`)
}
