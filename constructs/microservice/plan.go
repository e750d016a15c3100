package microservice

import (
	"errors"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// plan is what a service will be: its props with their defaults, and all that follows from them, worked out and checked
// once, before anything is defined.
type plan struct {
	Props
	profile profile.Profile
	// environment is its name.
	environment string
	endpoints   []endpoint
	alarmed     bool
	teams       team.Ref // zero where the environment names none
	registry    *registry
	claims      map[claim]string
}

// newPlan returns everything that keeps the service from being defined as id in scope as one error.
func newPlan(scope constructs.Construct, id string, props Props) (plan, error) {
	env := environment.Of(scope)
	p := plan{Props: props.withDefaults(id, env), profile: env.Profile, environment: env.Name, teams: env.Teams}
	p.alarmed = p.Alarms.Enabled.Or(p.profile.Alarms)
	var routes error
	p.endpoints, routes = parseRoutes(p.Routes)
	problems := []error{
		p.validate(),
		routes,
		props.Alarms.validateRouted(len(props.Routes) > 0),
		p.Scaling.ValidateFor(p.profile),
		p.checkScope(scope),
	}
	if p.teams.StackName != "" {
		problems = append(problems, p.checkTeams(scope))
	}
	p.registry = registryOf(scope)
	p.claims = p.wanted(scope, id)
	return p, errors.Join(append(problems, p.registry.conflicts(p))...)
}

// override gives the service an environment of its own where its props name another platform or identity than its scope's.
// So a construct that stands in the service, such as a feature, finds what the service runs on.
func (p plan) override(m *Microservice) {
	env := environment.Of(m)
	if env.Platform == p.Platform && env.Identity == p.Identity {
		return
	}
	env.Platform, env.Identity = p.Platform, p.Identity
	environment.Set(m, env)
}

// checkScope finds references to the very stack that the service stands in.
func (p plan) checkScope(scope constructs.Construct) error {
	problems := []error{cdkx.CheckOtherStack("Platform.StackName", p.Platform.StackName, scope)}
	if p.Identity != (identity.Ref{}) {
		problems = append(problems, cdkx.CheckOtherStack("Identity.StackName", p.Identity.StackName, scope))
	}
	return errors.Join(problems...)
}

// checkTeams wants the owner to be one of the teams, which are in another stack.
func (p plan) checkTeams(scope constructs.Construct) error {
	if p.Owner == "" {
		return nil // reported as missing already
	}
	return errors.Join(cdkx.CheckOtherStack("Teams.StackName", p.teams.StackName, scope), p.teams.CheckOwner(p.Owner))
}
