// Command hello is a minimal app: a platform, and a service on it.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/synth"
)

func main() { os.Exit(synth.Run(define)) }

func define(app awscdk.App) error {
	environment.Set(app, environment.Environment{Profile: profile.Sandbox(), Platform: platform.Ref{StackName: "Platform"}})

	platformStack := awscdk.NewStack(app, jsii.String("Platform"), nil)
	net := network.New(platformStack, "Network", network.Props{Zones: []string{"us-east-2a", "us-east-2b"}})
	platform.New(platformStack, "Platform", platform.Props{VPC: net.VPC()})

	helloStack := awscdk.NewStack(app, jsii.String("Hello"), nil)
	helloStack.AddStackDependency(platformStack, nil)
	microservice.New(helloStack, "Hello", microservice.Props{
		Owner:   "platform",
		Image:   image.Registry("public.ecr.aws/docker/library/traefik:v3.5.0"),
		Command: []string{"--ping=true", "--entrypoints.web.address=:8080", "--ping.entrypoint=web"},
		Health:  microservice.Health{Path: "/ping"},
		Routes:  []microservice.Route{{Path: "/ping", Methods: []string{"GET"}, Public: true}},
	})
	return nil
}
