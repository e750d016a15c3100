package account

import "maps"

// VPCLinkZones returns the IDs of the zones that a VPC link of an HTTP API can have subnets in, by region.
func VPCLinkZones() map[string][]string { return maps.Clone(vpcLinkZones) }
