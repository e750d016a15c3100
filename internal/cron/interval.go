package cron

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Check returns one error that lists every problem of an expression and its time zone, or nil. Its messages begin with prefix.
func Check(prefix, expression, timeZone string) error {
	var problems []error
	if _, err := Parse(expression); err != nil {
		problems = append(problems, fmt.Errorf("%sExpression %w, got %q", prefix, err, expression))
	}
	if _, err := LoadLocation(timeZone); err != nil {
		problems = append(problems, fmt.Errorf("%sTimeZone must be a time zone by its IANA name, such as Europe/Berlin, or empty for UTC, got %q", prefix, timeZone))
	}
	if timeZone != "" && strings.HasPrefix(expression, "rate(") {
		problems = append(problems, fmt.Errorf("%sTimeZone must be empty with a rate, which has no time of day, got %q", prefix, timeZone))
	}
	return errors.Join(problems...)
}

// Longest returns the longest time from one firing to the next, as clocks on the wall show it. It is zero if there is none: the
// schedule fires once, or ends with a year.
func (e Expression) Longest() time.Duration {
	switch form := e.form.(type) {
	case rate:
		return form.every
	case schedule:
		return form.longest()
	}
	return 0
}

// cycle is the number of years after which the days of the week come again on the same dates, leap years included.
const cycle = 28

func (s schedule) longest() time.Duration {
	for year := firstYear; year <= yearField.most; year++ {
		if !s.years[year] {
			return 0 // it ends, or pauses for years
		}
	}
	first, last, longest := s.ofDay()
	var previous time.Time
	for date := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); date.Year() <= firstYear+cycle; date = date.AddDate(0, 0, 1) {
		if !s.onDay(date) {
			continue
		}
		if !previous.IsZero() {
			longest = max(longest, date.Add(first).Sub(previous))
		}
		previous = date.Add(last)
	}
	return longest
}

// ofDay returns the first and the last time of a day at which the schedule fires, and the longest time between two of one day.
func (s schedule) ofDay() (first, last, longest time.Duration) {
	first = -1
	for minute := range 24 * 60 {
		if !s.hours[minute/60] || !s.minutes[minute%60] {
			continue
		}
		now := time.Duration(minute) * time.Minute
		if first < 0 {
			first = now
		} else {
			longest = max(longest, now-last)
		}
		last = now
	}
	return first, last, longest
}
