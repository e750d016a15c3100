package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// defineIdentity defines who may call the services.
func defineIdentity(stack awscdk.Stack, env Environment) {
	identity.New(stack, "Identity", identity.Props{
		API: platform.Import(stack, env.Platform()).API(),
	})
	ownedBy(stack, "accounts")
}
