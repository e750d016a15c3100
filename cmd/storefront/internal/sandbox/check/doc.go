// Package check checks a deployed app, whatever it defines: it is what its templates say, its requests reach its services, its
// roles may do what its services use and no more, changes by hand are found, a failed update leaves it as it was, and nothing
// is left of it when it is destroyed.
//
//	suite := &check.Suite{Target: t, CLI: cli, Assembly: dir, Dir: work}
//	for _, c := range suite.Checks() {
//		result, err := c.Run(ctx)
//		…
//	}
//
// The checks are in an order: each leaves the app as it found it, and the last one destroys it. A finding is one line. An error
// is something that kept a check from running, such as an emulator that has exited.
package check
