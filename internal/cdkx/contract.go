package cdkx

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/place"
)

// Publish defines an output of the scope's stack. Its logical ID is the name itself, wherever in the stack the scope
// is: other stacks read it, so it must not depend on the construct tree.
func Publish(scope constructs.Construct, name string, value *string) {
	output := awscdk.NewCfnOutput(scope, jsii.String(name), &awscdk.CfnOutputProps{Value: value})
	if at := place.Of(scope); at.Path() != at.Stack().Path() { // in the stack itself, the ID is the name already
		output.OverrideLogicalId(jsii.String(name))
	}
}

// output is the key of a reference that an app shares.
type output struct{ stackName, name string }

// Read returns a weak reference, for scope, to an output of another stack of the same account and region. It does not lock the
// stack that publishes it, and does not prevent its deletion.
func Read(scope constructs.IConstruct, stackName, name string) *string {
	return place.Shared(scope, output{stackName, name}, func() *string {
		return awscdk.Fn_GetStackOutput(jsii.String(stackName), jsii.String(name), nil, nil)
	})
}

// stackName is CloudFormation's own rule.
var stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)

// CheckStackName returns an error if a stack's name is invalid. Its message begins with field.
func CheckStackName(field, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%s is missing: name the stack that publishes the contract", field)
	case !stackName.MatchString(name):
		return fmt.Errorf("%s must be a letter, then letters, digits and hyphens, at most 128 in all, got %q", field, name)
	}
	return nil
}

// CheckOtherStack returns an error if scope would read outputs of its own stack, or of one in which that is nested, which
// CloudFormation cannot resolve: a stack has outputs once all that is nested in it is deployed.
func CheckOtherStack(field, name string, scope constructs.Construct) error {
	if slices.Contains(place.Of(scope).Stack().Names(), name) {
		return fmt.Errorf("%s must be another stack than the one that reads it, got %q for both: give each its own stack", field, name)
	}
	return nil
}

// CheckSameStack returns an error if scope would define in its stack what the environment names another stack for.
func CheckSameStack(field, name string, scope constructs.Construct) error {
	if own := place.Of(scope).Stack().Name(); name != "" && own != name {
		return fmt.Errorf("%s of the environment is %q, and this stack is %q: services would read the other, so name this one in the environment", field, name, own)
	}
	return nil
}

// Imported returns the construct that define returned when the contract of the stack stackName was last imported into
// scope, or calls define. So a scope may import a contract repeatedly, and defines it once. The ID of the construct is
// kind, unless scope has something else with that ID.
func Imported[T interface {
	constructs.IConstruct
	comparable
}](scope constructs.Construct, kind, stackName string, isIt func(T) bool, define func(id string) T) T {
	for _, id := range []string{kind, kind + "@" + stackName} {
		switch known := place.Of(scope).Node().TryFindChild(jsii.String(id)).(type) {
		case nil:
			return define(id)
		case T:
			if isIt(known) {
				return known
			}
		}
	}
	return define(kind + "@" + stackName) // which the CDK rejects, as two constructs have the same ID
}
