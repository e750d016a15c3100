package microservice

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// planned is what newPlan makes of a service at path, without the construct tree.
func planned(t *testing.T, in, path string, p Props) plan {
	t.Helper()
	all, err := parseRoutes(p.Routes)
	if err != nil {
		t.Fatal(err)
	}
	planned := plan{Props: p, path: path, where: in, endpoints: all, claims: map[claim]string{}}
	want := func(kind, value string) { planned.claims[claim{in, p.Platform.StackName, kind, value}] = path }
	want("Name", `"`+p.Name+`"`)
	if len(all) > 0 {
		want("Priority", "7")
	}
	for _, e := range all {
		want("route", e.shape())
	}
	return planned
}

func TestConflicts(t *testing.T) {
	const here, there = "aws://111122223333/eu-central-1", "aws://111122223333/us-east-1"
	cart := Props{Name: "cart", Priority: 7, Routes: []Route{{Path: "/cart/{proxy+}"}}}
	cart.Platform.StackName = "shop-platform"
	first := planned(t, here, "Shop/Cart", cart)
	with := func(change func(*Props)) Props {
		p := cart
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		in    string
		props Props
		want  []string
	}{
		"another service":              {here, with(func(p *Props) { p.Name, p.Priority, p.Routes = "mailer", 8, nil }), nil},
		"the same in another region":   {there, cart, nil},
		"the same on another platform": {here, with(func(p *Props) { p.Platform.StackName = "other-platform" }), nil},
		"its name":                     {here, with(func(p *Props) { p.Routes = nil }), []string{`Name "cart" is already used by Shop/Cart: set Name to another`}},
		"its priority": {here, with(func(p *Props) { p.Name, p.Routes = "orders", []Route{{Path: "/orders"}} }), []string{
			"Priority 7 is already used by Shop/Cart: set Priority to another",
		}},
		"its routes": {here, cart, []string{
			`Name "cart" is already used by Shop/Cart: set Name to another`,
		}},
		"its name, and the route of a third": {here, with(func(p *Props) { p.Routes = append(p.Routes, Route{Path: "/catalog"}) }), []string{
			`Name "cart" is already used by Shop/Cart: set Name to another`,
			"route ANY /catalog is already defined by Shop/Catalog: define it in one of the two",
		}},
		"a route, by another variable": {here, with(func(p *Props) { p.Name, p.Routes = "basket", []Route{{Path: "/cart/{rest+}"}, {Path: "/basket"}} }), []string{
			"Priority 7 is already used by Shop/Cart: set Priority to another",
			"route ANY /cart/{rest+} is already defined by Shop/Cart: define it in one of the two",
			"route ANY /cart is already defined by Shop/Cart: define it in one of the two",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry()
			r.add(&entry{Path: "Shop/Catalog", Claims: []claim{{here, "shop-platform", "route", "ANY /catalog"}}})
			expect.Problems(t, r.conflicts(first))
			r.add(first.entry())
			expect.Problems(t, r.conflicts(planned(t, c.in, "Shop/Other", c.props)), c.want...)
		})
	}
}

// Two endpoints of one shape cannot be told apart, and two methods of one path can.
func TestShapes(t *testing.T) {
	for path, want := range map[string]string{
		"/cart":                    "GET /cart",
		"/cart/{id}":               "GET /cart/{}",
		"/cart/{id}/items/{item+}": "GET /cart/{}/items/{+}",
	} {
		for _, public := range []bool{false, true} {
			if got := (endpoint{method: "GET", path: path, public: public}).shape(); got != want {
				t.Errorf("%s: got %s, want %s", path, got, want)
			}
		}
	}
}

