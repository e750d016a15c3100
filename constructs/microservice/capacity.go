package microservice

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// validateCapacity returns what is wrong with the number of tasks and what they run on in one environment, and with
// measures that the service does not have. It expects the defaults.
func (p Props) validateCapacity(environment profile.Profile) error {
	problems := []error{p.Scaling.ValidateFor(environment.MinTasks, environment.Spot)}
	for n, step := range p.Scaling.Steps {
		if step.Metric.ID == scaling.Requests().ID && len(p.Routes) == 0 {
			problems = append(problems, fmt.Errorf("Scaling.Steps[%d] needs Routes to count requests on, got none", n))
		}
	}
	return errors.Join(problems...)
}

// capacity is what the tasks run on. Where there is Spot, the first tasks are on demand, so that an interruption never
// takes the last one. A task that is interrupted gets SIGTERM and has StopTimeout to end, which is within the two
// minutes that Spot gives.
func capacity(spot scaling.Spot, environment profile.Profile) *[]*awsecs.CapacityProviderStrategy {
	shares := spot.Capacity(environment.Spot)
	if shares.SpotWeight == 0 {
		return &[]*awsecs.CapacityProviderStrategy{{CapacityProvider: jsii.String("FARGATE"), Weight: jsii.Number(1)}}
	}
	return &[]*awsecs.CapacityProviderStrategy{
		{CapacityProvider: jsii.String("FARGATE"), Base: jsii.Number(shares.OnDemandBase), Weight: jsii.Number(shares.OnDemandWeight)},
		{CapacityProvider: jsii.String("FARGATE_SPOT"), Weight: jsii.Number(shares.SpotWeight)},
	}
}
