// Command hello is a minimal app: a service, and the platform that it runs on.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
)

var sandbox = app.Environment{Name: "sandbox", Region: "us-east-2", Zones: []string{"us-east-2a", "us-east-2b"}, Profile: profile.Sandbox()}

var hello = app.App{Name: "hello", Environments: []app.Environment{sandbox}, Services: []app.Service{{ID: "Hello", Define: defineHello}}}

func main() { os.Exit(app.Run(hello)) }

func defineHello(stack awscdk.Stack, _ app.Environment) {
	microservice.New(stack, "Hello", microservice.Props{
		Owner:   "platform",
		Image:   image.Registry("public.ecr.aws/docker/library/traefik:v3.5.0"),
		Command: []string{"--ping=true", "--entrypoints.web.address=:8080", "--ping.entrypoint=web"},
		Health:  microservice.Health{Path: "/ping"},
		Routes:  []microservice.Route{{Path: "/ping", Methods: []string{"GET"}, Public: true}},
	})
}
