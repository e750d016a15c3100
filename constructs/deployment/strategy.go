package deployment

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Strategy is one of [Rolling], [Canary], [Linear] and [BlueGreen].
type Strategy interface {
	// Gradual reports whether ECS moves requests from the old version to the new one, between two target groups.
	Gradual() bool
	// Phase is the shortest time for which the new version answers requests before ECS goes on, zero for [Rolling].
	Phase() time.Duration
	// WithDefaults returns the strategy with every zero field replaced by its default.
	WithDefaults() Strategy
	// Validate returns all that is wrong with the strategy, joined, or nil. It expects the defaults.
	Validate() error
	// Configure writes the strategy into the props of a service.
	Configure(service *awsecs.FargateServiceProps)

	sealed()
}

// Rolling starts new tasks before it stops as many old ones. Requests reach both until the last old one is gone, so a
// version that starts well and then answers badly reaches all callers before an alarm takes it back.
type Rolling struct{}

// Canary gives a new version a small share of the requests first, and the rest after the bake time.
type Canary struct {
	// Percent is the first share of the requests, from 1 to 99. If zero, 10.
	Percent int
	// Bake is how long the share stays small, and then how long the old version is kept after it lost its last
	// request, in whole minutes from 1m to 16h30m. If zero, five minutes.
	Bake time.Duration
}

// Linear gives a new version one equal share of the requests after another.
type Linear struct {
	// StepPercent is the share that each step adds: 4, 5, 10, 20, 25 or 50, which add up to 100. If zero, 10.
	StepPercent int
	// StepBake is how long each step lasts, in whole minutes from 1m to 24h. If zero, one minute.
	StepBake time.Duration
	// Bake is how long the old version is kept after it lost its last request, in whole minutes from 1m to 24h. If
	// zero, five minutes.
	Bake time.Duration
}

// BlueGreen gives a new version all requests at once, when all of its tasks are well.
type BlueGreen struct {
	// Bake is how long the old version is kept after that, in whole minutes from 1m to 24h. If zero, five minutes.
	Bake time.Duration
}

const (
	defaultPercent     = 10
	defaultStepPercent = 10
	defaultStepBake    = time.Minute
	defaultBake        = 5 * time.Minute
	// Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
	maxBake = 24 * time.Hour
	// maxTotal is what CloudFormation lets a deployment take, since it gives up itself after 36 hours.
	// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-service-canaryconfiguration.html
	maxTotal = 33 * time.Hour
	// maxCanaryBake is spent twice.
	maxCanaryBake = maxTotal / 2
)

// Gradual is false.
func (Rolling) Gradual() bool { return false }

// Gradual is true.
func (Canary) Gradual() bool { return true }

// Gradual is true.
func (Linear) Gradual() bool { return true }

// Gradual is true.
func (BlueGreen) Gradual() bool { return true }

// Phase is zero.
func (Rolling) Phase() time.Duration { return 0 }

// Phase is the bake time.
func (c Canary) Phase() time.Duration { return c.Bake }

// Phase is a step, or the bake time after the last one.
func (l Linear) Phase() time.Duration { return min(l.StepBake, l.Bake) }

// Phase is the bake time.
func (b BlueGreen) Phase() time.Duration { return b.Bake }

// WithDefaults returns the strategy itself.
func (r Rolling) WithDefaults() Strategy { return r }

// WithDefaults is 10 %, and five minutes.
func (c Canary) WithDefaults() Strategy {
	return Canary{or(c.Percent, defaultPercent), or(c.Bake, defaultBake)}
}

// WithDefaults is 10 % a minute, and five minutes.
func (l Linear) WithDefaults() Strategy {
	return Linear{or(l.StepPercent, defaultStepPercent), or(l.StepBake, defaultStepBake), or(l.Bake, defaultBake)}
}

// WithDefaults is five minutes.
func (b BlueGreen) WithDefaults() Strategy { return BlueGreen{or(b.Bake, defaultBake)} }

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Validate returns nil.
func (Rolling) Validate() error { return nil }

// Validate names a share or bake time that ECS or CloudFormation would refuse.
func (c Canary) Validate() error {
	var share error
	if c.Percent < 1 || c.Percent > 99 {
		share = fmt.Errorf("Deployment.Percent must be from 1 to 99, got %d: for all at once use deployment.BlueGreen", c.Percent)
	}
	return errors.Join(share, bake("Bake", c.Bake, maxCanaryBake))
}

// Validate names shares that are not equal, and a bake time that ECS or CloudFormation would refuse.
func (l Linear) Validate() error {
	var step error
	if l.StepPercent < 4 || l.StepPercent > 50 || 100%l.StepPercent != 0 {
		step = fmt.Errorf("Deployment.StepPercent must be 4, 5, 10, 20, 25 or 50, so that equal steps add up to 100, got %d", l.StepPercent)
	}
	if err := errors.Join(step, bake("StepBake", l.StepBake, maxBake), bake("Bake", l.Bake, maxBake)); err != nil {
		return err
	}
	steps := 100/l.StepPercent - 1 // after the last step it is Bake that runs
	if all := time.Duration(steps)*l.StepBake + l.Bake; all > maxTotal {
		return fmt.Errorf("Deployment.StepBake %d times and Bake must be at most %s together, as CloudFormation waits no longer, got %d × %s + %s = %s",
			steps, maxTotal, steps, l.StepBake, l.Bake, all)
	}
	return nil
}

// Validate names a bake time that ECS would refuse.
func (b BlueGreen) Validate() error { return bake("Bake", b.Bake, maxBake) }

func bake(field string, d, most time.Duration) error {
	if d < time.Minute || d > most || d%time.Minute != 0 {
		return fmt.Errorf("Deployment.%s must be whole minutes, which ECS counts, from 1m0s to %s, got %s", field, most, d)
	}
	return nil
}

// Configure names the strategy although it is ECS's default. What a template does not say of deployments any more ECS
// keeps as it was, through CloudFormation too, and so a service that was deployed gradually would stay with that.
//
// Measured in https://github.com/go-to-k/cdkd/pull/1805.
func (Rolling) Configure(service *awsecs.FargateServiceProps) {
	service.DeploymentStrategy = awsecs.DeploymentStrategy_ROLLING
}

// Configure sets the share and both bake times.
func (c Canary) Configure(service *awsecs.FargateServiceProps) {
	service.DeploymentStrategy = awsecs.DeploymentStrategy_CANARY
	service.CanaryConfiguration = &awsecs.TrafficShiftConfig{StepPercent: jsii.Number(c.Percent), StepBakeTime: cdkx.Minutes(c.Bake)}
	service.BakeTime = cdkx.Minutes(c.Bake)
}

// Configure sets the steps and both bake times.
func (l Linear) Configure(service *awsecs.FargateServiceProps) {
	service.DeploymentStrategy = awsecs.DeploymentStrategy_LINEAR
	service.LinearConfiguration = &awsecs.TrafficShiftConfig{StepPercent: jsii.Number(l.StepPercent), StepBakeTime: cdkx.Minutes(l.StepBake)}
	service.BakeTime = cdkx.Minutes(l.Bake)
}

// Configure sets the bake time.
func (b BlueGreen) Configure(service *awsecs.FargateServiceProps) {
	service.DeploymentStrategy = awsecs.DeploymentStrategy_BLUE_GREEN
	service.BakeTime = cdkx.Minutes(b.Bake)
}

func (Rolling) sealed()   {}
func (Canary) sealed()    {}
func (Linear) sealed()    {}
func (BlueGreen) sealed() {}
