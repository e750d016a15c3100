package scaling

import (
	"testing"
	"time"
)

// Lunch in Berlin begins at 11:30 there, which is 10:30 UTC in November and 09:30 in July.
func TestSimulateSchedules(t *testing.T) {
	policy := Policy{
		Min: 2, Max: 10, CPUPercent: 60,
		Schedules: []Schedule{
			{Name: "Lunch", Expression: "cron(30 11 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 6, Max: 12},
			{Name: "AfterLunch", Expression: "cron(50 11 ? * MON-FRI *)", TimeZone: "Europe/Berlin"},
		},
	}
	for name, c := range map[string]struct {
		start time.Time
		want  string
	}{
		// Six from 10:30, minute 10, on. The schedule at 10:50, minute 30, gives back the two, and nothing is done: CPU
		// is at 0 since minute 10 with 6 tasks, and since minute 0 at all, so that fifteen minutes below end with minute
		// 14, when Min is 6 still. At the end of minute 30 Min is 2.
		"in winter": {time.Date(2026, 11, 3, 10, 20, 0, 0, time.UTC), "0: 2/2, 10: 6/6, 30: 6/2, 31: 2/2"},
		"in summer": {time.Date(2026, 7, 7, 9, 20, 0, 0, time.UTC), "0: 2/2, 10: 6/6, 30: 6/2, 31: 2/2"},
		"on Sunday": {time.Date(2026, 11, 1, 10, 20, 0, 0, time.UTC), "0: 2/2"},
	} {
		t.Run(name, func(t *testing.T) {
			minutes := simulate(t, policy, Load{Start: c.start, Demand: make([]Demand, 40)})
			if got := counts(minutes); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}

	// A schedule that lowers Max stops tasks at once, those that start first; one that raises Min waits for no cooldown,
	// but for its tasks to start.
	policy = Policy{Min: 2, Max: 10, RequestsPerTask: 100, Schedules: []Schedule{
		{Name: "Up", Expression: "at(2026-11-03T10:01:00)", Min: 8},
		{Name: "Down", Expression: "at(2026-11-03T10:04:00)", Max: 3},
	}}
	minutes := simulate(t, policy, Load{
		Start: time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC), Demand: repeat(6, Demand{Requests: 200}), TaskStart: 2 * time.Minute,
	})
	if got, want := counts(minutes), "0: 2/2, 1: 2/8, 3: 8/8, 4: 3/3"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for n, want := range map[int][2]int{0: {2, 10}, 1: {8, 10}, 4: {2, 3}} {
		if got := [2]int{minutes[n].Min, minutes[n].Max}; got != want {
			t.Errorf("in minute %d %v are in force, want %v", n, got, want)
		}
	}
	if got, want := minutes[1].Why, "schedule Up: 2 to 8 tasks"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A task that has not started yet is the first that is not needed any more.
func TestSimulateStopsWhatStartsFirst(t *testing.T) {
	policy := Policy{Min: 2, Max: 10, RequestsPerTask: 100, Schedules: []Schedule{
		{Name: "Up", Expression: "at(2026-11-03T10:01:00)", Min: 8},
		{Name: "Down", Expression: "at(2026-11-03T10:02:00)", Max: 4},
	}}
	minutes := simulate(t, policy, Load{
		Start: time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC), Demand: repeat(6, Demand{Requests: 200}), TaskStart: 3 * time.Minute,
	})
	// Six start at 10:01, of which two are left at 10:02; they do their share from 10:04 on.
	if got, want := counts(minutes), "0: 2/2, 1: 2/8, 2: 2/4, 4: 4/4"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
