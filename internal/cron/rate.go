package cron

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// rate is the time between one firing and the next.
type rate struct{ every time.Duration }

// longestRate is a hundred years. AWS documents no limit; a [time.Duration] ends at 292 years.
const longestRate = 36500 * 24 * time.Hour

// rateUnits are the units after 1, and those after a larger number, which AWS distinguishes.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
var rateUnits = map[bool]map[string]time.Duration{
	false: {"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour},
	true:  {"minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour},
}

func parseRate(column int, text string) (form, *Error) {
	number, unit, found := strings.Cut(text, " ")
	value, err := strconv.Atoi(number)
	if errors.Is(err, strconv.ErrRange) {
		err = nil // Atoi returns the largest int then, or the smallest, and both are refused below
	}
	if err != nil || value < 1 || strings.HasPrefix(number, "+") {
		return nil, problemAt(column, "rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not %q", number)
	}
	every, known := rateUnits[value > 1][unit]
	if !known {
		if found {
			column++ // the space
		}
		return nil, problemAt(column+len(number), "rate must be in minutes, hours or days, and of 1 in minute, hour or day, not %q", unit)
	}
	if longest := int(longestRate / every); value > longest {
		return nil, problemAt(column, "rate must be at most %d %s, which are a hundred years, not %q", longest, unit, number)
	}
	return rate{time.Duration(value) * every}, nil
}

func (r rate) fires(start, now time.Time) bool {
	since := now.Sub(start)
	return since > 0 && since%r.every == 0
}
