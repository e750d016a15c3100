package privilege

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// recordKey is followed by a service's name. Its value in a template's metadata says what the service uses; see
// constructs/microservice/uses.go.
const recordKey = "storefront:service:"

// Declaration is one entry of a service's record in its stack's template: how the service uses one store.
type Declaration struct {
	Store     string   // the path of the store's construct, such as "Cart/Cart/Items"
	Type      string   // its Go type, such as "table.Table"
	Access    string   // such as "ReadWrite"
	Variables []string // the environment variables through which the application finds the store; there may be none
}

// ofTheLibrary reports whether the store is one that the library has, whose accesses are in the catalog. Of a team's own store
// nothing says what an access allows but its Bind.
func (d Declaration) ofTheLibrary() bool {
	pkg, _, _ := strings.Cut(strings.TrimPrefix(d.Type, "*"), ".")
	return slices.Contains([]string{"", "bucket", "cache", "identity", "queue", "searchdomain", "sqldb", "subscription", "table"}, pkg)
}

// declaredBy returns what a service of a stack declares. A record that is missing or cannot be read is an error, since a
// declaration that is passed over would make a grant look like nobody's.
func declaredBy(service string, template snapshot.Template) ([]Declaration, error) {
	metadata, _ := template.Get("Metadata").(map[string]any)
	key := recordKey + service
	if metadata[key] == nil {
		return nil, fmt.Errorf("the template has no metadata %s, the record of what the service uses", key)
	}
	text, err := json.Marshal(metadata[key])
	if err != nil {
		return nil, fmt.Errorf("metadata %s: %w", key, err)
	}
	var record struct{ Uses *[]Declaration }
	if err := json.Unmarshal(text, &record); err != nil {
		return nil, fmt.Errorf("metadata %s: %w", key, err)
	}
	if record.Uses == nil {
		return nil, fmt.Errorf("metadata %s has no list Uses", key)
	}
	for n, use := range *record.Uses {
		if use.Store == "" || use.Access == "" {
			return nil, fmt.Errorf("metadata %s: Uses[%d] lacks Store or Access", key, n)
		}
	}
	return *record.Uses, nil
}
