package scaling

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/storefront-cdk/storefront/internal/cron"
)

// Minute is one minute of a simulation.
type Minute struct {
	// Time is when the minute begins.
	Time time.Time
	// Running is the number of tasks that handle the load in this minute.
	Running int
	// Desired is the desired count at the end of the minute. It includes tasks that are still starting, which are paid
	// for too.
	Desired int
	// Min and Max are the limits in force: those of the policy, or of the schedule that fired last.
	Min, Max int
	// Demand is what reached the service.
	Demand Demand
	// CPUPercent and MemoryPercent are the averages over the running tasks, at most 100. They and the other values for each
	// task are zero without a running task, when CloudWatch has no data.
	CPUPercent, MemoryPercent float64
	// RequestsPerTask is the number of requests that each running task received.
	RequestsPerTask float64
	// Backlog is the number of messages that are waiting at the end of the minute. It is zero without Policy.Backlog,
	// which sets how fast a task processes messages.
	Backlog float64
	// BacklogPerTask is Backlog for each running task.
	BacklogPerTask float64
	// Metrics are Policy.Metrics for each running task, by ID.
	Metrics map[string]float64
	// Why is what changed Desired, and empty if nothing did.
	Why string
}

// Simulate computes how many tasks the policy would run under a load, minute by minute, so that a team sees what its
// policy does before deploying it. It follows what Application Auto Scaling documents:
//
//   - A target scales out as soon as any target requires it, to as many tasks as would bring the metric to the target,
//     rounded up. Targets scale in only when all of them agree, and never to fewer tasks than keep the metric at the
//     target.
//   - When several policies require different numbers, the largest wins.
//   - Steps that stop tasks do not wait for the targets.
//   - During a scale-out cooldown, the tasks already started count as part of the next scale-out, so only a larger one
//     starts more. A scale-in cooldown blocks only further scale-in, and a scale-out ends it.
//   - A schedule acts at once, whatever the cooldowns.
//   - A minute without any request has no data on requests, because the load balancer reports none. A target does not
//     scale in while data are missing, so a service without requests keeps its tasks.
//
// Where nothing is documented, Simulate assumes what costs more: a target scales in by the highest value of the fifteen
// minutes. It has one cooldown for the whole service. It does not simulate deployments, during which ECS does not scale
// in, nor the delay of metrics, which may be another minute or two.
//
// The policy does not need its defaults; those that are missing are the sandbox's. Simulate returns an error if the
// policy or the load is not valid.
func (p Policy) Simulate(load Load) ([]Minute, error) {
	p = p.WithDefaults(1)
	if err := errors.Join(p.Validate(), load.validate(len(p.Schedules) > 0)); err != nil {
		return nil, err
	}
	s, err := newSimulation(p, load)
	if err != nil {
		return nil, err
	}
	minutes := make([]Minute, 0, len(load.Demand))
	for n, demand := range load.Demand {
		minutes = append(minutes, s.minute(load.Start.Add(time.Duration(n)*time.Minute), demand))
	}
	return minutes, nil
}

// simulation is the state between two minutes.
type simulation struct {
	policy    Policy
	start     time.Time
	taskStart time.Duration
	targets   []*target
	steps     []*stepper
	schedules []scheduled

	min, max         int
	running, desired int
	starting         []batch // in the order of their requests
	backlog          float64
	waiting          int     // the last consecutive minutes in which messages waited and no task ran
	out              cooling // after a scale-out
	in               cooling // after a scale-in
}

// batch is tasks that start together, and when they begin to handle their share.
type batch struct {
	ready time.Time
	tasks int
}

// cooling is a cooldown: when it ends, and the number of tasks before the activity that began it.
type cooling struct {
	until  time.Time
	before int
}

func (c cooling) lasts(now time.Time) bool { return now.Before(c.until) }

type scheduled struct {
	Schedule
	when cron.Expression
	zone *time.Location
}

