// Package load measures how much work a task of each service can do, by which docs/sizing.md is written and the tasks in stacks/ are
// sized. It has tests alone: make load runs them.
//
// Each service is a process of its own, on one core, while a mix of what shoppers do is sent to it from the other cores. What it
// stores goes to a [store] that responds as the emulator of AWS did to the same operation, in microseconds, so that what is measured
// is the work of the service: HTTP, validation, JSON, signatures, its own computing and its log. The time until DynamoDB responds is
// left out, and so are TLS and everything in front of the task.
package load
