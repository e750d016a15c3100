package microservice

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/store"
)

// metadataKey is followed by the service's name. Its value in the metadata of the stack's template says what the service
// is and what it uses, for tests, diagrams and reviews.
const metadataKey = "storefront:service:"

// Use is one thing that a service was told that it uses.
type Use struct {
	// Store is the path of the store's construct, or what the store calls itself where it is none.
	Store string
	// Type is the Go type of the store, such as "table.Table".
	Type string
	// Access is what the service may do with it.
	Access store.Access
	// Variables are the names of the environment variables through which the application finds it, sorted.
	Variables []string
}

func useOf(used store.Store, access store.Access, binding store.Binding) Use {
	use := Use{
		Type:      strings.TrimPrefix(fmt.Sprintf("%T", used), "*"),
		Access:    access,
		Variables: slices.Sorted(maps.Keys(binding.Environment)),
	}
	use.Store = use.Type
	if construct, ok := used.(constructs.IConstruct); ok {
		use.Store = *construct.Node().Path()
	}
	return use
}

// record writes into the template what the service is and uses, in an order of its own.
func (m *Microservice) record(owner string) {
	slices.SortFunc(m.uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Store, b.Store), cmp.Compare(a.Access, b.Access))
	})
	uses := make([]any, len(m.uses))
	for n, use := range m.uses {
		uses[n] = map[string]any{"Store": use.Store, "Type": use.Type, "Access": use.Access, "Variables": use.Variables}
	}
	awscdk.Stack_Of(m).AddMetadata(jsii.String(metadataKey+m.name), map[string]any{
		"Path": m.Node().Path(), "Owner": owner, "Uses": uses,
	})
}
