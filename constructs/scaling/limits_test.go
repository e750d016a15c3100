package scaling

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

var (
	evening = Schedule{Name: "Evening", Expression: "cron(0 20 ? * MON-FRI *)", Max: NoTasks}
	morning = Schedule{Name: "Morning", Expression: "cron(0 7 ? * MON-FRI *)"}
)

func TestNoTasksIsZero(t *testing.T) {
	for name, c := range map[string]struct {
		policy      Policy
		least, most int // of the policy
		Least, Most int // of the policy and its schedules
		fixed       bool
	}{
		"the default":               {Policy{}, 2, 10, 2, 10, false},
		"none":                      {Policy{Max: NoTasks}, 0, 0, 0, 0, true},
		"none at all":               {Policy{Min: NoTasks, Max: NoTasks}, 0, 0, 0, 0, true},
		"none while nothing waits":  {Policy{Min: NoTasks, Backlog: Backlog{time.Minute, time.Second}}, 0, 5, 0, 5, false},
		"none at night":             {Policy{Schedules: []Schedule{evening, morning}}, 2, 10, 0, 10, false},
		"none but by day":           {Policy{Max: NoTasks, Schedules: []Schedule{{Name: "Day", Expression: morning.Expression, Min: 1, Max: 3}}}, 0, 0, 0, 3, false},
		"few at night, many at day": {Policy{Min: 4, Schedules: []Schedule{{Name: "Night", Expression: evening.Expression, Min: 1, Max: 2}, morning}}, 4, 20, 1, 20, false},
	} {
		p := c.policy.WithDefaults(2)
		expect.Problems(t, p.Validate())
		if least, most := p.Limits(); least != c.least || most != c.most {
			t.Errorf("%s: limits %d and %d, want %d and %d", name, least, most, c.least, c.most)
		}
		if p.Least() != c.Least || p.Most() != c.Most || p.Fixed() != c.fixed {
			t.Errorf("%s: least %d, most %d, fixed %t, want %d, %d, %t", name, p.Least(), p.Most(), p.Fixed(), c.Least, c.Most, c.fixed)
		}
		if again := p.WithDefaults(3); again.Min != p.Min || again.Max != p.Max {
			t.Errorf("%s: the defaults of a policy with defaults are Min %d and Max %d", name, again.Min, again.Max)
		}
	}
	p := Policy{Schedules: []Schedule{evening, morning}}.WithDefaults(2)
	for n, want := range [][2]int{{0, 0}, {2, 10}} {
		if least, most := p.Schedules[n].Limits(); least != want[0] || most != want[1] {
			t.Errorf("the limits of schedule %d are %d and %d, want %v", n, least, most, want)
		}
	}
}

