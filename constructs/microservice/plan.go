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

// plan holds the props of a service with their defaults, and all that follows from them, computed and validated once,
// before anything is defined.
type plan struct {
	Props
	profile profile.Profile
	// environment is its name.
	environment string
	endpoints   []endpoint
	alarmed     bool
	teams       team.Ref // zero where there are no alarms, or the environment names no teams
	registry    *registry
	claims      map[claim]string
}

// newPlan returns one error that lists every reason why the service cannot be defined as id in scope.
func newPlan(scope constructs.Construct, id string, props Props) (plan, error) {
	env := environment.Of(scope)
	p := plan{Props: props.withDefaults(id, env), profile: env.Profile, environment: env.Name}
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
	if p.alarmed && env.Teams.StackName != "" {
		p.teams = env.Teams
		problems = append(problems, p.checkTeams(scope))
	}
	p.registry = registryOf(scope)
	p.claims = p.wanted(scope, id)
	return p, errors.Join(append(problems, p.registry.conflicts(p))...)
}

// checkScope rejects references to the stack that contains the service.
func (p plan) checkScope(scope constructs.Construct) error {
	problems := []error{cdkx.CheckOtherStack("Platform.StackName", p.Platform.StackName, scope)}
	if p.Identity != (identity.Ref{}) {
		problems = append(problems, cdkx.CheckOtherStack("Identity.StackName", p.Identity.StackName, scope))
	}
	return errors.Join(problems...)
}

// checkTeams requires the owner to be one of the teams, which are defined in another stack.
func (p plan) checkTeams(scope constructs.Construct) error {
	if p.Owner == "" {
		return nil // reported as missing already
	}
	return errors.Join(cdkx.CheckOtherStack("Teams.StackName", p.teams.StackName, scope), p.teams.CheckOwner(p.Owner))
}
