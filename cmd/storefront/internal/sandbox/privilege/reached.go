package privilege

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// peer is a service on the network.
type peer struct {
	stack, logicalID, name string
	groups                 []string // its security groups
	record                 deployed.Record
	variables              map[string]string
}

// checkReached compares, for each two services, whether the security groups let one call the other with the records.
func checkReached(ctx context.Context, s *deployed.App, _ *landscape, report *Report) error {
	peers, err := peersOf(ctx, s)
	if err != nil {
		return err
	}
	client := ec2.NewFromConfig(s.Config)
	for _, callee := range peers {
		if len(callee.groups) == 0 {
			continue // not in a VPC of the app's choice
		}
		described, err := client.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: callee.groups})
		if err != nil {
			return fmt.Errorf("%s: %s: %w", callee.stack, callee.logicalID, err)
		}
		var allowed []ec2types.IpPermission
		for _, group := range described.SecurityGroups {
			allowed = append(allowed, group.IpPermissions...)
		}
		report.Paths += len(peers) - 1
		report.Findings = append(report.Findings, callee.exposed(allowed)...)
		for _, caller := range peers {
			if caller != callee {
				report.Findings = append(report.Findings, caller.judge(callee, allowed)...)
			}
		}
	}
	return nil
}

// peersOf returns the services of ECS that have a record.
func peersOf(ctx context.Context, s *deployed.App) ([]*peer, error) {
	tasks, err := deployed.Tasks(ctx, s)
	if err != nil {
		return nil, err
	}
	client := ecs.NewFromConfig(s.Config)
	var peers []*peer
	for _, stack := range s.Stacks {
		for _, resource := range stack.Template.Resources("AWS::ECS::Service") {
			arn := stack.Resources[resource.LogicalID].PhysicalID // …:service/cluster/name
			parts := strings.Split(arn, "/")
			if len(parts) != 3 {
				continue
			}
			out, err := client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &parts[1], Services: []string{arn}})
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", stack.Name, resource.LogicalID, err)
			}
			for _, service := range out.Services {
				at := slices.IndexFunc(tasks, func(t deployed.Task) bool {
					return aws.ToString(t.Definition.TaskDefinitionArn) == aws.ToString(service.TaskDefinition)
				})
				if at < 0 || service.NetworkConfiguration == nil || service.NetworkConfiguration.AwsvpcConfiguration == nil {
					continue
				}
				record, err := deployed.ReadRecord(tasks[at].Service(), stack.Template)
				if err != nil {
					continue // reported where its roles are
				}
				peers = append(peers, &peer{
					stack: stack.Name, logicalID: resource.LogicalID, name: tasks[at].Service(),
					groups: service.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups, record: record, variables: tasks[at].Variables(),
				})
			}
		}
	}
	return peers, nil
}

func (p *peer) finding(what, want, got string) Finding {
	return Finding{Stack: p.stack, LogicalID: p.logicalID, How: "reached", What: what, Want: want, Got: got}
}

// exposed finds rules by which addresses, and not a service, reach a service.
func (p *peer) exposed(allowed []ec2types.IpPermission) (findings []Finding) {
	for _, rule := range allowed {
		var from []string
		for _, block := range rule.IpRanges {
			from = append(from, aws.ToString(block.CidrIp))
		}
		for _, block := range rule.Ipv6Ranges {
			from = append(from, aws.ToString(block.CidrIpv6))
		}
		for _, list := range rule.PrefixListIds {
			from = append(from, aws.ToString(list.PrefixListId))
		}
		for _, each := range from {
			findings = append(findings, p.finding(p.name+" from "+each, "closed", "open"))
		}
	}
	return findings
}

// judge compares whether a service reaches another one with whether it records that it calls it.
func (p *peer) judge(callee *peer, allowed []ec2types.IpPermission) (findings []Finding) {
	open := slices.ContainsFunc(allowed, func(rule ec2types.IpPermission) bool {
		return slices.ContainsFunc(rule.UserIdGroupPairs, func(from ec2types.UserIdGroupPair) bool {
			return slices.Contains(p.groups, aws.ToString(from.GroupId))
		})
	})
	at := slices.IndexFunc(p.record.Calls, func(call deployed.Call) bool { return call.Stack == callee.stack && callee.record.Callable })
	what := p.name + " calls " + callee.name
	if declared := at >= 0; open != declared {
		findings = append(findings, p.finding(what, path(declared), path(open)))
	}
	if at < 0 {
		return findings
	}
	for _, name := range p.record.Calls[at].Variables {
		if !strings.HasPrefix(p.variables[name], "http") {
			findings = append(findings, p.finding(what+": variable "+name, "a URL", fmt.Sprintf("%q", p.variables[name])))
		}
	}
	return findings
}

// path is the word for a network path in a finding.
func path(open bool) string {
	if open {
		return "open"
	}
	return "closed"
}