func TestLimitsThatCannotBe(t *testing.T) {
	const (
		never  = ", since no measure has data without a task, so that nothing would start the first: set Max to scaling.NoTasks too, or add a Backlog or Steps on a metric that is not the service's own"
		reason = ": raise it, or state the reason in Scaling.FewerTasksBecause"
		same   = ": set Min or Max, or remove it"
	)
	depth := func(change int) []StepPolicy {
		intervals := []Interval{{Lower: 1, Change: change}}
		if change < 0 {
			intervals = []Interval{{Upper: 1, Change: change}}
		}
		return []StepPolicy{{Measure: Measure{ID: "Depth", Metric: metric.Metric{Namespace: "Shop", Name: "depth"}}, Intervals: intervals}}
	}
	for name, c := range map[string]struct {
		policy Policy
		want   []string
	}{
		"no task, and CPU":      {Policy{Min: NoTasks, Max: 4}, []string{"Scaling.Min must not be scaling.NoTasks with a Max of 4" + never}},
		"no task, and requests": {Policy{Min: NoTasks, RequestsPerTask: 5}, []string{"Scaling.Min must not be scaling.NoTasks with a Max of 5" + never}},
		"no task, and steps on its own CPU": {
			Policy{Min: NoTasks, Steps: []StepPolicy{{Measure: CPU(), Intervals: []Interval{{Lower: 80, Change: 1}}}}},
			[]string{"Scaling.Min must not be scaling.NoTasks with a Max of 5" + never},
		},
		"no task, and steps that only stop some": {Policy{Min: NoTasks, Steps: depth(-1)}, []string{"Scaling.Min must not be scaling.NoTasks with a Max of 5" + never}},
		"no task, and steps that start some":     {Policy{Min: NoTasks, Steps: depth(1)}, nil},
		"no task in the morning": {
			Policy{Schedules: []Schedule{evening, {Name: "Morning", Expression: morning.Expression, Min: NoTasks}}},
			[]string{"Scaling.Schedules[1].Min must not be scaling.NoTasks with a Max of 10" + never},
		},
		"no task without a reason": {
			Policy{Max: NoTasks, FewerTasksBecause: " "},
			[]string{"Scaling.Min must be at least 2, the profile's MinTasks, got 0" + reason},
		},
		"no task at night without a reason": {
			Policy{Schedules: []Schedule{evening, morning}, FewerTasksBecause: " "},
			[]string{"Scaling.Schedules[0].Min must be at least 2, the profile's MinTasks, got 0" + reason},
		},
		"fewer than none":           {Policy{Min: NoTasks - 1}, []string{"Scaling.Min must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got -2147483649"}},
		"at most none, at least 1":  {Policy{Min: 1, Max: NoTasks}, []string{"Scaling.Max must be at least Min (1), got 0"}},
		"a schedule without limits": {Policy{Schedules: []Schedule{morning}}, []string{"Scaling.Schedules[0] changes nothing, since its Min (2) and Max (10) are the policy's" + same}},
		"two schedules with the policy's limits": {
			Policy{Min: 3, Schedules: []Schedule{{Name: "A", Expression: morning.Expression, Min: 3}, {Name: "B", Expression: morning.Expression, Max: 15}}},
			[]string{
				"Scaling.Schedules[0] changes nothing, since its Min (3) and Max (15) are the policy's" + same,
				"Scaling.Schedules[1] changes nothing, since its Min (3) and Max (15) are the policy's" + same,
			},
		},
		"steps without a task, ever": {Policy{Max: NoTasks, Steps: depth(1)}, []string{"Scaling.Steps has no effect while Min and Max are both 0: raise Max, or remove the measure"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.policy
			if p.FewerTasksBecause == "" {
				p.FewerTasksBecause = "the test says so"
			}
			p = p.WithDefaults(2)
			problems := p.Validate()
			if problems == nil {
				problems = p.ValidateFor(profile.Profile{MinTasks: 2, Spot: true})
			}
			expect.Problems(t, problems, c.want...)
		})
	}
}

// A service without a task has no data of one: nothing but a schedule or waiting messages starts the first.
func TestSimulateWithoutTasks(t *testing.T) {
	day := time.Date(2026, 11, 3, 19, 58, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		policy Policy
		load   Load
		want   string
	}{
		"at night": {
			Policy{Min: 2, CPUPercent: 60, MemoryPercent: 50, RequestsPerTask: 5, Schedules: []Schedule{
				evening, {Name: "Morning", Expression: "at(2026-11-03T20:30:00)"},
			}},
			Load{Start: day, Demand: repeat(40, Demand{CPU: 100, Memory: 60, Requests: 9})},
			"0: 2/2, 2: 0/0, 32: 2/2",
		},
		"never": {Policy{Max: NoTasks}, Load{Demand: repeat(40, Demand{CPU: 100, Requests: 9})}, "0: 0/0"},
		// One message in minute 5 waits for minutes 5, 6 and 7. The task processes it at once, and fifteen minutes without
		// a message later it is stopped.
		"until a message waits": {
			Policy{Min: NoTasks, Max: 3, Backlog: Backlog{time.Minute, time.Second}},
			Load{Demand: append(append(make([]Demand, 5), Demand{Messages: 1}), make([]Demand, 20)...)},
			"0: 0/0, 7: 0/1, 8: 1/1, 22: 1/0, 23: 0/0",
		},
		"one task only while it starts": {
			Policy{Min: NoTasks, Max: 3, Backlog: Backlog{10 * time.Minute, time.Second}},
			Load{TaskStart: 8 * time.Minute, Demand: repeat(12, Demand{Messages: 10})},
			"0: 0/0, 2: 0/1, 11: 1/1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			minutes := simulate(t, c.policy, c.load)
			if got := counts(minutes); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			for n, m := range minutes {
				if m.Running == 0 && m.CPUPercent+m.MemoryPercent+m.RequestsPerTask+m.BacklogPerTask != 0 {
					t.Errorf("minute %d has values of a task without one: %+v", n, m)
				}
			}
		})
	}
	minutes := simulate(t, Policy{Min: NoTasks, Backlog: Backlog{time.Minute, time.Second}}, Load{Demand: repeat(4, Demand{Messages: 1})})
	if got, want := minutes[2].Why, "messages waited for 3 minutes, and no task ran: 0 to 1 tasks"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
