package watch

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	want := Alarms{
		Errors:          Share{Percent: 5, MinRequests: 10},
		TypicalLatency:  Latency{Longest: time.Second, MinRequests: 10},
		SlowestLatency:  Latency{Longest: 3 * time.Second, MinRequests: 100},
		HealthyTasks:    Least{Tasks: 1},
		ClientErrors:    Share{Percent: 25, MinRequests: 10},
		MissingTasks:    Events{Count: 1},
		CPU:             Use{Percent: 85},
		Memory:          Use{Percent: 90},
		ThrottledReads:  Events{Count: 10},
		ThrottledWrites: Events{Count: 10},
		SystemErrors:    Events{Count: 5},
		QueueAge:        Age{Oldest: 10 * time.Minute},
		DeadLetters:     Events{Count: 1},
	}
	if diff := cmp.Diff(want, Alarms{}.WithDefaults(2)); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	own := Alarms{
		Switch: profile.On, Errors: Share{1, 2, false}, TypicalLatency: Latency{3 * time.Millisecond, 4, false},
		SlowestLatency: Latency{5 * time.Millisecond, 6, true}, HealthyTasks: Least{7, false}, ClientErrors: Share{8, 9, false},
		MissingTasks: Events{10, false}, CPU: Use{11, false}, Memory: Use{12, false}, ThrottledReads: Events{13, false},
		ThrottledWrites: Events{14, false}, SystemErrors: Events{15, false}, QueueAge: Age{16 * time.Second, false}, DeadLetters: Events{17, true},
	}
	if diff := cmp.Diff(own, own.WithDefaults(2)); diff != "" {
		t.Errorf("nothing to be filled in (-want +got):\n%s", diff)
	}
	for minTasks, want := range map[int]int{0: 1, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 10: 5} {
		if got := (Alarms{}).WithDefaults(minTasks).HealthyTasks.Tasks; got != want {
			t.Errorf("of at least %d tasks %d must be healthy, want %d", minTasks, got, want)
		}
	}
}

func TestValidateProps(t *testing.T) {
	cases := map[string]struct {
		props Props
		want  []string
	}{
		"worker": {Props{Service: "mailer", Owner: "growth", MinTasks: 1}, nil},
		"routed": {Props{Service: "cart", Owner: "checkout", MinTasks: 2, Targets: two}, nil},
		"nothing": {Props{Targets: Targets{Groups: []string{"a", "b", "c"}}, Alarms: Alarms{CPU: Use{Percent: -1}}}, []string{
			"Service is missing: name the service that is watched",
			"Owner is missing: name the team that answers for the service",
			"Targets.Balancer is missing: name the balancer of Targets.Groups",
			"Targets.Groups must be at most 2, got 3",
			"Alarms.CPU.Percent must be more than 0 and less than 100, got -1",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.validate(), c.want...) })
	}
}

