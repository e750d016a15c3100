package network

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// NAT is how private subnets reach the internet.
type NAT int

// The ways out. With NoNAT, tasks can pull only images that they reach through endpoints of your own.
const (
	NATByProfile NAT = iota
	NoNAT
	NATInstance
	NATGateway
	NATGatewayPerZone
)

// Props say what the network looks like.
type Props struct {
	// Zones are the names of the availability zones, such as "eu-central-1a". Required: at least one, all of the
	// stack's region. Append new ones: the order decides the subnets' addresses.
	Zones []string
	// CIDR is the network's IPv4 range. If empty, 10.0.0.0/16. It is divided into twelve equal ranges, for six zones,
	// so that a zone can be added without moving a subnet.
	CIDR string
	// NAT is how private subnets reach the internet. If zero, the profile's: a gateway in each zone in production, one
	// small instance in the sandbox.
	NAT NAT
	// FlowLogs records accepted and refused connections. If zero, the profile's: on in production.
	FlowLogs profile.Choice
}

const (
	defaultCIDR = "10.0.0.0/16"
	maxZones    = 6
)

func (p Props) withDefaults(environment profile.Profile) Props {
	if p.CIDR == "" {
		p.CIDR = defaultCIDR
	}
	if p.NAT == NATByProfile {
		p.NAT = NATInstance
		if environment.RedundantNAT {
			p.NAT = NATGatewayPerZone
		}
	}
	return p
}

// validate checks the props for a stack of region, which is empty where the stack leaves it open.
func (p Props) validate(region string) error {
	var problems []error
	if len(p.Zones) == 0 || len(p.Zones) > maxZones {
		problems = append(problems, fmt.Errorf("Zones must name 1 to %d availability zones, got %d", maxZones, len(p.Zones)))
	}
	problems = append(problems, CheckZones("Zones", p.Zones, region))
	if prefix, err := netip.ParsePrefix(p.CIDR); err != nil || !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 24 || prefix != prefix.Masked() {
		problems = append(problems, fmt.Errorf("CIDR must be an IPv4 range from /16 to /24, by its first address, such as %s, got %q", defaultCIDR, p.CIDR))
	}
	if p.NAT < NATByProfile || p.NAT > NATGatewayPerZone {
		problems = append(problems, fmt.Errorf("NAT must be one of the network package's constants, got %d", p.NAT))
	}
	return errors.Join(problems...)
}

// CheckZones says which of the zones that field names are repeated or not of the region. An empty region is one that
// is not known yet, and fits every zone.
func CheckZones(field string, zones []string, region string) error {
	var problems []error
	seen := map[string]bool{}
	for _, zone := range zones {
		if seen[zone] {
			problems = append(problems, fmt.Errorf("%s must name each zone once, got %q twice", field, zone))
		}
		seen[zone] = true
		suffix, ok := strings.CutPrefix(zone, region)
		switch {
		case zone == "":
			problems = append(problems, fmt.Errorf("%s must be names such as eu-central-1a, got %q", field, zone))
		case region != "" && (!ok || suffix == "" || suffix[0] >= '0' && suffix[0] <= '9'):
			problems = append(problems, fmt.Errorf("%s must be zones of the region %s, got %q", field, region, zone))
		}
	}
	return errors.Join(problems...)
}
