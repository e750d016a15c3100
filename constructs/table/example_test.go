package table_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/table"
)

func ExampleNew() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
	orders := microservice.New(stack, "Orders", microservice.Props{
		Owner: "checkout",
		Image: image.ECR("acme/orders", "1.0.0"),
	})
	placed := table.New(orders, "Placed", table.Props{
		PartitionKey: table.String("customerId"),
		SortKey:      table.Number("placedAt"),
		Indexes: []table.Index{{
			Name:         "by-state",
			PartitionKey: table.String("state"),
			Attributes:   []string{"total"},
		}},
		Stream: table.NewAndOldImages,
	})
	orders.Uses(placed, table.ReadWrite) // and PLACED_TABLE_NAME
}

// The thresholds of a table's alarms depend on its traffic. Each can be changed, or the alarm disabled.
func ExampleAlarms() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	stack := awscdk.NewStack(app, jsii.String("Visits"), nil)
	visits := microservice.New(stack, "Visits", microservice.Props{Owner: "growth", Image: image.ECR("acme/visits", "1.0.0")})
	counted := table.New(visits, "Counted", table.Props{
		PartitionKey: table.String("page"),
		Alarms: table.Alarms{
			ThrottledWrites: alarm.Events{Count: 500}, // a visit more or less
			SystemErrors:    alarm.Events{Disable: true},
		},
	})
	visits.Uses(counted, table.ReadWrite)
}
