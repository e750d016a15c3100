// Package permission lists what each role of an app may do in AWS, as its templates say: in policies of its own and in those that
// are attached to it. What policies of resources allow, such as that of a bucket, and what a managed policy of AWS does, is not
// in it.
package permission

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Role is a role, or a user or group of IAM, and what it may do. Its JSON is part of what graph --json writes.
type Role struct {
	Stack     string `json:"stack"` // the ID in the CDK CLI
	LogicalID string `json:"logicalId"`
	Service   string `json:"service,omitempty"` // that it belongs to, if it is in the stack of one
	// Purpose is what it is for, such as "task role".
	Purpose string `json:"purpose"`
	// AssumedBy are the principals that may assume it.
	AssumedBy []string `json:"assumedBy"`
	Rights    []Right  `json:"rights"`
	// ManagedPolicies are policies of AWS or of another app that are attached to it.
	ManagedPolicies []string `json:"managedPolicies,omitempty"`
}

// Right is a statement of a policy that allows something.
type Right struct {
	Actions   []string   `json:"actions"`   // sorted
	Resources []Resource `json:"resources"` // as they are in the policy
	// Conditions are those of the statement, such as "events:source StringEquals shop.reviews".
	Conditions []string `json:"conditions,omitempty"`
}

// Resource is what a statement names: a resource of the stack with what follows its ARN, or a text, such as an ARN or *.
type Resource struct {
	LogicalID string `json:"logicalId,omitempty"`
	Type      string `json:"type,omitempty"` // of CloudFormation
	Text      string `json:"text,omitempty"`
}

// whole matches an ARN of every resource of a service, or of every one of a type, such as arn:aws:sqs:*:*:* and
// arn:aws:dynamodb:eu-central-1:111122223333:table/*. That of the objects of a bucket has no account.
var whole = regexp.MustCompile(`^arn:[^:]*:[^:]*:[^:]*:([^:]*:|[^:]+:[a-z-]+[/:])[*/:]+$`)

// everything reports whether r is every resource, of the account, of a service or of a type.
func (r Resource) everything() bool {
	return r.LogicalID == "" && (r.Text == "*" || whole.MatchString(variable.ReplaceAllString(r.Text, "x")))
}

// Permissions are what the roles of an app may do.
type Permissions struct {
	// Roles are sorted by service, those of services first.
	Roles []Role `json:"roles"`
	// Everything are the actions on every resource.
	Everything []Everything `json:"everything"`
}

// Of returns the roles in the templates of stacks. More are reasons for actions on every resource, by action, beside those that the
// package has.
func Of(stacks []assembly.Stack, more map[string]string) Permissions {
	all := []Role{}
	for _, stack := range stacks {
		for _, template := range stack.Templates() {
			all = append(all, reader{stack.ID, template}.roles()...)
		}
	}
	slices.SortFunc(all, func(a, b Role) int {
		if (a.Service == "") != (b.Service == "") { // services first
			return cmp.Compare(b.Service, a.Service)
		}
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Stack, b.Stack), cmp.Compare(order[a.Purpose], order[b.Purpose]),
			cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.LogicalID, b.LogicalID))
	})
	return Permissions{all, everything(all, more)}
}

// Findings are the actions on every resource for which there is no reason.
func (p Permissions) Findings() []Everything {
	return slices.DeleteFunc(slices.Clone(p.Everything), func(e Everything) bool { return e.Reason != "" })
}

// order puts the roles of tasks first, in which a reader is most interested.
var order = map[string]int{taskRole: -2, executionRole: -1}

// reader reads the roles of one template.
type reader struct {
	stack    string
	template snapshot.Template
}

func (r reader) roles() []Role {
	found := map[string]*Role{}
	var ids []string
	for _, kind := range []string{"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"} {
		for _, resource := range r.template.Resources(kind) {
			role := &Role{
				Stack: r.stack, LogicalID: resource.LogicalID, Service: r.serviceOf(resource), Purpose: r.purpose(resource),
				AssumedBy: r.assumedBy(resource), Rights: []Right{},
			}
			for _, policy := range flat(resource.Get("Properties.Policies")) {
				role.Rights = append(role.Rights, r.rights(object(policy)["PolicyDocument"])...)
			}
			for _, policy := range flat(resource.Get("Properties.ManagedPolicyArns")) {
				if id := reference(policy); id == "" || r.resource(id).Type == "" { // else it is in this template, and read below
					role.ManagedPolicies = append(role.ManagedPolicies, r.text(policy))
				}
			}
			found[resource.LogicalID] = role
			ids = append(ids, resource.LogicalID)
		}
	}
	attach := func(to any, rights []Right) {
		id := reference(to)
		if found[id] == nil { // a role of another template
			id = "imported " + r.text(to)
			if found[id] == nil {
				found[id] = &Role{Stack: r.stack, LogicalID: r.text(to), Service: r.only(), Purpose: "imported role", AssumedBy: []string{}, Rights: []Right{}}
				ids = append(ids, id)
			}
		}
		found[id].Rights = append(found[id].Rights, rights...)
	}
	for _, kind := range []string{"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy"} {
		for _, policy := range r.template.Resources(kind) {
			rights := r.rights(policy.Get("Properties.PolicyDocument"))
			for _, property := range []string{"Roles", "Users", "Groups", "RoleName", "UserName", "GroupName"} {
				for _, to := range flat(policy.Get("Properties." + property)) {
					attach(to, rights)
				}
			}
			if kind == "AWS::IAM::ManagedPolicy" {
				for _, id := range ids {
					role := r.resource(id)
					if slices.ContainsFunc(flat(role.Get("Properties.ManagedPolicyArns")), func(arn any) bool { return reference(arn) == policy.LogicalID }) {
						attach(object(map[string]any{"Ref": id}), rights)
					}
				}
			}
		}
	}
	var all []Role
	for _, id := range ids {
		all = append(all, *found[id])
	}
	return all
}

