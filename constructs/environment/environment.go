package environment

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/ambient"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Environment is what all constructs of one deployed set of stacks share. Every field is optional; a construct that
// requires a missing one returns an error that names it.
type Environment struct {
	// Name is the name of the environment, such as "production": lower-case letters, digits and hyphens, starting with
	// a letter, at most 32. It is in the record that each service writes into its template.
	Name string
	// Profile sets the defaults of the constructs. If zero, [profile.Production].
	Profile profile.Profile
	// Platform refers to the platform that the services run on.
	Platform platform.Ref
	// Identity refers to the identity that verifies the tokens of signed-in callers.
	Identity identity.Ref
	// Teams refers to the teams that are notified of alarms. If zero, none.
	Teams team.Ref
}

// Set sets the environment of scope, which is an app, a stage or a stack, and of everything defined in it. Call it
// before anything is defined there, since a construct reads its environment once, when it is defined. It panics with
// one error that lists everything that is wrong with the environment.
func Set(scope constructs.Construct, e Environment) {
	e = e.withDefaults()
	if err := e.Validate(); err != nil {
		problem.MustAt(scope, errors.Join(err, ambient.Check(scope)))
	}
	problem.MustAt(scope, ambient.Set(scope, e))
}

// Of returns the environment set on scope or on its nearest ancestor that has one. If there is none, it returns an
// environment with only the profile [profile.Production].
func Of(scope constructs.Construct) Environment {
	var e Environment
	found, err := ambient.Get(scope, &e)
	switch {
	case err != nil:
	case found && e.Profile == (profile.Profile{}): // Set writes its default
		err = e.Profile.Validate()
	default:
		e = e.withDefaults()
		err = e.Validate()
	}
	problem.MustAt(scope, err)
	return e
}

func (e Environment) withDefaults() Environment {
	if e.Profile == (profile.Profile{}) {
		e.Profile = profile.Production()
	}
	return e
}

var name = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// Validate returns one error that lists every problem with the environment, or nil.
func (e Environment) Validate() error {
	problems := []error{e.withDefaults().Profile.Validate()}
	if e.Name != "" && !name.MatchString(e.Name) {
		problems = append(problems, fmt.Errorf("Environment.Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got %q", e.Name))
	}
	if e.Platform != (platform.Ref{}) {
		problems = append(problems, e.Platform.Validate())
	}
	if e.Identity != (identity.Ref{}) {
		problems = append(problems, e.Identity.Validate())
	}
	if e.Teams.StackName != "" || len(e.Teams.Teams) > 0 {
		problems = append(problems, e.Teams.Validate())
	}
	return errors.Join(problems...)
}
