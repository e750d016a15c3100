package microservice

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// finish runs last, before the template of a service is written. It validates what is complete only when the whole app is
// defined, and sorts what was added one by one: environment variables, secrets and policy statements are written in the
// order of their names, so that the order of a program's calls has no effect. It does not run in a synthesis that skips
// validation.
type finish struct{ of *Microservice }

var _ constructs.IValidation = (*finish)(nil)

// Validate is called once, after everything is defined and references between stacks are resolved.
func (f *finish) Validate() *[]*string {
	m := f.of
	m.record()
	m.sortContainers()
	for _, role := range []string{"TaskRole", "ExecutionRole"} {
		m.sortStatements(role)
	}
	if m.props.Scaling.Backlog != (scaling.Backlog{}) && m.backlog.Metric.IsZero() {
		return jsii.Strings("Scaling.Backlog requires a store with a backlog that the service uses, got none: add one, such as a queue, by worker.Uses(orders, queue.Consume)")
	}
	return &[]*string{}
}

// sortContainers sorts the environment variables and secrets of each container by name. The user's property overrides
// are applied after it.
func (m *Microservice) sortContainers() {
	task := m.task.Node().DefaultChild().(awsecs.CfnTaskDefinition)
	containers, ok := awscdk.Stack_Of(m).Resolve(task.ContainerDefinitions()).([]any)
	if !ok {
		return
	}
	for _, container := range containers {
		for _, list := range []string{"environment", "secrets"} {
			if entries, ok := container.(map[string]any)[list].([]any); ok {
				slices.SortStableFunc(entries, func(a, b any) int { return cmp.Compare(nameOf(a), nameOf(b)) })
			}
		}
	}
	task.SetContainerDefinitions(awscdk.Token_AsAny(containers))
}

func nameOf(entry any) string {
	fields, _ := entry.(map[string]any)
	name, _ := fields["name"].(string)
	return name
}

// sortStatements sorts the statements of a role of the task by their text.
func (m *Microservice) sortStatements(role string) {
	owner := m.task.Node().TryFindChild(jsii.String(role))
	if owner == nil {
		return
	}
	policy := owner.Node().TryFindChild(jsii.String("DefaultPolicy"))
	if policy == nil {
		return
	}
	defined := policy.Node().DefaultChild().(awsiam.CfnPolicy)
	document, ok := awscdk.Stack_Of(m).Resolve(defined.PolicyDocument()).(map[string]any)
	if !ok {
		return
	}
	if statements, ok := document["Statement"].([]any); ok {
		slices.SortStableFunc(statements, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
	}
	defined.SetPolicyDocument(document)
}

// text returns a statement as JSON, with sorted keys.
func text(statement any) string {
	encoded, err := json.Marshal(statement)
	if err != nil {
		return "" // cannot happen: it was decoded from JSON
	}
	return string(encoded)
}
