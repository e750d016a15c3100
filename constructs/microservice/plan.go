package microservice

import (
	"errors"
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
)

// plan holds the props of a service with their defaults, and all that follows from them, computed and validated once,
// before anything is defined.
type plan struct {
	Props
	environment environment.Environment // of the scope
	endpoints   []endpoint
	alarmed     bool
	registry    *registry
	claims      map[claim]string
	path        string // that the service will have
	where       string // the account and region
	stack       string // the key of the stack in the registry
}

// newPlan returns one error that lists every reason why the service cannot be defined as id in scope.
func newPlan(scope constructs.Construct, id string, props Props) (plan, error) {
	env := environment.Of(scope)
	p := plan{Props: props.withDefaults(id, env), environment: env}
	p.alarmed = p.Alarms.Enabled.Or(p.environment.Profile.Alarms)
	var routes error
	p.endpoints, routes = parseRoutes(p.Routes)
	problems := []error{
		p.validate(),
		routes,
		props.Alarms.validateRouted(len(props.Routes) > 0),
		p.Scaling.ValidateFor(p.environment.Profile),
		p.checkScope(scope),
	}
	if p.environment.Teams.StackName != "" {
		problems = append(problems, p.checkTeams(scope))
	}
	p.registry, p.path, p.where = registryOf(scope), place.Of(scope).Path()+"/"+id, place.Of(scope).Stack().Where()
	p.claims = p.wanted()
	p.stack = stackKey(p.where, place.Of(scope).Stack().Name())
	return p, errors.Join(append(problems, p.registry.conflicts(p), p.registry.crowded(p), p.checkPinned(), p.checkOneCallable())...)
}

// override sets an environment on the service if its props name another platform or identity than the environment of its
// scope. Constructs inside the service, such as a search domain, then use the service's platform.
func (p plan) override(m *Microservice) {
	env := p.environment
	if env.Platform == p.Platform && env.Identity == p.Identity {
		return
	}
	env.Platform, env.Identity = p.Platform, p.Identity
	environment.Set(m, env)
}

// checkScope rejects references to the stack that contains the service.
func (p plan) checkScope(scope constructs.Construct) error {
	problems := []error{cdkx.CheckOtherStack("Platform.StackName", p.Platform.StackName, scope)}
	if p.Identity != (identity.Ref{}) {
		problems = append(problems, cdkx.CheckOtherStack("Identity.StackName", p.Identity.StackName, scope))
	}
	return errors.Join(problems...)
}

// checkPinned requires digests of images if the profile does.
func (p plan) checkPinned() error {
	if !p.environment.Profile.PinnedImages {
		return nil
	}
	var problems []error
	check := func(field string, of image.Image) {
		if of.Validate() == nil && !of.Pinned() {
			problems = append(problems, fmt.Errorf("%s must be named by its digest, as the profile has PinnedImages, got a tag: append @sha256:… or use image.Build", field))
		}
	}
	check("Image", p.Image)
	for n, sidecar := range p.Sidecars {
		check(fmt.Sprintf("Sidecars[%d].Image", n), sidecar.Image)
	}
	return errors.Join(problems...)
}

// checkTeams requires the owner to be one of the teams, which are defined in another stack.
func (p plan) checkTeams(scope constructs.Construct) error {
	if p.Owner == "" {
		return nil // reported as missing already
	}
	return errors.Join(cdkx.CheckOtherStack("Teams.StackName", p.environment.Teams.StackName, scope), p.environment.Teams.CheckOwner(p.Owner))
}
