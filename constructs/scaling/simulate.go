package scaling

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/storefront-cdk/storefront/internal/cron"
)

// Load is what reaches a service, minute by minute, and how its tasks take it.
type Load struct {
	// Start is when the first minute begins. Required where the policy has Schedules; without any, it may be left zero.
	Start time.Time
	// Demand is what reaches the service in each minute. None of it may be negative but Metrics.
	Demand []Demand
	// Tasks is how many tasks run at the start. If zero, the policy's Min.
	Tasks int
	// TaskStart is how long a task takes from the decision to start it until it does its share, in whole minutes. If
	// zero, tasks do their share in the minute after the decision.
	TaskStart time.Duration
}

// Demand is what reaches a service in one minute.
type Demand struct {
	// Requests is how many requests arrive.
	Requests float64
	// CPU is the work in percent of a task's CPU: 250 keeps two and a half tasks busy. What exceeds all running tasks
	// is not done later.
	CPU float64
	// Memory is what all tasks use together, in percent of a task's memory.
	Memory float64
	// Messages is how many messages arrive in the queue. They wait until a task is done with those before them.
	Messages float64
	// Metrics holds the values of Policy.Metrics, and of metrics in Policy.Steps, by their IDs. They are of the whole
	// service, not for each task.
	Metrics map[string]float64
}

// Minute is one minute of a simulation.
type Minute struct {
	// Time is when the minute begins.
	Time time.Time
	// Running is how many tasks do their share in this minute.
	Running int
	// Desired is how many tasks there shall be, as decided when the minute ends. Tasks that were asked for and do not
	// run yet are paid for, too.
	Desired int
	// Min and Max are what is in force, of the policy or of its last schedule.
	Min, Max int
	// Demand is what reached the service.
	Demand Demand
	// CPUPercent and MemoryPercent are the averages of the running tasks, at most 100.
	CPUPercent, MemoryPercent float64
	// RequestsPerTask is how many requests each running task got.
	RequestsPerTask float64
	// Backlog is how many messages wait when the minute ends. It needs Policy.Backlog, which says how fast they are
	// worked on.
	Backlog float64
	// BacklogPerTask is how many of them there are for each running task.
	BacklogPerTask float64
	// Metrics are Policy.Metrics for each running task, by ID.
	Metrics map[string]float64
	// Why says what changed Desired, and is empty where nothing did.
	Why string
}

// The alarms that Application Auto Scaling makes for a target: tasks are started when the metric was above the target
// for three minutes in a row, and stopped when it was below 90 % of the target for fifteen. The periods stand in the
// alarms that it makes, in no document; of the 90 % the guide says "usually more than 10% lower".
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
const (
	minutesAbove = 3
	minutesBelow = 15
	belowFactor  = 0.9
)

// Simulate computes how many tasks the policy would run under a load, minute by minute, so that a team sees what its
// policy does before it deploys it. It follows what Application Auto Scaling documents:
//
//   - A target starts tasks as soon as any target asks for it, so many that the metric would be at the target, rounded
//     up. It stops tasks when all targets agree, and no more than leave the metric at the target.
//   - Of several numbers the largest wins.
//   - Steps that stop tasks do not wait for the targets.
//   - While the cooldown after a start lasts, what was started counts as part of what is asked for next, so only more
//     than that is started. The cooldown after a stop blocks further stops alone, and a start ends it.
//   - A schedule acts at once, whatever the cooldowns.
//   - A minute without any request has no data on requests, as the balancer reports none. A target stops no tasks while
//     data are missing, so a service that nobody calls keeps its tasks.
//
// Where it is not documented, Simulate assumes what costs more: a target stops tasks by the highest value of the fifteen
// minutes. It knows one cooldown for the whole service, no deployment, during which ECS stops no tasks, and no delay of
// metrics, which may take another minute or two.
//
// The policy may be without its defaults, which are then those of the sandbox. Simulate returns an error when it is not
// valid, or the load is not.
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

func (l Load) validate(scheduled bool) error {
	var problems []error
	if scheduled && l.Start.IsZero() {
		problems = append(problems, errors.New("Load.Start is missing: Schedules need it to know when they fire"))
	}
	if l.Tasks < 0 {
		problems = append(problems, fmt.Errorf("Load.Tasks must not be negative, got %d", l.Tasks))
	}
	if l.TaskStart < 0 || l.TaskStart%time.Minute != 0 {
		problems = append(problems, fmt.Errorf("Load.TaskStart must be whole minutes, got %s", l.TaskStart))
	}
	for n, demand := range l.Demand {
		problems = append(problems, demand.validate(n))
	}
	return errors.Join(problems...)
}

func (d Demand) validate(n int) error {
	var problems []error
	check := func(field string, value float64) {
		if !(value >= 0) || math.IsInf(value, 0) {
			problems = append(problems, fmt.Errorf("Load.Demand[%d].%s must be a number and not negative, got %v", n, field, value))
		}
	}
	check("Requests", d.Requests)
	check("CPU", d.CPU)
	check("Memory", d.Memory)
	check("Messages", d.Messages)
	return errors.Join(problems...)
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
	starting         []time.Time // when each task that was asked for begins to do its share
	backlog          float64
	out              cooling // after tasks were started
	in               cooling // after tasks were stopped
}

