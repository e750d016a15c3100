package searchdomain

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Props configure a domain. All are optional.
type Props struct {
	// VPC is the VPC of the services that use the domain. If nil, that of the environment's platform.
	VPC awsec2.IVpc
	// InstanceType is the instance type of the data nodes, such as "r7g.large.search", of a family with EBS volumes. If
	// empty, t3.small.search, or m7g.medium.search if the profile has RedundantStores. A type that is newer than this
	// package can be set on the CDK domain's default child.
	InstanceType string
	// VolumeGiB is the size of each data node's EBS volume, from 10 to the most that the instance type takes, 24576 at
	// most. If zero, 20.
	VolumeGiB int
	// EncryptionKey encrypts the domain. If nil, a key of its own if the profile has EncryptData, which costs 1 USD a month,
	// and else a key that AWS owns. A later change replaces the domain.
	EncryptionKey awskms.IKey
	// Logs records errors, and the searches and index requests that take longer than the slow-log thresholds of an index,
	// which the service sets. If zero, the profile decides by SearchLogs: on in production.
	Logs profile.Choice
	// Retain keeps the domain when its stack is deleted. If zero, the profile decides: on in production.
	Retain profile.Choice
}

const (
	smallInstance    = "t3.small.search"
	standardInstance = "m7g.medium.search"
	defaultVolumeGiB = 20
	minVolumeGiB     = 10
	maxVolumeGiB     = 24576
)

func (p Props) withDefaults(defaults profile.Profile) Props {
	if p.InstanceType == "" {
		p.InstanceType = smallInstance
		if defaults.RedundantStores {
			p.InstanceType = standardInstance
		}
	}
	if p.VolumeGiB == 0 {
		p.VolumeGiB = defaultVolumeGiB
	}
	return p
}

func (p Props) validate() error {
	return errors.Join(checkInstance(p.InstanceType, p.VolumeGiB), p.Logs.Check("Logs"), p.Retain.Check("Retain"))
}
