package profile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/internal/ambient"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Profile is the set of environment-wide defaults. A field set in a construct's own props takes precedence.
type Profile struct {
	// Zones is the number of availability zones of a platform, from 2, which a load balancer requires, to 6, and so the
	// number of private subnets that its contract publishes.
	Zones int
	// RedundantEgress adds a NAT gateway in each zone. Without it one small NAT instance serves all zones, for about a
	// sixth of the price of a single gateway, and the failure of its zone can disconnect the others from the internet.
	RedundantEgress bool
	// MinTasks is the minimum number of tasks of a service, if its scaling policy does not set it, from 1 to 20,000.
	MinTasks int
	// Spot runs every task after a service's first on Fargate Spot, which is cheaper and may be interrupted with two
	// minutes' notice.
	Spot bool
	// CanaryPercent is the share of the requests that a new version of a service gets first, from 1 to 99, if the
	// service does not set its deployment strategy. If zero, deployments are rolling.
	CanaryPercent int
	// CanaryBakeMinutes is the bake time of that share, and then of all requests before the old version is stopped,
	// from 1 to 990. It requires CanaryPercent.
	CanaryBakeMinutes int
	// ZoneRebalancing has ECS move tasks back to a zone after it recovers.
	ZoneRebalancing bool
	// RetainData keeps tables, buckets, queues, user pools, search domains, caches, databases, keys and logs when their stack is
	// deleted. They are still deleted if the deployment that creates them fails.
	RetainData bool
	// DeletionProtection turns on the deletion protection of the load balancer, and of the tables, databases and user pools that
	// are retained. CloudFormation cannot delete what is protected, so the deployment that creates it should succeed
	// first: deploy that one without.
	DeletionProtection bool
	// EncryptData encrypts each table, bucket, queue, search domain, cache and database with a key of its own in the account, whose use
	// AWS CloudTrail records and which can be disabled, for 1 USD a month each and 0.03 USD per 10,000 requests. Without
	// it, AWS encrypts them with keys that it owns. A search domain and a cache are replaced by a change,
	// which a database refuses.
	EncryptData bool
	// SearchLogs records the errors and slow requests of search domains, and the errors of databases.
	SearchLogs bool
	// LogRetentionDays is the retention of logs: one of the numbers of days that CloudWatch Logs supports.
	LogRetentionDays int
	// EncryptLogs encrypts logs with the environment's own key, which the platform defines.
	EncryptLogs bool
	// ContainerInsights has ECS publish the numbers of running and desired tasks, which alarms compare.
	ContainerInsights bool
	// FlowLogs records accepted and rejected traffic of a network.
	FlowLogs bool
	// AccessLogs records the requests to a platform's API.
	AccessLogs bool
	// ArchiveEvents keeps the events of a platform's bus for some days, so that they can be replayed.
	ArchiveEvents bool
	// EventLogs records why events could not be put on a platform's bus, or not be delivered.
	EventLogs bool
	// PinnedImages requires the image of each container to be named by its digest, or built from a folder: a tag may be
	// moved to another image, which then runs without a deployment.
	PinnedImages bool
	// RuntimeMonitoring allows the tasks of each service to pull the agent of GuardDuty, which is enabled for an account
	// and not by this module.
	RuntimeMonitoring bool
	// RedundantStores adds a node in each zone to stores that are made of nodes, such as search domains, which get
	// dedicated master nodes, too. A cache, which is in two zones anyway, gets higher limits. A database gets a reader
	// and does not pause.
	RedundantStores bool
	// Alarms defines alarms for each service, which notify its owner.
	Alarms bool
}

// Sandbox returns the profile that is cheap and leaves nothing behind: two zones with one NAT instance, Spot capacity,
// rolling deployments, a week of logs, and data that is destroyed with its stack.
func Sandbox() Profile {
	return Profile{
		Zones:            2,
		MinTasks:         1,
		Spot:             true,
		LogRetentionDays: 7,
	}
}

// Production returns the profile that survives the loss of a zone and the deletion of a stack: three zones with a NAT
// gateway each, at least two tasks a service, on-demand capacity, canary deployments, encrypted logs for three months,
// data that is retained and protected from deletion, and alarms.
func Production() Profile {
	return Profile{
		Zones:              3,
		RedundantEgress:    true,
		MinTasks:           2,
		CanaryPercent:      10,
		CanaryBakeMinutes:  5,
		ZoneRebalancing:    true,
		RetainData:         true,
		SearchLogs:         true,
		DeletionProtection: true,
		LogRetentionDays:   90,
		EncryptLogs:        true,
		ContainerInsights:  true,
		FlowLogs:           true,
		AccessLogs:         true,
		ArchiveEvents:      true,
		EventLogs:          true,
		RedundantStores:    true,
		Alarms:             true,
	}
}

// Of returns the profile of scope's environment, or [Production] if none is set. It panics if the context contains an
// environment that [environment.Set] did not write.
//
// [environment.Set]: https://pkg.go.dev/github.com/storefront-cdk/storefront/constructs/environment#Set
func Of(scope constructs.Construct) Profile {
	var environment struct{ Profile Profile }
	found, err := ambient.Get(scope, &environment)
	if err == nil && found {
		err = environment.Profile.Validate()
	}
	problem.MustAt(scope, err)
	if !found {
		return Production()
	}
	return environment.Profile
}

// logRetentions are the numbers of days that CloudWatch Logs supports, up to ten years.
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// Validate returns one error that lists every invalid field, or nil.
func (p Profile) Validate() error {
	problems := []error{p.validateCanary()}
	if p.Zones < 2 || p.Zones > 6 {
		problems = append(problems, fmt.Errorf("Profile.Zones must be from 2 to 6, got %d", p.Zones))
	}
	if p.MinTasks < 1 || p.MinTasks > maxMinTasks {
		problems = append(problems, fmt.Errorf("Profile.MinTasks must be from 1 to %d, got %d", maxMinTasks, p.MinTasks))
	}
	if !slices.Contains(logRetentions, p.LogRetentionDays) {
		problems = append(problems, fmt.Errorf("Profile.LogRetentionDays must be one of %v, got %d", logRetentions, p.LogRetentionDays))
	}
	return errors.Join(problems...)
}

// maxMinTasks is a fifth of the largest maximum of a scaling policy, whose default is five times the minimum.
const maxMinTasks = 20_000

// maxCanaryBakeMinutes is half of the 33 hours that CloudFormation allows for a deployment, since a canary bakes twice.
const maxCanaryBakeMinutes = 990

func (p Profile) validateCanary() error {
	switch {
	case p.CanaryPercent < 0 || p.CanaryPercent > 99:
		return fmt.Errorf("Profile.CanaryPercent must be from 1 to 99, or 0 for rolling deployments, got %d", p.CanaryPercent)
	case p.CanaryPercent == 0 && p.CanaryBakeMinutes != 0:
		return fmt.Errorf("Profile.CanaryBakeMinutes needs CanaryPercent, got %d without it", p.CanaryBakeMinutes)
	case p.CanaryPercent > 0 && (p.CanaryBakeMinutes < 1 || p.CanaryBakeMinutes > maxCanaryBakeMinutes):
		return fmt.Errorf("Profile.CanaryBakeMinutes must be from 1 to %d, got %d", maxCanaryBakeMinutes, p.CanaryBakeMinutes)
	}
	return nil
}
