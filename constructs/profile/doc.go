// Package profile holds what is decided once for a whole environment, so that no service has to decide it: whether
// data outlives its stack, how many zones and tasks there are at the least, what is logged and for how long.
//
// A [Profile] is a plain value. Two ship, [Sandbox] (cheap, destroyed with its stacks) and [Production] (spread over
// three zones, data retained), and an app may change a copy of either:
//
//	quiet := profile.Production()
//	quiet.FlowLogs = false
//	profile.Set(app, quiet)
//
// [Set] gives a profile to everything below a construct, and each construct of this module asks for its own with
// [Of]. Where nothing was set the profile is [Production]: whoever forgets it pays a little more, and loses no data.
//
// Profiles add nothing to a template.
package profile
