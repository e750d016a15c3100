package scaling

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
		"Min below zero":      {func(s *Schedule) { s.Min = -1 }, []string{"Scaling.Schedules[0].Min must not be negative, got -1"}},
		"Max below Min":       {func(s *Schedule) { s.Max = 7 }, []string{"Scaling.Schedules[0].Max must be at least Min (8), got 7"}},
		"Min above the policy's Max": {
			func(s *Schedule) { s.Min = 30 }, []string{"Scaling.Schedules[0].Max must be at least Min (30), got 20"},
		},
		"Max below the policy's Min": {
			func(s *Schedule) { s.Min, s.Max = 0, 1 }, []string{"Scaling.Schedules[0].Max must be at least Min (2), got 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			schedule := valid
			c.change(&schedule)
			expect.Problems(t, validateSchedules(scheduleDefaults([]Schedule{schedule}, 2, 20)), c.want...)
		})
	}
	expect.Problems(t, validateSchedules(scheduleDefaults([]Schedule{valid, valid}, 2, 20)),
		`Scaling.Schedules[1].Name must be its own, got "Lunch", which is that of Schedules[0]`)
}

func TestExpressionsThatDoNotParse(t *testing.T) {
	const (
		fields = "cron must have six fields (minutes, hours, day-of-month, month, day-of-week, year), not "
		moment = "must be a moment such as at(2026-11-27T06:00:00)"
	)
	for text, want := range map[string]string{
		"0 8 * * ? *":               "column 1: must be cron(…), at(…) or rate(…)",
		"Cron(0 8 * * ? *)":         "column 1: must be cron(…), at(…) or rate(…)",
		"cron(0 8 * * ? *":          "column 17: must end in )",
		"cron()":                    "column 6: " + fields + "0",
		"cron(0 8 * * ?)":           "column 15: " + fields + "5",
		"cron(0 0 8 * * ? *)":       "column 18: " + fields + "7",
		"cron(60 8 * * ? *)":        `column 6: minutes must be from 0 to 59, not "60"`,
		"cron(-1 8 * * ? *)":        `column 6: minutes must be from 0 to 59, not ""`,
		"cron(+1 8 * * ? *)":        `column 6: minutes must be from 0 to 59, not "+1"`,
		"cron(0 24 * * ? *)":        `column 8: hours must be from 0 to 23, not "24"`,
		"cron(0  24 * * ? *)":       `column 9: hours must be from 0 to 23, not "24"`,
		"cron(0 8,25 * * ? *)":      `column 10: hours must be from 0 to 23, not "25"`,
		"cron(0 8-25 * * ? *)":      `column 10: hours must be from 0 to 23, not "25"`,
		"cron(0 18-8 * * ? *)":      "column 8: hours must have its ranges ascend, not 18-8: write two, with a comma",
		"cron(0/0 8 * * ? *)":       `column 8: minutes must have a whole number from 1 to 59 after /, not "0"`,
		"cron(*/90 8 * * ? *)":      `column 8: minutes must have a whole number from 1 to 59 after /, not "90"`,
		"cron(0/x 8 * * ? *)":       `column 8: minutes must have a whole number from 1 to 59 after /, not "x"`,
		"cron(0, 8 * * ? *)":        `column 8: minutes must be from 0 to 59, not ""`,
		"cron(? 8 * * ? *)":         `column 6: minutes must be from 0 to 59, not "?"`,
		"cron(0 8 0 * ? *)":         `column 10: day-of-month must be from 1 to 31, not "0"`,
		"cron(0 8 32 * ? *)":        `column 10: day-of-month must be from 1 to 31, not "32"`,
		"cron(0 8 32W * ? *)":       `column 10: day-of-month must be from 1 to 31, not "32"`,
		"cron(0 8 W * ? *)":         `column 10: day-of-month must be from 1 to 31, not ""`,
		"cron(0 8 MON * ? *)":       `column 10: day-of-month must be from 1 to 31, not "MON"`,
		"cron(0 8 * 13 ? *)":        `column 12: month must be from 1 to 12 or JAN-DEC, not "13"`,
		"cron(0 8 * JANUARY ? *)":   `column 12: month must be from 1 to 12 or JAN-DEC, not "JANUARY"`,
		"cron(0 8 * jan ? *)":       `column 12: month must be from 1 to 12 or JAN-DEC, not "jan"`,
		"cron(0 8 ? * 0 *)":         `column 14: day-of-week must be from 1 to 7 or SUN-SAT, not "0"`,
		"cron(0 8 ? * MON-FRU *)":   `column 18: day-of-week must be from 1 to 7 or SUN-SAT, not "FRU"`,
		"cron(0 8 ? * FRI-MON *)":   "column 14: day-of-week must have its ranges ascend, not FRI-MON: write two, with a comma",
		"cron(0 8 ? * MON/2 *)":     "column 17: day-of-week takes no /",
		"cron(0 8 ? * 3#6 *)":       `column 16: day-of-week must have a whole number from 1 to 5 after #, and no other day, not "6"`,
		"cron(0 8 ? * 3#1,6#3 *)":   `column 16: day-of-week must have a whole number from 1 to 5 after #, and no other day, not "1,6#3"`,
		"cron(0 8 ? * 8#1 *)":       `column 14: day-of-week must be from 1 to 7 or SUN-SAT, not "8"`,
		"cron(0 8 ? * XL *)":        `column 14: day-of-week must be from 1 to 7 or SUN-SAT, not "X"`,
		"cron(0 8 * * * *)":         "column 14: one of day-of-month and day-of-week must be ?, not * and *",
		"cron(0 8 1 * MON *)":       "column 14: one of day-of-month and day-of-week must be ?, not 1 and MON",
		"cron(0 8 ? * ? *)":         "column 14: one of day-of-month and day-of-week must say which days, not both ?",
		"cron(0 8 * * ? 1969)":      `column 16: year must be from 1970 to 2199, not "1969"`,
		"cron(0 8 * * ? 26)":        `column 16: year must be from 1970 to 2199, not "26"`,
		"cron(0 8 30 2 ? *)":        "column 10: cron must name a day that exists",
		"cron(0 8 29 FEB ? 2026)":   "column 10: cron must name a day that exists",
		"at(tomorrow)":              "column 4: " + moment,
		"at(2026-13-01T06:00:00)":   "column 4: " + moment,
		"at(2026-02-30T06:00:00)":   "column 4: " + moment,
		"at(2026-11-27 06:00:00)":   "column 14: " + moment,
		"at(2026-11-27T06:00)":      "column 20: " + moment,
		"at(2026-11-27T06:00:00Z)":  "column 23: " + moment,
		"at(2026-11-27T6:00:00)":    "column 15: " + moment,
		"at(2026-11-27T06:00:00.5)": "column 23: " + moment,
		"rate(+5 minutes)":          `column 6: rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not "+5"`,
		"rate(1 hours)":             `column 8: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "hours"`,
		"rate(6 hour)":              `column 8: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "hour"`,
		"rate(0 minutes)":           `column 6: rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not "0"`,
		"rate(hour)":                `column 6: rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not "hour"`,
		"rate(2 weeks)":             `column 8: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "weeks"`,
		"rate(2)":                   `column 7: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not ""`,
	} {
		_, err := parseExpression(text)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// What fires is listed in the days of November 2026, which begins on a Sunday, at 08:00 where nothing else is said.
func TestWhenExpressionsFire(t *testing.T) {
	var everyDay []string
	for day := range 30 {
		everyDay = append(everyDay, fmt.Sprintf("%d 8:00", day+1))
	}
	for text, want := range map[string]string{
		"cron(0 8 * * ? *)":           strings.Join(everyDay, " "),
		"cron(0 8 1 * ? *)":           "1 8:00",
		"cron(0 8 1,15,30 11 ? 2026)": "1 8:00 15 8:00 30 8:00",
		"cron(0 8 10-12 NOV ? *)":     "10 8:00 11 8:00 12 8:00",
		"cron(0 8 1/10 * ? *)":        "1 8:00 11 8:00 21 8:00",
		"cron(0 8 10-20/5 * ? *)":     "10 8:00 15 8:00 20 8:00",
		"cron(0 8 L * ? *)":           "30 8:00",
		"cron(0 8 15W * ? *)":         "16 8:00", // the 15th is a Sunday
		"cron(0 8 14W * ? *)":         "13 8:00", // the 14th is a Saturday
		"cron(0 8 1W * ? *)":          "2 8:00",  // the 1st is a Sunday
		"cron(0 8 17W * ? *)":         "17 8:00", // a Tuesday
		"cron(0 8 31W * ? *)":         "",        // November has 30 days
		"cron(0 8 ? * MON *)":         "2 8:00 9 8:00 16 8:00 23 8:00 30 8:00",
		"cron(0 8 ? * 2 *)":           "2 8:00 9 8:00 16 8:00 23 8:00 30 8:00",
		"cron(0 8 ? * SAT,SUN *)":     "1 8:00 7 8:00 8 8:00 14 8:00 15 8:00 21 8:00 22 8:00 28 8:00 29 8:00",
		"cron(0 8 ? * L *)":           "7 8:00 14 8:00 21 8:00 28 8:00", // Saturdays
		"cron(0 8 ? * 6L *)":          "27 8:00",                        // the last Friday
		"cron(0 8 ? * MONL *)":        "30 8:00",                        // and not the 23rd, a week before
		"cron(0 8 8-8 * ? *)":         "8 8:00",
		"cron(0 8 ? * FRIL *)":        "27 8:00",
		"cron(0 8 ? * FRI#4 *)":       "27 8:00",
		"cron(0 8 ? * 3#2 *)":         "10 8:00",
		"cron(0 8 ? * SUN#5 *)":       "29 8:00",
		"cron(0 8 ? * SAT#5 *)":       "",
		"cron(0 8 ? DEC MON *)":       "",
		"cron(0 8 ? * MON 2027)":      "",
		"cron(0/20 8,10 3 11 ? *)":    "3 8:00 3 8:20 3 8:40 3 10:00 3 10:20 3 10:40",
		"cron(*/30 22-23 3 11 ? *)":   "3 22:00 3 22:30 3 23:00 3 23:30",
		"cron(5-7 0 3 11 ? *)":        "3 0:05 3 0:06 3 0:07",
		"at(2026-11-27T06:00:00)":     "27 6:00",
		"at(2026-11-27T06:00:30)":     "27 6:00",
		"at(2026-12-27T06:00:00)":     "",
		"rate(10 days)":               "11 0:00 21 0:00",
		"rate(1 day)":                 strings.ReplaceAll(strings.Join(everyDay[1:], " "), "8:00", "0:00"),
		"rate(400 hours)":             "17 16:00", // 16 days and 16 hours
		"rate(20000 minutes)":         "14 21:20 28 18:40",
	} {
		if got := fired(t, text, time.UTC); got != want {
			t.Errorf("%s fires on %q, want %q", text, got, want)
		}
	}
}

// fired lists when an expression fires in November 2026.
func fired(t *testing.T, text string, zone *time.Location) string {
	t.Helper()
	when, err := parseExpression(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var all []string
	for now := start; now.Month() == time.November; now = now.Add(time.Minute) {
		if when.fires(start, now.In(zone)) {
			all = append(all, fmt.Sprintf("%d %d:%02d", now.Day(), now.Hour(), now.Minute()))
		}
	}
	return strings.Join(all, " ")
}

// New York goes from summer to winter time on the first of November 2026: the hour from one to two comes twice, the
// first of them four hours behind UTC, the second five.
func TestExpressionsFollowTheClockOnTheWall(t *testing.T) {
	zone, err := Schedule{TimeZone: "America/New_York"}.location()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"cron(30 0 1 11 ? *)":     "1 4:30",
		"cron(30 1 1 11 ? *)":     "1 5:30 1 6:30",
		"cron(30 2 1 11 ? *)":     "1 7:30",
		"cron(30 20 27 11 ? *)":   "28 1:30",
		"at(2026-11-27T20:30:00)": "28 1:30",
	} {
		if got := fired(t, text, zone); got != want {
			t.Errorf("%s fires at %q in UTC, want %q", text, got, want)
		}
	}
}

// The weekday stays within the month: 1 August 2026 is a Saturday, 31 May 2026 a Sunday.
func TestNearestWeekday(t *testing.T) {
	for name, c := range map[string]struct {
		month time.Month
		day   int
		want  int
	}{
		"the first, a Saturday": {time.August, 1, 3},
		"the last, a Sunday":    {time.May, 31, 29},
		"a Saturday":            {time.August, 8, 7},
		"a Sunday":              {time.August, 9, 10},
		"a Friday":              {time.August, 7, 7},
		"no such day":           {time.June, 31, 0},
	} {
		if got := nearestWeekday(time.Date(2026, c.month, 15, 0, 0, 0, 0, time.UTC), c.day); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// What file systems have beside the zones, some by other names, is a zone on one machine and none on another.
func TestZonesAreTheSameOnEveryMachine(t *testing.T) {
	for _, name := range []string{"posix/Europe/Berlin", "right/UTC", "posixrules", "Europe//Berlin", "europe/berlin", "/etc/localtime"} {
		if zoneName.MatchString(name) {
			t.Errorf("%s is taken for the name of a zone", name)
		}
	}
}
