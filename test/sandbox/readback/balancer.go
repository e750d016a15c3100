package readback

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

func readLoadBalancer(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.balancers.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	balancer, err := only(out.LoadBalancers)
	if err != nil {
		return nil, err
	}
	attributes, err := a.balancers.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancingv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(balancer)
	rename(p, "LoadBalancerName", "Name")
	p["Subnets"] = pick(p["AvailabilityZones"], "SubnetId")
	put(p, "LoadBalancerAttributes", attributes.Attributes)
	return a.tagged(ctx, r, p)
}

// tagged adds the tags of anything of a load balancer.
func (a *account) tagged(ctx context.Context, r resource, p properties) (properties, error) {
	out, err := a.balancers.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	tags, err := only(out.TagDescriptions)
	if err != nil {
		return nil, err
	}
	put(p, "Tags", tags.Tags)
	return p, nil
}

func readListener(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.balancers.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	listener, err := only(out.Listeners)
	if err != nil {
		return nil, err
	}
	return a.tagged(ctx, r, shapeOf(listener))
}

func readListenerRule(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.balancers.DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	rule, err := only(out.Rules)
	if err != nil {
		return nil, err
	}
	p := shapeOf(rule)
	p["ListenerArn"] = listenerOf(aws.ToString(rule.RuleArn))
	conditions, _ := p["Conditions"].([]any)
	for i, condition := range rule.Conditions {
		if len(condition.Values) == 0 { // the older form, empty or left out beside the newer one
			delete(conditions[i].(properties), "Values")
		}
	}
	return a.tagged(ctx, r, p)
}

// listenerOf returns the ARN of the listener of a rule, which is the rule's without its last part.
func listenerOf(rule string) string {
	return strings.Replace(rule[:max(0, strings.LastIndex(rule, "/"))], ":listener-rule/", ":listener/", 1)
}

func readTargetGroup(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.balancers.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	group, err := only(out.TargetGroups)
	if err != nil {
		return nil, err
	}
	attributes, err := a.balancers.DescribeTargetGroupAttributes(ctx, &elasticloadbalancingv2.DescribeTargetGroupAttributesInput{TargetGroupArn: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(group)
	rename(p, "TargetGroupName", "Name")
	put(p, "TargetGroupAttributes", attributes.Attributes)
	return a.tagged(ctx, r, p)
}
