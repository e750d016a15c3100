package changes

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

const ruleType = "AWS::ElasticLoadBalancingV2::ListenerRule"

// rules compares the listener rules of the templates with those of the load balancers: their weights, which ECS sets, and
// their priorities, which rules of other apps may have.
func (l *live) rules(ctx context.Context, found map[*stack][]finding.Finding) {
	byListener, failed := l.listeners(ctx)
	live := map[string]types.Rule{} // by ARN
	for _, rules := range byListener {
		for _, rule := range rules {
			live[aws.ToString(rule.RuleArn)] = rule
		}
	}
	for _, s := range l.stacks {
		for _, is := range s.new.Resources(ruleType) {
			rules := byListener[l.value(s, is.Get("Properties.ListenerArn"))]
			if f := l.weights(s, is, live); f != nil {
				found[s] = append(found[s], *f)
			}
			if f := l.priority(s, is, rules); f != nil {
				found[s] = append(found[s], *f)
			}
		}
	}
	if failed != nil {
		found[l.stacks[0]] = append(found[l.stacks[0]], *failed)
	}
}

// listeners returns the rules of all listeners that the templates, deployed and new, have rules on.
func (l *live) listeners(ctx context.Context) (map[string][]types.Rule, *finding.Finding) {
	client := balancing.NewFromConfig(l.config)
	all := map[string][]types.Rule{}
	for _, s := range l.stacks {
		for _, r := range slices.Concat(s.old.Resources(ruleType), s.new.Resources(ruleType)) {
			listener := l.value(s, r.Get("Properties.ListenerArn"))
			if _, known := all[listener]; known || listener == "" {
				continue
			}
			all[listener] = nil
			pages := balancing.NewDescribeRulesPaginator(client, &balancing.DescribeRulesInput{ListenerArn: &listener})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return all, unknown("elasticloadbalancing:DescribeRules", err)
				}
				all[listener] = append(all[listener], page.Rules...)
			}
		}
	}
	return all, nil
}

// weights reports a rule that a deployment would update, or replace on another listener, while ECS has shifted its requests
// to a target group to which the template gives none: they would go to the other one, which has no tasks. The rules are
// those of the account, by ARN.
//
// Source: https://github.com/aws/aws-cdk/issues/36649
func (l *live) weights(s *stack, is snapshot.Resource, rules map[string]types.Rule) *finding.Finding {
	was, deployedToo := s.resource(deployed, is.LogicalID)
	if !deployedToo {
		return nil
	}
	what := l.ruleChange(s, was, is)
	rule, exists := rules[s.physical[is.LogicalID]]
	if what == "" || !exists {
		return nil
	}
	template := l.templateWeights(s, is)
	all := int32(0)
	for _, target := range forwards(rule) {
		all += aws.ToInt32(target.Weight)
	}
	for _, target := range forwards(rule) {
		group := aws.ToString(target.TargetGroupArn)
		weight := aws.ToInt32(target.Weight)
		if weight == 0 || template[group] {
			continue
		}
		f := &finding.Finding{Check: "listener rule", Subject: s.id + " " + is.LogicalID, Status: finding.Refused}
		f.Detail = fmt.Sprintf("%s, while the requests go to the target group %s, whose weight in the template is 0: they would get 503", what, groupName(group))
		f.Fix = l.shiftBack(s, is)
		if weight < all {
			f.Detail = fmt.Sprintf("%s, while ECS deploys the service: %d %% of the requests go to the target group %s, whose weight in the template is 0", what, weight*100/all, groupName(group))
			f.Fix = "wait until the deployment has ended, then run make preflight again"
		}
		return f
	}
	return nil
}

// ruleChange returns what an update of the stack would change in a rule, or "".
func (l *live) ruleChange(s *stack, was, is snapshot.Resource) string {
	old, _ := was.Get("Properties").(map[string]any)
	properties, _ := is.Get("Properties").(map[string]any)
	var names []string
	for _, name := range slices.Sorted(maps.Keys(merge(old, properties))) {
		if !same(l.canonical(s, deployed, old[name]), l.canonical(s, wanted, properties[name])) {
			names = append(names, name)
		}
	}
	switch {
	case len(names) > 0:
		return "the rule changes (" + strings.Join(names, ", ") + ")"
	case !maps.Equal(s.oldTags, s.newTags):
		return "the tags of the stack change, and with them those of the rule"
	}
	return ""
}