func TestCrowded(t *testing.T) {
	const here = "aws://111122223333/eu-central-1"
	added := plan{path: "Shop/New", where: here, claims: map[claim]string{}}
	added.Platform.StackName = "shop-platform"
	for _, quota := range quotas {
		added.claims[claim{here, "shop-platform", quota.kind, "new"}] = "Shop/New"
	}
	for name, c := range map[string]struct {
		platform        string
		left            int // of each quota, with the added service
		notices, errors []string
	}{
		"less than 80 %": {platform: "shop-platform", left: 61},
		"80 % of 100": {"shop-platform", 20, []string{
			"the platform shop-platform has 80 listener rules of at most 100: plan a second platform for further services",
			"the platform shop-platform has 80 target groups of at most 100: plan a second platform for further services",
			"the platform shop-platform has 280 routes of at most 300: plan a second platform for further services",
			"the platform shop-platform has 280 integrations of at most 300: plan a second platform for further services",
		}, nil},
		"80 % of 300": {"shop-platform", 60, []string{
			"the platform shop-platform has 240 routes of at most 300: plan a second platform for further services",
			"the platform shop-platform has 240 integrations of at most 300: plan a second platform for further services",
		}, nil},
		"all": {"shop-platform", 0, []string{
			"the platform shop-platform has 100 listener rules of at most 100: plan a second platform for further services",
			"the platform shop-platform has 100 target groups of at most 100: plan a second platform for further services",
			"the platform shop-platform has 300 routes of at most 300: plan a second platform for further services",
			"the platform shop-platform has 300 integrations of at most 300: plan a second platform for further services",
		}, nil},
		"one too many": {"shop-platform", -1, nil, []string{
			"the platform shop-platform would have 101 listener rules with this service, of at most 100: define a second platform for further services",
			"the platform shop-platform would have 101 target groups with this service, of at most 100: define a second platform for further services",
			"the platform shop-platform would have 301 routes with this service, of at most 300: define a second platform for further services",
			"the platform shop-platform would have 301 integrations with this service, of at most 300: define a second platform for further services",
		}},
		"too many on another platform": {platform: "other-platform", left: -1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry()
			other := &entry{Path: "Shop/Other", Where: here, Platform: c.platform}
			for _, quota := range quotas {
				for n := range quota.most - quota.own - c.left - 1 {
					other.Claims = append(other.Claims, claim{here, c.platform, quota.kind, fmt.Sprint(n)})
				}
			}
			r.add(other)
			err := r.crowded(added)
			expect.Problems(t, err, c.errors...)
			if err != nil {
				return
			}
			r.add(added.entry())
			if got := r.notices(other); c.platform == added.Platform.StackName && got != nil {
				t.Errorf("a service that is not the last one has the notices %q", got)
			}
			if diff := cmp.Diff(c.notices, r.notices(added.entry())); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

// Each process of an app joins the entries of all, and then decides what one process would.
func TestTheEntriesOfOtherProcesses(t *testing.T) {
	const here = "aws://111122223333/eu-central-1"
	defining := func(name string, routes ...Route) func(*registry) *entry {
		return func(r *registry) *entry {
			props := Props{Name: name, Routes: routes}
			props.Platform.StackName = "shop-platform"
			p := planned(t, here, "Shop/"+name, props)
			p.alarmed, p.stack = true, name
			e := p.entry()
			r.add(e)
			return e
		}
	}
	publishing := func(name string) func(*registry) *entry {
		return func(r *registry) *entry {
			e := defining(name)(r)
			booked := event.Event{Source: "shop", DetailType: "Booked", Detail: struct{ ID string }{}}
			r.publish(e, claim{here, "shop-platform", eventKind, booked.String()}, booked)
			r.publish(e, claim{here, "shop-platform", eventKind, booked.String()}, booked)
			return e
		}
	}
	var many []Route
	for n := range 301 {
		many = append(many, Route{Path: fmt.Sprint("/many/", n), Methods: []string{"GET"}})
	}
	for name, c := range map[string]struct {
		first, second func(*registry) *entry
		want          string
	}{
		"together":     {defining("cart", Route{Path: "/cart"}), publishing("orders"), ""},
		"one route":    {defining("cart", Route{Path: "/cart"}), defining("basket", Route{Path: "/cart"}), `Shop/basket: Priority 7 is already used by Shop/cart`},
		"one event":    {publishing("orders"), publishing("bookings"), `Shop/bookings: event shop Booked is already used by Shop/orders`},
		"a full quota": {defining("many", many...), defining("cart"), "the platform shop-platform would have 301 routes"},
	} {
		t.Run(name, func(t *testing.T) {
			whole, one, other := newRegistry(), newRegistry(), newRegistry()
			c.first(one)
			c.second(other)
			all := append(one.Entries(), other.Entries()...)
			var problems []string
			if c.want != "" {
				problems = []string{c.want}
			}
			expect.Problems(t, other.Join(all, []string{"shop-platform"}), problems...)
			if c.want != "" {
				return
			}
			c.first(whole)
			c.second(whole)
			whole.stacks = []string{"shop-platform"}
			if diff := cmp.Diff(whole, other, cmp.AllowUnexported(registry{})); diff != "" {
				t.Errorf("joined (-one process +several):\n%s", diff)
			}
		})
	}
}
