package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// definePhotos defines the service that stores product photos and creates their smaller versions.
func definePhotos(stack awscdk.Stack, env app.Environment) {
	photos := microservice.New(stack, "Photos", microservice.Props{
		Owner: "media",
		Image: env.Image("photos"),
		// Originals are resized on disk: a few large ones at once do not fit in memory, and one has a whole CPU busy. See docs/sizing.md.
		Size:                   microservice.Size{CPU: 1024, MemoryMiB: 2048, EphemeralStorageGiB: 50},
		WritableRootFilesystem: true,
		Routes: []microservice.Route{
			{Path: "/photos/{proxy+}", Methods: reading, Public: true},
			{Path: "/photos/hidden", Methods: reading},
			{Path: "/photos/{proxy+}"},
		},
		Scaling: scaling.Policy{Max: 20, RequestsPerTask: 10_000},
	})
	metadata := table.New(photos, "Metadata", table.Props{
		PartitionKey: table.String("productId"),
		SortKey:      table.String("photoId"),
		TTLAttribute: "expiresAt",
		// Written with the metadata, when all sizes are there. S3 could only notify of the original.
		Outbox: []event.Event{events.PhotoUploaded},
	})
	photos.Uses(metadata, table.ReadWrite)
	originals := bucket.New(photos, "Originals", bucket.Props{
		Versioned:     true,
		UploadOrigins: env.WebOrigins,
		// What was uploaded has what the camera wrote, such as the place. What is shown is made of it at once, without that.
		Lifecycle: []bucket.Rule{{Prefix: "uploads/", ExpireAfterDays: 1}},
	})
	photos.Uses(originals, bucket.ReadWrite)
}
