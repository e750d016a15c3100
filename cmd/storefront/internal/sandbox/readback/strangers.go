package readback

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
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

// each visits the resolved properties of all resources of a type in the templates.
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

// strangers finds parts of deployed resources that no template has, where they do harm: routes of an API, rules of a
// listener, routes of a route table. Rules of a security group and policies of a role are compared with the group and the
// role.
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
				err = c.strangeTableRoutes(ctx, stack, r)
			}
			if err != nil && !isAnswer(err) { // reported when the resource was read
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
	q := &query{account: c.account, ctx: ctx}
	all := q.routes(r.PhysicalID)
	known := c.physicalIDs("AWS::ApiGatewayV2::Route")
	for _, route := range all {
		c.strange(stack, r, "Routes["+aws.ToString(route.RouteKey)+"]", known[aws.ToString(route.RouteId)], aws.ToString(route.Target))
	}
	return q.err
}

func (c *check) strangeRules(ctx context.Context, stack *deployed.Stack, r deployed.Resource) error {
	known := c.physicalIDs("AWS::ElasticLoadBalancingV2::ListenerRule")
	q := &query{account: c.account, ctx: ctx}
	for _, rule := range all(q, elasticloadbalancingv2.NewDescribeRulesPaginator(c.loadBalancers, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &r.PhysicalID}),
		func(page *elasticloadbalancingv2.DescribeRulesOutput) []types.Rule { return page.Rules }) {
		if aws.ToBool(rule.IsDefault) { // the listener's own
			continue
		}
		action := ""
		for _, a := range rule.Actions {
			action = string(a.Type) // the last one responds
		}
		c.strange(stack, r, "Rules["+aws.ToString(rule.Priority)+"]", known[aws.ToString(rule.RuleArn)], action)
	}
	return q.err
}

func (c *check) strangeTableRoutes(ctx context.Context, stack *deployed.Stack, r deployed.Resource) error {
	q := &query{account: c.account, ctx: ctx}
	table := q.routeTable(r.PhysicalID)
	if q.err != nil {
		return q.err
	}
	known := map[string]bool{}
	err := c.each(ctx, "AWS::EC2::Route", func(asked properties) {
		if asked["RouteTableId"] == r.PhysicalID {
			known[destination(asked)] = true
		}
	})
	if err != nil {
		return err
	}
	for _, route := range table.Routes {
		// The VPC's local route and those of gateway endpoints belong to other resources.
		if aws.ToString(route.GatewayId) == "local" || route.DestinationPrefixListId != nil {
			continue
		}
		to := destination(shapeOf(route))
		c.strange(stack, r, "Routes["+to+"]", known[to], string(route.State))
	}
	return nil
}
