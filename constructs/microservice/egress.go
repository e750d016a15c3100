package microservice

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Peer is a destination of traffic in a rule of the tasks' security group: one of [PeerVPC], [PeerIPv4], [PeerAnyIPv4] and
// [PeerPrefixList].
type Peer struct {
	kind  peerKind
	value string
	ports []int
}

type peerKind int

const (
	noPeer peerKind = iota
	vpcPeer
	ipv4Peer
	prefixListPeer
)

// PeerVPC is the CIDR block of the platform's VPC, in which its interface endpoints are, and the given TCP ports there. If
// there are none, all traffic.
func PeerVPC(ports ...int) Peer { return Peer{vpcPeer, "", ports} }

// PeerIPv4 is an IPv4 CIDR block such as "203.0.113.0/24", and the given TCP ports there. If there are none, all traffic.
func PeerIPv4(cidr string, ports ...int) Peer { return Peer{ipv4Peer, cidr, ports} }

// PeerAnyIPv4 is every IPv4 address, and the given TCP ports there. If there are none, all traffic.
func PeerAnyIPv4(ports ...int) Peer { return PeerIPv4(anyIPv4, ports...) }

// PeerPrefixList is a prefix list such as "pl-63a5400a", and the given TCP ports there. If there are none, all traffic. S3
// and DynamoDB, which the network reaches by gateway endpoints, have one each in each region.
func PeerPrefixList(id string, ports ...int) Peer { return Peer{prefixListPeer, id, ports} }

const anyIPv4 = "0.0.0.0/0"

var prefixListID = regexp.MustCompile(`^pl-([0-9a-f]{8}|[0-9a-f]{17})$`)

func (p Props) validateEgress() error {
	var problems []error
	for n, peer := range p.Egress {
		field := fmt.Sprintf("Egress[%d]", n)
		switch prefix, err := netip.ParsePrefix(peer.value); {
		case peer.kind == noPeer:
			problems = append(problems, fmt.Errorf("%s is empty: use microservice.PeerVPC, PeerIPv4, PeerAnyIPv4 or PeerPrefixList", field))
		case strings.Contains(peer.value, "${Token["): // a value of the stack, such as the ID of its own prefix list
		case peer.kind == ipv4Peer && (err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked()):
			problems = append(problems, fmt.Errorf("%s must be an IPv4 CIDR block without host bits, such as 203.0.113.0/24, got %q", field, peer.value))
		case peer.kind == prefixListPeer && !prefixListID.MatchString(peer.value):
			problems = append(problems, fmt.Errorf("%s must be the ID of a prefix list, such as pl-63a5400a, got %q", field, peer.value))
		}
		for i, port := range peer.ports {
			problems = append(problems, cdkx.CheckWithin(field+"'s ports", port, 1, 65535))
			if slices.Contains(peer.ports[:i], port) {
				problems = append(problems, fmt.Errorf("%s's ports must be different, got %d twice", field, port))
			}
		}
	}
	if len(p.Egress) > 0 && !slices.ContainsFunc(p.Egress, Peer.allowsHTTPS) {
		problems = append(problems, errors.New("Egress must have a peer with port 443, without which a task cannot pull its image: add microservice.PeerAnyIPv4(443), or PeerVPC(443) where the network has endpoints"))
	}
	return errors.Join(problems...)
}

func (p Peer) allowsHTTPS() bool { return len(p.ports) == 0 || slices.Contains(p.ports, 443) }

// newSecurityGroup defines the tasks' security group. Stores and calls add the rules that they need to a group that does not
// allow all traffic.
func (m *Microservice) newSecurityGroup(p Props) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(m, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: m.platform.VPC(),
		// Without the name: EC2 cannot change the description of a security group.
		Description:      jsii.String("The tasks of one microservice"),
		AllowAllOutbound: jsii.Bool(len(p.Egress) == 0),
	})
	for _, peer := range p.Egress {
		to, description := m.peer(peer)
		if len(peer.ports) == 0 {
			group.AddEgressRule(to, awsec2.Port_AllTraffic(), jsii.String(description), nil)
		}
		for _, port := range peer.ports {
			group.AddEgressRule(to, awsec2.Port_Tcp(jsii.Number(port)), jsii.String(description), nil)
		}
	}
	return group
}

func (m *Microservice) peer(peer Peer) (to awsec2.IPeer, description string) {
	switch peer.kind {
	case vpcPeer:
		return awsec2.Peer_Ipv4(m.platform.VPC().VpcCidrBlock()), "to the VPC"
	case prefixListPeer:
		return awsec2.Peer_PrefixList(jsii.String(peer.value)), "to a prefix list"
	default:
		return awsec2.Peer_Ipv4(jsii.String(peer.value)), "to a CIDR block"
	}
}
