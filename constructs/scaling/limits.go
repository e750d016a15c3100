package scaling

import (
	"errors"
	"fmt"
)

// mostTasks keeps a mistake from starting as many tasks as an account allows. ECS allows 5,000 for a service, unless that
// quota is raised.
const mostTasks = 100_000

// Limits returns the minimum and the maximum number of tasks, in which NoTasks is 0.
func (p Policy) Limits() (least, most int) { return tasks(p.Min), tasks(p.Max) }

// Limits returns the minimum and the maximum number of tasks, in which NoTasks is 0.
func (s Schedule) Limits() (least, most int) { return tasks(s.Min), tasks(s.Max) }

// tasks returns the number of tasks that a limit is.
func tasks(limit int) int {
	if limit == NoTasks {
		return 0
	}
	return limit
}

// Least returns the smallest minimum that is ever in force: Min, or that of a schedule. NoTasks is 0.
func (p Policy) Least() int {
	least := tasks(p.Min)
	for _, schedule := range p.Schedules {
		least = min(least, tasks(schedule.Min))
	}
	return max(least, 0)
}

// Most returns the largest maximum that is ever in force: Max, or that of a schedule. NoTasks is 0.
func (p Policy) Most() int {
	most := tasks(p.Max)
	for _, schedule := range p.Schedules {
		most = max(most, tasks(schedule.Max))
	}
	return most
}

// checkLimits validates the limits of a policy or a schedule. Its messages begin with field. Limits that are those of the
// policy are validated there.
func checkLimits(field string, least, most, leastOfPolicy, mostOfPolicy int) error {
	var problems []error
	valid := true
	check := func(name string, limit, ofPolicy int) {
		if count := tasks(limit); count < 0 || count > mostTasks {
			valid = false
			if limit != ofPolicy {
				problems = append(problems, fmt.Errorf("%s.%s must be from 1 to %d, scaling.NoTasks, or 0 for the default, got %d", field, name, mostTasks, limit))
			}
		}
	}
	check("Min", least, leastOfPolicy)
	check("Max", most, mostOfPolicy)
	if valid && most != 0 && tasks(most) < tasks(least) {
		switch {
		case least == leastOfPolicy && most == mostOfPolicy:
		case most == mostOfPolicy:
			problems = append(problems, fmt.Errorf("%s.Min must be at most the policy's Max (%d), got %d: set Max of the schedule too, or lower Min", field, tasks(most), tasks(least)))
		case least == leastOfPolicy:
			problems = append(problems, fmt.Errorf("%s.Max must be at least the policy's Min (%d), got %d: set Min of the schedule too, or raise Max", field, tasks(least), tasks(most)))
		default:
			problems = append(problems, fmt.Errorf("%s.Max must be at least Min (%d), got %d", field, tasks(least), tasks(most)))
		}
	}
	return errors.Join(problems...)
}

// validateEffect rejects schedules none of which ever changes a limit.
func (p Policy) validateEffect() error {
	for _, schedule := range p.Schedules {
		if schedule.Min != p.Min || schedule.Max != p.Max {
			return nil // the others may restore the policy's limits after it
		}
	}
	var problems []error
	for n := range p.Schedules {
		problems = append(problems, fmt.Errorf("Scaling.Schedules[%d] changes nothing, since its Min (%d) and Max (%d) are the policy's: set Min or Max, or remove it",
			n, tasks(p.Min), tasks(p.Max)))
	}
	return errors.Join(problems...)
}

// validateFirstTask rejects limits within which a service without a task would never get one, since the measures of its own
// tasks have no data then.
func (p Policy) validateFirstTask() error {
	if p.startsFirstTask() {
		return nil
	}
	var problems []error
	check := func(field string, least, most int) {
		if least == NoTasks && most > 0 {
			problems = append(problems, fmt.Errorf("%s.Min must not be scaling.NoTasks with a Max of %d, since no measure has data without a task, so that nothing would start the first: "+
				"set Max to scaling.NoTasks too, or add a Backlog or Steps on a metric that is not the service's own", field, most))
		}
	}
	check("Scaling", p.Min, p.Max)
	for n, schedule := range p.Schedules {
		check(fmt.Sprintf("Scaling.Schedules[%d]", n), schedule.Min, schedule.Max)
	}
	return errors.Join(problems...)
}

// startsFirstTask reports whether a measure of the policy has data without a task.
func (p Policy) startsFirstTask() bool {
	if p.Backlog != (Backlog{}) {
		return true
	}
	for _, step := range p.Steps {
		if _, _, starts := step.Out(); starts && !step.Measure.Own() {
			return true
		}
	}
	return false
}

// FirstTaskMinutes is the number of consecutive minutes in which messages wait and no task runs before a Backlog starts the
// first task: CloudWatch may have the number of running tasks two minutes late. The target itself cannot start it, since it is
// the number of messages for each running task.
const FirstTaskMinutes = 3
