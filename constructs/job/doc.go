// Package job runs a task of a service once and waits until it ends. Packages schedule and migration are made of it: use them, or
// begin a feature of your own that runs tasks with it.
//
// A run is an execution of a state machine of AWS Step Functions. It has succeeded if the application's container exits with
// status 0. Otherwise the task is run again, after a minute, and then after twice as long as before. A task that takes too long is
// stopped.
//
// In the template: a state machine, its role, and a policy if runs must not overlap.
package job
