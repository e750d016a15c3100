// Package synth runs a CDK app so that what fails is a message and an exit status, not a panic with a stack trace:
//
//	func main() { os.Exit(synth.Run(define)) }
//
//	func define(app awscdk.App) error { … }
//
// The constructs of this module panic when their props are wrong, as those of the CDK do, since a constructor has no
// other way to fail.
package synth
