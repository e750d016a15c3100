package microservice

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/internal/place"
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
	m.note()
	containers, statements := m.sort()
	problems := []error{
		checkTaskSize(containers), checkImported(containers), m.checkGranted(text(statements)), m.checkBacklog(), m.checkReserved(),
		m.checkSubscribed(), m.checkCallees(),
	}
	if err := errors.Join(problems...); err != nil {
		return jsii.Strings(strings.Split(err.Error(), "\n")...)
	}
	return &[]*string{}
}

func (m *Microservice) checkBacklog() error {
	if m.props.Scaling.Backlog != (scaling.Backlog{}) && m.backlog.Metric.IsZero() {
		return errors.New("Scaling.Backlog requires a store with a backlog that the service uses, got none: add one, such as a queue, by worker.Uses(orders, queue.Consume)")
	}
	return nil
}

// maxTaskBytes is the largest task definition that ECS registers, minus what is not in its containers.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const maxTaskBytes = 64*1024 - 1024

// checkTaskSize returns an error if the containers, as in the template, are too many or too large for a task definition.
func checkTaskSize(containers []any) error {
	if len(containers) > maxSidecars+1 {
		return fmt.Errorf("a task must have at most %d containers, with those that features and TaskDefinition().AddContainer add, got %d: run the others as services of their own",
			maxSidecars+1, len(containers))
	}
	if size := len(text(containers)); size > maxTaskBytes {
		return fmt.Errorf("the containers must fit into %d bytes of a task definition, got %d: move long values of Environment and of Secrets' names to a store, such as a parameter or a bucket",
			maxTaskBytes, size)
	}
	return nil
}

// checkImported returns an error for each secret that another stack of the app defines, if the CDK exports it from there: that
// stack could then neither change nor delete it.
func checkImported(containers []any) error {
	var problems []error
	check := func(name, field string, value any) {
		if strings.Contains(text(value), `"Fn::ImportValue"`) {
			problems = append(problems, fmt.Errorf("%s of container %s is a secret of another stack, which would have to export it: use awssecretsmanager.Secret_FromSecretCompleteArn", field, name))
		}
	}
	for _, container := range containers {
		fields, _ := container.(map[string]any)
		name := nameOf(container)
		check(name, "Image", fields["repositoryCredentials"])
		secrets, _ := fields["secrets"].([]any)
		for _, secret := range secrets {
			check(name, fmt.Sprintf("Secrets[%q]", nameOf(secret)), secret)
		}
	}
	return errors.Join(problems...)
}

// sort sorts the environment variables and secrets of each container by name, and the statements of both roles by their text. It
// returns the containers, and the statements of the execution role. The user's property overrides are applied after it.
func (m *Microservice) sort() (containers, statements []any) {
	task := place.Of(m.task).Node().DefaultChild().(awsecs.CfnTaskDefinition)
	ofTask, ofExecution := policyOf(m.taskRole), policyOf(m.executionRole)
	resolved, _ := m.place().Stack().CDK.Resolve([]any{task.ContainerDefinitions(), document(ofTask), document(ofExecution)}).([]any)
	if containers, _ = resolved[0].([]any); containers != nil {
		sortContainers(containers)
		task.SetContainerDefinitions(awscdk.Token_AsAny(containers))
	}
	setSorted(ofTask, resolved[1])
	return containers, setSorted(ofExecution, resolved[2])
}

func sortContainers(containers []any) {
	for _, container := range containers {
		for _, list := range []string{"environment", "secrets"} {
			if entries, ok := container.(map[string]any)[list].([]any); ok {
				slices.SortStableFunc(entries, func(a, b any) int { return cmp.Compare(nameOf(a), nameOf(b)) })
			}
		}
	}
}

func nameOf(entry any) string {
	fields, _ := entry.(map[string]any)
	name, _ := fields["name"].(string)
	return name
}

// policyOf returns the policy of the statements that were added to a role, or nil if there are none. The CDK defines it in the
// role when the first is added.
func policyOf(role awsiam.Role) awsiam.CfnPolicy {
	const alone = 4 // the role and the policy, each with its resource
	all := *role.Node().FindAll(constructs.ConstructOrder_PREORDER)
	for n, each := range all {
		if policy, ok := each.(awsiam.Policy); ok && (len(all) == alone || place.Of(policy).ID() == "DefaultPolicy") {
			return all[n+1].(awsiam.CfnPolicy)
		}
	}
	return nil
}

// document returns the document of a policy, or an empty one if that is nil.
func document(policy awsiam.CfnPolicy) any {
	if policy == nil {
		return map[string]any{}
	}
	return policy.PolicyDocument()
}

// setSorted sets the statements of a policy, sorted, and returns them.
func setSorted(policy awsiam.CfnPolicy, resolved any) []any {
	document, _ := resolved.(map[string]any)
	statements, _ := document["Statement"].([]any)
	if len(statements) > 1 {
		slices.SortStableFunc(statements, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
		policy.SetPolicyDocument(document)
	}
	return statements
}

// text returns a part of a template as JSON, with sorted keys.
func text(part any) string {
	encoded, err := json.Marshal(part)
	if err != nil {
		return "" // cannot happen: it was decoded from JSON
	}
	return string(encoded)
}
