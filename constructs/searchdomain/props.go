package searchdomain

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Props configure a domain. All are optional.
type Props struct {
	// VPC is the VPC of the services that use the domain. If nil, that of the environment's platform.
	VPC awsec2.IVpc
	// InstanceType is the instance type of the data nodes, such as "r7g.large.search". If empty, t3.small.search, or
	// m7g.medium.search if the profile has RedundantStores.
	InstanceType string
	// VolumeGiB is the size of each data node's EBS volume, from 10 to 24576. If zero, 20.
	VolumeGiB int
	// Retain keeps the domain when its stack is deleted. If zero, the profile decides: on in production.
	Retain profile.Choice
}

const (
	smallInstance    = "t3.small.search"
	standardInstance = "m7g.medium.search"
	defaultVolumeGiB = 20
	maxVolumeGiB     = 24576
)

var instanceType = regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9]+\.search$`)

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
	var problems []error
	if !instanceType.MatchString(p.InstanceType) {
		problems = append(problems, fmt.Errorf("InstanceType must be an OpenSearch instance type such as r7g.large.search, got %q", p.InstanceType))
	}
	if p.VolumeGiB < 10 || p.VolumeGiB > maxVolumeGiB {
		problems = append(problems, fmt.Errorf("VolumeGiB must be from 10 to %d, got %d", maxVolumeGiB, p.VolumeGiB))
	}
	return errors.Join(append(problems, p.Retain.Check("Retain"))...)
}
