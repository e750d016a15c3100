package app

import (
	"fmt"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Environment is one deployed set of an app's stacks. Name and Region are required, and Zones unless the platform is one that
// another app deploys.
type Environment struct {
	// Name is part of the name of each stack: lower-case letters, digits and hyphens, starting with a letter, at most 32.
	// Required.
	Name string
	// Account is the AWS account, twelve digits. If empty, the one of the credentials.
	Account string
	// Region is the AWS region, such as "eu-central-1". Required.
	Region string
	// Zones are the availability zones, by name, of the region: at least two. Append new ones at the end, since the order
	// determines addresses. Required, unless Platform has a StackName.
	Zones []string
	// Profile sets the defaults of the environment's constructs. If zero, [profile.Production].
	Profile profile.Profile
	// Images is the source of the images of services, for [Environment.Image]. If nil, services set their own.
	Images Images
	// WebOrigins are the origins of web pages that may call the API, such as "https://shop.example.com". [NewPlatform] allows
	// them; other constructs, such as a bucket that pages upload to, can use them. If empty, none.
	WebOrigins []string
	// Platform refers to a platform that another app deploys, by its StackName: then this app defines none. Without a
	// StackName it configures the reference to this app's own, such as platform.Ref{TLS: true}.
	Platform platform.Ref
	// Identity refers to an identity that another app deploys, by its StackName: then this app defines none.
	Identity identity.Ref
	// Teams are those that are notified of alarms. With a StackName they are defined by another app, without one by this
	// app, in a stack of their own. If zero, alarms notify no one.
	Teams team.Ref

	of origin
}

// origin is what an environment has of the app that it belongs to.
type origin struct {
	environments []string // the names of all
	owner        string
	app          App
	service      string // the ID of the service that it was passed to
	calls        *calls
}

// Images is the source of the images of all services. A service's image is that of its name, such as "cart".
type Images func(service string) image.Image

// RegistryImages returns images of the form <prefix>/<service>:<tag>, of a registry without credentials. The tag can also be a
// digest only if there is one service: use a function of your own where each has a version of its own.
func RegistryImages(prefix, tag string) Images {
	return func(service string) image.Image { return image.Registry(path.Join(prefix, service) + ":" + tag) }
}

// ECRImages returns images with the given tag in the private repositories <prefix>/<service> of ECR, of the environment's own
// account and region, or of those in a prefix such as "111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme".
func ECRImages(prefix, tag string) Images {
	return func(service string) image.Image { return image.ECR(path.Join(prefix, service), tag) }
}

// BuiltImages returns images that are built from the Dockerfile in <folder>/<service>, relative to the working directory.
func BuiltImages(folder string) Images {
	return func(service string) image.Image { return image.Build(filepath.Join(folder, service)) }
}

// Image returns the image of a service, by its name in Images. It panics if the environment has no Images.
func (e Environment) Image(service string) image.Image {
	if e.Images == nil {
		problem.MustIn(e.of.service, fmt.Errorf(
			"Images is missing in environment %s: set it, such as to app.ECRImages(\"shop\", \"1.4.2\"), since it has the image of %q", e.Name, service))
	}
	return e.Images(service)
}

// In returns value in the environment with that name, and the zero value of its type in every other, which is the default of
// most fields. So a service has a setting in one environment without an if:
//
//	Deployment: app.In[deployment.Strategy](env, "production", deployment.Canary{Percent: 5}),
//	Scaling:    scaling.Policy{Max: cmp.Or(app.In(env, "production", 40), app.In(env, "staging", 10), 5)},
//
// Only a field of an interface type, as Deployment is, needs the type argument. In panics if the app has no environment with that
// name, in whichever it is called.
func In[T any](env Environment, name string, value T) T {
	var none T
	if strategy, ok := any(value).(deployment.Strategy); ok && reflect.TypeFor[T]().Kind() != reflect.Interface {
		problem.MustIn(env.of.service, fmt.Errorf(
			"app.In needs the type of the field, app.In[deployment.Strategy](env, %q, %T{…}), got a %T alone, whose zero value is a strategy too, and no default", name, strategy, strategy))
	}
	if len(env.of.environments) > 0 && !slices.Contains(env.of.environments, name) {
		problem.MustIn(env.of.service, fmt.Errorf("app.In must name an environment of the app, %s, got %q", strings.Join(env.of.environments, " or "), name))
	}
	if env.Name == name {
		return value
	}
	return none
}

func (e Environment) definesPlatform() bool { return e.Platform.StackName == "" }

func (e Environment) definesTeams() bool { return e.Teams.StackName == "" && len(e.Teams.Teams) > 0 }

func (a App) definesIdentity(e Environment) bool {
	return e.Identity.StackName == "" && a.Identity != nil
}

// ambient returns what the environment's constructs share.
func (a App) ambient(e Environment) environment.Environment {
	shared := environment.Environment{Name: e.Name, Profile: e.Profile, Platform: e.Platform, Identity: e.Identity, Teams: e.Teams}
	if shared.Platform.Zones == 0 {
		shared.Platform.Zones = len(e.Zones)
	}
	if e.definesPlatform() {
		shared.Platform.StackName = a.stackName(e, platformID)
	}
	if a.definesIdentity(e) {
		shared.Identity.StackName = a.stackName(e, identityID)
	}
	if e.definesTeams() {
		shared.Teams.StackName = a.stackName(e, teamsID)
	}
	return shared
}

// resolved returns the environment with its defaults and what it has of the app.
func (a App) resolved(e Environment) Environment {
	if e.Profile == (profile.Profile{}) {
		e.Profile = profile.Production()
	}
	e.of = origin{owner: a.owner(), app: a}
	for _, other := range a.Environments {
		e.of.environments = append(e.of.environments, other.Name)
	}
	return e
}

// owner returns the team that owns what is shared.
func (a App) owner() string {
	if a.Owner == "" {
		return "platform"
	}
	return a.Owner
}