// cooling is a cooldown: until when it lasts, and how many tasks there were before what began it.
type cooling struct {
	until  time.Time
	before int
}

func (c cooling) lasts(now time.Time) bool { return now.Before(c.until) }

// target is a measure to hold, and its last values.
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

type scheduled struct {
	Schedule
	when cron.Expression
	zone *time.Location
}

func newSimulation(p Policy, load Load) (*simulation, error) {
	s := &simulation{policy: p, start: load.Start, taskStart: load.TaskStart, min: p.Min, max: p.Max, running: load.Tasks}
	if s.running == 0 {
		s.running = max(p.Min, 1)
	}
	s.desired = s.running
	if !p.Fixed() {
		s.addTargets()
	}
	for _, step := range p.Steps {
		s.steps = append(s.steps, &stepper{policy: step, of: raw(step.Metric)})
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

func (s *simulation) addTargets() {
	add := func(what string, value float64, of func(Minute) float64) {
		if value > 0 {
			s.targets = append(s.targets, &target{what: what, value: value, of: of})
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

// raw is what moves a step policy: the service's own measure, or the metric as it is.
func raw(metric Metric) func(Minute) float64 {
	switch {
	case !metric.Own():
		return func(m Minute) float64 { return m.Demand.Metrics[metric.ID] }
	case metric.ID == idCPU:
		return func(m Minute) float64 { return m.CPUPercent }
	case metric.ID == idMemory:
		return func(m Minute) float64 { return m.MemoryPercent }
	}
	return reportedRequests
}

// reportedRequests is what the balancer reports: requests for each task, and nothing, neither above nor below any line,
// where there are none.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func reportedRequests(m Minute) float64 {
	if m.Demand.Requests == 0 {
		return math.NaN()
	}
	return m.RequestsPerTask
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

// fire lets the schedules of the minute act, at once and whatever the cooldowns.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html
func (s *simulation) fire(now time.Time) (why string) {
	for _, schedule := range s.schedules {
		if !schedule.when.Fires(s.start, now.In(schedule.zone)) {
			continue
		}
		s.min, s.max = schedule.Min, schedule.Max
		if wanted := clamp(s.desired, s.min, s.max); wanted != s.desired {
			why = fmt.Sprintf("schedule %s: %d to %d tasks", schedule.Name, s.desired, wanted)
			s.want(now, wanted)
		}
	}
	return why
}

// want asks for a number of tasks. Those that are too many stop doing their share at once, those that do not run yet
// first.
func (s *simulation) want(now time.Time, tasks int) {
	for range tasks - s.desired {
		s.starting = append(s.starting, now.Add(s.taskStart))
	}
	if tooMany := s.desired - tasks; tooMany > 0 {
		kept := max(len(s.starting)-tooMany, 0)
		s.running -= tooMany - (len(s.starting) - kept)
		s.starting = s.starting[:kept]
	}
	s.desired = tasks
}

// begin lets tasks that have started do their share.
func (s *simulation) begin(now time.Time) {
	s.starting = slices.DeleteFunc(s.starting, func(ready time.Time) bool {
		if ready.After(now) {
			return false
		}
		s.running++
		return true
	})
}

func (s *simulation) measure(now time.Time, demand Demand) Minute {
	tasks := float64(s.running)
	m := Minute{
		Time: now, Running: s.running, Min: s.min, Max: s.max, Demand: demand,
		CPUPercent:      math.Min(demand.CPU/tasks, 100),
		MemoryPercent:   math.Min(demand.Memory/tasks, 100),
		RequestsPerTask: demand.Requests / tasks,
	}
	if s.policy.Backlog != (Backlog{}) {
		s.backlog = math.Max(s.backlog+demand.Messages-tasks*s.policy.Backlog.perMinute(), 0)
		m.Backlog, m.BacklogPerTask = s.backlog, s.backlog/tasks
	}
	for _, metric := range s.policy.Metrics {
		if m.Metrics == nil {
			m.Metrics = map[string]float64{}
		}
		m.Metrics[metric.ID] = demand.Metrics[metric.ID] / tasks
	}
	return m
}

// proposal is a number of tasks that a measure asks for.
type proposal struct {
	tasks int
	why   string
}

// decide changes the number of tasks at the end of a minute.
func (s *simulation) decide(m Minute) (why string) {
	now := m.Time.Add(time.Minute)
	outs, ins := s.proposals(m, now)
	if largest, ok := largest(outs); ok && largest.tasks > s.desired {
		return s.scaleOut(now, largest)
	}
	// Of several that stop tasks, too, the one that leaves the most wins.
	if largest, ok := largest(ins); ok && largest.tasks < s.desired && !s.in.lasts(now) {
		return s.scaleIn(now, largest)
	}
	return ""
}

func largest(proposals []proposal) (proposal, bool) {
	if len(proposals) == 0 {
		return proposal{}, false
	}
	return slices.MaxFunc(proposals, func(a, b proposal) int { return a.tasks - b.tasks }), true
}

// scaleOut starts tasks. The cooldown begins when they all run, since only then the activity is complete, and counts
// from the number of tasks before the first of the starts that it covers.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown
func (s *simulation) scaleOut(now time.Time, p proposal) string {
	before := s.desired
	if s.out.lasts(now) {
		before = s.out.before
	}
	s.out = cooling{now.Add(s.taskStart + s.policy.ScaleOutCooldown), before}
	s.in = cooling{} // "the scale-in cooldown period stops and doesn't complete"
	why := fmt.Sprintf("%s: %d to %d tasks", p.why, s.desired, p.tasks)
	s.want(now, p.tasks)
	return why
}

func (s *simulation) scaleIn(now time.Time, p proposal) string {
	s.in = cooling{until: now.Add(s.policy.ScaleInCooldown)}
	why := fmt.Sprintf("%s: %d to %d tasks", p.why, s.desired, p.tasks)
	s.want(now, p.tasks)
	return why
}

// proposals are what the measures ask for. All of them are within what is in force.
func (s *simulation) proposals(m Minute, now time.Time) (outs, ins []proposal) {
	// "The capacity added by the initiating scale-out activity is calculated as part of the desired capacity for the
	// next scale-out activity."
	base := s.desired
	if s.out.lasts(now) {
		base = s.out.before
	}
	agreed := len(s.targets) > 0
	var stops []proposal
	for _, target := range s.targets {
		target.recent = last(minutesBelow, append(target.recent, target.of(m)))
		if out, ok := target.out(base); ok {
			outs = append(outs, proposal{clamp(out.tasks, s.min, s.max), out.why})
		}
		in, ok := target.in(s.desired)
		agreed = agreed && ok
		stops = append(stops, proposal{clamp(in.tasks, s.min, s.max), in.why})
	}
	if agreed {
		ins = stops
	}
	for _, step := range s.steps {
		step.recent = last(step.policy.Minutes, append(step.recent, step.of(m)))
		if out, ok := step.out(); ok {
			outs = append(outs, proposal{clamp(base+out.tasks, s.min, s.max), out.why})
		}
		if in, ok := step.in(); ok {
			ins = append(ins, proposal{clamp(s.desired+in.tasks, s.min, s.max), in.why})
		}
	}
	return outs, ins
}

// out is how many tasks it takes for the metric to be at the target, if it was above it for long enough.
func (t *target) out(tasks int) (proposal, bool) {
	if !all(t.recent, minutesAbove, func(value float64) bool { return value > t.value }) {
		return proposal{}, false
	}
	value := t.recent[len(t.recent)-1]
	return proposal{t.tasks(tasks, value), fmt.Sprintf("%.4g %s, above %.4g for %d minutes", value, t.what, t.value, minutesAbove)}, true
}

// in is how many tasks leave the metric at the target, if it was well below it for long enough.
func (t *target) in(tasks int) (proposal, bool) {
	if !all(t.recent, minutesBelow, func(value float64) bool { return value < belowFactor*t.value }) {
		return proposal{}, false
	}
	value := slices.Max(t.recent)
	return proposal{t.tasks(tasks, value), fmt.Sprintf("at most %.4g %s, below %.4g for %d minutes", value, t.what, belowFactor*t.value, minutesBelow)}, true
}

// tasks is the formula of target tracking, rounded up both ways: "rounding up or down when it determines how much
// capacity to add or remove … prevents it from adding insufficient capacity or removing too much capacity". What the
// division of floating-point numbers leaves over is no task.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-considerations
func (t *target) tasks(now int, value float64) int {
	const leftover = 1e-9
	return int(math.Ceil(float64(now)*value/t.value - leftover))
}

// out is how many tasks the step policy starts.
func (s *stepper) out() (proposal, bool) {
	line, intervals, ok := s.policy.Out()
	if !ok || !all(s.recent, s.policy.Minutes, func(value float64) bool { return value >= line }) {
		return proposal{}, false
	}
	value := s.recent[len(s.recent)-1]
	for n, interval := range intervals {
		if n == len(intervals)-1 || value < interval.Upper {
			return proposal{interval.Change, fmt.Sprintf("%s is %.4g, at or above %.4g", s.policy.Metric.ID, value, line)}, true
		}
	}
	return proposal{}, false
}

// in is how many tasks the step policy stops, as a negative number.
func (s *stepper) in() (proposal, bool) {
	line, intervals, ok := s.policy.In()
	if !ok || !all(s.recent, s.policy.Minutes, func(value float64) bool { return value < line }) {
		return proposal{}, false
	}
	value := s.recent[len(s.recent)-1]
	for _, interval := range intervals {
		if value <= interval.Upper {
			return proposal{interval.Change, fmt.Sprintf("%s is %.4g, below %.4g", s.policy.Metric.ID, value, line)}, true
		}
	}
	return proposal{}, false
}

// all reports whether the last count values are there and hold.
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

func clamp(tasks, least, most int) int { return min(max(tasks, least), most) }
