package scaling

import (
	"fmt"
	"math"
	"slices"
)

// The alarms that Application Auto Scaling creates for a target: it scales out when the metric was above the target for
// three minutes in a row, and scales in when it was below 90 % of the target for fifteen. The periods can be read in the
// alarms themselves, in no document; about the 90 % the guide says "usually more than 10% lower".
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
const (
	minutesAbove = 3
	minutesBelow = 15
	belowFactor  = 0.9
)

// target is a target tracking policy and the last values of its metric.
type target struct {
	what   string
	value  float64
	of     func(Minute) float64
	recent []float64
}

// stepper is a step policy and the last values of its metric.
type stepper struct {
	policy StepPolicy
	of     func(Minute) float64
	recent []float64
}

func (s *simulation) addTargets() {
	add := func(what string, value float64, of func(Minute) float64) {
		if value > 0 {
			s.targets = append(s.targets, &target{what: what, value: value, of: reported(of)})
		}
	}
	add("CPU %", float64(s.policy.CPUPercent), func(m Minute) float64 { return m.CPUPercent })
	add("memory %", float64(s.policy.MemoryPercent), func(m Minute) float64 { return m.MemoryPercent })
	add("requests a task", float64(s.policy.RequestsPerTask), reportedRequests)
	add("messages a task", s.policy.Backlog.PerTask(), func(m Minute) float64 { return m.BacklogPerTask })
	for _, metric := range s.policy.Metrics {
		add(metric.ID+" a task", metric.PerTask, func(m Minute) float64 { return m.Metrics[metric.ID] })
	}
}

// raw is the metric of a step policy: one of the service's own, or another as it is, not for each task.
func raw(measure Measure) func(Minute) float64 {
	switch {
	case !measure.Own():
		return func(m Minute) float64 { return m.Demand.Metrics[measure.ID] }
	case measure.ID == idCPU:
		return reported(func(m Minute) float64 { return m.CPUPercent })
	case measure.ID == idMemory:
		return reported(func(m Minute) float64 { return m.MemoryPercent })
	}
	return reported(reportedRequests)
}

// reported returns a measure of the running tasks, which has no data in a minute without one.
func reported(of func(Minute) float64) func(Minute) float64 {
	return func(m Minute) float64 {
		if m.Running == 0 {
			return math.NaN()
		}
		return of(m)
	}
}

// reportedRequests is what the load balancer reports: requests for each task, and no data in a minute without requests.
// NaN is neither above nor below any threshold.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func reportedRequests(m Minute) float64 {
	if m.Demand.Requests == 0 {
		return math.NaN()
	}
	return m.RequestsPerTask
}

// out returns the number of tasks that would bring the metric to the target, if it was above it for long enough.
func (t *target) out(tasks int) (proposal, bool) {
	if !all(t.recent, minutesAbove, func(value float64) bool { return value > t.value }) {
		return proposal{}, false
	}
	value := t.recent[len(t.recent)-1]
	return proposal{t.tasks(tasks, value), fmt.Sprintf("%.4g %s, above %.4g for %d minutes", value, t.what, t.value, minutesAbove)}, true
}

// in returns the number of tasks that would keep the metric at the target, if it was well below it for long enough.
func (t *target) in(tasks int) (proposal, bool) {
	if !all(t.recent, minutesBelow, func(value float64) bool { return value < belowFactor*t.value }) {
		return proposal{}, false
	}
	value := slices.Max(t.recent)
	return proposal{t.tasks(tasks, value), fmt.Sprintf("at most %.4g %s, below %.4g for %d minutes", value, t.what, belowFactor*t.value, minutesBelow)}, true
}

// tasks is the formula of target tracking, rounded up both ways: "rounding up or down when it determines how much
// capacity to add or remove … prevents it from adding insufficient capacity or removing too much capacity". A remainder
// that only the division of floating-point numbers leaves does not count. The limit keeps the number within an int.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-considerations
func (t *target) tasks(now int, value float64) int {
	const remainder = 1e-9
	return int(min(max(math.Ceil(float64(now)*value/t.value-remainder), 0), mostTasks))
}

// out returns the number of tasks that the step policy starts.
func (s *stepper) out() (proposal, bool) {
	line, intervals, ok := s.policy.Out()
	if !ok || !all(s.recent, s.policy.Minutes, func(value float64) bool { return value >= line }) {
		return proposal{}, false
	}
	value := s.recent[len(s.recent)-1]
	for n, interval := range intervals {
		if n == len(intervals)-1 || value < interval.Upper {
			return proposal{clamp(interval.Change, 0, mostTasks), fmt.Sprintf("%s is %.4g, at or above %.4g", s.policy.Measure.ID, value, line)}, true
		}
	}
	return proposal{}, false
}

// in returns the number of tasks that the step policy stops, as a negative number.
func (s *stepper) in() (proposal, bool) {
	line, intervals, ok := s.policy.In()
	if !ok || !all(s.recent, s.policy.Minutes, func(value float64) bool { return value < line }) {
		return proposal{}, false
	}
	value := s.recent[len(s.recent)-1]
	for _, interval := range intervals {
		if value <= interval.Upper {
			return proposal{clamp(interval.Change, -mostTasks, 0), fmt.Sprintf("%s is %.4g, below %.4g", s.policy.Measure.ID, value, line)}, true
		}
	}
	return proposal{}, false
}

// all reports whether there are count values, and the last count of them hold.
func all(values []float64, count int, holds func(float64) bool) bool {
	if len(values) < count {
		return false
	}
	for _, value := range values[len(values)-count:] {
		if !holds(value) {
			return false
		}
	}
	return true
}

func last(count int, values []float64) []float64 { return values[max(len(values)-count, 0):] }
