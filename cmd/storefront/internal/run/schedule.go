package run

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/cronexpr"
)

// Schedule is when Amazon EventBridge Scheduler starts a state machine.
type Schedule struct {
	Expression string
	TimeZone   string    // of a cron expression
	Created    time.Time // from which a rate counts
	Disabled   bool
}

var rate = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// Next is the first time after a moment, or zero if there is none.
//
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
func (s Schedule) Next(after time.Time) (time.Time, error) {
	if s.Disabled {
		return time.Time{}, nil
	}
	if parts := rate.FindStringSubmatch(s.Expression); parts != nil {
		count, err := strconv.Atoi(parts[1])
		if err != nil || count == 0 {
			return time.Time{}, fmt.Errorf("%s: want a number of %ss above zero", s.Expression, parts[2])
		}
		if after.Before(s.Created) {
			return s.Created, nil
		}
		every := time.Duration(count) * units[parts[2]]
		return s.Created.Add((after.Sub(s.Created)/every + 1) * every), nil
	}
	fields, isCron := strings.CutPrefix(s.Expression, "cron(")
	if !isCron {
		return time.Time{}, fmt.Errorf("want cron(…) or rate(…), got %s", s.Expression)
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.Time{}, err
	}
	expression, err := parseCron(strings.TrimSuffix(fields, ")"))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", s.Expression, err)
	}
	// By the clock on the wall: a time that does not exist on a day is left out, and one that comes twice counts once.
	for wall := onTheWall(after.In(zone)); ; {
		if wall = expression.Next(wall); wall.IsZero() {
			return wall, nil
		}
		next := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
		if onTheWall(next).Equal(wall) && next.After(after) {
			return next, nil
		}
	}
}

func onTheWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// day matches a number of a day of the week, and not those after # and /.
var day = regexp.MustCompile(`[#/]?\d`)

// parseCron parses the six fields of AWS. In these the days of the week are 1 to 7, and L alone is the last of them, where
// others have 0 to 6.
func parseCron(text string) (*cronexpr.Expression, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return nil, fmt.Errorf("want six fields, got %d", len(fields))
	}
	week := &fields[4]
	if *week == "L" {
		*week = "7"
	}
	*week = day.ReplaceAllStringFunc(*week, func(found string) string {
		if len(found) > 1 {
			return found
		}
		return string(found[0] - 1)
	})
	return cronexpr.Parse(strings.Join(fields, " "))
}
