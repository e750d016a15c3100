package cdkx

import (
	"fmt"

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

// CheckPrivateSubnets returns an error if a VPC that is given to a store lacks private subnets in that many zones. Its message
// begins with field.
func CheckPrivateSubnets(field string, vpc awsec2.IVpc, zones int, store string) error {
	got := len(PrivateSubnets(vpc))
	if got >= zones {
		return nil
	}
	many := "subnets"
	if zones > 1 {
		many = fmt.Sprintf("subnets in %d zones", zones)
	}
	found := "none"
	if got > 0 {
		found = fmt.Sprint(got)
	}
	return fmt.Errorf("%s must have private %s, in which %s is, got %s: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New", field, many, store, found)
}
