package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// defineRecords defines the service that keeps findings and scans. Pages upload them to its bucket, with URLs that it signs.
func defineRecords(stack awscdk.Stack, env app.Environment) {
	records := microservice.New(stack, "Records", microservice.Props{
		Owner:  "care",
		Image:  env.Image("records"),
		Size:   microservice.Size{CPU: 512, MemoryMiB: 1024},
		Routes: []microservice.Route{{Path: "/records/{proxy+}"}},
	})
	entries := table.New(records, "Entries", table.Props{
		PartitionKey: table.String("patientId"),
		SortKey:      table.String("recordId"),
	})
	records.Uses(entries, table.ReadWrite)
	scans := bucket.New(records, "Scans", bucket.Props{
		Versioned:     true,
		UploadOrigins: env.WebOrigins,
		Lifecycle:     []bucket.Rule{{InfrequentAccessAfterDays: 90}},
	})
	records.Uses(scans, bucket.ReadWrite)
}
