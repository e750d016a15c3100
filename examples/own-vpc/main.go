// Command own-vpc is an app whose platform is in a VPC that another app, or another team, defines.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
)

var hello = app.App{
	Name: "hello",
	Environments: []app.Environment{
		{Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"}, Profile: profile.Sandbox()},
	},
	Platform: definePlatform,
	Services: []app.Service{{ID: "Hello", Define: defineHello}},
}

func main() { os.Exit(app.Run(hello)) }

// definePlatform names an existing VPC by its IDs, so that synthesis looks up nothing and needs no account.
func definePlatform(stack awscdk.Stack, env app.Environment) {
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:                      jsii.String("vpc-0a1b2c3d4e5f60718"),
		VpcCidrBlock:               jsii.String("10.20.0.0/16"),
		AvailabilityZones:          jsii.Strings(env.Zones...),
		PrivateSubnetIds:           jsii.Strings("subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"),
		PrivateSubnetRouteTableIds: jsii.Strings("rtb-0a1b2c3d4e5f60711", "rtb-0a1b2c3d4e5f60712"),
	})
	app.NewPlatform(stack, env, platform.Props{VPC: vpc})
}

func defineHello(stack awscdk.Stack, _ app.Environment) {
	microservice.New(stack, "Hello", microservice.Props{
		Owner:   "platform",
		Image:   image.Registry("public.ecr.aws/docker/library/traefik:v3.5.0"),
		Command: []string{"--ping=true", "--entrypoints.web.address=:8080", "--ping.entrypoint=web"},
		Health:  microservice.Health{Path: "/ping"},
		Routes:  []microservice.Route{{Path: "/ping", Methods: []string{"GET"}, Public: true}},
		Egress:  []microservice.Peer{microservice.PeerAnyIPv4(443)},
	})
}
