package environment_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// What all services share is set once, so a service sets only what is its own.
func Example() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{
		Name:     "production",
		Profile:  profile.Production(),
		Platform: platform.Ref{StackName: "shop-platform"},
		Identity: identity.Ref{StackName: "shop-identity"},
		Teams:    team.Ref{StackName: "shop-teams"},
	})
	stack := awscdk.NewStack(app, jsii.String("Mailer"), nil)
	microservice.New(stack, "Mailer", microservice.Props{
		Owner: "growth",
		Image: image.ECR("acme/mailer", "1.4.2"),
	})
}

// A stack can have its own environment.
func ExampleOf() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	stack := awscdk.NewStack(app, jsii.String("Audit"), nil)
	own := environment.Of(stack)
	own.Profile.LogRetentionDays = 3653
	environment.Set(stack, own)
}
