package deployed

import (
	"encoding/json"
	"fmt"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// RecordKey is followed by a service's name. Its value in a template's metadata says what the service uses; see
// constructs/microservice/uses.go.
const RecordKey = "storefront:service:"

// Record is what a service says about itself in its stack's template.
type Record struct {
	Uses       []Use
	Publishes  []Event
	Subscribes []Event
	Calls      []Call
	Callable   bool // whether other services may call it
}

// Use is how a service uses one store.
type Use struct {
	Store     string   // the path of the store's construct, such as "Cart/Cart/Items", or its type where it is none
	Type      string   // its Go type, such as "table.Table"
	Access    string   // such as "ReadWrite"
	Variables []string // the environment variables through which the application finds the store; there may be none

	Publishes  []Event // that the service publishes by the store
	Subscribes []Event // that it receives by the store
}

// Call is a service that a service calls.
type Call struct {
	Service, Stack string
	Variables      []string
}

// Event is a kind of event on a bus.
type Event struct{ Source, DetailType string }

func (e Event) String() string { return e.Source + " " + e.DetailType }

// ReadRecord returns what a service of a stack records. A record that is missing or cannot be read is an error, since what is
// passed over would make a grant look like nobody's.
func ReadRecord(service string, template snapshot.Template) (Record, error) {
	metadata, _ := template.Get("Metadata").(map[string]any)
	key := RecordKey + service
	if metadata[key] == nil {
		return Record{}, fmt.Errorf("the template has no metadata %s, the record of what the service uses", key)
	}
	text, err := json.Marshal(metadata[key])
	if err != nil {
		return Record{}, fmt.Errorf("metadata %s: %w", key, err)
	}
	var record Record
	if err := json.Unmarshal(text, &record); err != nil {
		return Record{}, fmt.Errorf("metadata %s: %w", key, err)
	}
	if record.Uses == nil {
		return Record{}, fmt.Errorf("metadata %s has no list Uses", key)
	}
	for n, use := range record.Uses {
		if use.Store == "" || use.Access == "" {
			return Record{}, fmt.Errorf("metadata %s: Uses[%d] lacks Store or Access", key, n)
		}
	}
	return record, nil
}
