package readback

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/storefront-cdk/storefront/test/sandbox/deployed"
)

// physicalIDs returns the physical IDs of all deployed resources of some types.
func (a *account) physicalIDs(types ...string) map[string]bool {
	ids := map[string]bool{}
	for _, stack := range a.storefront.Stacks {
		for _, r := range stack.Resources {
			if slices.Contains(types, r.Type) {
				ids[r.PhysicalID] = true
			}
		}
	}
	return ids
}

// each visits what the templates ask of all resources of a type, resolved.
func (a *account) each(ctx context.Context, kind string, visit func(asked properties)) error {
	for _, stack := range a.storefront.Stacks {
		for _, r := range stack.Template.Resources(kind) {
			resolved, err := a.storefront.Resolve(ctx, stack, r.Get("Properties"))
			if err != nil {
				return err
			}
			asked, _ := resolved.(properties)
			visit(asked)
		}
	}
	return nil
}

// strangers finds what stands in a deployed resource and in no template, where it does harm: an API's routes, a
// listener's rules, a route table's routes. The rules of a security group and the policies of a role are compared with
// the group and the role.
func (c *check) strangers(ctx context.Context) error {
	for _, stack := range c.storefront.Stacks {
		for _, asked := range stack.Template.Resources("") {
			r, exists := stack.Resources[asked.LogicalID]
			if !exists {
				continue
			}
			var err error
			switch r.Type {
			case "AWS::ApiGatewayV2::Api":
				err = c.strangeRoutes(ctx, stack, r)
			case "AWS::ElasticLoadBalancingV2::Listener":
				err = c.strangeRules(ctx, stack, r)
			case "AWS::EC2::RouteTable":
				err = c.strangeWays(ctx, stack, r)
			}
			if err != nil && !isAnswer(err) { // an answer was reported when the resource was read
				return err
			}
		}
	}
	return nil
}

func (c *check) strange(stack *deployed.Stack, r deployed.Resource, property string, known bool, got string) {
	c.report.Compared++
	if known {
		return
	}
	c.add(Finding{
		Stack: stack.Name, LogicalID: r.LogicalID, Type: r.Type, Property: property,
		Want: shown(nothing{}), Got: shown(got),
	})
}

func (c *check) strangeRoutes(ctx context.Context, stack *deployed.Stack, r deployed.Resource) error {
	all, err := c.routes(ctx, r.PhysicalID)
	if err != nil {
		return err
	}
	known := c.physicalIDs("AWS::ApiGatewayV2::Route")
	for _, route := range all {
		c.strange(stack, r, "Routes["+aws.ToString(route.RouteKey)+"]", known[aws.ToString(route.RouteId)], aws.ToString(route.Target))
	}
	return nil
}

func (c *check) strangeRules(ctx context.Context, stack *deployed.Stack, r deployed.Resource) error {
	known := c.physicalIDs("AWS::ElasticLoadBalancingV2::ListenerRule")
	pages := elasticloadbalancingv2.NewDescribeRulesPaginator(c.balancers, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &r.PhysicalID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, rule := range page.Rules {
			if aws.ToBool(rule.IsDefault) { // the listener's own
				continue
			}
			action := ""
			for _, a := range rule.Actions {
				action = string(a.Type) // the last one answers
			}
			c.strange(stack, r, "Rules["+aws.ToString(rule.Priority)+"]", known[aws.ToString(rule.RuleArn)], action)
		}
	}
	return nil
}

func (c *check) strangeWays(ctx context.Context, stack *deployed.Stack, r deployed.Resource) error {
	table, err := c.routeTable(ctx, r.PhysicalID)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	err = c.each(ctx, "AWS::EC2::Route", func(asked properties) {
		if asked["RouteTableId"] == r.PhysicalID {
			known[destination(asked)] = true
		}
	})
	if err != nil {
		return err
	}
	for _, route := range table.Routes {
		// A VPC's own way, and those that gateway endpoints add, come with what they belong to.
		if aws.ToString(route.GatewayId) == "local" || route.DestinationPrefixListId != nil {
			continue
		}
		to := destination(shapeOf(route))
		c.strange(stack, r, "Routes["+to+"]", known[to], string(route.State))
	}
	return nil
}
