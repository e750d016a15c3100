package app

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// within is the environment of valid that the service Cart gets.
func within(t *testing.T) Environment {
	t.Helper()
	config, err := valid().Configure(map[string]any{"env": "production"})
	expect.Problems(t, err)
	config.Environment.of.service, config.Environment.of.calls = "Cart", &calls{}
	return config.Environment
}

func TestAServiceOfTheApp(t *testing.T) {
	env := within(t)
	if got, want := env.Service("order-history"), (service.Ref{StackName: "shop-production-order-history", Name: "order-history"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	env.Service("order-history")
	env.Service("reviews")
	if diff := cmp.Diff([]reference{{"Cart", "OrderHistory"}, {"Cart", "Reviews"}}, env.of.calls.all, cmp.AllowUnexported(reference{})); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func TestNoServiceOfTheApp(t *testing.T) {
	alone := within(t)
	alone.of.app.Services = alone.of.app.Services[:1]
	for name, c := range map[string]struct {
		env  Environment
		name string
		want string
	}{
		"unknown":                  {within(t), "review", `env.Service must name another service of the app (order-history, reviews), got "review": one of another app is service.Ref{StackName: "…", Name: "review"}`},
		"its ID":                   {within(t), "Reviews", `env.Service must name another service of the app (order-history, reviews), got "Reviews": one of another app is service.Ref{StackName: "…", Name: "Reviews"}`},
		"itself":                   {within(t), "cart", `env.Service must name another service, got "cart" itself`},
		"no other":                 {alone, "reviews", `env.Service must name another service of the app (none), got "reviews": one of another app is service.Ref{StackName: "…", Name: "reviews"}`},
		"an environment of no app": {Environment{Name: "production"}, "reviews", "env.Service must be called on the Environment that the app passes to Define, got another"},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.env.checkService(c.name), c.want) })
	}
}

// Each of the last services is reached by more ways than can be followed one by one.
func TestManyWaysToAService(t *testing.T) {
	var all []reference
	for n := range 40 {
		for _, from := range []string{"A", "B"} {
			for _, to := range []string{"A", "B"} {
				all = append(all, reference{fmt.Sprint(from, n), fmt.Sprint(to, n+1)})
			}
		}
	}
	all = append(all, reference{"A40", "A0"})
	before, cyclic := (&calls{all}).ordered()
	if len(before) != len(all)-1 || len(cyclic) != 1 {
		t.Errorf("got %d in order and %q in a cycle", len(before), cyclic)
	}
}

func TestCallsInACycle(t *testing.T) {
	for name, c := range map[string]struct{ all, before, cyclic []reference }{
		"none":       {},
		"a chain":    {[]reference{{"A", "B"}, {"B", "C"}}, []reference{{"A", "B"}, {"B", "C"}}, nil},
		"each other": {[]reference{{"A", "B"}, {"B", "A"}}, []reference{{"A", "B"}}, []reference{{"B", "A"}}},
		"by others": {
			[]reference{{"A", "B"}, {"B", "C"}, {"C", "A"}, {"C", "D"}},
			[]reference{{"A", "B"}, {"B", "C"}, {"C", "D"}},
			[]reference{{"C", "A"}},
		},
		"a diamond": {[]reference{{"A", "B"}, {"A", "C"}, {"B", "D"}, {"C", "D"}}, []reference{{"A", "B"}, {"A", "C"}, {"B", "D"}, {"C", "D"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before, cyclic := (&calls{c.all}).ordered()
			opts := []cmp.Option{cmp.AllowUnexported(reference{}), cmpopts.EquateEmpty()}
			if diff := cmp.Diff(c.before, before, opts...); diff != "" {
				t.Errorf("in order (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.cyclic, cyclic, opts...); diff != "" {
				t.Errorf("in a cycle (-want +got):\n%s", diff)
			}
		})
	}
}