func TestValidate(t *testing.T) {
	const routes = " must be left out without Routes: the balancer sends the service no requests"
	cases := map[string]struct {
		alarms Alarms
		worker bool
		want   []string
	}{
		"nothing":                   {Alarms{}, false, nil},
		"nothing, of a worker":      {Alarms{}, true, nil},
		"a share of little":         {Alarms{Errors: Share{Percent: 0.1}}, false, nil},
		"a share of nearly all":     {Alarms{Errors: Share{Percent: 99.9}}, false, nil},
		"on":                        {Alarms{Switch: profile.On}, false, nil},
		"off":                       {Alarms{Switch: profile.Off}, false, nil},
		"a switch that is none":     {Alarms{Switch: 3}, false, []string{"Alarms.Switch must be profile.On or profile.Off, or 0 for the profile's, got 3"}},
		"a switch below":            {Alarms{Switch: -1}, false, []string{"Alarms.Switch must be profile.On or profile.Off, or 0 for the profile's, got -1"}},
		"share of the wrong sign":   {Alarms{Errors: Share{Percent: -5}}, false, []string{"Alarms.Errors.Percent must be more than 0 and less than 100, got -5"}},
		"share of all":              {Alarms{ClientErrors: Share{Percent: 100}}, false, []string{"Alarms.ClientErrors.Percent must be more than 0 and less than 100, got 100"}},
		"share of no number":        {Alarms{Errors: Share{Percent: math.NaN()}}, false, []string{"Alarms.Errors.Percent must be more than 0 and less than 100, got NaN"}},
		"fewer requests than none":  {Alarms{Errors: Share{MinRequests: -1}}, false, []string{"Alarms.Errors.MinRequests must be at least 1, got -1"}},
		"shortest latency":          {Alarms{TypicalLatency: Latency{Longest: time.Millisecond}}, false, nil},
		"longest latency":           {Alarms{SlowestLatency: Latency{Longest: 29999 * time.Millisecond}}, false, nil},
		"latency of the wrong sign": {Alarms{TypicalLatency: Latency{Longest: -time.Second}}, false, []string{"Alarms.TypicalLatency.Longest must be a multiple of 1ms, less than 30s, got -1s"}},
		"latency too fine":          {Alarms{TypicalLatency: Latency{Longest: 1500 * time.Microsecond}}, false, []string{"Alarms.TypicalLatency.Longest must be a multiple of 1ms, less than 30s, got 1.5ms"}},
		"latency after the end":     {Alarms{SlowestLatency: Latency{Longest: 30 * time.Second}}, false, []string{"Alarms.SlowestLatency.Longest must be a multiple of 1ms, less than 30s, got 30s"}},
		"latency of no requests":    {Alarms{SlowestLatency: Latency{MinRequests: -9}}, false, []string{"Alarms.SlowestLatency.MinRequests must be at least 1, got -9"}},
		"all tasks":                 {Alarms{HealthyTasks: Least{Tasks: 2}}, false, nil},
		"more tasks than run":       {Alarms{HealthyTasks: Least{Tasks: 3}}, false, []string{"Alarms.HealthyTasks.Tasks must be from 1 to Scaling.Min (2), got 3"}},
		"tasks of the wrong sign":   {Alarms{HealthyTasks: Least{Tasks: -1}}, false, []string{"Alarms.HealthyTasks.Tasks must be from 1 to Scaling.Min (2), got -1"}},
		"missing tasks":             {Alarms{MissingTasks: Events{Count: -1}}, false, []string{"Alarms.MissingTasks.Count must be at least 1, got -1"}},
		"processors":                {Alarms{CPU: Use{Percent: 101}}, false, []string{"Alarms.CPU.Percent must be more than 0 and less than 100, got 101"}},
		"memory":                    {Alarms{Memory: Use{Percent: -0.5}}, false, []string{"Alarms.Memory.Percent must be more than 0 and less than 100, got -0.5"}},
		"throttled reads":           {Alarms{ThrottledReads: Events{Count: -1}}, false, []string{"Alarms.ThrottledReads.Count must be at least 1, got -1"}},
		"throttled writes":          {Alarms{ThrottledWrites: Events{Count: -1}}, false, []string{"Alarms.ThrottledWrites.Count must be at least 1, got -1"}},
		"system errors":             {Alarms{SystemErrors: Events{Count: -1}}, false, []string{"Alarms.SystemErrors.Count must be at least 1, got -1"}},
		"shortest age":              {Alarms{QueueAge: Age{Oldest: time.Second}}, false, nil},
		"age of the wrong sign":     {Alarms{QueueAge: Age{Oldest: -time.Hour}}, false, []string{"Alarms.QueueAge.Oldest must be a multiple of 1s, less than 336h0m0s, got -1h0m0s"}},
		"age too fine":              {Alarms{QueueAge: Age{Oldest: time.Millisecond}}, false, []string{"Alarms.QueueAge.Oldest must be a multiple of 1s, less than 336h0m0s, got 1ms"}},
		"age of what is gone":       {Alarms{QueueAge: Age{Oldest: 336 * time.Hour}}, false, []string{"Alarms.QueueAge.Oldest must be a multiple of 1s, less than 336h0m0s, got 336h0m0s"}},
		"dead letters":              {Alarms{DeadLetters: Events{Count: -1}}, false, []string{"Alarms.DeadLetters.Count must be at least 1, got -1"}},
		"requests of a worker": {
			Alarms{Errors: Share{Percent: 1}, TypicalLatency: Latency{MinRequests: 1}, SlowestLatency: Latency{Disable: true}, HealthyTasks: Least{Tasks: 1}, ClientErrors: Share{MinRequests: 1}},
			true,
			[]string{"Alarms.Errors, Alarms.TypicalLatency, Alarms.SlowestLatency, Alarms.HealthyTasks, Alarms.ClientErrors" + routes},
		},
		"tasks of a worker":  {Alarms{MissingTasks: Events{Count: 2}, CPU: Use{Percent: 50}}, true, nil},
		"one of a worker":    {Alarms{ClientErrors: Share{Disable: true}}, true, []string{"Alarms.ClientErrors" + routes}},
		"several at once":    {Alarms{Errors: Share{Percent: -1, MinRequests: -2}, CPU: Use{Percent: 100}}, false, []string{"Alarms.Errors.Percent must be more than 0 and less than 100, got -1", "Alarms.Errors.MinRequests must be at least 1, got -2", "Alarms.CPU.Percent must be more than 0 and less than 100, got 100"}},
		"disabled and wrong": {Alarms{CPU: Use{Percent: -1, Disable: true}}, false, []string{"Alarms.CPU.Percent must be more than 0 and less than 100, got -1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.alarms.Validate(2, !c.worker), c.want...) })
	}
}
