package table_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/table"
)

func ExampleNew() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Orders"), nil)
	orders := microservice.New(stack, "Orders", microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Owner:    "checkout",
		Image:    image.ECR("acme/orders", "1.0.0"),
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
