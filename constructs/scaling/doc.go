// Package scaling describes the number of tasks of a service, which measures change that number, and on what capacity the
// tasks run. A policy is a plain value that can be compared, printed, validated and simulated without the CDK.
//
//	scaling.Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 400}
//
// Each target becomes one target tracking policy of Application Auto Scaling. With several targets, the service scales
// out when any of them requires it and scales in only when all of them agree. The zero Policy is a good default: it
// keeps the average CPU utilization of the tasks at 60 %, with the profile's minimum of tasks and a maximum of five
// times as many.
//
// A worker scales by the acceptable delay of messages in the queue that it consumes. Steps react within a minute, where
// a target takes three. Schedules change the minimum and the maximum before a peak that is known in advance:
//
//	scaling.Policy{
//		Max:       40,
//		Backlog:   scaling.Backlog{AcceptableDelay: time.Minute, MessageDuration: 200 * time.Millisecond},
//		Schedules: []scaling.Schedule{
//			{Name: "Sale", Expression: "at(2026-11-27T05:30:00)", TimeZone: "Europe/Berlin", Min: 10},
//		},
//	}
//
// [Policy.Simulate] computes what a policy does under a load, minute by minute, and package chart draws it, so that a policy
// can be tried before it is deployed.
//
// In the template there is one scalable target with its schedules, one scaling policy for each target, and for each
// step policy one scaling policy and one alarm each for scaling out and for scaling in. Only alarms cost anything: 0.10
// USD a month for each metric that an alarm reads. Application Auto Scaling creates two alarms for each target, and
// steps have one in each direction; a Backlog, one of Metrics, and requests with two target groups are two metrics
// each.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
package scaling
