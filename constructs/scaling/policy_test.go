package scaling

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
			Policy{4, 8, 50, 60, 70, 2 * time.Second, 3 * time.Second},
			Policy{4, 8, 50, 60, 70, 2 * time.Second, 3 * time.Second},
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
	for policy, want := range map[Policy]bool{
		{}:               false,
		{Min: 3, Max: 3}: true,
		{Max: 2}:         true, // the profile's minimum
		{Min: 3, Max: 4}: false,
	} {
		if got := policy.WithDefaults(2).Fixed(); got != want {
			t.Errorf("%+v: fixed is %t, want %t", policy, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	expect.Problems(t, Policy{Min: 3}.Validate()) // zero is no Max, and not one below Min
	cases := map[string]struct {
		change func(*Policy)
		want   []string
	}{
		"valid":                           {func(*Policy) {}, nil},
		"Min below zero":                  {func(p *Policy) { p.Min = -1 }, []string{"Scaling.Min must not be negative, got -1"}},
		"Min below zero without a Max":    {func(p *Policy) { p.Min, p.Max = -1, 0 }, []string{"Scaling.Min must not be negative, got -1"}},
		"Max below zero":                  {func(p *Policy) { p.Max = -1 }, []string{"Scaling.Max must not be negative, got -1"}},
		"Max below Min":                   {func(p *Policy) { p.Min, p.Max = 4, 3 }, []string{"Scaling.Max must be at least Min (4), got 3"}},
		"Max below the profile's minimum": {func(p *Policy) { p.Min, p.Max = 0, 1 }, []string{"Scaling.Max must be at least Min (2), got 1"}},
		"Max equal to Min":                {func(p *Policy) { p.Min, p.Max = 4, 4 }, nil},
		"CPU at the least":                {func(p *Policy) { p.CPUPercent = 1 }, nil},
		"CPU at the most":                 {func(p *Policy) { p.CPUPercent = 100 }, nil},
		"CPU below":                       {func(p *Policy) { p.CPUPercent = -1 }, []string{"Scaling.CPUPercent must be from 1 to 100, or 0 for none, got -1"}},
		"CPU above":                       {func(p *Policy) { p.CPUPercent = 101 }, []string{"Scaling.CPUPercent must be from 1 to 100, or 0 for none, got 101"}},
		"memory at the least":             {func(p *Policy) { p.MemoryPercent = 1 }, nil},
		"memory at the most":              {func(p *Policy) { p.MemoryPercent = 100 }, nil},
		"memory below":                    {func(p *Policy) { p.MemoryPercent = -1 }, []string{"Scaling.MemoryPercent must be from 1 to 100, or 0 for none, got -1"}},
		"memory above":                    {func(p *Policy) { p.MemoryPercent = 101 }, []string{"Scaling.MemoryPercent must be from 1 to 100, or 0 for none, got 101"}},
		"one request a minute":            {func(p *Policy) { p.RequestsPerTask = 1 }, nil},
		"requests below zero":             {func(p *Policy) { p.RequestsPerTask = -1 }, []string{"Scaling.RequestsPerTask must not be negative, got -1"}},
		"a second to scale in":            {func(p *Policy) { p.ScaleInCooldown = time.Second }, nil},
		"less than a second to scale in": {
			func(p *Policy) { p.ScaleInCooldown = 999 * time.Millisecond },
			[]string{"Scaling.ScaleInCooldown must be whole seconds, at least 1s, got 999ms"},
		},
		"half seconds to scale out": {
			func(p *Policy) { p.ScaleOutCooldown = 1500 * time.Millisecond },
			[]string{"Scaling.ScaleOutCooldown must be whole seconds, at least 1s, got 1.5s"},
		},
		"time running backwards": {
			func(p *Policy) { p.ScaleOutCooldown = -time.Minute },
			[]string{"Scaling.ScaleOutCooldown must be whole seconds, at least 1s, got -1m0s"},
		},
		"everything": {
			func(p *Policy) { *p = Policy{-2, -5, 101, -7, -400, time.Nanosecond, -time.Second} },
			[]string{
				"Scaling.Min must not be negative, got -2",
				"Scaling.Max must not be negative, got -5",
				"Scaling.CPUPercent must be from 1 to 100, or 0 for none, got 101",
				"Scaling.MemoryPercent must be from 1 to 100, or 0 for none, got -7",
				"Scaling.RequestsPerTask must not be negative, got -400",
				"Scaling.ScaleInCooldown must be whole seconds, at least 1s, got 1ns",
				"Scaling.ScaleOutCooldown must be whole seconds, at least 1s, got -1s",
			},
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
