package app_test

import (
	"cmp"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// defineMenu defines a service.
func defineMenu(stack awscdk.Stack, env app.Environment) {
	microservice.New(stack, "Menu", microservice.Props{
		Owner:  "kitchen",
		Image:  env.Image("menu"),
		Routes: []microservice.Route{{Path: "/menu", Public: true}},
	})
}

// An app of one service in two environments.
func Example() {
	shop := app.App{
		Name: "shop",
		Environments: []app.Environment{
			{
				Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"},
				Profile: profile.Sandbox(), Images: app.ECRImages("shop", "1.4.2"),
			},
			{
				Name: "production", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
				Images: app.ECRImages("shop", "1.4.2"),
				Teams:  team.Ref{Teams: []team.Team{{Name: "kitchen", Email: "kitchen@example.com"}, {Name: "platform", Email: "platform@example.com"}}},
			},
		},
		Services: []app.Service{{ID: "Menu", Define: defineMenu}},
	}
	os.Exit(app.Run(shop))
}

// The platform and the identity differ from the default in some props.
func ExampleNewPlatform() {
	shop := app.App{
		Name: "shop",
		Environments: []app.Environment{{
			Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"},
			Profile: profile.Sandbox(), Images: app.BuiltImages("testdata"), WebOrigins: []string{"https://shop.example.com"},
		}},
		Platform: func(stack awscdk.Stack, env app.Environment) {
			app.NewPlatform(stack, env, platform.Props{RateLimits: []platform.RateLimit{{Path: "/menu", Requests: 100}}})
		},
		Identity: func(stack awscdk.Stack, _ app.Environment) {
			identity.New(stack, "Identity", identity.Props{MFA: identity.MFARequired})
		},
	}
	os.Exit(app.Run(shop))
}

// A service is deployed by a small canary in production alone, and has another maximum there.
func ExampleIn() {
	defineOrders := func(stack awscdk.Stack, env app.Environment) {
		microservice.New(stack, "Orders", microservice.Props{
			Owner:      "kitchen",
			Image:      env.Image("orders"),
			Routes:     []microservice.Route{{Path: "/orders", Public: true}},
			Deployment: app.In[deployment.Strategy](env, "production", deployment.Canary{Percent: 5}),
			Scaling:    scaling.Policy{Max: cmp.Or(app.In(env, "production", 40), 5)},
		})
	}
	// The platform is another app's, in both environments.
	shop := app.App{
		Name: "orders",
		Environments: []app.Environment{
			{
				Name: "sandbox", Region: "eu-central-1", Profile: profile.Sandbox(), Images: app.ECRImages("shop", "1.4.2"),
				Platform: platform.Ref{StackName: "shop-sandbox-platform"},
			},
			{
				Name: "production", Region: "eu-central-1", Images: app.ECRImages("shop", "1.4.2"),
				Platform: platform.Ref{StackName: "shop-production-platform"}, Teams: team.Ref{StackName: "shop-production-teams"},
			},
		},
		Services: []app.Service{{ID: "Orders", Define: defineOrders}},
	}
	os.Exit(app.Run(shop))
}
