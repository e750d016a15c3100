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
// In the template: a VPC, its internet gateway, two subnets with route tables in each zone, two gateway endpoints, and
// NAT and flow logs as configured. It costs what NAT costs: about 4 USD a month for the instance, 33 for a gateway,
// 3.65 for the public IPv4 address of either, and the data processed. The gateway endpoints are free.
package network
