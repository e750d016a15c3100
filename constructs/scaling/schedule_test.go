package scaling

import (
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestSchedules(t *testing.T) {
	const zone = "Scaling.Schedules[0].TimeZone must be a time zone by its IANA name, such as Europe/Berlin, or empty for UTC, got "
	valid := Schedule{Name: "Lunch", Expression: "cron(30 11 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 8}
	for name, c := range map[string]struct {
		change func(*Schedule)
		want   []string
	}{
		"valid":               {func(*Schedule) {}, nil},
		"UTC":                 {func(s *Schedule) { s.TimeZone = "" }, nil},
		"UTC by name":         {func(s *Schedule) { s.TimeZone = "UTC" }, nil},
		"a long name":         {func(s *Schedule) { s.TimeZone = "America/North_Dakota/New_Salem" }, nil},
		"an offset":           {func(s *Schedule) { s.TimeZone = "Etc/GMT+9" }, nil},
		"a zone for a rate":   {func(s *Schedule) { s.Expression = "rate(6 hours)" }, []string{`Scaling.Schedules[0].TimeZone must be empty with a rate, which has no time of day, got "Europe/Berlin"`}},
		"no such zone":        {func(s *Schedule) { s.TimeZone = "Europe/Atlantis" }, []string{zone + `"Europe/Atlantis"`}},
		"a zone in small":     {func(s *Schedule) { s.TimeZone = "europe/berlin" }, []string{zone + `"europe/berlin"`}},
		"the machine's":       {func(s *Schedule) { s.TimeZone = "Local" }, []string{zone + `"Local"`}},
		"a folder":            {func(s *Schedule) { s.TimeZone = "Europe" }, []string{zone + `"Europe"`}},
		"a path":              {func(s *Schedule) { s.TimeZone = "../Europe/Berlin" }, []string{zone + `"../Europe/Berlin"`}},
		"no name":             {func(s *Schedule) { s.Name = "" }, []string{`Scaling.Schedules[0].Name must be letters, digits, hyphens and underscores, starting with a letter, at most 64, got ""`}},
		"a name with a slash": {func(s *Schedule) { s.Name = "a/b" }, []string{`Scaling.Schedules[0].Name must be letters, digits, hyphens and underscores, starting with a letter, at most 64, got "a/b"`}},
		"no expression":       {func(s *Schedule) { s.Expression = "" }, []string{`Scaling.Schedules[0].Expression column 1: must be cron(…), at(…) or rate(…), got ""`}},
		"no such day":         {func(s *Schedule) { s.Expression = "cron(0 8 32 * ? *)" }, []string{`Scaling.Schedules[0].Expression column 10: day-of-month must be from 1 to 31, not "32", got "cron(0 8 32 * ? *)"`}},
		"long ago":            {func(s *Schedule) { s.Expression = "cron(0 8 * * ? 2020)" }, []string{`Scaling.Schedules[0].Expression column 16: year must be 2026 or later, not "2020", which never comes again, got "cron(0 8 * * ? 2020)"`}},
		"the last weekday":    {func(s *Schedule) { s.Expression = "cron(0 8 LW * ? *)" }, nil},
		"Min below zero":      {func(s *Schedule) { s.Min = -1 }, []string{"Scaling.Schedules[0].Min must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got -1"}},
		"Max below Min":       {func(s *Schedule) { s.Max = 7 }, []string{"Scaling.Schedules[0].Max must be at least Min (8), got 7"}},
		"Min above the policy's Max": {
			func(s *Schedule) { s.Min = 30 }, []string{"Scaling.Schedules[0].Min must be at most the policy's Max (20), got 30: set Max of the schedule too, or lower Min"},
		},
		"Max below the policy's Min": {
			func(s *Schedule) { s.Min, s.Max = 0, 1 }, []string{"Scaling.Schedules[0].Max must be at least the policy's Min (2), got 1: set Min of the schedule too, or raise Max"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			schedule := valid
			c.change(&schedule)
			expect.Problems(t, Policy{Min: 2, Max: 20, Schedules: scheduleDefaults([]Schedule{schedule}, 2, 20)}.validateSchedules(), c.want...)
		})
	}
	expect.Problems(t, Policy{Min: 2, Max: 20, Schedules: scheduleDefaults([]Schedule{valid, valid}, 2, 20)}.validateSchedules(),
		`Scaling.Schedules[1].Name "Lunch" is already used by Schedules[0]: give each schedule its own name`)
}
