// Package identity defines how callers of an environment's services are authenticated: a Cognito user pool, the app
// client with which the shop signs in its customers, and the JWT authorizer that verifies their tokens at the API.
//
//	users := identity.New(stack, "Identity", identity.Props{
//		API: platform.Import(stack, ref).API(),
//	})
//
// As with the platform, other stacks use its contract, the outputs of its stack, and never its constructs: services
// refer to it by a [Ref], and [Import] makes it available in any stack of the same account and region. For services
// that only verify tokens, your own stack can replace it, if it publishes an authorizer's ID as [OutputAuthorizerID].
//
// A service that manages users uses the identity like a store:
//
//	login.Uses(identity.Import(login, ref), identity.AdministerUsers)
//
// With [Email], Cognito sends from your own address, which production requires: Cognito itself sends 50 emails a day. [Plan] and
// [ThreatProtection] are changed in place; properties that Cognito cannot change for an existing pool have no prop.
//
// In the template: a user pool, an app client and an authorizer, and with [BlockThreats] the configuration of risks. Cognito
// is free for the first 10,000 users a month, unless the plan is [Plus].
package identity
