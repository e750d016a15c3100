package microservice

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/internal/fleet"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// registry records the services of an app: their names, routes and priorities on each platform, to detect duplicates, and what
// they must know of each other. It is a construct at the root of the app, and so has the app's lifetime; it adds nothing to
// any template.
//
// If an app is synthesized by several processes, each defines a part of the services, and its registry then joins the entries of
// all. So what depends on the other services is decided in [finish], where the registry is whole.
type registry struct {
	constructs.Construct
	// entries are the services in the order in which they are defined.
	entries []*entry
	// claims has the path of the owner of each claim, and counts the number of claims, by a claim without its value.
	claims map[claim]string
	counts map[claim]int
	// published are the events of the claims on events.
	published map[claim]announcement
	// services are those of each stack, by its account, region and name.
	services map[string][]*entry
	// last is the service of each platform that is defined last, by a claim without its kind and value.
	last map[claim]*entry
	// silent is the first service whose alarms notify no one.
	silent *entry
	// stacks are the names of the stacks of the whole app, if other processes define some of them.
	stacks []string
}

// claim is a name, route or priority of one service on a platform. A platform is its stack's name in an account and
// region.
type claim struct{ Environment, Platform, Kind, Value string }

// entry is what the app must know of a service. It has a form in JSON, in which other processes get it.
type entry struct {
	Path, Environment string
	Where, Platform   string // the account and region, and the platform's stack
	Stack             string // the key of the service's stack
	Callable, Silent  bool
	Claims            []claim
	Published         []announcement
}

// announcement is an event that a service publishes.
type announcement struct {
	Claim             claim
	Event, DetailType string
	Schema            json.RawMessage
	GoType            string // of the detail
}

// Entries returns what the services have recorded.
func (r *registry) Entries() []fleet.Entry {
	all := make([]fleet.Entry, len(r.entries))
	for n, e := range r.entries {
		record, err := json.Marshal(e)
		if err != nil {
			panic(err) // cannot happen: an entry has only texts, and schemas that were marshaled before
		}
		all[n] = fleet.Entry{Path: e.Path, Record: record}
	}
	return all
}

// Join replaces the entries by those of all services of the app, in the order in which one process would have defined them. It
// returns an error if a process would have failed to define them all.
func (r *registry) Join(all []fleet.Entry, stacks []string) error {
	joined := newRegistry()
	for _, each := range all {
		e := &entry{}
		if err := json.Unmarshal(each.Record, e); err != nil {
			return fmt.Errorf("%s: %w", each.Path, err)
		}
		for _, c := range e.Claims {
			if other, taken := joined.claims[c]; taken && other != e.Path {
				return fmt.Errorf("%s: %s %s is already used by %s", e.Path, c.Kind, c.Value, other)
			}
		}
		joined.add(e)
	}
	for _, quota := range quotas {
		for platform := range joined.last {
			if total := joined.total(quota, platform); total > quota.most {
				return fmt.Errorf("the platform %s would have %d %s", platform.Platform, total, quota.name)
			}
		}
	}
	joined.Construct, joined.stacks = r.Construct, stacks
	*r = *joined
	return nil
}

var _ fleet.Registry = (*registry)(nil)

func newRegistry() *registry {
	return &registry{
		claims: map[claim]string{}, counts: map[claim]int{}, published: map[claim]announcement{},
		services: map[string][]*entry{}, last: map[claim]*entry{},
	}
}

type registryOfApp struct{}

// registryOf returns the registry of scope's app.
func registryOf(scope constructs.Construct) *registry {
	return place.Shared(scope, registryOfApp{}, func() *registry {
		r := newRegistry()
		place.Define(r, place.Of(scope).Root(), fleet.RegistryID)
		return r
	})
}

// add records a service once it is defined.
func (r *registry) add(e *entry) {
	r.entries = append(r.entries, e)
	for _, c := range e.Claims {
		r.claim(e, c)
	}
	for _, p := range e.Published {
		r.published[p.Claim] = p
	}
	r.services[e.Stack] = append(r.services[e.Stack], e)
	r.last[claim{Environment: e.Where, Platform: e.Platform}] = e
	if e.Silent && r.silent == nil {
		r.silent = e
	}
}

func (r *registry) claim(e *entry, c claim) {
	if _, taken := r.claims[c]; !taken {
		r.counts[claim{c.Environment, c.Platform, c.Kind, ""}]++
	}
	r.claims[c] = e.Path
}

// publish records an event that a service publishes, which was checked before.
func (r *registry) publish(e *entry, c claim, of event.Event) {
	if _, taken := r.published[c]; taken {
		return
	}
	schema, _ := of.Schema()
	p := announcement{Claim: c, Event: of.String(), DetailType: of.DetailType, Schema: schema, GoType: fmt.Sprintf("%T", of.Detail)}
	e.Claims, e.Published = append(e.Claims, c), append(e.Published, p)
	r.claim(e, c)
	r.published[c] = p
}

// wanted returns what the service claims, with the path that it will have.
func (p plan) wanted() map[claim]string {
	path, where := p.path, p.where
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

// conflicts returns an error that lists what other services already use. Of a service of the same name, it is the name alone:
// the rest follows from that, and another priority would only hide it, as two rules would match the same requests.
func (r *registry) conflicts(p plan) error {
	var problems []error
	owner := func(kind, value string) string {
		for key := range p.claims {
			if key.Kind == kind && key.Value == value {
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

// alternates reports whether the service has a second target group.
func (p plan) alternates() bool {
	return !problem.IsNil(p.Deployment) && p.Deployment.Gradual() || p.environment.Profile.CanaryPercent > 0
}

// entry returns what the registry must have of the service, once it is defined.
func (p plan) entry() *entry {
	e := &entry{
		Path: p.path, Environment: p.environment.Name, Where: p.where, Platform: p.Platform.StackName, Stack: p.stack,
		Callable: p.Callable, Silent: p.alarmed && p.environment.Teams.StackName == "",
	}
	e.Claims = slices.SortedFunc(maps.Keys(p.claims), func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	return e
}
