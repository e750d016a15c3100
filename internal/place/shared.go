package place

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// shared is what the constructs of one app share. It is a construct at the root of the app, and so has the app's lifetime; it
// adds nothing to any template.
type shared struct {
	constructs.Construct
	values map[any]any
}

// SharedID is the ID of the construct at the root of an app that has what its constructs share.
const SharedID = "StorefrontShared"

// Values is a method because a Go type needs one to be a construct.
func (s *shared) Values() map[any]any { return s.values }

// Shared returns the value that the constructs of scope's app have under a key, and reads it at the first call. The key is of a
// type of its caller's own. The value must not change, or must be meant to be changed by all.
func Shared[T any](scope constructs.IConstruct, key any, read func() T) T {
	values := Of(scope).values()
	value, known := values[key].(T)
	if !known {
		value = read()
		values[key] = value
	}
	return value
}

func (p *Place) values() map[any]any {
	switch {
	case p.shared != nil:
	case p.scope != nil:
		p.scope.values()
		p.shared = p.scope.shared
	default:
		p.shared = sharedAt(p.root())
	}
	return p.shared.values
}

// Root returns the app.
func (p *Place) Root() constructs.Construct { return p.root().construct.(constructs.Construct) }

func (p *Place) root() *Place {
	if p.scope != nil {
		return p.scope.root()
	}
	return Of(p.Node().Root())
}

// sharedAt returns what is shared at the root of an app, and defines it at the first call.
func sharedAt(root *Place) *shared {
	if root.shared != nil {
		return root.shared
	}
	known, ok := root.Node().TryFindChild(jsii.String(SharedID)).(*shared)
	if !ok {
		known = &shared{values: map[any]any{}}
		Define(known, root.Root(), SharedID)
	}
	root.shared = known
	return known
}
