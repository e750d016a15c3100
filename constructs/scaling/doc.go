// Package scaling describes how many tasks of a service run, by what measures, and on what capacity, as a plain value
// that can be compared, printed, checked and simulated without the CDK.
//
//	scaling.Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 400}
//
// Each target that is set becomes one target-tracking policy of Application Auto Scaling. With several, ECS scales out
// when any of them asks for it and scales in only when all of them agree. The zero Policy is sound: it holds the
// tasks' average CPU at 60 % with the profile's minimum of tasks and five times as many at the most.
//
// A worker is scaled by how long messages may wait in the queue that it consumes, steps react within a minute to edges
// that targets are too slow for, and schedules change the least and the most tasks before a peak that is known:
//
//	scaling.Policy{
//		Max:       40,
//		Backlog:   scaling.Backlog{AcceptableDelay: time.Minute, MessageDuration: 200 * time.Millisecond},
//		Schedules: []scaling.Schedule{
//			{Name: "Sale", Expression: "at(2026-11-27T05:30:00)", TimeZone: "Europe/Berlin", Min: 10},
//		},
//	}
//
// [Policy.Simulate] computes what a policy does under a load, minute by minute, and package chart draws it: try a policy
// before you deploy it.
//
// In the template: one scalable target with its schedules, one scaling policy for each target, and for each step policy
// one scaling policy and one alarm each for starting and for stopping tasks. None costs anything but its alarms: the two
// that Application Auto Scaling keeps for each target, and those of the steps, 0.10 USD a month each, for each metric
// that an alarm reads: two for a Backlog or one of Metrics, and for requests where there are two target groups.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
package scaling
