// Package scaling describes how many tasks of a service run, as a plain value that can be compared, printed and
// checked without the CDK.
//
//	scaling.Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 400}
//
// Each target that is set becomes one target-tracking policy of Application Auto Scaling. With several, ECS scales out
// when any of them asks for it and scales in only when all of them agree. The zero Policy is sound: it holds the
// tasks' average CPU at 60 % with the profile's minimum of tasks and five times as many at the most.
//
// In the template: one scalable target, and one scaling policy for each target; neither costs anything but the two
// CloudWatch alarms that Application Auto Scaling keeps for each policy.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
package scaling
