package main

import (
	"net/http"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// definePractitioners defines the service that lists who works in the clinic, for everybody to read.
func definePractitioners(stack awscdk.Stack, env app.Environment) {
	practitioners := microservice.New(stack, "Practitioners", microservice.Props{
		Owner: "front-desk",
		Image: env.Image("practitioners"),
		Routes: []microservice.Route{
			{Path: "/practitioners/{proxy+}", Methods: []string{http.MethodGet}, Public: true},
			{Path: "/practitioners/{proxy+}", Scopes: []string{"aws.cognito.signin.user.admin"}},
		},
		Scaling: scaling.Policy{RequestsPerTask: 600},
	})
	directory := table.New(practitioners, "Directory", table.Props{PartitionKey: table.String("practitionerId")})
	practitioners.Uses(directory, table.ReadWrite)
}
