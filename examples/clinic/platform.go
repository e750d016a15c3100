package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// definePlatform defines a network in the sandbox, and uses the hospital's VPC in production.
func definePlatform(stack awscdk.Stack, env app.Environment) {
	props := platform.Props{RateLimits: []platform.RateLimit{{Path: "/practitioners", Requests: 300}}}
	if app.In(env, "production", true) {
		props.VPC = awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Hospital"), &awsec2.VpcAttributes{
			VpcId:                      jsii.String("vpc-0a1b2c3d4e5f60718"),
			VpcCidrBlock:               jsii.String("10.20.0.0/16"),
			AvailabilityZones:          jsii.Strings(env.Zones...),
			PrivateSubnetIds:           jsii.Strings("subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712", "subnet-0a1b2c3d4e5f60713"),
			PrivateSubnetRouteTableIds: jsii.Strings("rtb-0a1b2c3d4e5f60711", "rtb-0a1b2c3d4e5f60712", "rtb-0a1b2c3d4e5f60713"),
		})
	}
	app.NewPlatform(stack, env, props)
}

// defineIdentity defines who may sign in: patients by themselves, and the staff.
func defineIdentity(stack awscdk.Stack, env app.Environment) {
	identity.New(stack, "Identity", identity.Props{
		MFA:   app.In(env, "production", identity.MFARequired),
		Email: app.In(env, "production", identity.Email{From: "no-reply@clinic.example", Domain: "clinic.example"}),
	})
}
