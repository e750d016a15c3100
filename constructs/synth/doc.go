// Package synth runs a CDK app so that what fails is an error, and not a panic with a stack trace:
//
//	func main() {
//		defer jsii.Close()
//		if err := synth.Run(build); err != nil {
//			fmt.Fprintln(os.Stderr, err)
//			os.Exit(1)
//		}
//	}
//
// The constructs of this module panic when their props are wrong, as those of the CDK do, since a constructor has no
// other way to fail.
package synth
