package profile

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Profile is the set of environment-wide defaults. A field set in a construct's own props comes before it.
type Profile struct {
	// Zones is how many availability zones a platform spans, from 1 to 6, and so how many private subnets its
	// contract publishes.
	Zones int
	// RedundantNAT gives each zone a NAT gateway of its own. Without it one small NAT instance serves all zones, for
	// about an eighth of the price of a single gateway, and a zone's failure can cut off the others.
	RedundantNAT bool
	// MinTasks is how many tasks of a service run at the least, where its scaling policy does not say.
	MinTasks int
	// Spot runs every task after a service's first on Fargate Spot, which is cheaper and may be interrupted with two
	// minutes' notice.
	Spot bool
	// CanaryPercent is the share of the requests that a new version of a service gets first, from 1 to 99, where the
	// service does not say how it is deployed. If zero, deployments are rolling.
	CanaryPercent int
	// CanaryBakeMinutes is how long that share stays small, and then how long the old version is kept, from 1 to 990.
	// It goes with CanaryPercent alone.
	CanaryBakeMinutes int
	// ZoneRebalancing has ECS move tasks back to a zone that they left when it failed.
	ZoneRebalancing bool
	// RetainData keeps tables, buckets, user pools, search domains, keys and logs when their stack is deleted, and
	// protects from deletion what has such a protection.
	RetainData bool
	// LogRetentionDays is how long logs are kept: one of the numbers of days that CloudWatch Logs knows.
	LogRetentionDays int
	// EncryptLogs encrypts logs with a key of the environment's own, which the platform defines.
	EncryptLogs bool
	// ContainerInsights has ECS publish the numbers of running and desired tasks, which alarms compare.
	ContainerInsights bool
	// FlowLogs records the connections that a network accepted and refused.
	FlowLogs bool
	// AccessLogs records the requests that a platform's API answered.
	AccessLogs bool
	// MultiNodeSearch gives a search domain a data node in each zone and dedicated masters, instead of one node.
	MultiNodeSearch bool
	// Alarms gives each service alarms that reach its owner.
	Alarms bool
}

// Sandbox is cheap and leaves nothing behind: two zones behind one NAT instance, Spot capacity, rolling deployments, a
// week of logs, and data that is destroyed with its stack.
func Sandbox() Profile {
	return Profile{
		Zones:            2,
		MinTasks:         1,
		Spot:             true,
		LogRetentionDays: 7,
	}
}

// Production survives the loss of a zone and the deletion of a stack: three zones with a NAT gateway each, at least
// two tasks a service, on-demand capacity, canary deployments, encrypted logs for three months, data that is retained, and
// alarms.
func Production() Profile {
	return Profile{
		Zones:             3,
		RedundantNAT:      true,
		MinTasks:          2,
		CanaryPercent:     10,
		CanaryBakeMinutes: 5,
		ZoneRebalancing:   true,
		RetainData:        true,
		LogRetentionDays:  90,
		EncryptLogs:       true,
		ContainerInsights: true,
		FlowLogs:          true,
		AccessLogs:        true,
		MultiNodeSearch:   true,
		Alarms:            true,
	}
}

// contextKey is where the construct tree keeps the profile.
const contextKey = "storefront:profile"

// Set gives p to scope and everything defined in it. Call it before anything is defined there: a construct reads its
// profile once, when it is defined. Set panics when p is not valid or scope has children already.
func Set(scope constructs.Construct, p Profile) {
	err := p.validate()
	if err == nil && len(*scope.Node().Children()) > 0 {
		err = errors.New("the profile must be set before anything is defined in its scope")
	}
	cdkx.CheckAt(scope, err)
	encoded, err := json.Marshal(p)
	cdkx.CheckAt(scope, err)
	scope.Node().SetContext(jsii.String(contextKey), string(encoded))
}

// Of returns the profile that applies to scope: the nearest one set on it or above it, else [Production].
func Of(scope constructs.Construct) Profile {
	encoded, ok := scope.Node().TryGetContext(jsii.String(contextKey)).(string)
	if !ok {
		return Production()
	}
	var p Profile
	err := json.Unmarshal([]byte(encoded), &p)
	if err == nil {
		err = p.validate()
	}
	if err != nil {
		cdkx.CheckAt(scope, fmt.Errorf("context %q must be set with profile.Set\n%w", contextKey, err))
	}
	return p
}

func (p Profile) validate() error {
	var problems []error
	if p.Zones < 1 || p.Zones > 6 {
		problems = append(problems, fmt.Errorf("profile.Zones must be from 1 to 6, got %d", p.Zones))
	}
	if p.MinTasks < 1 {
		problems = append(problems, fmt.Errorf("profile.MinTasks must be at least 1, got %d", p.MinTasks))
	}
	problems = append(problems, p.validateCanary())
	if err := cdkx.CheckLogRetention("profile.LogRetentionDays", p.LogRetentionDays); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// maxCanaryBakeMinutes is half of the 33 hours that CloudFormation lets a deployment take, since it is spent twice.
const maxCanaryBakeMinutes = 990

func (p Profile) validateCanary() error {
	switch {
	case p.CanaryPercent < 0 || p.CanaryPercent > 99:
		return fmt.Errorf("profile.CanaryPercent must be from 1 to 99, or 0 for rolling deployments, got %d", p.CanaryPercent)
	case p.CanaryPercent == 0 && p.CanaryBakeMinutes != 0:
		return fmt.Errorf("profile.CanaryBakeMinutes needs CanaryPercent, got %d without it", p.CanaryBakeMinutes)
	case p.CanaryPercent > 0 && (p.CanaryBakeMinutes < 1 || p.CanaryBakeMinutes > maxCanaryBakeMinutes):
		return fmt.Errorf("profile.CanaryBakeMinutes must be from 1 to %d, got %d", maxCanaryBakeMinutes, p.CanaryBakeMinutes)
	}
	return nil
}

// Choice is a switch whose zero value leaves the decision to the profile.
type Choice int

// The choices.
const (
	ByProfile Choice = iota
	On
	Off
)

// Or resolves the choice, where fallback is what the profile says.
func (c Choice) Or(fallback bool) bool {
	switch c {
	case On:
		return true
	case Off:
		return false
	default:
		return fallback
	}
}
