package scaling

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	zero := Policy{
		Min: 2, Max: 10, CPUPercent: 60,
		ScaleInCooldown: 5 * time.Minute, ScaleOutCooldown: time.Minute,
	}
	with := func(change func(*Policy)) Policy {
		p := zero
		change(&p)
		return p
	}
	cases := map[string]struct{ policy, want Policy }{
		"zero":                            {Policy{}, zero},
		"five times the policy's own Min": {Policy{Min: 3}, with(func(p *Policy) { p.Min, p.Max = 3, 15 })},
		"five times one":                  {Policy{Min: 1}, with(func(p *Policy) { p.Min, p.Max = 1, 5 })},
		"Max of its own":                  {Policy{Max: 4}, with(func(p *Policy) { p.Max = 4 })},
		"another CPU target":              {Policy{CPUPercent: 75}, with(func(p *Policy) { p.CPUPercent = 75 })},
		"memory instead of CPU":           {Policy{MemoryPercent: 70}, with(func(p *Policy) { p.CPUPercent, p.MemoryPercent = 0, 70 })},
		"requests instead of CPU":         {Policy{RequestsPerTask: 9}, with(func(p *Policy) { p.CPUPercent, p.RequestsPerTask = 0, 9 })},
		"cooldowns of its own": {
			Policy{ScaleInCooldown: time.Hour, ScaleOutCooldown: time.Second},
			with(func(p *Policy) { p.ScaleInCooldown, p.ScaleOutCooldown = time.Hour, time.Second }),
		},
		"nothing to fill in": {
			Policy{Min: 4, Max: 8, CPUPercent: 50, MemoryPercent: 60, RequestsPerTask: 70, ScaleInCooldown: 2 * time.Second, ScaleOutCooldown: 3 * time.Second},
			Policy{Min: 4, Max: 8, CPUPercent: 50, MemoryPercent: 60, RequestsPerTask: 70, ScaleInCooldown: 2 * time.Second, ScaleOutCooldown: 3 * time.Second},
		},
		"a backlog instead of CPU": {
			Policy{Backlog: Backlog{time.Minute, time.Second}},
			with(func(p *Policy) { p.CPUPercent, p.Backlog = 0, Backlog{time.Minute, time.Second} }),
		},
		"a metric instead of CPU": {
			Policy{Metrics: []Measure{{ID: "Records", Metric: metric.Metric{Namespace: "Shop", Name: "records"}, PerTask: 5}}},
			with(func(p *Policy) {
				p.CPUPercent = 0
				p.Metrics = []Measure{{ID: "Records", Metric: metric.Metric{Namespace: "Shop", Name: "records", Statistic: "Average", Period: time.Minute}, PerTask: 5}}
			}),
		},
		"steps that start tasks, beside CPU": {
			Policy{Steps: []StepPolicy{{Measure: CPU(), Intervals: []Interval{{Lower: 80, Change: 1}}}}},
			with(func(p *Policy) {
				p.Steps = []StepPolicy{{Measure: CPU(), Intervals: []Interval{{Lower: 80, Change: 1}}, Minutes: 1}}
			}),
		},
		"steps that stop tasks, instead of CPU": {
			Policy{Steps: []StepPolicy{{Measure: Memory(), Intervals: []Interval{{Upper: 20, Change: -1}}, Minutes: 5}}},
			with(func(p *Policy) {
				p.CPUPercent = 0
				p.Steps = []StepPolicy{{Measure: Memory(), Intervals: []Interval{{Upper: 20, Change: -1}}, Minutes: 5}}
			}),
		},
		"schedules have both ends": {
			Policy{Schedules: []Schedule{{Name: "A", Expression: "rate(1 day)"}, {Name: "B", Expression: "rate(1 day)", Min: 4, Max: 40}}},
			with(func(p *Policy) {
				p.Schedules = []Schedule{{Name: "A", Expression: "rate(1 day)", Min: 2, Max: 10}, {Name: "B", Expression: "rate(1 day)", Min: 4, Max: 40}}
			}),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.policy.WithDefaults(2)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
			expect.Problems(t, got.Validate())
		})
	}
}

func TestFixed(t *testing.T) {
	for name, c := range map[string]struct {
		policy Policy
		want   bool
	}{
		"zero":                  {Policy{}, false},
		"Max is Min":            {Policy{Min: 3, Max: 3}, true},
		"Max is the profile's":  {Policy{Max: 2}, true},
		"Max is more than Min":  {Policy{Min: 3, Max: 4}, false},
		"a schedule changes it": {Policy{Min: 3, Max: 3, Schedules: []Schedule{{Min: 5, Max: 5}}}, false},
	} {
		if got := c.policy.WithDefaults(2).Fixed(); got != c.want {
			t.Errorf("%s: fixed is %t, want %t", name, got, c.want)
		}
	}
}

