package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/identity"
)

// defineIdentity defines the authentication of the services' callers.
func defineIdentity(stack awscdk.Stack, _ Environment) {
	identity.New(stack, "Identity", identity.Props{})
	ownedBy(stack, "accounts")
}
