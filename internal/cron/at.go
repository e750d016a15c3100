package cron

import (
	"errors"
	"strings"
	"time"
)

// at is one date and time in the schedule's time zone.
type at struct{ moment time.Time }

const atLayout = "2006-01-02T15:04:05"

func parseAt(column int, text string) (form, *Error) {
	moment, err := time.Parse(atLayout, text)
	written := moment.Format(atLayout)
	var parse *time.ParseError
	switch {
	case err == nil && written == text && moment.Year() < firstYear:
		return nil, problemAt(column, "at must be in %d or later, not in %q, which never comes again", firstYear, text[:4])
	case err == nil && written == text:
		return at{moment}, nil
	case err == nil: // Go also accepts an hour of one digit and fractions of a second
		column += firstDifference(written, text)
	case errors.As(err, &parse) && (parse.Message == "" || strings.HasPrefix(parse.Message, ": extra text")):
		column += len(text) - len(parse.ValueElem) // otherwise a number is out of range, and Go does not say which
	}
	return nil, problemAt(column, "must be a moment such as at(2026-11-27T06:00:00)")
}

// firstDifference is the offset of the first byte in which the two differ.
func firstDifference(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func (a at) fires(_, now time.Time) bool {
	return a.moment.Truncate(time.Minute).Equal(wallClock(now))
}

// wallClock is the local date and time of now, to the minute, written as UTC: the form in which at has its own.
func wallClock(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(), 0, 0, time.UTC)
}
