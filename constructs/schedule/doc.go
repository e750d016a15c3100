// Package schedule runs a task of a service at the times of a cron expression or at a rate, with the service's own image and
// another command:
//
//	schedule.New(recommendations, "Rebuild", schedule.Props{
//		Expression: "cron(0 3 * * ? *)",
//		TimeZone:   "Europe/Berlin",
//		Command:    []string{"rebuild"},
//	})
//
// EventBridge Scheduler starts an execution of AWS Step Functions, which runs the task and waits until it stops: neither Scheduler
// nor the ECS API alone reports the exit code of a container. The run has succeeded if the application's container exits with
// status 0. Otherwise it is repeated, twice unless Retries says something else. A task that takes longer than Timeout is stopped. A
// run is skipped while another one is under way, unless Overlap is [Allow].
//
// The task is one of the service's own task definition: the same image, environment variables, secrets, sidecars and roles, in
// the same network, on demand and never on Fargate Spot. It is that of the last deployment that succeeded. Its logs are in the log
// group of the service. It does not receive requests, and cannot call other services by Service Connect, whose proxy ECS adds only to
// the tasks of services.
//
// Scheduler delivers at least once, and retries run the command again, so what the command does must be idempotent. It finds the
// time for which it was started in the environment variable SCHEDULED_TIME, and in SCHEDULED_RUN a text that is the same in all
// retries of one run.
//
// In the template: a schedule and its role, a state machine, its role and a policy, and two alarms if the service has alarms. A run
// costs the task, from 0.01 USD an hour, and about 0.0002 USD for Step Functions. The alarms cost 0.20 USD a month.
package schedule
