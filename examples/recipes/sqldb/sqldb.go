// Package sqldb is the recipe of docs/recipes/sqldb.md: a service with a database, and one that reads it.
package sqldb

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/sqldb"
)

// Define defines a service that keeps a ledger, and a worker of the same stack that reports on it.
func Define(stack awscdk.Stack, env app.Environment) {
	billing := microservice.New(stack, "Billing", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("billing"),
		Routes: []microservice.Route{{Path: "/billing/{proxy+}"}},
	})
	ledger := sqldb.New(billing, "Ledger", sqldb.Props{})
	billing.Uses(ledger, sqldb.ReadWrite)

	reports := microservice.New(stack, "Reports", microservice.Props{Owner: "checkout", Image: env.Image("billing")})
	reports.Uses(ledger, sqldb.Read)
}
