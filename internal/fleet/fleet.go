// Package fleet is what package app knows of the services of an app that several processes synthesize: each process defines a
// part of them, and tells the others what it has defined.
package fleet

import "encoding/json"

// RegistryID is the ID of the construct at the root of an app that is its [Registry], once a service is defined.
const RegistryID = "StorefrontRegistry"

// Entry is what a service has recorded, for the same program in another process.
type Entry struct {
	Path   string
	Record json.RawMessage
}

// Registry has an entry for each service that the process has defined.
type Registry interface {
	// Entries returns the entries in the order in which the services were defined.
	Entries() []Entry
	// Join replaces the entries by those of the whole app, and learns the names of all its stacks. It returns an error if the
	// services cannot be defined together.
	Join(all []Entry, stacks []string) error
}
