package cdkx

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

// PrivateSubnets returns one private subnet of each zone, with egress if there are such. It returns none if the VPC has
// only public ones, to which the CDK's own selection would fall back.
func PrivateSubnets(vpc awsec2.IVpc) []awsec2.ISubnet {
	kind := awsec2.SubnetType_PRIVATE_WITH_EGRESS
	if len(*vpc.PrivateSubnets()) == 0 {
		kind = awsec2.SubnetType_PRIVATE_ISOLATED
		if len(*vpc.IsolatedSubnets()) == 0 {
			return nil
		}
	}
	return *vpc.SelectSubnets(&awsec2.SubnetSelection{SubnetType: kind, OnePerAz: jsii.Bool(true)}).Subnets
}
