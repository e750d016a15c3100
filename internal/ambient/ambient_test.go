package ambient

import (
	"testing"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/expect"
)

// scope is a construct without the CDK: its context, and its children.
type scope struct {
	constructs.Construct
	node
}

type node struct {
	constructs.Node
	path     *string
	context  map[string]any
	children []constructs.IConstruct
}

func (s scope) Node() constructs.Node { return s.node }

func (n node) Path() *string                      { return n.path }
func (n node) Children() *[]constructs.IConstruct { return &n.children }
func (n node) SetContext(key *string, value any)  { n.context[*key] = value }
func (n node) TryGetContext(key *string) any      { return n.context[*key] }

func with(context map[string]any) scope { return scope{node: node{context: context}} }

type environment struct {
	Name  string
	Zones int
	Teams []string
}

func TestEachPartIsRead(t *testing.T) {
	app := with(map[string]any{})
	expect.Problems(t, Set(app, environment{"production", 3, []string{"checkout"}}))
	var zones struct{ Zones int }
	found, err := Get(app, &zones)
	if err != nil || !found || zones.Zones != 3 {
		t.Errorf("got %+v, %t, %v, want 3 zones", zones, found, err)
	}
	var whole environment
	if _, err := Get(app, &whole); err != nil || whole.Name != "production" || len(whole.Teams) != 1 {
		t.Errorf("got %+v, %v", whole, err)
	}
	var other struct{ Platform string }
	if found, err := Get(app, &other); err != nil || !found || other.Platform != "" {
		t.Errorf("of what was not set got %+v, %t, %v", other, found, err)
	}
	// The CDK passes context on to other processes as JSON.
	if got, ok := app.context["storefront:environment"].(string); !ok || got != `{"Name":"production","Zones":3,"Teams":["checkout"]}` {
		t.Errorf("the context has %v", app.context)
	}
}

func TestNothingWasSet(t *testing.T) {
	part := environment{Name: "kept"}
	found, err := Get(with(nil), &part)
	if err != nil || found || part.Name != "kept" {
		t.Errorf("got %+v, %t, %v", part, found, err)
	}
}

func TestSetRefuses(t *testing.T) {
	late := with(map[string]any{})
	late.children = []constructs.IConstruct{scope{node: node{path: jsii.String("Shop/Cart")}}}
	expect.Problems(t, Set(late, environment{}), "the environment must be set before anything is defined in its scope, got it after Shop/Cart")
	unwritable := with(map[string]any{})
	expect.Problems(t, Set(unwritable, func() {}), "json: unsupported type: func()")
	if len(late.context) > 0 || len(unwritable.context) > 0 {
		t.Errorf("set all the same: %v, %v", late.context, unwritable.context)
	}
}

// A profile in cdk.json is nothing that this library reads. Without an error the environment would be production.
func TestAProfileInTheContextIsRefused(t *testing.T) {
	const want = `context "storefront:profile" has no effect: remove it, and set the profile by environment.Set(app, environment.Environment{Profile: profile.Sandbox()})`
	for _, profile := range []any{"sandbox", map[string]any{"Zones": 2.0}, 7.0} {
		app := with(map[string]any{"storefront:profile": profile})
		expect.Problems(t, Set(app, environment{}), want)
		_, err := Get(app, &environment{})
		expect.Problems(t, err, want)
	}
	expect.Problems(t, Set(nil, environment{}), "scope is nil: pass the app, stage, stack or construct whose environment it is")
	_, err := Get(nil, &environment{})
	expect.Problems(t, err, "scope is nil: pass the app, stage, stack or construct whose environment it is")
}

func TestGetRefusesWhatSetDidNotWrite(t *testing.T) {
	for name, c := range map[string]struct {
		context any
		want    string
	}{
		"an object": {map[string]any{"Name": "x"}, `context "storefront:environment" must be set with environment.Set, got map[Name:x]`},
		"a number":  {1.5, `context "storefront:environment" must be set with environment.Set, got 1.5`},
		"no JSON":   {"production", `context "storefront:environment" must be set with environment.Set: invalid character 'p' looking for beginning of value`},
		"a list":    {"[]", `context "storefront:environment" must be set with environment.Set: json: cannot unmarshal array into Go value of type ambient.environment`},
	} {
		t.Run(name, func(t *testing.T) {
			var part environment
			found, err := Get(with(map[string]any{key: c.context}), &part)
			expect.Problems(t, err, c.want)
			if found {
				t.Error("it was found")
			}
		})
	}
}
