package subscription_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/subscription"
)

type Photo struct {
	Key string `json:"key"`
}

var PhotoUploaded = event.Event{Source: "shop.photos", DetailType: "PhotoUploaded", Detail: Photo{}}

// An event that takes longer than the others has a queue of its own.
func ExampleNew() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	thumbnails := microservice.New(awscdk.NewStack(app, jsii.String("Thumbnails"), nil), "Thumbnails", microservice.Props{
		Owner: "media",
		Image: image.ECR("acme/thumbnails", "1.2.0"),
	})
	photos := subscription.New(thumbnails, "Photos", subscription.Props{
		Events:         []event.Event{PhotoUploaded},
		HandlerTimeout: 2 * time.Minute,
		Queue:          queue.Props{MaxReceiveCount: 3},
	})
	thumbnails.Uses(photos, queue.Consume)
}
