// Package previewenvironment is the recipe of docs/recipes/preview-environment.md: an environment for each pull request.
package previewenvironment

import (
	"os"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/table"
)

var sandbox = app.Environment{
	Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"},
	Profile: profile.Sandbox(), Images: app.ECRImages("shop", "1.4.2"),
}

// Shop is the app in its environments, and in that of a pull request if PREVIEW is its name, such as pr-123, and TAG that of
// its images.
func Shop() app.App {
	shop := app.App{
		Name:         "shop",
		Environments: []app.Environment{sandbox},
		Platform:     definePlatform,
		Identity:     defineIdentity,
		Services:     []app.Service{{ID: "Cart", Define: defineCart}},
	}
	if name := os.Getenv("PREVIEW"); name != "" {
		shop.Environments = append(shop.Environments, preview(name, os.Getenv("TAG")))
	}
	return shop
}

// preview is the sandbox by another name, with other images.
func preview(name, tag string) app.Environment {
	env := sandbox
	env.Name, env.Images = name, app.ECRImages("shop", tag)
	return env
}

// definePlatform defines a platform in a network of its own, and that of a preview in the network of the sandbox.
func definePlatform(stack awscdk.Stack, env app.Environment) {
	var props platform.Props
	if strings.HasPrefix(env.Name, "pr-") {
		other := constructs.NewConstruct(stack, jsii.String("Sandbox"))
		props.VPC = platform.Import(other, platform.Ref{StackName: "shop-sandbox-platform"}).VPC()
	}
	app.NewPlatform(stack, env, props)
}

func defineIdentity(stack awscdk.Stack, _ app.Environment) {
	identity.New(stack, "Identity", identity.Props{})
}

func defineCart(stack awscdk.Stack, env app.Environment) {
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("cart"),
		Routes: []microservice.Route{{Path: "/cart/{proxy+}"}},
	})
	cart.Uses(table.New(cart, "Items", table.Props{PartitionKey: table.String("userId")}), table.ReadWrite)
}
