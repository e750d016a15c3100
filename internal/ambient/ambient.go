// Package ambient stores the environment of a construct in the construct tree, as one JSON document in the context of
// the scope that it was set on. Each package that defines a part of it, such as the profile, decodes that part alone,
// so that none depends on the others.
package ambient

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/internal/place"
)

// key is the context key of the environment.
const key = "storefront:environment"

var errNoScope = errors.New("scope is nil: pass the app, stage, stack or construct whose environment it is")

// isNil reports whether a scope is nil, or a nil pointer to a construct.
func isNil(scope constructs.Construct) bool {
	of := reflect.ValueOf(scope)
	return !of.IsValid() || of.Kind() == reflect.Pointer && of.IsNil()
}

// ignored returns an error for a profile in cdk.json, which has no effect, so that the environment would be production's.
func ignored(scope constructs.Construct) error {
	const profile = "storefront:profile"
	if place.Of(scope).Context(profile) == nil {
		return nil
	}
	return fmt.Errorf("context %q has no effect: remove it, and set the profile by environment.Set(app, environment.Environment{Profile: profile.Sandbox()})", profile)
}

// Set sets the value for scope and everything defined in it. It returns an error if it cannot, as [Check] does.
func Set(scope constructs.Construct, value any) error {
	if err := Check(scope); err != nil {
		return err
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	place.Of(scope).SetContext(key, string(encoded))
	return nil
}

// Check returns an error if no value can be set for scope: if something is already defined there, since a construct reads its
// environment once, when it is defined, or if the context has a profile that has no effect.
func Check(scope constructs.Construct) error {
	if isNil(scope) {
		return errNoScope
	}
	if children := *place.Of(scope).Node().Children(); len(children) > 0 {
		return fmt.Errorf("the environment must be set before anything is defined in its scope, got it after %s", *children[0].Node().Path())
	}
	return ignored(scope)
}

// Get decodes the value set on scope or on its nearest ancestor that has one into part. It reports whether there is
// one.
func Get(scope constructs.Construct, part any) (found bool, err error) {
	if isNil(scope) {
		return false, errNoScope
	}
	switch encoded := place.Of(scope).Context(key).(type) {
	case nil:
		return false, ignored(scope)
	case string:
		if err := json.Unmarshal([]byte(encoded), part); err != nil {
			return false, fmt.Errorf("context %q must be set with environment.Set: %w", key, err)
		}
		return true, nil
	default:
		return false, fmt.Errorf("context %q must be set with environment.Set, got %v", key, encoded)
	}
}
