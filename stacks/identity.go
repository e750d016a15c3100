package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// defineIdentity defines the authentication of the services' callers, which another team than the platform's owns.
func defineIdentity(stack awscdk.Stack, _ app.Environment) {
	identity.New(stack, "Identity", identity.Props{})
	awscdk.Tags_Of(stack).Add(jsii.String(team.TagOwner), jsii.String("accounts"), nil)
}
