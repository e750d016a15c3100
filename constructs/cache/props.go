package cache

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props configure a cache. All are optional. ElastiCache changes one of the limits, the snapshots and the user group of a cache at
// a time: change one of them in each deployment.
type Props struct {
	// VPC is the VPC of the services that use the cache. If nil, that of the environment's platform. A later change fails: it
	// needs another ID of the construct.
	VPC awsec2.IVpc
	// MaxGB is the most data that the cache holds, in GB from 1 to 5000. If zero, 1, or 5 if the profile has RedundantStores. Each
	// GB costs up to 61 USD a month. A later change is made in place.
	MaxGB int
	// MaxECPUPerSecond is the most that the cache processes in a second, in ElastiCache Processing Units from 1,000 to
	// 15,000,000. A simple command takes one for each kilobyte that it reads or writes. If zero, 1,000, or 10,000 if the profile
	// has RedundantStores. Each 1,000 cost up to 6 USD a month. A later change is made in place.
	MaxECPUPerSecond int
	// SnapshotDays is the retention of daily snapshots, from 1 to 35 days. If zero, 7 if the profile has RetainData, and else
	// there are none.
	SnapshotDays int
	// SnapshotTime is when the daily snapshot begins, such as "03:30" in UTC. If empty, ElastiCache chooses.
	SnapshotTime string
	// DisableSnapshots turns daily snapshots off.
	DisableSnapshots bool
	// Alarms set when the owner of a service that uses the cache is notified, if the service has alarms. If zero, the defaults
	// of [Alarms].
	Alarms Alarms
	// EncryptionKey encrypts the cache and its snapshots. If nil, a key of its own if the profile has EncryptData, which costs 1
	// USD a month, and else a key that AWS owns. A later change to another key fails: it needs another ID of the construct.
	EncryptionKey awskms.IKey
	// Retain keeps the cache when its stack is deleted. If zero, the profile decides: on in production.
	Retain profile.Choice
}

// Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html and
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.html
const (
	smallGB, standardGB, mostGB       = 1, 5, 5000
	smallECPU, standardECPU, mostECPU = 1000, 10_000, 15_000_000
	defaultSnapshotDays               = 7
	maxSnapshotDays                   = 35
)

var snapshotTime = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

func (p Props) withDefaults(defaults profile.Profile) Props {
	gigabytes, units := smallGB, smallECPU
	if defaults.RedundantStores {
		gigabytes, units = standardGB, standardECPU
	}
	if p.MaxGB == 0 {
		p.MaxGB = gigabytes
	}
	if p.MaxECPUPerSecond == 0 {
		p.MaxECPUPerSecond = units
	}
	if p.SnapshotDays == 0 && defaults.RetainData && !p.DisableSnapshots {
		p.SnapshotDays = defaultSnapshotDays
	}
	p.Alarms = p.Alarms.withDefaults()
	return p
}

// validate returns one error that lists every problem of the props, or nil. It expects the defaults.
func (p Props) validate() error {
	return errors.Join(
		cdkx.CheckWithin("MaxGB", p.MaxGB, 1, mostGB),
		cdkx.CheckWithin("MaxECPUPerSecond", p.MaxECPUPerSecond, 1000, mostECPU),
		p.validateSnapshots(),
		p.Alarms.validate(),
		p.Retain.Check("Retain"),
	)
}

func (p Props) validateSnapshots() error {
	var problems []error
	if p.DisableSnapshots && p.SnapshotDays != 0 {
		problems = append(problems, fmt.Errorf("SnapshotDays must not be set with DisableSnapshots, got %d: remove one of them", p.SnapshotDays))
	} else if p.SnapshotDays != 0 {
		problems = append(problems, cdkx.CheckWithin("SnapshotDays", p.SnapshotDays, 1, maxSnapshotDays))
	}
	switch {
	case p.SnapshotTime == "":
	case !snapshotTime.MatchString(p.SnapshotTime):
		problems = append(problems, fmt.Errorf(`SnapshotTime must be hours and minutes, such as "03:30", got %q`, p.SnapshotTime))
	case p.SnapshotDays == 0:
		problems = append(problems, fmt.Errorf("SnapshotTime needs snapshots, got %q without them: set SnapshotDays, or remove it", p.SnapshotTime))
	}
	return errors.Join(problems...)
}
