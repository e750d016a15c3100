package call_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/call"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/service"
)

// A service takes calls with a shorter timeout, and a worker in another stack calls it at REVIEWS_URL.
func ExampleServiceConnect() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	microservice.New(awscdk.NewStack(app, jsii.String("Reviews"), nil), "Reviews", microservice.Props{
		Owner:          "community",
		Image:          image.ECR("acme/reviews", "1.9.0"),
		Callable:       true,
		ServiceConnect: call.ServiceConnect{RequestTimeout: 3 * time.Second},
	})
	digest := microservice.New(awscdk.NewStack(app, jsii.String("Digest"), nil), "Digest", microservice.Props{
		Owner: "community",
		Image: image.ECR("acme/digest", "0.3.0"),
	})
	digest.Calls(service.Ref{StackName: "Reviews", Name: "reviews"})
}
