package scaling

import (
	"fmt"
	"slices"
	"time"
)

// proposal is a desired count that a target or a step policy requires, and why.
type proposal struct {
	tasks int
	why   string
}

// decide changes the desired count at the end of a minute.
func (s *simulation) decide(m Minute) (why string) {
	now := m.Time.Add(time.Minute)
	outs, ins := s.proposals(m, now)
	if largest, ok := largest(outs); ok && largest.tasks > s.desired {
		return s.scaleOut(now, largest)
	}
	// The largest wins in a scale-in too: the one that leaves the most tasks.
	if largest, ok := largest(ins); ok && largest.tasks < s.desired && !s.in.lasts(now) {
		return s.scaleIn(now, largest)
	}
	return ""
}

func largest(proposals []proposal) (proposal, bool) {
	if len(proposals) == 0 {
		return proposal{}, false
	}
	return slices.MaxFunc(proposals, func(a, b proposal) int { return a.tasks - b.tasks }), true
}

// scaleOut starts tasks. The cooldown begins when they all run, since only then the activity is complete. Its base is
// the number of tasks before the first scale-out that it covers.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown
func (s *simulation) scaleOut(now time.Time, p proposal) string {
	before := s.desired
	if s.out.lasts(now) {
		before = s.out.before
	}
	s.out = cooling{now.Add(s.taskStart).Add(s.policy.ScaleOutCooldown), before}
	s.in = cooling{} // "the scale-in cooldown period stops and doesn't complete"
	why := fmt.Sprintf("%s: %d to %d tasks", p.why, s.desired, p.tasks)
	s.want(now, p.tasks)
	return why
}

func (s *simulation) scaleIn(now time.Time, p proposal) string {
	s.in = cooling{until: now.Add(s.policy.ScaleInCooldown)}
	why := fmt.Sprintf("%s: %d to %d tasks", p.why, s.desired, p.tasks)
	s.want(now, p.tasks)
	return why
}

// proposals returns what the targets and the step policies require, within the limits in force.
func (s *simulation) proposals(m Minute, now time.Time) (outs, ins []proposal) {
	// "The capacity added by the initiating scale-out activity is calculated as part of the desired capacity for the
	// next scale-out activity."
	base := s.desired
	if s.out.lasts(now) {
		base = s.out.before
	}
	agreed := len(s.targets) > 0
	var stops []proposal
	for _, target := range s.targets {
		target.recent = last(minutesBelow, append(target.recent, target.of(m)))
		if out, ok := target.out(base); ok {
			outs = append(outs, proposal{clamp(out.tasks, s.min, s.max), out.why})
		}
		in, ok := target.in(s.desired)
		agreed = agreed && ok
		stops = append(stops, proposal{clamp(in.tasks, s.min, s.max), in.why})
	}
	if agreed {
		ins = stops
	}
	if s.desired == 0 && s.waiting >= FirstTaskMinutes {
		outs = append(outs, proposal{clamp(1, s.min, s.max), fmt.Sprintf("messages waited for %d minutes, and no task ran", s.waiting)})
	}
	for _, step := range s.steps {
		step.recent = last(step.policy.Minutes, append(step.recent, step.of(m)))
		if out, ok := step.out(); ok {
			outs = append(outs, proposal{clamp(base+out.tasks, s.min, s.max), out.why})
		}
		if in, ok := step.in(); ok {
			ins = append(ins, proposal{clamp(s.desired+in.tasks, s.min, s.max), in.why})
		}
	}
	return outs, ins
}

func clamp(tasks, least, most int) int { return min(max(tasks, least), most) }
