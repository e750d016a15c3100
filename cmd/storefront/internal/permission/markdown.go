package permission

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Markdown returns the permissions as a page: a table for each service, one for the roles of no service, and the reasons of what
// is allowed on every resource. The page says that the command by writes it, from the templates of what is named by of.
func (p Permissions) Markdown(by, of string) string {
	var b strings.Builder
	b.WriteString("# Who may do what?\n\n")
	fmt.Fprintf(&b, "`%s` writes this page from the templates of %s. Do not edit it.\n\n", by, of)
	b.WriteString("Each row is what a role may do, by a policy that is attached to it. In brackets is who may assume the role. The name of a resource is " +
		"its logical ID in the template, without the service's name and the hash; `${…}` is known only when the stack is deployed.\n")
	for at := 0; at < len(p.Roles); {
		service := p.Roles[at].Service
		end := at
		for end < len(p.Roles) && p.Roles[end].Service == service {
			end++
		}
		fmt.Fprintf(&b, "\n## %s\n\n| role | may | on | if |\n|---|---|---|---|\n", cmp.Or(service, "Of no service"))
		for _, role := range p.Roles[at:end] {
			role.rows(&b, p.Roles[at:end])
		}
		at = end
	}
	b.WriteString("\n## On every resource\n\n")
	if len(p.Everything) == 0 {
		b.WriteString("No role may do anything on every resource.\n")
		return b.String()
	}
	b.WriteString("| action | why AWS has no narrower resource | roles |\n|---|---|---|\n")
	for _, same := range together(p.Everything) {
		var actions []string
		for _, e := range same {
			actions = append(actions, "`"+e.Action+"`")
		}
		row(&b, strings.Join(actions, ", "), cmp.Or(same[0].Reason, "**no reason is known**"), same[0].roles())
	}
	return b.String()
}

// together are the actions, those with the same reason and the same roles together.
func together(actions []Everything) [][]Everything {
	var all [][]Everything
	for _, e := range actions {
		n := slices.IndexFunc(all, func(same []Everything) bool {
			return same[0].Reason == e.Reason && slices.Equal(same[0].Roles, e.Roles)
		})
		if n < 0 {
			all = append(all, []Everything{e})
			continue
		}
		all[n] = append(all[n], e)
	}
	return all
}

// roles are the roles by what they are for.
func (e Everything) roles() string {
	services := map[string][]string{}
	var all []string
	for _, role := range e.by {
		if role.Service == "" {
			all = append(all, role.String())
			continue
		}
		services[role.Purpose] = append(services[role.Purpose], role.Service)
	}
	for purpose, of := range services {
		all = append(all, purpose+" of "+strings.Join(of, ", "))
	}
	slices.Sort(all)
	return strings.Join(all, "<br>")
}

// rows writes a row for each statement of the role, of which only the first names it.
func (r Role) rows(b *strings.Builder, among []Role) {
	name := r.Purpose
	if slices.ContainsFunc(among, func(other Role) bool { return other.Purpose == name && other.LogicalID != r.LogicalID }) || r.Service == "" {
		name += " `" + short(r.LogicalID, r.Service) + "`"
		if r.Service == "" {
			name += " of stack " + r.Stack
		}
	}
	if len(r.AssumedBy) > 0 {
		name += " (" + strings.Join(r.AssumedBy, ", ") + ")"
	}
	if len(r.Rights)+len(r.ManagedPolicies) == 0 {
		row(b, name, "nothing", "", "")
	}
	for _, policy := range r.ManagedPolicies {
		row(b, name, "what the managed policy allows", "`"+policy+"`", "")
		name = ""
	}
	for _, right := range r.Rights {
		var resources, conditions []string
		for _, resource := range right.Resources {
			resources = append(resources, resource.shown(r.Service))
		}
		for _, condition := range right.Conditions {
			conditions = append(conditions, "`"+condition+"`")
		}
		row(b, name, "`"+strings.Join(right.Actions, "`, `")+"`", strings.Join(resources, "<br>"), strings.Join(conditions, "<br>"))
		name = ""
	}
}

// shown is a resource as a reader knows it.
func (r Resource) shown(service string) string {
	if r.LogicalID == "" {
		return "`" + r.Text + "`"
	}
	shown := kind(r.Type) + " `" + short(r.LogicalID, service) + "`"
	if r.Text != "" {
		shown += " `" + r.Text + "`"
	}
	return shown
}

// hashed matches the hash that ends a logical ID.
var hashed = regexp.MustCompile(`[0-9A-F]{8}$`)

// short is a logical ID without its hash and the name of its service.
func short(id, service string) string {
	id = hashed.ReplaceAllString(id, "")
	prefix := strings.ReplaceAll(service, "-", "")
	if rest := id[min(len(id), len(prefix)):]; strings.EqualFold(id[:len(id)-len(rest)], prefix) && rest != "" {
		id = rest
	}
	return cmp.Or(strings.TrimSuffix(id, "Resource"), id)
}

// kinds are types whose name in CloudFormation is not that of its documentation.
var kinds = map[string]string{
	"AWS::DynamoDB::GlobalTable":                "DynamoDB table",
	"AWS::ElasticLoadBalancingV2::ListenerRule": "listener rule",
	"AWS::ElasticLoadBalancingV2::TargetGroup":  "target group",
	"AWS::Logs::LogGroup":                       "log group",
	"AWS::OpenSearchService::Domain":            "OpenSearch domain",
	"AWS::Pipes::Pipe":                          "pipe",
	"AWS::SecretsManager::Secret":               "secret",
	"AWS::StepFunctions::StateMachine":          "state machine",
}

// kind is a type of CloudFormation in words, such as "SQS queue".
func kind(resourceType string) string {
	if known := kinds[resourceType]; known != "" {
		return known
	}
	parts := strings.Split(resourceType, "::")
	if len(parts) != 3 {
		return resourceType
	}
	var words strings.Builder
	runes := []rune(parts[2])
	for n, r := range runes {
		alone := n == 0 || unicode.IsLower(runes[n-1]) || n+1 < len(runes) && unicode.IsLower(runes[n+1])
		if unicode.IsUpper(r) && alone {
			words.WriteString(" ")
			if n+1 < len(runes) && unicode.IsLower(runes[n+1]) {
				r = unicode.ToLower(r)
			}
		}
		words.WriteRune(r)
	}
	return parts[1] + words.String()
}

// row writes a row of a table.
func row(b *strings.Builder, cells ...string) {
	for _, text := range cells {
		b.WriteString("| " + strings.ReplaceAll(text, "|", `\|`))
		if text != "" {
			b.WriteString(" ")
		}
	}
	b.WriteString("|\n")
}
