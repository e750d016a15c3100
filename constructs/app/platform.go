package app

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// NewPlatform defines a platform as an app without a Platform function has it, with the given props. Each of these is set
// unless the props have it: VPC and LogKey are those of a [network.New] over the zones of the environment, Owner is that of the
// app, and CORS allows the environment's WebOrigins. Use it in a Platform function that changes the rest:
//
//	Platform: func(stack awscdk.Stack, env app.Environment) {
//		app.NewPlatform(stack, env, platform.Props{RateLimits: []platform.RateLimit{{Path: "/login", Requests: 100}}})
//	},
//
// With a VPC in the props, no network is defined. It panics with one error that lists every invalid prop.
func NewPlatform(stack awscdk.Stack, env Environment, props platform.Props) *platform.Platform {
	if props.VPC == nil {
		net := network.New(stack, "Network", network.Props{Zones: env.Zones})
		props.VPC = net.VPC()
		if props.LogKey == nil {
			props.LogKey = net.LogKey()
		}
	}
	props.Owner = cmp.Or(props.Owner, env.of.owner)
	if len(props.CORS.AllowOrigins) == 0 {
		props.CORS.AllowOrigins = env.WebOrigins
	}
	return platform.New(stack, "Platform", props)
}
