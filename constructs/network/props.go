package network

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// NAT sets how private subnets reach the internet.
type NAT int

// The NAT settings.
const (
	// NATByProfile is a gateway in each zone in production, and an instance in the sandbox.
	NATByProfile NAT = iota
	// NoNAT has no way to the internet, no internet gateway and no public subnets. It requires Endpoints. Tasks can only
	// pull images from Amazon ECR, and only call what is in the VPC or has an endpoint.
	NoNAT
	// NATInstance is one small EC2 instance for all zones. If it or its zone fails, no task reaches the internet.
	NATInstance
	// NATGateway is one gateway for all zones. If its zone fails, no task reaches the internet.
	NATGateway
	// NATGatewayPerZone is a gateway in each zone.
	NATGatewayPerZone
)

// Props configure a network. Only Zones is required.
type Props struct {
	// Zones are the names of the availability zones, such as "eu-central-1a". Required: at least one, all in the
	// stack's region, and at least two for a platform. Append new zones at the end: the order determines the CIDR blocks of
	// the subnets, and the VPC link of a platform is in the first two for as long as it exists.
	Zones []string
	// CIDR is the VPC's IPv4 CIDR block. If empty, 10.0.0.0/16. It is divided into twelve equal blocks, for six zones,
	// so that a zone can be added without changing the existing subnets.
	CIDR string
	// NAT sets how private subnets reach the internet. If zero, the profile decides: a NAT gateway in each zone in
	// production, one small NAT instance in the sandbox. A change moves the routes, which drops open connections.
	NAT NAT
	// NATInstanceAMI is the release of the ECS-optimized AMI for Amazon Linux 2023 and ARM64 that the NAT instance runs.
	// If empty, [DefaultNATInstanceAMI]. A change replaces the instance, which drops open connections, so only
	// this field makes it.
	NATInstanceAMI string
	// NATInstanceType is the instance type of the NAT instance, with a Graviton (ARM64) processor. If empty, t4g.nano. A
	// change replaces the instance.
	NATInstanceType string
	// Endpoints are interface endpoints for AWS services. If empty, none, except that NoNAT requires those of
	// [TaskEndpoints].
	Endpoints []Endpoint
	// FlowLogs records accepted and rejected traffic. If zero, the profile decides: on in production.
	FlowLogs profile.Choice
}

// DefaultNATInstanceAMI is the AMI of a NAT instance, if Props do not set it. It is ECS's, since that has iptables, so that
// the instance installs nothing when it boots, and since each release has a public parameter of its own.
//
// Releases: https://github.com/aws/amazon-ecs-ami/blob/main/CHANGELOG.md
const DefaultNATInstanceAMI = "al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-arm64"

const (
	defaultNATInstanceType = "t4g.nano"
	defaultCIDR            = "10.0.0.0/16"
	maxZones               = 6
)

func (p Props) withDefaults(defaults profile.Profile) Props {
	if p.CIDR == "" {
		p.CIDR = defaultCIDR
	}
	if p.NAT == NATByProfile {
		p.NAT = NATInstance
		if defaults.RedundantEgress {
			p.NAT = NATGatewayPerZone
		}
	}
	if p.NAT == NATInstance {
		p.NATInstanceAMI = cmp.Or(p.NATInstanceAMI, DefaultNATInstanceAMI)
		p.NATInstanceType = cmp.Or(p.NATInstanceType, defaultNATInstanceType)
	}
	return p
}

// validate checks the props for a stack in region, which is empty if the stack is region-agnostic.
func (p Props) validate(region string) error {
	var problems []error
	problems = append(problems, CheckZones("Zones", p.Zones, region))
	if prefix, err := netip.ParsePrefix(p.CIDR); err != nil || !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 24 || prefix != prefix.Masked() {
		problems = append(problems, fmt.Errorf("CIDR must be an IPv4 CIDR block from /16 to /24 without host bits, such as %s, got %q", defaultCIDR, p.CIDR))
	}
	if p.NAT < NATByProfile || p.NAT > NATGatewayPerZone {
		problems = append(problems, fmt.Errorf("NAT must be one of the network package's constants, got %d", p.NAT))
	}
	return errors.Join(append(problems, p.validateNATInstance(), p.validateEndpoints(), p.FlowLogs.Check("FlowLogs"))...)
}

var (
	natInstanceAMI  = regexp.MustCompile(`^al2023-ami-ecs-hvm-2023\.0\.\d{8}-kernel-\d+\.\d+-arm64$`)
	natInstanceType = regexp.MustCompile(`^[a-z]+\d+g[a-z]*\.[a-z0-9]+$`)
)

func (p Props) validateNATInstance() error {
	var problems []error
	if p.NAT != NATInstance {
		for _, set := range []struct{ field, got string }{{"NATInstanceAMI", p.NATInstanceAMI}, {"NATInstanceType", p.NATInstanceType}} {
			if set.got != "" {
				problems = append(problems, fmt.Errorf("%s needs NAT: network.NATInstance, got %q without it", set.field, set.got))
			}
		}
		return errors.Join(problems...)
	}
	if !natInstanceAMI.MatchString(p.NATInstanceAMI) {
		problems = append(problems, fmt.Errorf("NATInstanceAMI must be a release such as %s, got %q", DefaultNATInstanceAMI, p.NATInstanceAMI))
	}
	if !natInstanceType.MatchString(p.NATInstanceType) {
		problems = append(problems, fmt.Errorf("NATInstanceType must be one with an ARM64 processor, such as t4g.micro, got %q", p.NATInstanceType))
	}
	return errors.Join(problems...)
}

// zoneName matches the names of availability, local and Wavelength zones, such as eu-central-1a, us-west-2-lax-1a and
// us-east-1-wl1-bos-wlz-1.
var zoneName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+([a-z]|(-[a-z0-9]+)+)$`)

// CheckZones returns an error for each zone that is repeated, no name of a zone, or not in region, and for none or too many
// zones. Its messages name field. If region is empty, because the stack is region-agnostic, zones of any region are valid.
func CheckZones(field string, zones []string, region string) error {
	var problems []error
	if len(zones) == 0 || len(zones) > maxZones {
		problems = append(problems, fmt.Errorf("%s must name 1 to %d availability zones, got %d", field, maxZones, len(zones)))
	}
	seen := map[string]bool{}
	for _, zone := range zones {
		if strings.Contains(zone, "${Token[") {
			problems = append(problems, fmt.Errorf("%s must be names that are known at synthesis, such as eu-central-1a, got a token", field))
			continue
		}
		if seen[zone] {
			problems = append(problems, fmt.Errorf("%s must name each zone once, got %q twice", field, zone))
		}
		seen[zone] = true
		suffix, ok := strings.CutPrefix(zone, region)
		switch {
		case zone == "", region == "" && !zoneName.MatchString(zone):
			problems = append(problems, fmt.Errorf("%s must be names such as eu-central-1a, got %q", field, zone))
		case region != "" && (!ok || suffix == "" || suffix[0] >= '0' && suffix[0] <= '9'):
			problems = append(problems, fmt.Errorf("%s must be zones in region %s, got %q", field, region, zone))
		}
	}
	return errors.Join(problems...)
}
