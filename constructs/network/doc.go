// Package network defines the VPC of an environment: a public and a private subnet in each named zone, a way out, and
// gateway endpoints that keep traffic to S3 and DynamoDB off it.
//
//	net := network.New(stack, "Network", network.Props{
//		Zones: []string{"eu-central-1a", "eu-central-1b"},
//	})
//
// Zones are given by name and never looked up, so that synthesis needs no account and is the same everywhere.
//
// In the template: a VPC, its internet gateway, two subnets with a route table for each zone, two gateway endpoints,
// NAT as chosen, and flow logs as chosen. It costs what NAT costs: about 4 USD a month for the instance, 33 for a
// gateway, 3.65 for the public address of either, and the data that passes; the endpoints are free.
package network
