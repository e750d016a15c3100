// Package table defines a DynamoDB table that one microservice owns. Pass the microservice as the scope, and declare that it
// uses the table:
//
//	items := table.New(cart, "Items", table.Props{
//		PartitionKey: table.String("userId"),
//		SortKey:      table.String("productId"),
//		TTLAttribute: "expiresAt",
//	})
//	cart.Uses(items, table.ReadWrite)
//
// The application reads the table's name from an environment variable named after the construct, here ITEMS_TABLE_NAME.
//
// Tables are billed on demand, encrypted, and can be restored to any second of the last 35 days. In production they
// have deletion protection and are retained when their stack is deleted.
//
// A service that has alarms has three on each table that it uses: throttled reads, throttled writes, and system errors.
// [Alarms] sets their thresholds.
//
// In the template: one AWS::DynamoDB::GlobalTable with a single replica (the CDK's TableV2). In the cheaper regions it
// costs 0.63 USD a million writes, 0.13 USD a million reads, 0.25 USD a GB a month, and 0.20 USD a GB a month for the
// continuous backup. Its alarms cost 1.70 USD a month.
package table
