package network

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// NAT sets how private subnets reach the internet.
type NAT int

// The NAT settings. With NoNAT, tasks can only pull images from registries that they reach through VPC endpoints that
// you add.
const (
	NATByProfile NAT = iota
	NoNAT
	NATInstance
	NATGateway
	NATGatewayPerZone
)

// Props configure a network. Only Zones is required.
type Props struct {
	// Zones are the names of the availability zones, such as "eu-central-1a". Required: at least one, all in the
	// stack's region. Append new zones at the end: the order determines the CIDR blocks of the subnets.
	Zones []string
	// CIDR is the VPC's IPv4 CIDR block. If empty, 10.0.0.0/16. It is divided into twelve equal blocks, for six zones,
	// so that a zone can be added without changing the existing subnets.
	CIDR string
	// NAT sets how private subnets reach the internet. If zero, the profile decides: a NAT gateway in each zone in
	// production, one small NAT instance in the sandbox.
	NAT NAT
	// FlowLogs records accepted and rejected traffic. If zero, the profile decides: on in production.
	FlowLogs profile.Choice
}

const (
	defaultCIDR = "10.0.0.0/16"
	maxZones    = 6
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
	return errors.Join(append(problems, p.FlowLogs.Check("FlowLogs"))...)
}

// CheckZones returns an error for each zone that is repeated, empty, or not in region, and for none or too many zones. Its
// messages name field. If region is empty, because the stack is region-agnostic, zones of any region are valid.
func CheckZones(field string, zones []string, region string) error {
	var problems []error
	if len(zones) == 0 || len(zones) > maxZones {
		problems = append(problems, fmt.Errorf("%s must name 1 to %d availability zones, got %d", field, maxZones, len(zones)))
	}
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
			problems = append(problems, fmt.Errorf("%s must be zones in region %s, got %q", field, region, zone))
		}
	}
	return errors.Join(problems...)
}
