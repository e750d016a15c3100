package microservice

import (
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestValidateEgress(t *testing.T) {
	const https = "Egress must have a peer with port 443, without which a task cannot pull its image: add microservice.PeerAnyIPv4(443), or PeerVPC(443) where the network has endpoints"
	cases := map[string]struct {
		peers []Peer
		want  []string
	}{
		"none":               {nil, nil},
		"HTTPS":              {[]Peer{PeerAnyIPv4(443)}, nil},
		"all traffic":        {[]Peer{PeerAnyIPv4()}, nil},
		"endpoints":          {[]Peer{PeerVPC(443), PeerPrefixList("pl-63a5400a", 443)}, nil},
		"a long prefix list": {[]Peer{PeerPrefixList("pl-0123456789abcdef0")}, nil},
		"an address":         {[]Peer{PeerVPC(443), PeerIPv4("203.0.113.7/32", 1, 65535)}, nil},
		"a token":            {[]Peer{PeerIPv4("${Token[TOKEN.7]}", 443), PeerPrefixList("${Token[TOKEN.8]}")}, nil},
		"no HTTPS":           {[]Peer{PeerVPC(80), PeerIPv4("203.0.113.0/24", 5432)}, []string{https}},
		"an empty peer": {[]Peer{PeerVPC(443), {}}, []string{
			"Egress[1] is empty: use microservice.PeerVPC, PeerIPv4, PeerAnyIPv4 or PeerPrefixList",
		}},
		"a bare address": {[]Peer{PeerIPv4("203.0.113.7", 443)}, []string{
			`Egress[0] must be an IPv4 CIDR block without host bits, such as 203.0.113.0/24, got "203.0.113.7"`,
		}},
		"host bits": {[]Peer{PeerIPv4("203.0.113.7/24", 443)}, []string{
			`Egress[0] must be an IPv4 CIDR block without host bits, such as 203.0.113.0/24, got "203.0.113.7/24"`,
		}},
		"IPv6": {[]Peer{PeerIPv4("2001:db8::/32", 443)}, []string{
			`Egress[0] must be an IPv4 CIDR block without host bits, such as 203.0.113.0/24, got "2001:db8::/32"`,
		}},
		"a prefix list by its name": {[]Peer{PeerPrefixList("com.amazonaws.us-east-1.s3", 443)}, []string{
			`Egress[0] must be the ID of a prefix list, such as pl-63a5400a, got "com.amazonaws.us-east-1.s3"`,
		}},
		"no port":      {[]Peer{PeerVPC(443, 0)}, []string{"Egress[0]'s ports must be from 1 to 65535, got 0"}},
		"too high":     {[]Peer{PeerVPC(443, 65536)}, []string{"Egress[0]'s ports must be from 1 to 65535, got 65536"}},
		"a port twice": {[]Peer{PeerVPC(443, 80, 443)}, []string{"Egress[0]'s ports must be different, got 443 twice"}},
		"everything": {[]Peer{PeerIPv4("x", -1), PeerPrefixList("y", 2, 2)}, []string{
			`Egress[0] must be an IPv4 CIDR block without host bits, such as 203.0.113.0/24, got "x"`,
			"Egress[0]'s ports must be from 1 to 65535, got -1",
			`Egress[1] must be the ID of a prefix list, such as pl-63a5400a, got "y"`,
			"Egress[1]'s ports must be different, got 2 twice",
			https,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, Props{Egress: c.peers}.validateEgress(), c.want...) })
	}
}