// serviceOf is the service that a resource belongs to: that of its tag, or the only one of the template.
func (r reader) serviceOf(resource snapshot.Resource) string {
	for _, tag := range flat(resource.Get("Properties.Tags")) {
		if name, is := object(tag)["Value"].(string); is && object(tag)["Key"] == "service" {
			return name
		}
	}
	return r.only()
}

// only is the service of the template, if it has one alone.
func (r reader) only() string {
	var names []string
	metadata, _ := r.template["Metadata"].(map[string]any)
	for key := range metadata {
		if name, is := strings.CutPrefix(key, "storefront:service:"); is {
			names = append(names, name)
		}
	}
	if len(names) != 1 {
		return ""
	}
	return names[0]
}

// The roles that a task has.
const (
	taskRole      = "task role"
	executionRole = "execution role"
)

// purposes are what roles are for, by the type of the resource that names them and the end of the path of the property.
var purposes = []struct{ resourceType, property, purpose string }{
	{"AWS::ECS::TaskDefinition", "TaskRoleArn", taskRole},
	{"AWS::ECS::TaskDefinition", "ExecutionRoleArn", executionRole},
	{"AWS::ECS::Service", "AdvancedConfiguration.RoleArn", "role of ECS that shifts traffic"},
	{"AWS::ECS::Service", "Tls.RoleArn", "role of ECS that issues certificates"},
	{"AWS::EC2::FlowLog", "", "role of the flow log"},
}

// purposeOf is what a role is for that a resource has in a property.
func purposeOf(resourceType, property string) string {
	for _, known := range purposes {
		if known.resourceType == resourceType && strings.HasSuffix(property, known.property) {
			return known.purpose
		}
	}
	return "role of the " + kind(resourceType)
}

// purpose is what a role is for: it follows from the resource that names it.
func (r reader) purpose(role snapshot.Resource) string {
	switch role.Type {
	case "AWS::IAM::User":
		return "user"
	case "AWS::IAM::Group":
		return "group"
	}
	var all []string
	for _, resource := range r.template.Resources("") {
		if strings.HasPrefix(resource.Type, "AWS::IAM::") {
			continue
		}
		snapshot.Template(resource.Raw).Walk(func(path string, value any) {
			if reference(value) != role.LogicalID || !strings.HasPrefix(path, "Properties.") || strings.HasSuffix(path, ".Fn::GetAtt") {
				return
			}
			all = append(all, purposeOf(resource.Type, path))
		})
	}
	slices.Sort(all)
	return cmp.Or(strings.Join(slices.Compact(all), ", "), "role")
}

