package cdkx

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Publish defines the output name of the scope's stack. The logical ID is the name itself, wherever in the stack the
// scope stands: it is what other stacks read, so it must not follow the construct tree.
func Publish(scope constructs.Construct, name string, value *string) {
	output := awscdk.NewCfnOutput(scope, jsii.String(name), &awscdk.CfnOutputProps{Value: value})
	output.OverrideLogicalId(jsii.String(name))
}

// Read refers to the output name of another stack of the same account and region by a weak reference, which protects
// nothing and so never locks the stack that publishes it.
func Read(stackName, name string) *string {
	return awscdk.Fn_GetStackOutput(jsii.String(stackName), jsii.String(name), nil, nil)
}

// stackName is CloudFormation's own rule.
var stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)

// CheckStackName says what is wrong with a name that field gives to a stack.
func CheckStackName(field, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%s is missing: name the stack that publishes the contract", field)
	case !stackName.MatchString(name):
		return fmt.Errorf("%s must be a letter, then letters, digits and hyphens, at most 128 in all, got %q", field, name)
	}
	return nil
}

// CheckOtherStack says what is wrong when scope would read outputs of the very stack that it stands in, which
// CloudFormation could never resolve.
func CheckOtherStack(field, name string, scope constructs.Construct) error {
	if *awscdk.Stack_Of(scope).StackName() == name {
		return fmt.Errorf("%s must be another stack than the one that reads it, got %q for both: give each its own stack", field, name)
	}
	return nil
}

// Imported returns what define made when the contract of the stack stackName was last imported into scope, or has define
// make it. So a scope may import a contract as often as it likes, and asks the CDK once. The construct is called kind,
// unless scope has something else of that name.
func Imported[T interface {
	constructs.IConstruct
	comparable
}](scope constructs.Construct, kind, stackName string, isIt func(T) bool, define func(id string) T) T {
	for _, id := range []string{kind, kind + "@" + stackName} {
		switch known := scope.Node().TryFindChild(jsii.String(id)).(type) {
		case nil:
			return define(id)
		case T:
			if isIt(known) {
				return known
			}
		}
	}
	return define(kind + "@" + stackName) // which the CDK refuses, as the user has called two things alike
}
