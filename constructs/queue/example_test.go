package queue_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// A worker that is scaled by the messages in its queue: 60 s / 0.2 s = 300 messages for each running task.
func ExampleNew() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	stack := awscdk.NewStack(app, jsii.String("Thumbnails"), nil)
	worker := microservice.New(stack, "Thumbnails", microservice.Props{
		Owner:   "media",
		Image:   image.ECR("acme/thumbnails", "1.0.0"),
		Scaling: scaling.Policy{Max: 40, Backlog: scaling.Backlog{AcceptableDelay: time.Minute, MessageDuration: 200 * time.Millisecond}},
	})
	uploads := queue.New(worker, "Uploads", queue.Props{VisibilityTimeout: 3 * time.Minute})
	worker.Uses(uploads, queue.Consume) // and UPLOADS_QUEUE_URL
}
