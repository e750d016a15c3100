// Package synth runs a CDK app so that a failure results in an error message and an exit status, not a panic with a stack
// trace:
//
//	func main() { os.Exit(synth.Run(define)) }
//
//	func define(app awscdk.App) error { … }
//
// The constructs of this module panic if their props are invalid, as those of the CDK do, since a constructor has no
// other way to fail.
package synth
