package scaling

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/storefront-cdk/storefront/internal/cron"
)

// Schedule changes the minimum and the maximum number of tasks at a time that is known in advance. Both stay in force until
// another schedule fires, so a peak needs two: one before it, and one after it that restores the policy's own limits:
//
//	Schedules: []scaling.Schedule{
//		{Name: "Lunch", Expression: "cron(30 11 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 8},
//		{Name: "AfterLunch", Expression: "cron(0 14 ? * MON-FRI *)", TimeZone: "Europe/Berlin"},
//	}
//
// With a Max of [NoTasks] the service stops until another schedule starts it again:
//
//	{Name: "Evening", Expression: "cron(0 20 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Max: scaling.NoTasks},
//	{Name: "Morning", Expression: "cron(0 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin"},
//
// Between the two limits the targets and steps of the policy continue to scale.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html
type Schedule struct {
	// Name identifies the schedule among those of the service: letters, digits, hyphens and underscores, starting with a
	// letter, at most 64. Required.
	Name string
	// Expression is when the schedule fires: "cron(minutes hours day-of-month month day-of-week year)",
	// "at(2026-11-27T06:00:00)" for once, or "rate(6 hours)". It is an error if it can never fire, or only before 2026.
	// Required.
	//
	// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
	Expression string
	// TimeZone is the IANA name of the time zone of cron and at, such as "Europe/Berlin". If empty, UTC.
	TimeZone string
	// Min is the minimum number of tasks from then on, or [NoTasks]. If zero, the policy's Min, or NoTasks if Max is.
	Min int
	// Max is the maximum number of tasks from then on, or [NoTasks]. If zero, the policy's Max.
	Max int
}

// scheduleDefaults always sets both limits. A schedule that sets one alone leaves the other where the previous schedule put
// it, and the two could cross; Application Auto Scaling would reject the action, and only when it fires.
func scheduleDefaults(schedules []Schedule, least, most int) []Schedule {
	if len(schedules) == 0 {
		return nil
	}
	defaulted := make([]Schedule, 0, len(schedules))
	for _, schedule := range schedules {
		if schedule.Min == 0 {
			schedule.Min = least
			if schedule.Max == NoTasks {
				schedule.Min = NoTasks
			}
		}
		if schedule.Max == 0 {
			schedule.Max = most
		}
		defaulted = append(defaulted, schedule)
	}
	return defaulted
}

var scheduleName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func (p Policy) validateSchedules() error {
	var problems []error
	seen := map[string]int{}
	for n, schedule := range p.Schedules {
		field := fmt.Sprintf("Scaling.Schedules[%d]", n)
		problems = append(problems, schedule.validate(field), checkLimits(field, schedule.Min, schedule.Max, p.Min, p.Max))
		if other, taken := seen[schedule.Name]; taken {
			problems = append(problems, fmt.Errorf("%s.Name %q is already used by Schedules[%d]: give each schedule its own name", field, schedule.Name, other))
		}
		seen[schedule.Name] = n
	}
	return errors.Join(problems...)
}

func (s Schedule) validate(field string) error {
	var problems []error
	if !scheduleName.MatchString(s.Name) {
		problems = append(problems, fmt.Errorf("%s.Name must be letters, digits, hyphens and underscores, starting with a letter, at most 64, got %q", field, s.Name))
	}
	return errors.Join(append(problems, cron.Check(field+".", s.Expression, s.TimeZone))...)
}
