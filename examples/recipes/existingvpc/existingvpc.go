// Package existingvpc is the recipe of docs/recipes/existing-vpc.md: a platform in a VPC that another app, or another team,
// defines.
package existingvpc

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
)

// DefinePlatform defines the platform.
func DefinePlatform(stack awscdk.Stack) {
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:                      jsii.String("vpc-0a1b2c3d4e5f60718"),
		VpcCidrBlock:               jsii.String("10.20.0.0/16"),
		AvailabilityZones:          jsii.Strings("eu-central-1a", "eu-central-1b"),
		PrivateSubnetIds:           jsii.Strings("subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"),
		PrivateSubnetRouteTableIds: jsii.Strings("rtb-0a1b2c3d4e5f60711", "rtb-0a1b2c3d4e5f60712"),
	})
	platform.New(stack, "Platform", platform.Props{VPC: vpc})
}
