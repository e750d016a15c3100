// Package place remembers what does not change of a construct: its path, its stack, and the environment that it is in. Each read
// of a property of the CDK is a request to another process, and a service would make about 200 for these alone.
//
// What is remembered is found by the construct's own Go value, which nothing else can have while it is remembered. So an app that
// is defined after [jsii.Close], in a new process of the CDK, has nothing of one before. Nothing is forgotten, as the bindings of
// the CDK keep these values, too. What the constructs of a whole app share, such as a duration, is in a construct of that app: see
// [Shared].
package place

import (
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Place is what is remembered of one construct.
type Place struct {
	construct constructs.IConstruct
	// scope is nil if the construct was not defined with this package.
	scope   *Place
	path    *string
	node    constructs.Node
	stack   *Stack
	shared  *shared
	context map[string]any
	// remembered is what other packages remember of the construct.
	remembered map[any]any
	// frozen is set once something is defined in the construct, after which the CDK allows no change of its context.
	frozen bool
}

// places has an entry for each construct that was asked for.
var places = map[constructs.IConstruct]*Place{}

// Of returns the place of a construct.
func Of(construct constructs.IConstruct) *Place {
	if p, known := places[key(construct)]; known {
		return p
	}
	return remember(construct, &Place{})
}

// key returns nil for a construct without a Go value of its own, such as a struct around another.
func key(construct constructs.IConstruct) constructs.IConstruct {
	if reflect.ValueOf(construct).Kind() != reflect.Pointer {
		return nil
	}
	return construct
}

func remember(construct constructs.IConstruct, p *Place) *Place {
	p.construct, p.context = construct, map[string]any{}
	if key(construct) != nil {
		places[construct] = p
	}
	return p
}

// Define defines a construct of a Go type of ours in scope, as constructs.NewConstruct_Override does.
func Define(construct, scope constructs.Construct, id string) {
	constructs.NewConstruct_Override(construct, scope, jsii.String(id))
	within(construct, scope, id)
}

// NewConstruct defines a plain construct, as constructs.NewConstruct does.
func NewConstruct(scope constructs.Construct, id string) constructs.Construct {
	defined := constructs.NewConstruct(scope, jsii.String(id))
	within(defined, scope, id)
	return defined
}

func within(construct, scope constructs.IConstruct, id string) *Place {
	outer := Of(scope)
	outer.frozen = true
	path := strings.TrimPrefix(outer.Path()+"/"+strings.ReplaceAll(id, "/", "--"), "/")
	return remember(construct, &Place{scope: outer, path: &path})
}

// Remember sets what [Place.Nearest] finds under a key from this construct, and from those in it that were defined with this package.
func (p *Place) Remember(key, value any) {
	if p.remembered == nil {
		p.remembered = map[any]any{}
	}
	p.remembered[key] = value
}

// Nearest returns what the construct, or the nearest one around it, remembers under a key, or nil. It knows the constructs around
// it as far as they were defined with this package.
func (p *Place) Nearest(key any) any {
	for at := p; at != nil; at = at.scope {
		if value, known := at.remembered[key]; known {
			return value
		}
	}
	return nil
}

// Node returns the construct's node.
func (p *Place) Node() constructs.Node {
	if p.node == nil {
		p.node = p.construct.Node()
	}
	return p.node
}

// ID returns the construct's ID in its scope.
func (p *Place) ID() string {
	if p.path == nil {
		return *p.Node().Id()
	}
	return (*p.path)[strings.LastIndex(*p.path, "/")+1:]
}

// Scope returns where the construct's scope is, and nil for an app.
func (p *Place) Scope() *Place {
	if p.scope != nil {
		return p.scope
	}
	scope := p.Node().Scope()
	if scope == nil {
		return nil
	}
	return Of(scope)
}

// Path returns the construct's path in the app.
func (p *Place) Path() string {
	if p.path == nil {
		p.path = p.Node().Path()
	}
	return *p.path
}

// Stack returns the stack that the construct is in.
func (p *Place) Stack() *Stack {
	switch {
	case p.stack != nil:
	case p.scope != nil:
		p.stack = p.scope.Stack()
	default:
		p.stack = ofStack(awscdk.Stack_Of(p.construct))
	}
	return p.stack
}

// Context returns the context value that was set for the construct with [Place.SetContext], or else that of the nearest construct
// around it that was not defined with this package.
func (p *Place) Context(key string) any {
	value, known := p.context[key]
	switch {
	case known:
		return value
	case p.scope != nil:
		return p.scope.Context(key)
	}
	value = p.Node().TryGetContext(jsii.String(key))
	if p.frozen {
		p.context[key] = value
	}
	return value
}

// SetContext sets a context value for the construct and everything that is defined in it.
func (p *Place) SetContext(key string, value any) {
	p.Node().SetContext(jsii.String(key), value)
	p.context[key] = value
}
