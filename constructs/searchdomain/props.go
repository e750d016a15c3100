package searchdomain

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Props say how large the domain is. Only VPC is required.
type Props struct {
	// VPC is the network of the services that search, such as search.Platform().VPC(). Required.
	VPC awsec2.IVpc
	// InstanceType is the data nodes', such as "r7g.large.search". If empty, t3.small.search, or m7g.medium.search
	// where the profile has several nodes.
	InstanceType string
	// VolumeGiB is the disk of each data node. If zero, 20.
	VolumeGiB int
	// Retain keeps the domain when its stack is deleted. If zero, the profile's: on in production.
	Retain profile.Choice
}

const (
	smallInstance    = "t3.small.search"
	standardInstance = "m7g.medium.search"
	defaultVolumeGiB = 20
	maxVolumeGiB     = 24576
)

var instanceType = regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9]+\.search$`)

func (p Props) withDefaults(environment profile.Profile) Props {
	if p.InstanceType == "" {
		p.InstanceType = smallInstance
		if environment.MultiNodeSearch {
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
	if p.VPC == nil {
		problems = append(problems, errors.New("VPC is missing: give the platform's, such as search.Platform().VPC()"))
	}
	if !instanceType.MatchString(p.InstanceType) {
		problems = append(problems, fmt.Errorf("InstanceType must be one such as r7g.large.search, got %q", p.InstanceType))
	}
	if p.VolumeGiB < 10 || p.VolumeGiB > maxVolumeGiB {
		problems = append(problems, fmt.Errorf("VolumeGiB must be from 10 to %d, got %d", maxVolumeGiB, p.VolumeGiB))
	}
	return errors.Join(problems...)
}
