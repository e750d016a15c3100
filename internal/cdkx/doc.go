// Package cdkx converts between plain Go values and the pointers of the CDK's Go API. It contains the only pointer
// helpers of the module: all other packages use values and errors. Functions named Check return an error.
package cdkx