// assumedBy are the principals of a role's trust policy.
func (r reader) assumedBy(role snapshot.Resource) []string {
	all := []string{}
	for _, each := range flat(role.Get("Properties.AssumeRolePolicyDocument.Statement")) {
		if object(each)["Effect"] == "Deny" {
			continue
		}
		switch named := object(each)["Principal"].(type) {
		case map[string]any:
			for _, kind := range slices.Sorted(maps.Keys(named)) {
				for _, name := range flat(named[kind]) {
					all = append(all, r.text(name))
				}
			}
		case string:
			all = append(all, named)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// rights are the statements of a policy document that allow something.
func (r reader) rights(document any) []Right {
	var all []Right
	for _, each := range flat(object(document)["Statement"]) {
		statement := object(each)
		if statement["Effect"] == "Deny" {
			continue
		}
		right := Right{Resources: []Resource{}}
		for _, prefix := range []string{"", "Not"} {
			for _, action := range flat(statement[prefix+"Action"]) {
				right.Actions = append(right.Actions, map[string]string{"Not": "all but "}[prefix]+r.text(action))
			}
			for _, resource := range flat(statement[prefix+"Resource"]) {
				named := r.named(resource)
				if prefix == "Not" {
					named = Resource{Text: "*"} // all but some are not a level of resources
				}
				right.Resources = append(right.Resources, named)
			}
		}
		slices.Sort(right.Actions)
		right.Conditions = r.conditions(statement["Condition"])
		all = append(all, right)
	}
	slices.SortStableFunc(all, func(a, b Right) int {
		return cmp.Or(slices.Compare(a.Actions, b.Actions), cmp.Compare(fmt.Sprint(a.Resources), fmt.Sprint(b.Resources)), slices.Compare(a.Conditions, b.Conditions))
	})
	return all
}

// conditions describes the conditions of a statement, one by one.
func (r reader) conditions(value any) []string {
	var all []string
	for operator, keys := range object(value) {
		for key, values := range object(keys) {
			var texts []string
			for _, each := range flat(values) {
				texts = append(texts, r.text(each))
			}
			all = append(all, fmt.Sprintf("%s %s %s", key, operator, strings.Join(texts, " or ")))
		}
	}
	slices.Sort(all)
	return all
}

// named is the resource of a policy.
func (r reader) named(value any) Resource {
	id, rest := reference(value), ""
	if parts, is := joined(value); is && len(parts) > 0 { // an ARN with what follows it, such as /*
		if first := reference(parts[0]); first != "" {
			id = first
			for _, part := range parts[1:] {
				rest += r.text(part)
			}
		}
	}
	of := r.resource(id)
	if of.Type == "" {
		return Resource{Text: r.text(value)}
	}
	if attribute := attribute(value); attribute != "" && attribute != "Arn" {
		rest = "." + attribute
	}
	return Resource{LogicalID: id, Type: of.Type, Text: rest}
}

func (r reader) resource(id string) snapshot.Resource {
	raw, _ := r.template.Get("Resources").(map[string]any)
	of, _ := raw[id].(map[string]any)
	kind, _ := of["Type"].(string)
	return snapshot.Resource{LogicalID: id, Type: kind, Raw: of}
}

// variable matches a reference in Fn::Sub.
var variable = regexp.MustCompile(`\$\{([^!}]+)\}`)

// text is a value of a template as text, with ${…} for what is known only when it is deployed.
func (r reader) text(value any) string {
	if text, is := value.(string); is {
		return text
	}
	if parts, is := joined(value); is {
		var b strings.Builder
		for _, part := range parts {
			b.WriteString(r.text(part))
		}
		return b.String()
	}
	whole := object(value)
	if stack := object(whole["Fn::GetStackOutput"]); stack != nil {
		return fmt.Sprintf("${%v of stack %v}", stack["OutputName"], stack["StackName"])
	}
	switch id, attribute := reference(value), attribute(value); {
	case id != "" && attribute != "":
		return "${" + id + "." + attribute + "}"
	case id != "":
		return "${" + id + "}"
	}
	switch sub := whole["Fn::Sub"].(type) {
	case string:
		return sub
	case []any:
		if template, is := sub[0].(string); is && len(sub) == 2 {
			return variable.ReplaceAllStringFunc(template, func(found string) string {
				if set := object(sub[1])[found[2:len(found)-1]]; set != nil {
					return r.text(set)
				}
				return found
			})
		}
	}
	return strings.TrimSpace(string(snapshot.Template{"": value}.JSON()))
}

// object is a value as an object, or nil.
func object(value any) map[string]any {
	whole, _ := value.(map[string]any)
	return whole
}

// flat is a value as a list: each element of one, both branches of a condition, and one element for anything else.
func flat(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		var all []any
		for _, each := range value {
			all = append(all, flat(each)...)
		}
		return all
	case map[string]any:
		if branches, is := value["Fn::If"].([]any); is && len(branches) == 3 {
			return append(flat(branches[1]), flat(branches[2])...)
		}
		if value["Ref"] == "AWS::NoValue" {
			return nil
		}
	}
	return []any{value}
}

// joined are the parts of an Fn::Join without a delimiter.
func joined(value any) ([]any, bool) {
	join, _ := object(value)["Fn::Join"].([]any)
	if len(join) != 2 || join[0] != "" {
		return nil, false
	}
	parts, is := join[1].([]any)
	return parts, is
}

// reference is the logical ID that a Ref or an Fn::GetAtt names, or empty.
func reference(value any) string {
	whole := object(value)
	if id, is := whole["Ref"].(string); is {
		return id
	}
	switch argument := whole["Fn::GetAtt"].(type) {
	case []any:
		if len(argument) == 2 {
			id, _ := argument[0].(string)
			return id
		}
	case string:
		id, _, _ := strings.Cut(argument, ".")
		return id
	}
	return ""
}

// attribute is the attribute that an Fn::GetAtt names, or empty.
func attribute(value any) string {
	switch argument := object(value)["Fn::GetAtt"].(type) {
	case []any:
		if len(argument) == 2 {
			name, _ := argument[1].(string)
			return name
		}
	case string:
		_, name, _ := strings.Cut(argument, ".")
		return name
	}
	return ""
}
