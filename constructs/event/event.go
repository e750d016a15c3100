package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Event is something that happens in one service and that others may react to. Source, DetailType and Detail are required.
type Event struct {
	// Source is the service that publishes the event, such as "shop.reviews": letters, digits, dots, hyphens, underscores and
	// slashes, starting with a letter, at most 256. It must not begin with "aws.", which EventBridge rejects. Required.
	Source string
	// DetailType is what has happened, such as "ReviewPosted": letters, digits, spaces, hyphens and underscores, starting
	// with a letter, at most 100. Required.
	DetailType string
	// Version is the version of the detail, from 1 to 999. If zero, 1. See the documentation of the package.
	Version int
	// Detail is any value of the Go type of the detail, such as Review{}: a struct whose fields have JSON schemas. Required.
	Detail any
	// External is for an event that no service of the app publishes, such as one of another repository. Without it, an app
	// that has a subscriber and no publisher is an error.
	External bool
}

// The limits of a source and a detail type are 256 and 128 characters. A detail type ends with its version.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetEventBridgeEventBusParameters.html
var (
	sourceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]{0,255}$`)
	detailType = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_ -]{0,98}[A-Za-z0-9_-]$|^[A-Za-z]$`)
)

const maxVersion = 999

// Type returns the detail type that the event has on the bus: DetailType, and for versions after the first a dot and the
// version, such as "ReviewPosted.v2".
func (e Event) Type() string {
	if e.Version <= 1 {
		return e.DetailType
	}
	return fmt.Sprintf("%s.v%d", e.DetailType, e.Version)
}

// String returns the source and the type, such as "shop.reviews ReviewPosted", which identify the event on a bus.
func (e Event) String() string { return e.Source + " " + e.Type() }

// Validate returns one error that lists every problem with the event, or nil. Its messages begin with field.
func (e Event) Validate(field string) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("%s."+format, append([]any{field}, values...)...))
	}
	switch {
	case !sourceName.MatchString(e.Source):
		add(`Source must be letters, digits, dots, hyphens, underscores and slashes, starting with a letter, at most 256, such as "shop.reviews", got %q`, e.Source)
	case strings.HasPrefix(e.Source, "aws."):
		add(`Source must not begin with "aws.", which EventBridge rejects, got %q`, e.Source)
	}
	if !detailType.MatchString(e.DetailType) {
		add(`DetailType must be letters, digits, spaces, hyphens and underscores, starting with a letter, at most 100, such as "ReviewPosted", got %q`, e.DetailType)
	}
	if e.Version < 0 || e.Version > maxVersion {
		add("Version must be from 1 to %d, got %d", maxVersion, e.Version)
	}
	if kind := reflect.TypeOf(e.Detail); kind == nil || kind.Kind() != reflect.Struct {
		add("Detail must be a value of the detail's Go type, which is a struct, such as Review{}, got %T", e.Detail)
	} else if _, err := e.schema(); err != nil {
		add("Detail must be of a Go type that has a JSON schema, got %T: %w", e.Detail, err)
	}
	return errors.Join(problems...)
}

// Check returns one error that lists every problem with the events, or nil: each must be valid, and be named once. Its messages
// begin with field.
func Check(field string, events []Event) error {
	var problems []error
	seen := map[string]bool{}
	for n, e := range events {
		problems = append(problems, e.Validate(fmt.Sprintf("%s[%d]", field, n)))
		if seen[e.String()] {
			problems = append(problems, fmt.Errorf("%s must name each event once, got %q twice", field, e))
		}
		seen[e.String()] = true
	}
	return errors.Join(problems...)
}

// Schema returns the JSON schema of the detail, which follows from its Go type: fields without omitempty or omitzero are
// required, and unknown ones are allowed, so that a new field does not break a subscriber that validates.
func (e Event) Schema() (json.RawMessage, error) {
	schema, err := e.schema()
	if err != nil {
		return nil, err
	}
	return json.Marshal(schema)
}

func (e Event) schema() (*jsonschema.Schema, error) {
	schema, err := jsonschema.ForType(reflect.TypeOf(e.Detail), nil)
	if err != nil {
		return nil, err
	}
	open(schema)
	return schema, nil
}

// open allows unknown fields in every object of a schema that has properties.
func open(schema *jsonschema.Schema) {
	if schema == nil {
		return
	}
	if schema.Properties != nil || schema.Type == "object" && closed(schema.AdditionalProperties) {
		schema.AdditionalProperties = nil
	}
	open(schema.AdditionalProperties)
	open(schema.Items)
	for _, property := range schema.Properties {
		open(property)
	}
}

// closed reports whether a schema allows no value.
func closed(schema *jsonschema.Schema) bool { return schema != nil && schema.Not != nil }