// A policy is a value: its defaults must not reach back into what it was made from.
func TestDefaultsLeaveThePolicyAsItWas(t *testing.T) {
	given := Policy{
		Metrics:   []Measure{{ID: "Records"}},
		Steps:     []StepPolicy{{Measure: Measure{ID: "Depth", Metric: metric.Metric{Name: "depth"}}}},
		Schedules: []Schedule{{Name: "Lunch"}},
	}
	given.WithDefaults(2)
	want := Policy{
		Metrics:   []Measure{{ID: "Records"}},
		Steps:     []StepPolicy{{Measure: Measure{ID: "Depth", Metric: metric.Metric{Name: "depth"}}}},
		Schedules: []Schedule{{Name: "Lunch"}},
	}
	if diff := cmp.Diff(want, given); diff != "" {
		t.Errorf("the policy that was given (-want +got):\n%s", diff)
	}
}

func TestFewerTasksThanTheProfileNeedAReason(t *testing.T) {
	const raise = ": raise it, or state the reason in Scaling.FewerTasksBecause"
	hourly := func(least int) Schedule {
		return Schedule{Name: "Night", Expression: "rate(1 hour)", Min: least, Max: 9}
	}
	for name, c := range map[string]struct {
		policy Policy
		fewer  bool
		want   []string
	}{
		"the profile's":     {Policy{}, false, nil},
		"as many":           {Policy{Min: 2}, false, nil},
		"fewer":             {Policy{Min: 1}, true, []string{"Scaling.Min must be at least 2, the profile's MinTasks, got 1" + raise}},
		"with a reason":     {Policy{Min: 1, FewerTasksBecause: "one writer at a time"}, true, nil},
		"with no reason":    {Policy{Min: 1, FewerTasksBecause: " "}, true, []string{"Scaling.Min must be at least 2, the profile's MinTasks, got 1" + raise}},
		"a reason too much": {Policy{Min: 3, FewerTasksBecause: "one writer at a time"}, false, nil},
		"by a schedule": {
			Policy{Schedules: []Schedule{hourly(2), hourly(1)}},
			true,
			[]string{"Scaling.Schedules[1].Min must be at least 2, the profile's MinTasks, got 1" + raise},
		},
		"by the policy and a schedule that takes it over": {
			Policy{Min: 1, Schedules: []Schedule{hourly(0)}},
			true,
			[]string{"Scaling.Min must be at least 2, the profile's MinTasks, got 1" + raise},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.policy.WithDefaults(2)
			expect.Problems(t, p.ValidateFor(profile.Profile{MinTasks: 2}), c.want...)
			if p.Fewer(2) != c.fewer {
				t.Errorf("fewer is %t, want %t", p.Fewer(2), c.fewer)
			}
		})
	}
	expect.Problems(t, Policy{Min: 1}.WithDefaults(1).ValidateFor(profile.Profile{MinTasks: 1, Spot: true}))
}

