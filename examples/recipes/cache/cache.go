// Package cache is the recipe of docs/recipes/cache.md: a service with a cache.
package cache

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/cache"
	"github.com/storefront-cdk/storefront/constructs/microservice"
)

// Define defines a cart that keeps prices in a cache.
func Define(stack awscdk.Stack, env app.Environment) {
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("cart"),
		Routes: []microservice.Route{{Path: "/cart/{proxy+}"}},
	})
	prices := cache.New(cart, "Prices", cache.Props{})
	cart.Uses(prices, cache.ReadWrite)
}
