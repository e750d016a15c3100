package scaling

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/storefront-cdk/storefront/internal/cron"
)

// Schedule sets how many tasks run at the least and at the most, from a time on until another schedule fires. What
// follows a peak has a schedule too, which takes back what came before it:
//
//	Schedules: []scaling.Schedule{
//		{Name: "Lunch", Expression: "cron(30 11 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 8},
//		{Name: "AfterLunch", Expression: "cron(0 14 ? * MON-FRI *)", TimeZone: "Europe/Berlin"},
//	}
//
// Measures go on between the two. Source:
// https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html
type Schedule struct {
	// Name is the schedule's own among those of the service: letters, digits, hyphens and underscores, starting with a
	// letter, at most 64. Required.
	Name string
	// Expression says when: "cron(minutes hours day-of-month month day-of-week year)", once "at(2026-11-27T06:00:00)",
	// or "rate(6 hours)". Required.
	//
	// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
	Expression string
	// TimeZone is that of cron and at, by its IANA name, such as "Europe/Berlin". If empty, UTC.
	TimeZone string
	// Min is how many tasks run at the least from then on. If zero, the policy's Min.
	Min int
	// Max is how many tasks run at the most from then on. If zero, the policy's Max.
	Max int
}

// scheduleDefaults fills in both ends always: a schedule that sets one of them could cross the other, which is where the
// schedule before it left it, and Application Auto Scaling would refuse it when it fires.
func scheduleDefaults(schedules []Schedule, least, most int) []Schedule {
	if len(schedules) == 0 {
		return nil
	}
	defaulted := make([]Schedule, 0, len(schedules))
	for _, schedule := range schedules {
		if schedule.Min == 0 {
			schedule.Min = least
		}
		if schedule.Max == 0 {
			schedule.Max = most
		}
		defaulted = append(defaulted, schedule)
	}
	return defaulted
}

var scheduleName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func validateSchedules(schedules []Schedule) error {
	var problems []error
	seen := map[string]int{}
	for n, schedule := range schedules {
		field := fmt.Sprintf("Scaling.Schedules[%d]", n)
		problems = append(problems, schedule.validate(field))
		if other, taken := seen[schedule.Name]; taken {
			problems = append(problems, fmt.Errorf("%s.Name must be its own, got %q, which is that of Schedules[%d]", field, schedule.Name, other))
		}
		seen[schedule.Name] = n
	}
	return errors.Join(problems...)
}

func (s Schedule) validate(field string) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf(field+"."+format, values...))
	}
	if !scheduleName.MatchString(s.Name) {
		add("Name must be letters, digits, hyphens and underscores, starting with a letter, at most 64, got %q", s.Name)
	}
	if _, err := cron.Parse(s.Expression); err != nil {
		add("Expression %w, got %q", err, s.Expression)
	}
	if _, err := cron.LoadLocation(s.TimeZone); err != nil {
		add("TimeZone must be a time zone by its IANA name, such as Europe/Berlin, or empty for UTC, got %q", s.TimeZone)
	}
	if s.TimeZone != "" && strings.HasPrefix(s.Expression, "rate(") {
		add("TimeZone must be empty with a rate, which has no time of day, got %q", s.TimeZone)
	}
	if s.Min < 0 {
		add("Min must not be negative, got %d", s.Min)
	}
	if s.Max < s.Min {
		add("Max must be at least Min (%d), got %d", s.Min, s.Max)
	}
	return errors.Join(problems...)
}
