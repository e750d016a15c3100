// Package environment says once, on an app, what all constructs of one environment share: the profile that decides their
// defaults, and the platform, the identity and the teams that its services know by the names of their stacks.
//
//	environment.Set(app, environment.Environment{
//		Name:     "production",
//		Profile:  profile.Production(),
//		Platform: platform.Ref{StackName: "shop-platform"},
//		Identity: identity.Ref{StackName: "shop-identity"},
//		Teams:    team.Ref{StackName: "shop-teams"},
//	})
//
// Each construct reads what it needs where it is, so a service names its owner and its image and nothing of this. What its
// own props say comes before. Two stages of one app can have an environment each, and a stack one of its own:
//
//	own := environment.Of(stack)
//	own.Profile.LogRetentionDays = 30
//	environment.Set(stack, own)
//
// Another repository sets the same environment on its own app. Where it names another number of zones, another encryption of
// logs or an owner that is no team, its stack does not deploy: it reads an output that the platform or the teams do not
// have (see platform.Platform.LogKey).
//
// Environments add nothing to a template.
package environment
