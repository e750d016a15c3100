package microservice

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// registry knows what each service of an app has claimed on its platform, to find what two of them claim. It is a
// construct at the root of the app, and so lives and dies with it; it adds nothing to any template.
type registry struct {
	constructs.Construct
	claims map[claim]string
	// noted is set once it was said that nobody is told of alarms.
	noted bool
}

// claim is something that one service of a platform can have. A platform is its stack's name in an environment.
type claim struct{ environment, platform, kind, value string }

const registryID = "StorefrontRegistry"

// Claims is a method because a Go type needs one to be a construct.
func (r *registry) Claims() map[claim]string { return r.claims }

// registryOf is that of scope's app, which it defines when it is first asked for.
func registryOf(scope constructs.Construct) *registry {
	root := scope.Node().Root()
	r, ok := root.Node().TryFindChild(jsii.String(registryID)).(*registry)
	if !ok {
		r = &registry{claims: map[claim]string{}}
		constructs.NewConstruct_Override(r, root.(constructs.Construct), jsii.String(registryID))
	}
	return r
}

// register claims the name, priority and routes of a service that is about to be defined as id in scope. If others
// have claimed any of them, it returns them all and claims nothing.
func register(scope constructs.Construct, id string, props Props) error {
	r := registryOf(scope)
	all, err := endpoints(props.Routes)
	if err != nil {
		return err
	}

	environment := *awscdk.Stack_Of(scope).Environment()
	wanted := map[claim]bool{}
	var problems []error
	want := func(kind, value, what, instead string) {
		key := claim{environment, props.Platform.StackName, kind, value}
		wanted[key] = true
		if other, taken := r.claims[key]; taken {
			problems = append(problems, fmt.Errorf("%s is that of %s already: %s", what, other, instead))
		}
	}
	want("name", props.Name, fmt.Sprintf("Name %q", props.Name), "set Name to another")
	if len(all) > 0 { // a worker has no rule, and so no priority
		want("priority", fmt.Sprint(props.Priority), fmt.Sprintf("Priority %d", props.Priority), "set Priority to another")
	}
	for _, e := range all {
		want("route", e.shape(), "route "+e.key(), "let one of the two answer it")
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	for key := range wanted {
		r.claims[key] = *scope.Node().Path() + "/" + id
	}
	return nil
}
