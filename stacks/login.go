package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// defineLogin defines the service through which customers sign up, sign in and read their profile.
func defineLogin(stack awscdk.Stack, env app.Environment) {
	login := microservice.New(stack, "Login", microservice.Props{
		Owner: "accounts",
		Image: env.Image("login"),
		Routes: []microservice.Route{
			{Path: "/login/{proxy+}", Public: true},
			{Path: "/login/me"},
		},
		// Measured: see docs/sizing.md.
		Scaling: scaling.Policy{RequestsPerTask: 6000},
	})
	profiles := table.New(login, "Profiles", table.Props{PartitionKey: table.String("userId")})
	login.Uses(profiles, table.ReadWrite)
	login.Uses(identity.Of(stack), identity.AdministerUsers)
	// Nobody subscribes yet. Who must not miss a user needs an outbox of the profiles instead.
	login.Publishes(events.UserRegistered)
}
