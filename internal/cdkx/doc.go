// Package cdkx is the seam between plain Go values and the pointers that the CDK's Go API takes. It holds the only
// pointer helpers of the module and the only place that panics: everything above it speaks in values and errors.
package cdkx
