package microservice

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// registry knows what each service of an app has on its platform, to find what two of them claim. It is a construct at the
// root of the app, and so lives and dies with it; it adds nothing to any template.
type registry struct {
	constructs.Construct
	claims map[claim]string
	// noted is set once it was said that nobody is notified of alarms.
	noted bool
}

// claim is something that one service of a platform can have. A platform is its stack's name in an account and region.
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

// wanted is what the service claims when it is defined as id in scope, with the path that it will have.
func (p plan) wanted(scope constructs.Construct, id string) map[claim]string {
	path, where := *scope.Node().Path()+"/"+id, whereIs(scope)
	wanted := map[claim]string{}
	want := func(kind, value string) { wanted[claim{where, p.Platform.StackName, kind, value}] = path }
	want("Name", fmt.Sprintf("%q", p.Name))
	if len(p.endpoints) > 0 { // a worker has no rule, and so no priority
		want("Priority", fmt.Sprint(p.Priority))
	}
	for _, e := range p.endpoints {
		want("route", e.shape())
	}
	return wanted
}

// whereIs is the account and region of scope. Where they are open, two stages may be deployed to two.
func whereIs(scope constructs.Construct) string {
	where := *awscdk.Stack_Of(scope).Environment()
	if stage := awscdk.Stage_Of(scope); stage != nil && strings.Contains(where, "unknown-") {
		where += " of " + *stage.Node().Path()
	}
	return where
}

// conflicts names all that other services have already.
func (r *registry) conflicts(p plan) error {
	var problems []error
	check := func(kind, shape, what, format string) {
		for key := range p.claims {
			if other, taken := r.claims[key]; taken && key.kind == kind && key.value == shape {
				problems = append(problems, fmt.Errorf(format, what, other))
			}
		}
	}
	check("Name", fmt.Sprintf("%q", p.Name), fmt.Sprintf("Name %q", p.Name), "%s is already used by %s: set Name to another")
	check("Priority", fmt.Sprint(p.Priority), fmt.Sprintf("Priority %d", p.Priority), "%s is already used by %s: set Priority to another")
	for _, e := range p.endpoints {
		check("route", e.shape(), "route "+e.key(), "%s is already answered by %s: let one of the two answer it")
	}
	return errors.Join(problems...)
}

// claim records what the service has, once it is defined.
func (p plan) claim() {
	for _, key := range slices.Collect(maps.Keys(p.claims)) {
		p.registry.claims[key] = p.claims[key]
	}
}
