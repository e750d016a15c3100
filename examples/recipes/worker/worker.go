// Package worker is the recipe of docs/recipes/worker.md: a service with a worker of the same image.
package worker

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// Define defines the service and its worker.
func Define(stack awscdk.Stack, env app.Environment) {
	photos := microservice.New(stack, "Photos", microservice.Props{
		Owner:  "content",
		Image:  env.Image("photos"),
		Routes: []microservice.Route{{Path: "/photos/{proxy+}"}},
	})
	resizer := microservice.New(stack, "PhotosResizer", microservice.Props{
		Owner:   "content",
		Image:   env.Image("photos"),
		Command: []string{"/app", "resize"},
		Size:    microservice.Size{CPU: 1024, MemoryMiB: 4096},
		Scaling: scaling.Policy{Max: 20, Backlog: scaling.Backlog{AcceptableDelay: time.Minute, MessageDuration: 4 * time.Second}},
	})
	uploads := queue.New(resizer, "Uploads", queue.Props{})
	photos.Uses(uploads, queue.Send)
	resizer.Uses(uploads, queue.Consume)
	catalog := table.New(photos, "Catalog", table.Props{PartitionKey: table.String("photoId")})
	photos.Uses(catalog, table.ReadWrite)
	resizer.Uses(catalog, table.Write)
}
