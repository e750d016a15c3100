package changes

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// holder is a resource of a stack that has an identity.
type holder struct {
	stack *stack
	id    string
}

// identity is what no two resources may have at the same time, as far as it is in the template: the name of an alarm, the
// route key of an API, the priority of a listener. It is "" for a resource whose identity the service sets.
func (w *world) identity(s *stack, of side, r snapshot.Resource) string {
	parts := map[string]any{}
	properties, _ := r.Get("Properties").(map[string]any)
	switch r.Type {
	case "AWS::ApiGatewayV2::Route":
		parts["ApiId"] = w.property(s, of, r, "ApiId")
		parts["RouteKey"] = routeShape(fmt.Sprint(properties["RouteKey"]))
	case "AWS::ElasticLoadBalancingV2::ListenerRule":
		parts["ListenerArn"], parts["Priority"] = w.property(s, of, r, "ListenerArn"), fmt.Sprint(properties["Priority"])
	case "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress":
		for name := range properties {
			if name != "Description" {
				parts[name] = w.property(s, of, r, name)
			}
		}
	default:
		is := schemas[r.Type].is
		if name := nameOf(r.Type); name != "" {
			is = []string{name}
		}
		for _, path := range is {
			parts[path] = w.property(s, of, r, path)
			if parts[path] == nil {
				return ""
			}
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return r.Type + " " + text(parts)
}

var pathVariable = regexp.MustCompile(`\{[^}+]*(\+?)\}`)

// routeShape is a route key without the names of its path variables, which API Gateway does not distinguish.
func routeShape(key string) string { return pathVariable.ReplaceAllString(key, "{$1}") }

// identities returns which resource of the deployed stacks has each identity.
func (w *world) identities() map[string]holder {
	holders := map[string]holder{}
	for _, s := range w.stacks {
		for _, r := range s.old.Resources("") {
			if identity := w.identity(s, deployed, r); identity != "" {
				holders[identity] = holder{s, r.LogicalID}
			}
		}
	}
	return holders
}

// collisions reports resources whose identity another deployed resource of the assembly has. The second one is refused, since
// CloudFormation creates new resources before it deletes removed ones.
func (w *world) collisions(s *stack, holders map[string]holder) []finding.Finding {
	found := map[string]finding.Finding{} // by the stack that has them, for routes move together
	moved := map[string][]string{}
	for _, r := range s.new.Resources("") {
		identity := w.identity(s, wanted, r)
		holder, taken := holders[identity]
		if !taken || holder.stack == s && holder.id == r.LogicalID {
			continue
		}
		group := r.Type + " " + holder.stack.id
		found[group] = w.collision(s, r, holder)
		moved[group] = append(moved[group], called(r))
	}
	var all []finding.Finding
	for _, group := range slices.Sorted(maps.Keys(found)) {
		f := found[group]
		f.Subject = s.id + " " + list(moved[group])
		all = append(all, f)
	}
	return all
}

func (w *world) collision(s *stack, r snapshot.Resource, by holder) finding.Finding {
	f := finding.Finding{Check: checkOf(r.Type), Status: finding.Refused}
	is, stays := by.stack.resource(wanted, by.id)
	stays = stays && w.identity(by.stack, wanted, is) == w.identity(s, wanted, r)
	switch {
	case by.stack == s && stays:
		f.Detail = "is twice in the template: " + by.id + " already has it"
		f.Fix = "define it once"
	case by.stack == s:
		f.Detail = "has another logical ID than the deployed one: CloudFormation creates the new one before it deletes the old one, which is refused, or the deletion removes both"
		f.Fix = "keep the ID of its construct, or deploy " + s.id + " once without it and then with it: in between it does not exist"
	case stays:
		f.Detail = "is already in stack " + by.stack.id
		f.Fix = "define it in one of the two"
	default:
		f.Detail = fmt.Sprintf("moves from stack %s, which has it until that stack is deployed: the second one is refused", by.stack.id)
		f.Fix = fmt.Sprintf("cdk deploy --exclusively %s && cdk deploy --exclusively %s   # in between no stack has it", by.stack.id, s.id)
	}
	return f
}

// called returns the name of a resource in messages.
func called(r snapshot.Resource) string {
	for _, property := range []string{"RouteKey", nameOf(r.Type)} {
		if value, is := r.Get("Properties." + property).(string); is && property != "" {
			return value
		}
	}
	return r.LogicalID
}

func checkOf(resourceType string) string {
	switch resourceType {
	case "AWS::ApiGatewayV2::Route":
		return "route"
	case "AWS::ElasticLoadBalancingV2::ListenerRule":
		return "priority"
	}
	return strings.ToLower(short(resourceType))
}