func TestValidate(t *testing.T) {
	expect.Problems(t, Policy{Min: 3}.Validate()) // zero is no Max, and not one below Min
	cases := map[string]struct {
		change func(*Policy)
		want   []string
	}{
		"valid":                           {func(*Policy) {}, nil},
		"Min below zero":                  {func(p *Policy) { p.Min = -1 }, []string{"Scaling.Min must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got -1"}},
		"Min below zero without a Max":    {func(p *Policy) { p.Min, p.Max = -1, 0 }, []string{"Scaling.Min must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got -1"}},
		"Max below zero":                  {func(p *Policy) { p.Max = -1 }, []string{"Scaling.Max must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got -1"}},
		"Max below Min":                   {func(p *Policy) { p.Min, p.Max = 4, 3 }, []string{"Scaling.Max must be at least Min (4), got 3"}},
		"Max below the profile's minimum": {func(p *Policy) { p.Min, p.Max = 0, 1 }, []string{"Scaling.Max must be at least Min (2), got 1"}},
		"Max equal to Min":                {func(p *Policy) { p.Min, p.Max = 4, 4 }, nil},
		"Max at the most":                 {func(p *Policy) { p.Max = 100_000 }, nil},
		"Min above":                       {func(p *Policy) { p.Min, p.Max = 1<<62, 0 }, []string{"Scaling.Min must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got 4611686018427387904"}},
		"Max above":                       {func(p *Policy) { p.Max = 100_001 }, []string{"Scaling.Max must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got 100001"}},
		"requests above":                  {func(p *Policy) { p.RequestsPerTask = 1 << 62 }, []string{"Scaling.RequestsPerTask must be from 1 to 1000000000, or 0 for none, got 4611686018427387904"}},
		"a day to scale in":               {func(p *Policy) { p.ScaleInCooldown = 24 * time.Hour }, nil},
		"more than a day to scale out":    {func(p *Policy) { p.ScaleOutCooldown = 25 * time.Hour }, []string{"Scaling.ScaleOutCooldown must be whole seconds from 1s to 24h, got 25h0m0s"}},
		"CPU at the least":                {func(p *Policy) { p.CPUPercent = 1 }, nil},
		"CPU at the most":                 {func(p *Policy) { p.CPUPercent = 100 }, nil},
		"CPU below":                       {func(p *Policy) { p.CPUPercent = -1 }, []string{"Scaling.CPUPercent must be from 1 to 100, or 0 for none, got -1"}},
		"CPU above":                       {func(p *Policy) { p.CPUPercent = 101 }, []string{"Scaling.CPUPercent must be from 1 to 100, or 0 for none, got 101"}},
		"memory at the least":             {func(p *Policy) { p.MemoryPercent = 1 }, nil},
		"memory at the most":              {func(p *Policy) { p.MemoryPercent = 100 }, nil},
		"memory below":                    {func(p *Policy) { p.MemoryPercent = -1 }, []string{"Scaling.MemoryPercent must be from 1 to 100, or 0 for none, got -1"}},
		"memory above":                    {func(p *Policy) { p.MemoryPercent = 101 }, []string{"Scaling.MemoryPercent must be from 1 to 100, or 0 for none, got 101"}},
		"one request a minute":            {func(p *Policy) { p.RequestsPerTask = 1 }, nil},
		"requests below zero":             {func(p *Policy) { p.RequestsPerTask = -1 }, []string{"Scaling.RequestsPerTask must be from 1 to 1000000000, or 0 for none, got -1"}},
		"a second to scale in":            {func(p *Policy) { p.ScaleInCooldown = time.Second }, nil},
		"less than a second to scale in": {
			func(p *Policy) { p.ScaleInCooldown = 999 * time.Millisecond },
			[]string{"Scaling.ScaleInCooldown must be whole seconds from 1s to 24h, got 999ms"},
		},
		"half seconds to scale out": {
			func(p *Policy) { p.ScaleOutCooldown = 1500 * time.Millisecond },
			[]string{"Scaling.ScaleOutCooldown must be whole seconds from 1s to 24h, got 1.5s"},
		},
		"time running backwards": {
			func(p *Policy) { p.ScaleOutCooldown = -time.Minute },
			[]string{"Scaling.ScaleOutCooldown must be whole seconds from 1s to 24h, got -1m0s"},
		},
		"everything": {
			func(p *Policy) {
				*p = Policy{
					Min: -2, Max: -5, CPUPercent: 101, MemoryPercent: -7, RequestsPerTask: -400,
					Backlog:         Backlog{MessageDuration: -time.Second},
					Metrics:         []Measure{CPU()},
					Steps:           []StepPolicy{{Measure: CPU()}},
					Schedules:       []Schedule{{Name: "Lunch", Expression: "noon", Min: 1, Max: 1}},
					ScaleInCooldown: time.Nanosecond, ScaleOutCooldown: -time.Second,
					Spot: Spot{Percent: 101},
				}
			},
			[]string{
				"Scaling.Min must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got -2",
				"Scaling.Max must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got -5",
				"Scaling.CPUPercent must be from 1 to 100, or 0 for none, got 101",
				"Scaling.MemoryPercent must be from 1 to 100, or 0 for none, got -7",
				"Scaling.RequestsPerTask must be from 1 to 1000000000, or 0 for none, got -400",
				"Scaling.Backlog.MessageDuration must be more than 0s, what a task takes for one message, got -1s",
				"Scaling.Metrics[0] must not be the service's own: set CPUPercent, MemoryPercent or RequestsPerTask instead",
				"Scaling.Steps[0].Intervals must be 1 to 20, got 0",
				`Scaling.Schedules[0].Expression column 1: must be cron(…), at(…) or rate(…), got "noon"`,
				"Scaling.ScaleInCooldown must be whole seconds from 1s to 24h, got 1ns",
				"Scaling.ScaleOutCooldown must be whole seconds from 1s to 24h, got -1s",
				"Scaling.Spot.Percent must be from 1 to 100, or 0 for the profile's, got 101",
			},
		},
		"a fixed number with measures": {
			func(p *Policy) {
				*p = Policy{
					Min: 3, Max: 3, Backlog: Backlog{time.Minute, time.Second},
					Metrics: []Measure{{ID: "Records", Metric: metric.Metric{Namespace: "Shop", Name: "records"}, PerTask: 5}},
					Steps:   []StepPolicy{{Measure: CPU(), Intervals: []Interval{{Lower: 80, Change: 1}}}},
				}
			},
			[]string{
				"Scaling.Backlog has no effect while Min and Max are both 3: raise Max, or remove the measure",
				"Scaling.Metrics has no effect while Min and Max are both 3: raise Max, or remove the measure",
				"Scaling.Steps has no effect while Min and Max are both 3: raise Max, or remove the measure",
			},
		},
		"measures that a schedule lets act": {
			func(p *Policy) {
				*p = Policy{
					Min: 3, Max: 3, Backlog: Backlog{time.Minute, time.Second},
					Schedules: []Schedule{{Name: "Sale", Expression: "at(2026-11-27T06:00:00)", Max: 30}},
				}
			}, nil,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 400}
			c.change(&p)
			expect.Problems(t, p.WithDefaults(2).Validate(), c.want...)
		})
	}
}
