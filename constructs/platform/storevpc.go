package platform

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// VPCOr returns the VPC that a store in scope is given, or, if that is nil, the VPC of the environment's platform.
func VPCOr(scope constructs.Construct, vpc awsec2.IVpc) awsec2.IVpc {
	if vpc == nil {
		return Of(scope).VPC()
	}
	return vpc
}

// CheckVPC returns an error if [VPCOr] would panic, or if the VPC that a store is given lacks private subnets in that many zones. Its
// message begins with VPC, and names the store, such as "the cache".
func CheckVPC(scope constructs.Construct, vpc awsec2.IVpc, zones int, store string) error {
	if vpc == nil {
		return CheckOf(scope)
	}
	return cdkx.CheckPrivateSubnets("VPC", vpc, zones, store)
}
