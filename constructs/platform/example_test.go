package platform_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

func ExampleNew() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Platform"), nil)
	net := network.New(stack, "Network", network.Props{Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}})
	platform.New(stack, "Platform", platform.Props{
		VPC:  net.VPC(),
		CORS: platform.CORS{AllowOrigins: []string{"https://shop.example.com"}},
	})
}

// Other workloads than microservices can use the platform too, in any app of its account and region.
func ExampleImport() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Reports"), nil)
	shared := platform.Import(stack, platform.Ref{StackName: "shop-platform"})
	awsrds.NewSubnetGroup(stack, jsii.String("Subnets"), &awsrds.SubnetGroupProps{
		Description: jsii.String("The platform's private subnets"),
		Vpc:         shared.VPC(),
	})
}
