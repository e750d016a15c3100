package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// definePlatform defines what all services share.
func definePlatform(stack awscdk.Stack, env Environment) {
	net := network.New(stack, "Network", network.Props{Zones: env.Zones})
	platform.New(stack, "Platform", platform.Props{
		VPC:    net.VPC(),
		Owner:  "platform",
		LogKey: net.LogKey(),
		CORS:   platform.CORS{AllowOrigins: env.WebOrigins},
	})
	ownedBy(stack, "platform")
}
