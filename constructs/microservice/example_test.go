package microservice_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// shop is an app whose environment names the platform of its services, and the identity that verifies their callers.
func shop() awscdk.App {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{
		Platform: platform.Ref{StackName: "shop-platform"},
		Identity: identity.Ref{StackName: "shop-identity"},
	})
	return app
}

// A service with routes, for signed-in callers, and its own table.
func Example() {
	stack := awscdk.NewStack(shop(), jsii.String("Cart"), nil)
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:   "checkout",
		Image:   image.Registry("public.ecr.aws/acme/cart:2.0.1"),
		Routes:  []microservice.Route{{Path: "/cart/{proxy+}"}},
		Scaling: scaling.Policy{Max: 20, RequestsPerTask: 400},
	})
	items := table.New(cart, "Items", table.Props{PartitionKey: table.String("userId")})
	cart.Uses(items, table.ReadWrite)
}

// The smallest service is a worker, which receives no requests.
func ExampleNew_worker() {
	stack := awscdk.NewStack(shop(), jsii.String("Mailer"), nil)
	microservice.New(stack, "Mailer", microservice.Props{
		Owner: "growth",
		Image: image.ECR("acme/mailer", "1.4.2"),
	})
}

// Secrets are set by reference: ECS reads the value when a task starts.
func ExampleProps_secrets() {
	stack := awscdk.NewStack(shop(), jsii.String("Payments"), nil)
	provider := awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("Provider"),
		jsii.String("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/payment-provider-AbCdEf"))
	microservice.New(stack, "Payments", microservice.Props{
		Owner: "checkout",
		Image: image.ECR("acme/payments", "3.1.0"),
		Secrets: map[string]awsecs.Secret{
			"PROVIDER_KEY": awsecs.Secret_FromSecretsManager(provider, jsii.String("key")),
		},
	})
}

// A service sets what differs for it; everything else has sound defaults.
func ExampleAlarms() {
	stack := awscdk.NewStack(shop(), jsii.String("Photos"), nil)
	microservice.New(stack, "Photos", microservice.Props{
		Owner:  "media",
		Image:  image.ECR("acme/photos", "1.4.2"),
		Routes: []microservice.Route{{Path: "/photos/{proxy+}", Public: true}},
		Alarms: microservice.Alarms{
			SlowestLatency: alarm.Latency{Longest: 8 * time.Second}, // resizes photos
			ClientErrors:   alarm.Share{Disable: true},
		},
	})
}

// A service can be scaled by any metric that measures its work.
func ExampleMicroservice_Track() {
	stack := awscdk.NewStack(shop(), jsii.String("Indexer"), nil)
	indexer := microservice.New(stack, "Indexer", microservice.Props{
		Owner:   "discovery",
		Image:   image.ECR("acme/indexer", "1.0.0"),
		Scaling: scaling.Policy{Max: 10},
	})
	indexer.Track("Records", metric.Metric{
		Namespace:  "AWS/Kinesis",
		Name:       "IncomingRecords",
		Dimensions: map[string]string{"StreamName": "products"},
		Statistic:  metric.Sum,
	}, 6000)
}

// What Props do not cover can be set on the underlying constructs.
func ExampleMicroservice_TaskDefinition() {
	stack := awscdk.NewStack(shop(), jsii.String("Cart"), nil)
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner: "checkout",
		Image: image.ECR("acme/cart", "2.0.1"),
	})
	cart.TaskDefinition().AddContainer(jsii.String("proxy"), &awsecs.ContainerDefinitionOptions{
		Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/acme/proxy:7"), nil),
	})
}
