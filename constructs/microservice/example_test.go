package microservice_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// A service with routes, for signed-in callers, and a table of its own.
func Example() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Cart"), nil)
	cart := microservice.New(stack, "Cart", microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Identity: identity.Ref{StackName: "shop-identity"},
		Owner:    "checkout",
		Image:    image.Registry("public.ecr.aws/acme/cart:2.0.1"),
		Routes:   []microservice.Route{{Path: "/cart/{proxy+}"}},
		Scaling:  scaling.Policy{Max: 20, RequestsPerTask: 400},
	})
	items := table.New(cart, "Items", table.Props{PartitionKey: table.String("userId")})
	cart.Uses(items, table.ReadWrite)
}

// The smallest service is a worker, that nobody calls.
func ExampleNew_worker() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Mailer"), nil)
	microservice.New(stack, "Mailer", microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Owner:    "growth",
		Image:    image.ECR("acme/mailer", "1.4.2"),
	})
}

// Secrets are given by reference: ECS reads the value when a task starts.
func ExampleProps_secrets() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Payments"), nil)
	provider := awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Provider"), jsii.String("shop/payment-provider"))
	microservice.New(stack, "Payments", microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Owner:    "checkout",
		Image:    image.ECR("acme/payments", "3.1.0"),
		Secrets: map[string]awsecs.Secret{
			"PROVIDER_KEY": awsecs.Secret_FromSecretsManager(provider, jsii.String("key")),
		},
	})
}

// What Props do not say, the constructs beneath do.
func ExampleMicroservice_TaskDefinition() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Cart"), nil)
	cart := microservice.New(stack, "Cart", microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Owner:    "checkout",
		Image:    image.ECR("acme/cart", "2.0.1"),
	})
	cart.TaskDefinition().AddContainer(jsii.String("proxy"), &awsecs.ContainerDefinitionOptions{
		Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/acme/proxy:7"), nil),
	})
}
