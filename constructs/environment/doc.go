// Package environment defines once, on an app, what all constructs of one environment share: the profile that sets
// their defaults, and the platform, the identity and the teams, by the names of their stacks.
//
//	environment.Set(app, environment.Environment{
//		Name:     "production",
//		Profile:  profile.Production(),
//		Platform: platform.Ref{StackName: "shop-platform"},
//		Identity: identity.Ref{StackName: "shop-identity"},
//		Teams:    team.Ref{StackName: "shop-teams"},
//	})
//
// Each construct reads its environment, so a service sets its owner and its image and nothing of this. Its own props
// take precedence. Two stages of one app can have an environment each, and a stack its own:
//
//	own := environment.Of(stack)
//	own.Profile.LogRetentionDays = 30
//	environment.Set(stack, own)
//
// Another repository sets the same environment on its own app. If it has more zones, other log encryption or an owner
// that is no team, its stack does not deploy: the output does not exist (see platform.Platform.LogKey).
//
// Environments add nothing to a template.
package environment