func merge(a, b map[string]any) map[string]any {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]any{}
	}
	maps.Copy(both, b)
	return both
}

// templateWeights returns whether a template forwards requests to a deployed target group, by ARN.
func (l *live) templateWeights(s *stack, rule snapshot.Resource) map[string]bool {
	weights := map[string]bool{}
	actions, _ := rule.Get("Properties.Actions").([]any)
	for i := range actions {
		at := fmt.Sprintf("Properties.Actions.%d.", i)
		if arn := l.value(s, rule.Get(at+"TargetGroupArn")); arn != "" {
			weights[arn] = true
		}
		groups, _ := rule.Get(at + "ForwardConfig.TargetGroups").([]any)
		for _, group := range groups {
			group, _ := group.(map[string]any)
			if text(group["Weight"]) != "0" {
				weights[l.value(s, group["TargetGroupArn"])] = true
			}
		}
	}
	return weights
}

// forwards are the target groups that a rule forwards to.
func forwards(rule types.Rule) []types.TargetGroupTuple {
	var targets []types.TargetGroupTuple
	for _, action := range rule.Actions {
		if action.ForwardConfig != nil {
			targets = append(targets, action.ForwardConfig.TargetGroups...)
		}
	}
	return targets
}

// groupName is the name in an ARN such as arn:aws:elasticloadbalancing:…:targetgroup/name/0123.
func groupName(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) > 1 {
		return parts[1]
	}
	return arn
}

// shiftBack deploys the service of a rule as it is once more, which shifts its requests to the other target group.
func (l *live) shiftBack(s *stack, rule snapshot.Resource) string {
	cluster, service := "<cluster>", "<service>"
	for _, r := range s.old.Resources("AWS::ECS::Service") {
		balanced := references(l.property(s, deployed, r, "LoadBalancers"))
		if parts := strings.Split(s.physical[r.LogicalID], "/"); len(parts) == 3 && slices.Contains(balanced, s.key(rule.LogicalID)) {
			cluster, service = parts[1], parts[2]
		}
	}
	return fmt.Sprintf("aws ecs update-service --force-new-deployment --cluster %s --service %s --region %s\nwait until it has shifted the requests back, then deploy",
		cluster, service, l.config.Region)
}

// priority reports a rule that takes a priority which another rule of the listener has. Those of this assembly are compared
// by their templates.
func (l *live) priority(s *stack, is snapshot.Resource, rules []types.Rule) *finding.Finding {
	was, deployedToo := s.resource(deployed, is.LogicalID)
	if deployedToo && l.identity(s, deployed, was) == l.identity(s, wanted, is) {
		return nil
	}
	wanted := fmt.Sprint(is.Get("Properties.Priority"))
	for _, rule := range rules {
		if aws.ToString(rule.Priority) != wanted || l.owns(ruleType, aws.ToString(rule.RuleArn)) {
			continue
		}
		return &finding.Finding{
			Check: "priority", Subject: s.id + " " + is.LogicalID, Status: finding.Refused,
			Detail: fmt.Sprintf("the rule of %s, which is not in this assembly, already has priority %s on the listener", ruleOf(rule), wanted),
			Fix:    "set Priority to one that no other rule has",
		}
	}
	return nil
}

// owns reports whether a resource is one of a deployed stack of the assembly.
func (l *live) owns(resourceType, physicalID string) bool {
	for _, s := range l.stacks {
		for _, r := range s.old.Resources(resourceType) {
			if s.physical[r.LogicalID] == physicalID {
				return true
			}
		}
	}
	return false
}

// ruleOf names a rule by the value of the header that it matches, which is the service's name, or by its ARN.
func ruleOf(rule types.Rule) string {
	for _, condition := range rule.Conditions {
		if condition.HttpHeaderConfig != nil && len(condition.HttpHeaderConfig.Values) > 0 {
			return "the service " + condition.HttpHeaderConfig.Values[0]
		}
	}
	return aws.ToString(rule.RuleArn)
}
