// Package migration is the recipe of docs/recipes/migration.md: a service whose schema is migrated before each deployment.
package migration

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/migration"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/sqldb"
)

// Define defines the service, and a worker with the same database.
func Define(stack awscdk.Stack, env app.Environment) {
	orders := microservice.New(stack, "Orders", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("orders"),
		Routes: []microservice.Route{{Path: "/orders/{proxy+}"}},
	})
	invoicing := microservice.New(stack, "Invoicing", microservice.Props{
		Owner:   "checkout",
		Image:   env.Image("orders"),
		Command: []string{"/app", "invoice"},
	})
	ledger := sqldb.New(orders, "Ledger", sqldb.Props{})
	orders.Uses(ledger, sqldb.ReadWrite)
	invoicing.Uses(ledger, sqldb.ReadWrite)
	migration.New(orders, "Schema", migration.Props{
		Command: []string{"/app", "migrate"},
		After:   []constructs.IConstruct{ledger},
		Before:  []service.Service{invoicing},
	})
}
