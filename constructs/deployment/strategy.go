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
	// Gradual reports whether ECS shifts traffic from the old version to the new one, between two target groups.
	Gradual() bool
	// Phase returns the shortest time that the new version serves requests before ECS continues, zero for [Rolling].
	Phase() time.Duration
	// WithDefaults returns the strategy with every zero field replaced by its default.
	WithDefaults() Strategy
	// Validate returns one error that lists every invalid field, or nil. Call it after WithDefaults.
	Validate() error
	// Configure writes the strategy into the props of a service.
	Configure(service *awsecs.FargateServiceProps)

	sealed()
}

// Rolling starts new tasks before it stops as many old ones. Both versions get requests until the last old task has
// stopped, so a version that starts and then fails can reach all callers before an alarm rolls it back.
type Rolling struct{}

// Canary shifts a small share of the requests to the new version first, and the rest after the bake time.
type Canary struct {
	// Percent is the first share of the requests, from 1 to 99. If zero, 10.
	Percent int
	// Bake is how long the new version gets only the first share, and then how long the old version is kept after all
	// traffic has shifted, in whole minutes from 1m to 16h30m. If zero, five minutes.
	Bake time.Duration
}

// Linear shifts requests to the new version in equal steps.
type Linear struct {
	// StepPercent is the share that each step adds: 4, 5, 10, 20, 25 or 50, for equal steps up to 100. If zero, 10.
	StepPercent int
	// StepBake is how long each step lasts, in whole minutes from 1m to 24h. If zero, one minute.
	StepBake time.Duration
	// Bake is how long the old version is kept after all traffic has shifted, in whole minutes from 1m to 24h. If zero,
	// five minutes.
	Bake time.Duration
}

// BlueGreen shifts all requests to the new version at once, when all of its tasks are healthy.
type BlueGreen struct {
	// Bake is how long the old version is kept after all traffic has shifted, in whole minutes from 1m to 24h. If zero,
	// five minutes.
	Bake time.Duration
}

const (
	defaultPercent     = 10
	defaultStepPercent = 10
	defaultStepBake    = time.Minute
	defaultBake        = 5 * time.Minute
	// Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
	maxBake = 24 * time.Hour
	// maxTotal is the longest deployment that CloudFormation accepts, since its own timeout is 36 hours.
	// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-service-canaryconfiguration.html
	maxTotal = 33 * time.Hour
	// maxCanaryBake is half of that, since a canary deployment bakes twice.
	maxCanaryBake = maxTotal / 2
)

// Gradual returns false.
func (Rolling) Gradual() bool { return false }

// Gradual returns true.
func (Canary) Gradual() bool { return true }

// Gradual returns true.
func (Linear) Gradual() bool { return true }

// Gradual returns true.
func (BlueGreen) Gradual() bool { return true }

// Phase returns zero.
func (Rolling) Phase() time.Duration { return 0 }

// Phase returns the bake time.
func (c Canary) Phase() time.Duration { return c.Bake }

// Phase returns the shorter of StepBake and Bake.
func (l Linear) Phase() time.Duration { return min(l.StepBake, l.Bake) }

// Phase returns the bake time.
func (b BlueGreen) Phase() time.Duration { return b.Bake }

// WithDefaults returns the strategy itself.
func (r Rolling) WithDefaults() Strategy { return r }

// WithDefaults sets Percent to 10 and Bake to five minutes where they are zero.
func (c Canary) WithDefaults() Strategy {
	return Canary{or(c.Percent, defaultPercent), or(c.Bake, defaultBake)}
}

// WithDefaults sets StepPercent to 10, StepBake to one minute and Bake to five minutes where they are zero.
func (l Linear) WithDefaults() Strategy {
	return Linear{or(l.StepPercent, defaultStepPercent), or(l.StepBake, defaultStepBake), or(l.Bake, defaultBake)}
}

// WithDefaults sets Bake to five minutes if it is zero.
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

// Validate reports a share or bake time that ECS or CloudFormation would reject.
func (c Canary) Validate() error {
	var share error
	if c.Percent < 1 || c.Percent > 99 {
		share = fmt.Errorf("Deployment.Percent must be from 1 to 99, got %d: to shift all requests at once, use deployment.BlueGreen", c.Percent)
	}
	return errors.Join(share, checkBake("Bake", c.Bake, maxCanaryBake))
}

// Validate reports steps that are not equal, and a bake time that ECS or CloudFormation would reject.
func (l Linear) Validate() error {
	var step error
	if l.StepPercent < 4 || l.StepPercent > 50 || 100%l.StepPercent != 0 {
		step = fmt.Errorf("Deployment.StepPercent must be 4, 5, 10, 20, 25 or 50, so that equal steps add up to 100, got %d", l.StepPercent)
	}
	if err := errors.Join(step, checkBake("StepBake", l.StepBake, maxBake), checkBake("Bake", l.Bake, maxBake)); err != nil {
		return err
	}
	steps := 100/l.StepPercent - 1 // the last step is followed by Bake instead
	if total := time.Duration(steps)*l.StepBake + l.Bake; total > maxTotal {
		return fmt.Errorf("Deployment: %d × StepBake + Bake must be at most %s, the longest that CloudFormation waits, got %d × %s + %s = %s",
			steps, maxTotal, steps, l.StepBake, l.Bake, total)
	}
	return nil
}

// Validate reports a bake time that ECS would reject.
func (b BlueGreen) Validate() error { return checkBake("Bake", b.Bake, maxBake) }

func checkBake(field string, d, most time.Duration) error {
	if d < time.Minute || d > most || d%time.Minute != 0 {
		return fmt.Errorf("Deployment.%s must be whole minutes, as ECS requires, from 1m0s to %s, got %s", field, most, d)
	}
	return nil
}

// Configure sets the strategy explicitly although it is the default of ECS. ECS keeps deployment settings that a
// template no longer has, also when CloudFormation updates the service, so a service would otherwise keep its gradual
// strategy.
//
// Measured in https://github.com/go-to-k/cdkd/pull/1805.
func (Rolling) Configure(service *awsecs.FargateServiceProps) {
	service.DeploymentStrategy = awsecs.DeploymentStrategy_ROLLING
}

// Configure sets the first share and both bake times.
func (c Canary) Configure(service *awsecs.FargateServiceProps) {
	service.DeploymentStrategy = awsecs.DeploymentStrategy_CANARY
	bake := cdkx.Minutes(c.Bake)
	service.CanaryConfiguration = &awsecs.TrafficShiftConfig{StepPercent: jsii.Number(c.Percent), StepBakeTime: bake}
	service.BakeTime = bake
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
