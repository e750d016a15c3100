// Package identity defines who may call an environment's services: a Cognito user pool, the client through which the
// shop signs its customers in, and the authorizer that checks their tokens at the API.
//
//	users := identity.New(stack, "Identity", identity.Props{
//		API: platform.Import(stack, ref).API(),
//	})
//
// Like the platform, it is known by its contract, the outputs of its stack, and never by its constructs: services name
// it by a [Ref], and [Import] gives it to any stack of the same account and region. A stack of your own that publishes
// an authorizer's id as [OutputAuthorizerID] can stand in its place for services that only check tokens.
//
// A service that manages users uses the identity as it would a store:
//
//	login.Uses(identity.Import(login, ref), identity.AdministerUsers)
//
// In the template: a user pool, a client and an authorizer. Cognito is free for the first 10,000 users a month.
package identity
