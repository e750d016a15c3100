// Package profile holds what is decided once for a whole environment, so that no service has to decide it: whether data
// outlives its stack, the minimum number of zones and tasks, what is logged and for how long.
//
// A [Profile] is a plain value. Two ship, [Sandbox] (cheap, destroyed with its stacks) and [Production] (spread over
// three zones, data retained), and an app may change a copy of either:
//
//	quiet := profile.Production()
//	quiet.FlowLogs = false
//	environment.Set(app, environment.Environment{Profile: quiet})
//
// Each construct of this module reads the profile of its environment with [Of]. Where no environment was set the profile is
// [Production]: whoever forgets it pays a little more, and loses no data.
//
// Profiles add nothing to a template.
package profile
