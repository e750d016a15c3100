package cron_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/cron"
)

func TestExpressionsThatDoNotParse(t *testing.T) {
	const (
		fields = "cron must have six fields (minutes, hours, day-of-month, month, day-of-week, year), not "
		moment = "must be a moment such as at(2026-11-27T06:00:00)"
	)
	for text, want := range map[string]string{
		"0 8 * * ? *":                         "column 1: must be cron(…), at(…) or rate(…)",
		"Cron(0 8 * * ? *)":                   "column 1: must be cron(…), at(…) or rate(…)",
		"cron(0 8 * * ? *":                    "column 17: must end in )",
		"cron()":                              "column 6: " + fields + "0",
		"cron(0 8 * * ?)":                     "column 15: " + fields + "5",
		"cron(0 0 8 * * ? *)":                 "column 18: " + fields + "7",
		"cron(60 8 * * ? *)":                  `column 6: minutes must be from 0 to 59, not "60"`,
		"cron(-1 8 * * ? *)":                  `column 6: minutes must be from 0 to 59, not ""`,
		"cron(+1 8 * * ? *)":                  `column 6: minutes must be from 0 to 59, not "+1"`,
		"cron(0 24 * * ? *)":                  `column 8: hours must be from 0 to 23, not "24"`,
		"cron(0  24 * * ? *)":                 `column 9: hours must be from 0 to 23, not "24"`,
		"cron(0 8,25 * * ? *)":                `column 10: hours must be from 0 to 23, not "25"`,
		"cron(0 8-25 * * ? *)":                `column 10: hours must be from 0 to 23, not "25"`,
		"cron(0 18-8 * * ? *)":                "column 8: hours must have its ranges ascend, not 18-8: write two, with a comma",
		"cron(0/0 8 * * ? *)":                 `column 8: minutes must have a whole number from 1 to 59 after /, not "0"`,
		"cron(*/90 8 * * ? *)":                `column 8: minutes must have a whole number from 1 to 59 after /, not "90"`,
		"cron(0/x 8 * * ? *)":                 `column 8: minutes must have a whole number from 1 to 59 after /, not "x"`,
		"cron(0, 8 * * ? *)":                  `column 8: minutes must be from 0 to 59, not ""`,
		"cron(? 8 * * ? *)":                   `column 6: minutes must be from 0 to 59, not "?"`,
		"cron(0 8 0 * ? *)":                   `column 10: day-of-month must be from 1 to 31, not "0"`,
		"cron(0 8 32 * ? *)":                  `column 10: day-of-month must be from 1 to 31, not "32"`,
		"cron(0 8 32W * ? *)":                 `column 10: day-of-month must be from 1 to 31, not "32"`,
		"cron(0 8 W * ? *)":                   `column 10: day-of-month must be from 1 to 31, not ""`,
		"cron(0 8 MON * ? *)":                 `column 10: day-of-month must be from 1 to 31, not "MON"`,
		"cron(0 8 * 13 ? *)":                  `column 12: month must be from 1 to 12 or JAN-DEC, not "13"`,
		"cron(0 8 * JANUARY ? *)":             `column 12: month must be from 1 to 12 or JAN-DEC, not "JANUARY"`,
		"cron(0 8 * jan ? *)":                 `column 12: month must be from 1 to 12 or JAN-DEC, not "jan"`,
		"cron(0 8 ? * 0 *)":                   `column 14: day-of-week must be from 1 to 7 or SUN-SAT, not "0"`,
		"cron(0 8 ? * MON-FRU *)":             `column 18: day-of-week must be from 1 to 7 or SUN-SAT, not "FRU"`,
		"cron(0 8 ? * FRI-MON *)":             "column 14: day-of-week must have its ranges ascend, not FRI-MON: write two, with a comma",
		"cron(0 8 ? * MON/2 *)":               "column 17: day-of-week takes no /",
		"cron(0 8 ? * 3#6 *)":                 `column 16: day-of-week must have a whole number from 1 to 5 after #, and no other day, not "6"`,
		"cron(0 8 ? * 3#1,6#3 *)":             `column 16: day-of-week must have a whole number from 1 to 5 after #, and no other day, not "1,6#3"`,
		"cron(0 8 ? * 8#1 *)":                 `column 14: day-of-week must be from 1 to 7 or SUN-SAT, not "8"`,
		"cron(0 8 ? * XL *)":                  `column 14: day-of-week must be from 1 to 7 or SUN-SAT, not "X"`,
		"cron(0 8 * * * *)":                   "column 14: one of day-of-month and day-of-week must be ?, not * and *",
		"cron(0 8 1 * MON *)":                 "column 14: one of day-of-month and day-of-week must be ?, not 1 and MON",
		"cron(0 8 ? * ? *)":                   "column 14: one of day-of-month and day-of-week must say which days, not both ?",
		"cron(0 8 * * ? 1969)":                `column 16: year must be from 1970 to 2199, not "1969"`,
		"cron(0 8 * * ? 26)":                  `column 16: year must be from 1970 to 2199, not "26"`,
		"cron(0 8 30 2 ? *)":                  "column 10: cron must name a day that exists",
		"cron(0 8 29 FEB ? 2026)":             "column 10: cron must name a day that exists",
		"at(tomorrow)":                        "column 4: " + moment,
		"at(2026-13-01T06:00:00)":             "column 4: " + moment,
		"at(2026-02-30T06:00:00)":             "column 4: " + moment,
		"at(2026-11-27 06:00:00)":             "column 14: " + moment,
		"at(2026-11-27T06:00)":                "column 20: " + moment,
		"at(2026-11-27T06:00:00Z)":            "column 23: " + moment,
		"at(2026-11-27T6:00:00)":              "column 15: " + moment,
		"at(2026-11-27T06:00:00.5)":           "column 23: " + moment,
		"rate(+5 minutes)":                    `column 6: rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not "+5"`,
		"rate(1 hours)":                       `column 8: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "hours"`,
		"rate(6 hour)":                        `column 8: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "hour"`,
		"rate(0 minutes)":                     `column 6: rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not "0"`,
		"rate(hour)":                          `column 6: rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not "hour"`,
		"rate(2 weeks)":                       `column 8: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "weeks"`,
		"cron(0 8 W,1 * ? *)":                 `column 10: day-of-month must be from 1 to 31, not "W"`,
		"cron(0 8 LW,1 * ? *)":                `column 10: day-of-month must be from 1 to 31, not "LW"`,
		"cron(0 8 L-3 * ? *)":                 `column 10: day-of-month must be from 1 to 31, not "L"`,
		"cron(0 8 ? * LW *)":                  `column 14: day-of-week must be from 1 to 7 or SUN-SAT, not "LW"`,
		"cron(0 8 * * ? 2025)":                `column 16: year must be 2026 or later, not "2025", which never comes again`,
		"cron(0 8 * * ? 1990-2020)":           `column 16: year must be 2026 or later, not "1990-2020", which never comes again`,
		"cron(0 8 29 FEB ? 2024)":             `column 19: year must be 2026 or later, not "2024", which never comes again`,
		"cron(0 8 ä * ? 26)":                  `column 10: day-of-month must be from 1 to 31, not "ä"`,
		"cron(0 8 1,ä,32 * ? *)":              `column 12: day-of-month must be from 1 to 31, not "ä"`,
		"cron(ä 8 * * ?)":                     "column 15: " + fields + "5",
		"at(2025-12-31T23:59:59)":             `column 4: at must be in 2026 or later, not in "2025", which never comes again`,
		"rate(2)":                             `column 7: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not ""`,
		"rate(36501 days)":                    `column 6: rate must be at most 36500 days, which are a hundred years, not "36501"`,
		"rate(876001 hours)":                  `column 6: rate must be at most 876000 hours, which are a hundred years, not "876001"`,
		"rate(9007199254740992 minutes)":      `column 6: rate must be at most 52560000 minutes, which are a hundred years, not "9007199254740992"`,
		"rate(99999999999999999999 minutes)":  `column 6: rate must be at most 52560000 minutes, which are a hundred years, not "99999999999999999999"`,
		"rate(-99999999999999999999 minutes)": `column 6: rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not "-99999999999999999999"`,
		"rate(99999999999999999999 weeks)":    `column 27: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "weeks"`,
	} {
		_, err := cron.Parse(text)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestAnErrorHasItsColumn(t *testing.T) {
	_, err := cron.Parse("cron(30 25 ? * MON-FRI *)")
	var wrong *cron.Error
	if !errors.As(err, &wrong) || wrong.Column != 9 || wrong.Problem != `hours must be from 0 to 23, not "25"` {
		t.Errorf("got %+v", err)
	}
}

func TestTheZeroExpressionNeverFires(t *testing.T) {
	if (cron.Expression{}).Fires(time.Time{}, time.Time{}) {
		t.Error("it fires")
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
		"cron(0 8 LW * ? *)":          "30 8:00", // a Monday
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
		"cron(0 8 * 11 ? 2020-2027)":  strings.Join(everyDay, " "),
		"at(2026-11-27T06:00:00)":     "27 6:00",
		"at(2026-11-27T06:00:30)":     "27 6:00",
		"at(2026-12-27T06:00:00)":     "",
		"rate(10 days)":               "11 0:00 21 0:00",
		"rate(1 day)":                 strings.ReplaceAll(strings.Join(everyDay[1:], " "), "8:00", "0:00"),
		"rate(36500 days)":            "",         // a hundred years
		"rate(400 hours)":             "17 16:00", // 16 days and 16 hours
		"rate(20000 minutes)":         "14 21:20 28 18:40",
	} {
		if got := fired(t, text, time.November, time.UTC); got != want {
			t.Errorf("%s fires on %q, want %q", text, got, want)
		}
	}
}

// fired lists when an expression fires in a month of 2026.
func fired(t *testing.T, text string, month time.Month, zone *time.Location) string {
	t.Helper()
	when, err := cron.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	start := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
	var all []string
	for now := start; now.Month() == month; now = now.Add(time.Minute) {
		if when.Fires(start, now.In(zone)) {
			all = append(all, fmt.Sprintf("%d %d:%02d", now.Day(), now.Hour(), now.Minute()))
		}
	}
	return strings.Join(all, " ")
}

// The weekday stays within the month: 1 August 2026 is a Saturday, 31 May 2026 a Sunday.
func TestTheNearestWeekday(t *testing.T) {
	for name, c := range map[string]struct {
		month time.Month
		day   string
		want  string
	}{
		"the first, a Saturday": {time.August, "1W", "3 8:00"},
		"the last, a Sunday":    {time.May, "31W", "29 8:00"},
		"a Saturday":            {time.August, "8W", "7 8:00"},
		"a Sunday":              {time.August, "9W", "10 8:00"},
		"a Friday":              {time.August, "7W", "7 8:00"},
		"no such day":           {time.June, "31W", ""},
		"LW on a Saturday":      {time.February, "LW", "27 8:00"},
		"LW on a Sunday":        {time.May, "LW", "29 8:00"},
		"LW on a Tuesday":       {time.June, "LW", "30 8:00"},
	} {
		if got := fired(t, "cron(0 8 "+c.day+" * ? *)", c.month, time.UTC); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
