package microservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// capacity is what the tasks run on. Where there is Spot, the first tasks are on demand, so that an interruption never
// takes the last one. A task that is interrupted gets SIGTERM and has StopTimeout to end, which is within the two
// minutes that Spot gives.
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
