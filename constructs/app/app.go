package app

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
)

// App is a set of services, and of the environments that they are deployed to. Name and Environments are required.
type App struct {
	// Name is the first part of the name of each stack, <name>-<environment>-<service>: lower-case letters, digits and
	// hyphens, starting with a letter, at most 32. A change of it replaces every stack. Required.
	Name string
	// Owner is the team that owns the stacks that services share: it is their tag, and the platform's alarms notify it. If
	// empty, "platform".
	Owner string
	// Environments are those that -c env= selects, the default one first. Required: at least one.
	Environments []Environment
	// Platform defines the platform, in a stack of its own. If nil, [NewPlatform] without props: a network over the zones
	// of the environment and a platform on it.
	Platform func(awscdk.Stack, Environment)
	// Identity defines the identity that signed-in routes require, in a stack of its own, such as by
	// identity.New(stack, "Identity", identity.Props{}). If nil, there is none: then routes must be Public.
	Identity func(awscdk.Stack, Environment)
	// Services each have a stack of their own. An app without any defines only what is shared.
	Services []Service
}

// Service is a microservice of an app. ID and Define are required.
type Service struct {
	// ID is the construct ID of the service's stack, such as "OrderHistory": letters, digits and hyphens, starting with a
	// letter. Required.
	ID string
	// Define defines the service in its stack. It must not use the stacks of other services, variables that they set, or the root
	// of the app: with -c only= the others are not defined, and in a large app other processes define some of them. Required.
	Define func(awscdk.Stack, Environment)
}

// Name returns the ID in lower-case words joined by hyphens, by which -c only= selects the service, and which is the last
// part of its stack's name: "OrderHistory" is "order-history".
func (s Service) Name() string { return cdkx.Kebab(s.ID) }

// Run synthesizes the app as the CDK CLI requests it, and returns the exit status, 0 or 1. It prints each problem on a line of
// standard error. Call it from the main function:
//
//	func main() { os.Exit(app.Run(shop)) }
//
// The services of a large app are synthesized by several processes, as the documentation of the package describes.
func Run(a App) int {
	if s := started(); s != nil {
		return synth.Run(func(app awscdk.App) error { return a.defineShare(app, s) })
	}
	return a.runJobs()
}

// Define defines the stacks that the context of a CDK app selects, as [App.Configure] reads it. Call it before anything else is
// defined in the CDK app. It returns one error that lists every problem of the app and the context. Constructs panic, as
// package synth describes.
func (a App) Define(app awscdk.App) error {
	config, err := a.configure(app)
	if err != nil {
		return err
	}
	env := config.Environment
	defined := a.define(app, config)
	before, cyclic := env.of.calls.ordered()
	for _, made := range before {
		if callee, isDefined := defined[made.Callee]; isDefined {
			defined[made.Caller].AddStackDependency(callee, nil)
		}
	}
	noteCycles(cyclic, defined)
	return nil
}

// configure reads the context of the CDK app.
func (a App) configure(app awscdk.App) (Configuration, error) {
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	config, err := a.Configure(context)
	config.Environment.of.calls = &calls{}
	return config, err
}

// The stacks to which services refer by their contracts.
const (
	platformID = "Platform"
	identityID = "Identity"
	teamsID    = "Teams"
)

const tagEnvironment = "environment"

// define defines the stacks of the configuration, and returns them by their IDs. A service's stack does not depend on which other
// stacks are defined, since it refers to the others only by name.
func (a App) define(app awscdk.App, config Configuration) map[string]awscdk.Stack {
	env := config.Environment
	environment.Set(app, a.ambient(env))
	defined := map[string]awscdk.Stack{}
	add := func(id, description string, after []string) awscdk.Stack {
		stack := a.newStack(app, env, id, description)
		for _, other := range after {
			if defined[other] != nil {
				stack.AddStackDependency(defined[other], nil)
			}
		}
		defined[id] = stack
		return stack
	}
	var all []string
	for _, shared := range a.shared(config) {
		stack := add(shared.id, fmt.Sprintf(shared.description, a.Name), shared.after)
		// Before the constructs, so that a tag of theirs, or of define, takes precedence.
		awscdk.Tags_Of(stack).Add(jsii.String(team.TagOwner), jsii.String(a.owner()), nil)
		shared.define(stack, env)
		all = append(all, shared.id)
	}
	for _, service := range config.Services {
		env.of.service = service.ID
		service.Define(add(service.ID, fmt.Sprintf("The %s service of the %s", service.Name(), a.Name), all), env)
	}
	return defined
}

// sharedStack is a stack that services share. Weak references imply no order, so what it is deployed after is explicit.
type sharedStack struct {
	id, description string
	after           []string
	define          func(awscdk.Stack, Environment)
}

// shared returns the stacks of the configuration that services share, but those that another app deploys.
func (a App) shared(config Configuration) (all []sharedStack) {
	env := config.Environment
	if config.WithoutShared {
		return nil
	}
	var teams, platform []string
	if env.definesTeams() {
		all = append(all, sharedStack{teamsID, "Who is notified of the %s's alarms", nil, defineTeams})
		teams = []string{teamsID}
	}
	if env.definesPlatform() {
		define := a.Platform
		if define == nil {
			define = defaultPlatform
		}
		all = append(all, sharedStack{platformID, "What the services of the %s share", teams, define})
		platform = []string{platformID}
	}
	if a.definesIdentity(env) {
		all = append(all, sharedStack{identityID, "Who may call the services of the %s", platform, a.Identity})
	}
	return all
}

func defineTeams(stack awscdk.Stack, _ Environment) { team.New(stack, "Teams", team.Props{}) }

func defaultPlatform(stack awscdk.Stack, env Environment) { NewPlatform(stack, env, platform.Props{}) }

func (a App) newStack(app awscdk.App, env Environment, id, description string) awscdk.Stack {
	stack := place.NewStack(app, id, &awscdk.StackProps{
		StackName:   jsii.String(a.stackName(env, id)),
		Description: jsii.String(description),
		Env: &awscdk.Environment{
			Account: cdkx.OptionalString(env.Account),
			Region:  jsii.String(env.Region),
		},
		// A weak reference does not prevent the deletion of the stack that publishes the output. The CDK CLI turns it on
		// before it creates the first resource, and could not delete the stack after a first deployment that failed.
		TerminationProtection: jsii.Bool(env.Profile.DeletionProtection),
		// On the stack itself, since the CDK's recommended flags exclude stacks from the tags that are added to their
		// scope.
		Tags: &map[string]*string{tagEnvironment: jsii.String(env.Name)},
	})
	awscdk.Tags_Of(stack).Add(jsii.String(tagEnvironment), jsii.String(env.Name), nil)
	return stack
}

// stackName returns the name of the stack with the given construct ID.
func (a App) stackName(env Environment, id string) string {
	return a.Name + "-" + env.Name + "-" + cdkx.Kebab(id)
}
