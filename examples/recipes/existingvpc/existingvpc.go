// Package existingvpc is the recipe of docs/recipes/existing-vpc.md: a platform in a VPC that another app, or another team,
// defines.
package existingvpc

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// DefinePlatform is the Platform of an app.
func DefinePlatform(stack awscdk.Stack, env app.Environment) {
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:                      jsii.String("vpc-0a1b2c3d4e5f60718"),
		VpcCidrBlock:               jsii.String("10.20.0.0/16"),
		AvailabilityZones:          jsii.Strings(env.Zones...),
		PrivateSubnetIds:           jsii.Strings("subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"),
		PrivateSubnetRouteTableIds: jsii.Strings("rtb-0a1b2c3d4e5f60711", "rtb-0a1b2c3d4e5f60712"),
	})
	app.NewPlatform(stack, env, platform.Props{VPC: vpc})
}
