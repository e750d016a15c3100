// Command elsewhere is a team's own repository: it uses the library, and of the storefront the names of a few stacks and the events.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/stacks/events"
)

func main() {
	os.Exit(synth.Run(func(app awscdk.App) error {
		environment.Set(app, environment.Environment{
			Name:     "sandbox",
			Profile:  profile.Sandbox(),
			Platform: platform.Ref{StackName: "storefront-sandbox-platform"},
			Identity: identity.Ref{StackName: "storefront-sandbox-identity"},
		})
		defineCart(app)
		defineReports(app)
		return nil
	}))
}

// defineCart defines the cart as the storefront does.
func defineCart(app awscdk.App) {
	stack := awscdk.NewStack(app, jsii.String("Cart"), &awscdk.StackProps{
		StackName:   jsii.String("storefront-sandbox-cart"),
		Description: jsii.String("The cart service of the storefront"),
		Env:         &awscdk.Environment{Region: jsii.String("us-east-2")},
	})
	awscdk.Tags_Of(stack).Add(jsii.String("environment"), jsii.String("sandbox"), nil)
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:   "checkout",
		Image:   image.Registry("public.ecr.aws/storefront-cdk/cart:0.1.0"),
		Routes:  []microservice.Route{{Path: "/cart/{proxy+}"}},
		Scaling: scaling.Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 8000},
	})
	cart.Uses(table.New(cart, "Items", table.Props{
		PartitionKey: table.String("userId"),
		SortKey:      table.String("productId"),
		TTLAttribute: "expiresAt",
		Outbox:       []event.Event{events.CartCheckedOut},
	}), table.ReadWrite)
	cart.Calls(service.Ref{StackName: "storefront-sandbox-catalog", Name: "catalog"})
}

// defineReports defines a service with a custom store and a custom dashboard, in its own environment.
func defineReports(app awscdk.App) {
	stack := awscdk.NewStack(app, jsii.String("Reports"), nil)
	environment.Set(stack, environment.Environment{
		Profile:  profile.Production(),
		Platform: platform.Ref{StackName: "shop-platform"},
		Teams:    team.Ref{StackName: "shop-teams"},
	})
	reports := microservice.New(stack, "Reports", microservice.Props{
		Owner:  "finance",
		Image:  image.ECR("finance/reports", "3.1.0"),
		Routes: []microservice.Route{{Path: "/reports/{proxy+}", Public: true}},
	})
	reports.Uses(newDatabase(reports, "Ledger"), store.ReadWrite)
	newDashboard(reports, "Dashboard")
}
