package scaling

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Load is the load of a service, minute by minute, and how its tasks start.
type Load struct {
	// Start is when the first minute begins. Required if the policy has Schedules; otherwise it may be zero.
	Start time.Time
	// Demand is the demand in each minute.
	Demand []Demand
	// Tasks is the number of tasks at the start, at most 100,000. If zero, the policy's Min.
	Tasks int
	// TaskStart is the time from the decision to start a task until it handles its share of the load, in whole minutes,
	// at most 24 hours. If zero, a task handles its share in the minute after the decision.
	TaskStart time.Duration
}

// Demand is what reaches a service in one minute. No value may be negative, except those of Metrics, and none may be
// more than 1e15.
type Demand struct {
	// Requests is the number of requests that arrive.
	Requests float64
	// CPU is the work, in percent of one task's CPU: 250 keeps two and a half tasks busy. Work that exceeds all running
	// tasks is dropped, not done later.
	CPU float64
	// Memory is what all tasks use together, in percent of one task's memory.
	Memory float64
	// Messages is the number of messages that arrive in the queue. They wait until the tasks have processed those before them.
	Messages float64
	// Metrics are the values of Policy.Metrics, and of the metrics of Policy.Steps, by ID. They are of the whole
	// service, not for each task.
	Metrics map[string]float64
}

// The limits of a simulation. Within them no calculation loses a task to rounding, or overflows.
const (
	mostTaskStart = 24 * time.Hour
	mostDemand    = 1e15
)

func (l Load) validate(scheduled bool) error {
	var problems []error
	if scheduled && l.Start.IsZero() {
		problems = append(problems, errors.New("Load.Start is missing: Schedules require the time of the first minute"))
	}
	if l.Tasks < 0 || l.Tasks > mostTasks {
		problems = append(problems, fmt.Errorf("Load.Tasks must be from 1 to %d, or 0 for the policy's Min, got %d", mostTasks, l.Tasks))
	}
	if l.TaskStart < 0 || l.TaskStart > mostTaskStart || l.TaskStart%time.Minute != 0 {
		problems = append(problems, fmt.Errorf("Load.TaskStart must be whole minutes, at most 24h, got %s", l.TaskStart))
	}
	for n, demand := range l.Demand {
		problems = append(problems, demand.validate(n))
	}
	return errors.Join(problems...)
}

func (d Demand) validate(n int) error {
	var problems []error
	check := func(field string, value, least float64) {
		if !(value >= least && value <= mostDemand) { // NaN is not within any limits
			problems = append(problems, fmt.Errorf("Load.Demand[%d].%s must be a number from %v to %v, got %v", n, field, least, mostDemand, value))
		}
	}
	check("Requests", d.Requests, 0)
	check("CPU", d.CPU, 0)
	check("Memory", d.Memory, 0)
	check("Messages", d.Messages, 0)
	for _, id := range slices.Sorted(maps.Keys(d.Metrics)) {
		check(fmt.Sprintf("Metrics[%q]", id), d.Metrics[id], -mostDemand)
	}
	return errors.Join(problems...)
}
