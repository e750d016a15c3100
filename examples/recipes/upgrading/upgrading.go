// Package upgrading is the recipe of docs/recipes/upgrading.md: a table that keeps its logical ID.
package upgrading

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// Define defines a cart whose table was deployed as CartItems8A3B0C11, before it was named Baskets.
func Define(stack awscdk.Stack, env app.Environment) {
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("cart"),
		Routes: []microservice.Route{{Path: "/cart/{proxy+}"}},
	})
	baskets := table.New(cart, "Baskets", table.Props{PartitionKey: table.String("userId")})
	baskets.Table().Node().DefaultChild().(awscdk.CfnResource).OverrideLogicalId(jsii.String("CartItems8A3B0C11"))
	cart.Uses(baskets, table.ReadWrite)
}
