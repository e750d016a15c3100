package alarm

import (
	"math"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestThresholdDefaults(t *testing.T) {
	equal := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %+v, want %+v", what, got, want)
		}
	}
	equal("share", Share{Disable: true}.WithDefaults(5, 10), Share{5, 10, true})
	equal("share of its own", Share{1, 2, false}.WithDefaults(5, 10), Share{1, 2, false})
	equal("share, half", Share{MinRequests: 2}.WithDefaults(5, 10), Share{5, 2, false})
	equal("latency", Latency{}.WithDefaults(time.Second, 10), Latency{time.Second, 10, false})
	equal("latency of its own", Latency{time.Minute, 2, true}.WithDefaults(time.Second, 10), Latency{time.Minute, 2, true})
	equal("latency, half", Latency{Longest: time.Minute}.WithDefaults(time.Second, 10), Latency{time.Minute, 10, false})
	equal("least", Least{}.WithDefaults(3), Least{3, false})
	equal("least of its own", Least{1, true}.WithDefaults(3), Least{1, true})
	equal("use", Utilization{}.WithDefaults(85), Utilization{85, false})
	equal("use of its own", Utilization{1, true}.WithDefaults(85), Utilization{1, true})
	equal("events", Events{}.WithDefaults(10), Events{10, false})
	equal("events of its own", Events{1, true}.WithDefaults(10), Events{1, true})
	equal("age", Age{}.WithDefaults(time.Minute), Age{time.Minute, false})
	equal("age of its own", Age{time.Hour, true}.WithDefaults(time.Minute), Age{time.Hour, true})
}

func TestThresholds(t *testing.T) {
	const (
		percent  = "Alarms.X.Percent must be more than 0 and less than 100, got "
		requests = "Alarms.X.MinRequests must be from 1 to 1000000000, got "
		longest  = "Alarms.X.Longest must be a multiple of 1ms, less than 30s, got "
		oldest   = "Alarms.X.Oldest must be a multiple of 1s, less than 336h0m0s, got "
		count    = "Alarms.X.Count must be from 1 to 1000000000, got "
	)
	share := func(percent float64, requests int) error { return Share{percent, requests, false}.Check("Alarms.X") }
	use := func(percent float64) error { return Utilization{Percent: percent}.Check("Alarms.X") }
	latency := func(longest time.Duration, requests int) error {
		return Latency{longest, requests, false}.Check("Alarms.X")
	}
	least := func(tasks, minTasks int) error { return Least{Tasks: tasks}.Check("Alarms.X", minTasks) }
	events := func(count int) error { return Events{Count: count}.Check("Alarms.X") }
	age := func(oldest time.Duration) error { return Age{Oldest: oldest}.Check("Alarms.X") }
	for name, c := range map[string]struct {
		got  error
		want []string
	}{
		"a share":           {share(5, 10), nil},
		"the least share":   {share(math.SmallestNonzeroFloat64, 1), nil},
		"the highest share": {share(99.99, 1), nil},
		"no share":          {share(0, 1), []string{percent + "0"}},
		"all":               {share(100, 1), []string{percent + "100"}},
		"a share of no one": {share(-1, 0), []string{percent + "-1", requests + "0"}},
		"no number":         {share(math.NaN(), 1), []string{percent + "NaN"}},
		"without end":       {share(math.Inf(1), 1), []string{percent + "+Inf"}},
		"disabled":          {Share{Percent: -1, MinRequests: 1, Disable: true}.Check("Alarms.X"), []string{percent + "-1"}},

		"a use":  {use(85), nil},
		"no use": {use(0), []string{percent + "0"}},
		"in use": {use(100), []string{percent + "100"}},

		"shortest latency":   {latency(time.Millisecond, 1), nil},
		"longest latency":    {latency(29999*time.Millisecond, 1), nil},
		"no latency":         {latency(0, 1), []string{longest + "0s"}},
		"a finer latency":    {latency(1500*time.Microsecond, 1), []string{longest + "1.5ms"}},
		"after the API":      {latency(30*time.Second, 1), []string{longest + "30s"}},
		"latency of nothing": {latency(-time.Second, -1), []string{longest + "-1s", requests + "-1"}},

		"one task":                {least(1, 2), nil},
		"all tasks":               {least(2, 2), nil},
		"more tasks than run":     {least(3, 2), []string{"Alarms.X.Tasks must be from 1 to 2, the smallest minimum of Scaling, got 3"}},
		"no task":                 {least(0, 2), []string{"Alarms.X.Tasks must be from 1 to 2, the smallest minimum of Scaling, got 0"}},
		"none where none may run": {least(0, 0), nil},
		"one where none may run":  {least(1, 0), []string{"Alarms.X.Tasks must not be set where Scaling may have no tasks, since the alarm would page whenever it has none, got 1: remove it"}},

		"one event":        {events(1), nil},
		"no event":         {events(0), []string{count + "0"}},
		"countless events": {events(1 << 62), []string{count + "4611686018427387904"}},
		"events missed":    {events(-1), []string{count + "-1"}},

		"shortest age":  {age(time.Second), nil},
		"longest age":   {age(336*time.Hour - time.Second), nil},
		"two weeks":     {age(336 * time.Hour), []string{oldest + "336h0m0s"}},
		"a finer age":   {age(1500 * time.Millisecond), []string{oldest + "1.5s"}},
		"before it was": {age(-time.Second), []string{oldest + "-1s"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.got, c.want...) })
	}
}
