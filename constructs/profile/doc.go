// Package profile defines the defaults of a whole environment, so that no service has to set them: whether data is
// retained when its stack is deleted, the minimum number of zones and tasks, what is logged and for how long.
//
// A [Profile] is a plain value. There are two, [Sandbox] (cheap, destroyed with its stacks) and [Production] (spread
// over three zones, data retained), and an app may change a copy of either:
//
//	quiet := profile.Production()
//	quiet.FlowLogs = false
//	environment.Set(app, environment.Environment{Profile: quiet})
//
// Each construct of this module reads the profile of its environment with [Of]. If no environment is set, the profile
// is [Production]: forgetting it costs a little more, but loses no data.
//
// Profiles add nothing to a template.
package profile
