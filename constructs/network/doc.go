// Package network defines the VPC of an environment: a public and a private subnet in each named availability zone,
// NAT, and gateway endpoints, through which traffic to S3 and DynamoDB bypasses NAT.
//
//	net := network.New(stack, "Network", network.Props{
//		Zones: []string{"eu-central-1a", "eu-central-1b"},
//	})
//
// Availability zones are passed by name and never looked up, so that synthesis needs no account and gives the same
// template everywhere.
//
// NAT is one field: an instance, a gateway, a gateway in each zone, or none. The instance signals CloudFormation, so that
// the stack fails if it does not forward, and its AMI is a release by name, so that no later deployment replaces it. A
// network without NAT has no public subnets, and reaches AWS services through the interface endpoints in Endpoints:
//
//	net := network.New(stack, "Network", network.Props{
//		Zones:     []string{"eu-central-1a", "eu-central-1b"},
//		NAT:       network.NoNAT,
//		Endpoints: append(network.TaskEndpoints(), network.SQS),
//	})
//
// In the template: a VPC, its internet gateway, two subnets with route tables in each zone, two gateway endpoints, and
// NAT, interface endpoints and flow logs as configured. It costs what NAT costs: about 5.50 USD a month for the instance
// with its volume, 33 for a gateway, 3.65 for the public IPv4 address of either, and the data processed. An interface endpoint costs
// 7.30 in each zone, and 0.01 a GB. The gateway endpoints are free.
package network
