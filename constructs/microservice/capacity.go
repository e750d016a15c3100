package microservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// capacity returns the capacity provider strategy. With Spot, the first tasks are on demand, so that an interruption
// never stops the last one. An interrupted task gets SIGTERM and then StopTimeout, which is within the two-minute
// notice of Spot.
func capacity(spot scaling.Spot, defaults profile.Profile) *[]*awsecs.CapacityProviderStrategy {
	shares := spot.Capacity(defaults)
	if shares.SpotWeight == 0 {
		return &[]*awsecs.CapacityProviderStrategy{{CapacityProvider: jsii.String("FARGATE"), Weight: jsii.Number(1)}}
	}
	return &[]*awsecs.CapacityProviderStrategy{
		{CapacityProvider: jsii.String("FARGATE"), Base: jsii.Number(shares.OnDemandBase), Weight: jsii.Number(shares.OnDemandWeight)},
		{CapacityProvider: jsii.String("FARGATE_SPOT"), Weight: jsii.Number(shares.SpotWeight)},
	}
}
