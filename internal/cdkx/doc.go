// Package cdkx is the seam between plain Go values and the pointers that the CDK's Go API takes. It holds the only
// pointer helpers of the module: everything above it speaks in values and errors. Functions named Check return an error.
package cdkx