func newSimulation(p Policy, load Load) (*simulation, error) {
	s := &simulation{policy: p, start: load.Start, taskStart: load.TaskStart, running: load.Tasks}
	s.min, s.max = p.Limits()
	if s.running == 0 {
		s.running = s.min
	}
	s.desired = s.running
	if !p.Fixed() {
		s.addTargets()
	}
	for _, step := range p.Steps {
		s.steps = append(s.steps, &stepper{policy: step, of: raw(step.Measure)})
	}
	for _, schedule := range p.Schedules {
		when, err := cron.Parse(schedule.Expression)
		if err != nil {
			return nil, err
		}
		zone, err := cron.LoadLocation(schedule.TimeZone)
		if err != nil {
			return nil, err
		}
		s.schedules = append(s.schedules, scheduled{schedule, when, zone})
	}
	return s, nil
}

func (s *simulation) minute(now time.Time, demand Demand) Minute {
	why := s.fire(now)
	s.begin(now)
	m := s.measure(now, demand)
	if changed := s.decide(m); changed != "" {
		why = changed
	}
	m.Desired, m.Why = s.desired, why
	return m
}

// fire applies the schedules that fire in this minute, at once and whatever the cooldowns.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html
func (s *simulation) fire(now time.Time) (why string) {
	for _, schedule := range s.schedules {
		if !schedule.when.Fires(s.start, now.In(schedule.zone)) {
			continue
		}
		s.min, s.max = schedule.Limits()
		if wanted := clamp(s.desired, s.min, s.max); wanted != s.desired {
			why = fmt.Sprintf("schedule %s: %d to %d tasks", schedule.Name, s.desired, wanted)
			s.want(now, wanted)
		}
	}
	return why
}

// want sets the desired count. Excess tasks stop at once, those that are still starting first.
func (s *simulation) want(now time.Time, tasks int) {
	if more := tasks - s.desired; more > 0 {
		s.starting = append(s.starting, batch{now.Add(s.taskStart), more})
	}
	tooMany := max(s.desired-tasks, 0)
	for last := len(s.starting) - 1; tooMany > 0 && last >= 0; last-- {
		stopped := min(s.starting[last].tasks, tooMany)
		s.starting[last].tasks -= stopped
		tooMany -= stopped
		if s.starting[last].tasks == 0 {
			s.starting = s.starting[:last]
		}
	}
	s.running -= tooMany
	s.desired = tasks
}

// begin counts the tasks that have started as running.
func (s *simulation) begin(now time.Time) {
	for len(s.starting) > 0 && !s.starting[0].ready.After(now) {
		s.running += s.starting[0].tasks
		s.starting = s.starting[1:]
	}
}

func (s *simulation) measure(now time.Time, demand Demand) Minute {
	m := Minute{
		Time: now, Running: s.running, Min: s.min, Max: s.max, Demand: demand,
		CPUPercent:      math.Min(s.perTask(demand.CPU), 100),
		MemoryPercent:   math.Min(s.perTask(demand.Memory), 100),
		RequestsPerTask: s.perTask(demand.Requests),
	}
	if s.policy.Backlog != (Backlog{}) {
		s.backlog = math.Max(s.backlog+demand.Messages-float64(s.running)*s.policy.Backlog.perMinute(), 0)
		m.Backlog, m.BacklogPerTask = s.backlog, s.perTask(s.backlog)
	}
	for _, metric := range s.policy.Metrics {
		if m.Metrics == nil {
			m.Metrics = map[string]float64{}
		}
		m.Metrics[metric.ID] = s.perTask(demand.Metrics[metric.ID])
	}
	if s.waiting++; m.Running > 0 || m.Backlog < 1 {
		s.waiting = 0
	}
	return m
}

// perTask returns the share of each running task, and 0 without one.
func (s *simulation) perTask(total float64) float64 {
	if s.running == 0 {
		return 0
	}
	return total / float64(s.running)
}
