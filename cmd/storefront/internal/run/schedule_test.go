package run

import (
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	got, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestNext(t *testing.T) {
	const thursday = "2026-11-26T22:04:30Z"
	for name, test := range map[string]struct{ expression, zone, after, want string }{
		"each night":                      {"cron(30 3 * * ? *)", "Europe/Berlin", thursday, "2026-11-27T02:30:00Z"},
		"without a zone":                  {"cron(30 3 * * ? *)", "", thursday, "2026-11-27T03:30:00Z"},
		"not at the moment itself":        {"cron(30 3 * * ? *)", "UTC", "2026-11-27T03:30:00Z", "2026-11-28T03:30:00Z"},
		"days by number, from Sunday":     {"cron(0 9 ? * 2-6 *)", "UTC", "2026-11-27T10:00:00Z", "2026-11-30T09:00:00Z"},
		"days by name":                    {"cron(0 9 ? * MON-FRI *)", "UTC", "2026-11-27T10:00:00Z", "2026-11-30T09:00:00Z"},
		"Sunday":                          {"cron(0 9 ? * 1 *)", "UTC", thursday, "2026-11-29T09:00:00Z"},
		"two days":                        {"cron(0 9 ? * 3,7 *)", "UTC", thursday, "2026-11-28T09:00:00Z"},
		"the last day of the week":        {"cron(0 9 ? * L *)", "UTC", thursday, "2026-11-28T09:00:00Z"},
		"the last Friday":                 {"cron(0 9 ? * 6L *)", "UTC", "2026-11-27T10:00:00Z", "2026-12-25T09:00:00Z"},
		"the second Friday":               {"cron(0 9 ? * 6#2 *)", "UTC", thursday, "2026-12-11T09:00:00Z"},
		"the last day of the month":       {"cron(0 9 L * ? *)", "UTC", "2027-02-01T00:00:00Z", "2027-02-28T09:00:00Z"},
		"the last weekday of the month":   {"cron(0 9 LW * ? *)", "UTC", "2027-01-30T00:00:00Z", "2027-02-26T09:00:00Z"},
		"the weekday nearest to the 15th": {"cron(0 9 15W * ? *)", "UTC", "2026-11-01T00:00:00Z", "2026-11-16T09:00:00Z"},
		"every ten minutes from five":     {"cron(5/10 * * * ? *)", "UTC", thursday, "2026-11-26T22:05:00Z"},
		"in a month by name":              {"cron(0 0 1 MAR ? *)", "UTC", thursday, "2027-03-01T00:00:00Z"},
		"in a year":                       {"cron(0 0 1 1 ? 2030)", "UTC", thursday, "2030-01-01T00:00:00Z"},
		"never again":                     {"cron(0 0 1 1 ? 2020)", "UTC", thursday, ""},
		"a time that does not exist":      {"cron(30 2 * * ? *)", "Europe/Berlin", "2027-03-27T12:00:00Z", "2027-03-29T00:30:00Z"},
		"a time that comes twice":         {"cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		"a rate":                          {"rate(6 hours)", "", "2026-11-26T15:00:01Z", "2026-11-26T19:00:00Z"},
		"a rate at its time":              {"rate(1 day)", "", "2026-11-27T13:00:00Z", "2026-11-28T13:00:00Z"},
		"a rate that was created":         {"rate(5 minutes)", "", "2026-11-26T12:59:00Z", "2026-11-26T13:00:00Z"},
	} {
		s := Schedule{Expression: test.expression, TimeZone: test.zone, Created: at(t, "2026-11-26T13:00:00Z")}
		got, err := s.Next(at(t, test.after))
		want := time.Time{}
		if test.want != "" {
			want = at(t, test.want)
		}
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: got %s, %v, want %s", name, got.UTC(), err, test.want)
		}
		s.Disabled = true
		if got, err := s.Next(at(t, test.after)); err != nil || !got.IsZero() {
			t.Errorf("%s, disabled: got %s, %v", name, got, err)
		}
	}
	for expression, want := range map[string]string{
		"at(2027-01-01T00:00:00)": "want cron(…) or rate(…), got at(2027-01-01T00:00:00)",
		"rate(0 minutes)":         "rate(0 minutes): want a number of minutes above zero",
		"cron(0 9 * * ?)":         "cron(0 9 * * ?): want six fields, got 5",
	} {
		if _, err := (Schedule{Expression: expression}).Next(time.Now()); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", expression, err)
		}
	}
}

// The clock looks at each time of a schedule once, beginning with the deployment that created it.
func TestDue(t *testing.T) {
	deployed := at(t, "2026-11-27T10:00:00Z")
	old := Job{Name: "cart/old", Schedule: &Schedule{Expression: "rate(1 hour)", Created: deployed.Add(-90 * time.Minute)}}
	added := Job{Name: "cart/new", Schedule: &Schedule{Expression: "rate(1 hour)", Created: deployed.Add(time.Second)}}
	s := &Supervisor{jobs: newJobs()}
	s.watch(Plan{Began: deployed, Jobs: []Job{old, {Name: "cart/migration"}}})
	want := func(job Job, after time.Duration, due string) {
		t.Helper()
		got := s.jobs.due(job, deployed.Add(after))
		if due == "" && !got.IsZero() || due != "" && !got.Equal(at(t, due)) {
			t.Errorf("%s after %s: got %s, want %q", job.Name, after, got, due)
		}
	}
	want(old, time.Minute, "")
	want(Job{Name: "cart/migration"}, time.Minute, "")
	want(added, time.Minute, "") // of a deployment that goes on
	want(old, 31*time.Minute, "2026-11-27T10:30:00Z")
	want(old, 32*time.Minute, "")
	s.watch(Plan{Began: deployed, Jobs: []Job{old, added}})
	want(old, 33*time.Minute, "")
	want(added, 33*time.Minute, "2026-11-27T10:00:01Z")
	want(added, 34*time.Minute, "")
	want(old, 3*time.Hour, "2026-11-27T11:30:00Z") // once, after a machine has slept
	want(old, 3*time.Hour+time.Minute, "")
}
