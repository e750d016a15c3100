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

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// registry records the names, routes and priorities of an app's services on each platform, to detect duplicates. It is
// a construct at the root of the app, and so has the app's lifetime; it adds nothing to any template.
type registry struct {
	constructs.Construct
	claims map[claim]string
	// published are the events of the claims on events.
	published map[claim]event.Event
	// services are those of each stack, by its account, region and name.
	services map[string][]callee
	// noted is set once the notice that the alarms notify no one was added.
	noted bool
}

// claim is a name, route or priority of one service on a platform. A platform is its stack's name in an account and
// region.
type claim struct{ environment, platform, kind, value string }

const registryID = "StorefrontRegistry"

// Claims is a method because a Go type needs one to be a construct.
func (r *registry) Claims() map[claim]string { return r.claims }

func newRegistry() *registry {
	return &registry{claims: map[claim]string{}, published: map[claim]event.Event{}, services: map[string][]callee{}}
}

// registryOf returns the registry of scope's app, and defines it at the first call.
func registryOf(scope constructs.Construct) *registry {
	root := scope.Node().Root()
	r, ok := root.Node().TryFindChild(jsii.String(registryID)).(*registry)
	if !ok {
		r = newRegistry()
		constructs.NewConstruct_Override(r, root.(constructs.Construct), jsii.String(registryID))
	}
	return r
}

// wanted returns what the service claims when it is defined as id in scope, with the path that it will have.
func (p plan) wanted(scope constructs.Construct, id string) map[claim]string {
	path, where := *scope.Node().Path()+"/"+id, p.where
	wanted := map[claim]string{}
	want := func(kind, value string) { wanted[claim{where, p.Platform.StackName, kind, value}] = path }
	want("Name", fmt.Sprintf("%q", p.Name))
	if len(p.endpoints) > 0 { // a worker has no rule, and so no priority
		want(ruleKind, fmt.Sprint(p.Priority))
	}
	for _, e := range p.answered() {
		want(routeKind, e.shape())
	}
	for _, e := range p.endpoints {
		want(integrationKind, fmt.Sprint(path, e.public))
	}
	if len(p.endpoints) > 0 {
		want(targetGroupKind, path)
		if p.alternates() {
			want(targetGroupKind, path+alternateTarget)
		}
	}
	return wanted
}

// answered returns the routes of the service, and its routes for CORS preflight requests.
func (p plan) answered() []endpoint { return slices.Concat(p.endpoints, preflights(p.endpoints)) }

// whereIs returns the account and region of scope. If they are unresolved, two stages may be deployed to different
// ones.
func whereIs(scope constructs.Construct) string {
	where := *awscdk.Stack_Of(scope).Environment()
	if stage := awscdk.Stage_Of(scope); stage != nil && strings.Contains(where, "unknown-") {
		where += " of " + *stage.Node().Path()
	}
	return where
}

// conflicts returns an error that lists what other services already use. Of a service of the same name, it is the name alone:
// the rest follows from that, and another priority would only hide it, as two rules would match the same requests.
func (r *registry) conflicts(p plan) error {
	var problems []error
	owner := func(kind, value string) string {
		for key := range p.claims {
			if key.kind == kind && key.value == value {
				return r.claims[key]
			}
		}
		return ""
	}
	namesake := owner("Name", fmt.Sprintf("%q", p.Name))
	if namesake != "" {
		problems = append(problems, fmt.Errorf("Name %q is already used by %s: set Name to another", p.Name, namesake))
	}
	check := func(kind, value, what, format string) {
		if other := owner(kind, value); other != "" && other != namesake {
			problems = append(problems, fmt.Errorf(format, what, other))
		}
	}
	check(ruleKind, fmt.Sprint(p.Priority), fmt.Sprintf("Priority %d", p.Priority), "%s is already used by %s: set Priority to another")
	const twice = "%s is already defined by %s: define it in one of the two"
	for _, e := range p.endpoints {
		check(routeKind, e.shape(), "route "+e.key(), twice)
	}
	for _, e := range preflights(p.endpoints) {
		// Two services with one route for all methods have one for preflight requests too: the first is reported.
		if owner(routeKind, endpoint{method: anyMethod, path: e.path}.shape()) == "" {
			check(routeKind, e.shape(), "route "+e.key(), twice)
		}
	}
	return errors.Join(problems...)
}

// The kinds of claims that a quota limits.
const (
	ruleKind        = "Priority"
	targetGroupKind = "target group"
	routeKind       = "route"
	integrationKind = "integration"
)

// quota is the number of a kind that a platform can have, and the number that it defines itself.
type quota struct {
	kind, name string
	most, own  int
}

// The default quotas of a load balancer and of an API. That of target groups cannot be raised.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
var quotas = []quota{
	{ruleKind, "listener rules", 100, 1},
	{targetGroupKind, "target groups", 100, 0},
	{routeKind, "routes", 300, 0},
	{integrationKind, "integrations", 300, 1},
}

// crowded returns an error for each quota of the platform that the service would exceed, and notices from 80 %.
func (r *registry) crowded(p plan) (notices []string, err error) {
	var problems []error
	for _, quota := range quotas {
		count, added := quota.own, 0
		for key := range p.claims {
			if key.kind == quota.kind {
				added++
			}
		}
		if added == 0 {
			continue
		}
		for key := range r.claims {
			if key.kind == quota.kind && key.platform == p.Platform.StackName && key.environment == p.where {
				count++
			}
		}
		switch total := count + added; {
		case total > quota.most:
			problems = append(problems, fmt.Errorf("the platform %s would have %d %s with this service, of at most %d: define a second platform for further services",
				p.Platform.StackName, total, quota.name, quota.most))
		case total*5 >= quota.most*4:
			notices = append(notices, fmt.Sprintf("the platform %s has %d %s of at most %d: plan a second platform for further services",
				p.Platform.StackName, total, quota.name, quota.most))
		}
	}
	return notices, errors.Join(problems...)
}

// noteQuotas adds a notice for each quota of the platform of which little is left. It is not a warning: with the CDK's
// recommended flags a warning fails the synthesis, and with it the deployment of a service that still fits.
func (p plan) noteQuotas(at constructs.IConstruct) {
	for _, notice := range p.notices {
		awscdk.Annotations_Of(at).AddInfoV2(jsii.String("storefront:quota"), jsii.String(notice))
	}
}

// alternates reports whether the service has a second target group.
func (p plan) alternates() bool {
	return !problem.IsNil(p.Deployment) && p.Deployment.Gradual() || p.environment.Profile.CanaryPercent > 0
}

// claim records what the service uses, once it is defined.
func (p plan) claim() {
	maps.Copy(p.registry.claims, p.claims)
	p.registry.services[p.stack] = append(p.registry.services[p.stack], p.callee)
	p.registry.noted = p.registry.noted || p.alarmed && p.environment.Teams.StackName == ""
}
