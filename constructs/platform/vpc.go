package platform

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// minZones is what an Application Load Balancer requires.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
const minZones = 2

// substrate is what a platform needs of a VPC.
type substrate struct {
	// subnets are one private subnet in each zone.
	subnets []awsec2.ISubnet
	// cidrs are the CIDR blocks in which tasks run.
	cidrs []string
}

// substrateOf returns one error that lists everything that a platform needs and the VPC does not have. It expects props
// that report a missing VPC.
func substrateOf(vpc awsec2.IVpc) (substrate, error) {
	if vpc == nil {
		return substrate{}, nil
	}
	subnets := cdkx.PrivateSubnets(vpc)
	cidrs, err := cidrBlocks(vpc, subnets)
	return substrate{subnets, cidrs}, errors.Join(checkSubnets(subnets), err)
}

// linkSubnets returns the subnets of the VPC link: those of the first two zones, however many zones there are. API Gateway cannot
// change the subnets of a VPC link, so that CloudFormation would replace it when a zone is added, while the integrations
// in the stacks of the services keep the ID of the old one.
func (s substrate) linkSubnets() *awsec2.SubnetSelection {
	first := s.subnets[:minZones]
	return &awsec2.SubnetSelection{Subnets: &first}
}

func checkSubnets(subnets []awsec2.ISubnet) error {
	if len(subnets) == 0 {
		return errors.New("VPC must have private subnets, in which the load balancer and the tasks are, got none: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New")
	}
	var problems []error
	zone := map[string]string{}
	for _, subnet := range subnets {
		id, in := *subnet.SubnetId(), *subnet.AvailabilityZone()
		if first, known := zone[id]; known {
			problems = append(problems, fmt.Errorf("VPC must have another private subnet in each zone, got %s in %s and in %s", id, first, in))
		}
		zone[id] = in
	}
	if len(subnets) < minZones {
		problems = append(problems, fmt.Errorf("VPC must have private subnets in at least %d zones, which a load balancer requires, got %d, in %s",
			minZones, len(subnets), *subnets[0].AvailabilityZone()))
	}
	return errors.Join(problems...)
}

// cidrBlocks returns the VPC's CIDR block, and that of each private subnet that is known to be outside of it: in an associated
// block.
func cidrBlocks(vpc awsec2.IVpc, subnets []awsec2.ISubnet) ([]string, error) {
	whole, ok := known(vpc.VpcCidrBlock)
	if !ok {
		return nil, errors.New("VPC must have its CIDR block, to which alone the load balancer may connect, got none: set VpcCidrBlock in awsec2.Vpc_FromVpcAttributes")
	}
	blocks := []string{whole}
	prefix, err := netip.ParsePrefix(whole)
	if err != nil { // a token
		return blocks, nil
	}
	for _, subnet := range subnets {
		block, ok := known(subnet.Ipv4CidrBlock)
		if inside, err := netip.ParsePrefix(block); ok && err == nil && !prefix.Contains(inside.Addr()) && !slices.Contains(blocks, block) {
			blocks = append(blocks, block)
		}
	}
	return blocks, nil
}

// known returns an attribute, or false if the VPC was imported without it, for which the CDK throws.
func known(attribute func() *string) (value string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return *attribute(), true
}

// newLoadBalancerSecurityGroup defines a group that connects to tasks, and to nothing outside of the VPC.
func (p *Platform) newLoadBalancerSecurityGroup(cidrs []string) awsec2.SecurityGroup {
	group := p.newSecurityGroup("LoadBalancerSecurityGroup", "Lets the VPC link in, and requests out to the tasks")
	for _, cidr := range cidrs {
		group.AddEgressRule(awsec2.Peer_Ipv4(jsii.String(cidr)), awsec2.Port_AllTcp(), jsii.String("to the tasks, on their ports"), nil)
	}
	return group
}

func (p *Platform) newSecurityGroup(id, description string) awsec2.SecurityGroup {
	return awsec2.NewSecurityGroup(p, jsii.String(id), &awsec2.SecurityGroupProps{
		Vpc:              p.vpc,
		Description:      jsii.String(description),
		AllowAllOutbound: jsii.Bool(false),
	})
}
