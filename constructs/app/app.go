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
	// Define defines the service in its stack. It must not use the stacks of other services: with -c only= they are not
	// defined. Required.
	Define func(awscdk.Stack, Environment)
}

// Name returns the ID in lower-case words joined by hyphens, by which -c only= selects the service, and which is the last
// part of its stack's name: "OrderHistory" is "order-history".
func (s Service) Name() string { return cdkx.Kebab(s.ID) }

// Run synthesizes the app as the CDK CLI requests it, and returns the exit status, 0 or 1. It prints each problem on a line of
// standard error. Call it from the main function:
//
//	func main() { os.Exit(app.Run(shop)) }
func Run(a App) int { return synth.Run(a.Define) }

// Define defines the stacks that the context of a CDK app selects, as [App.Configure] reads it. Call it before anything else is
// defined in the CDK app. It returns one error that lists every problem of the app and the context. Constructs panic, as
// package synth describes.
func (a App) Define(app awscdk.App) error {
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	config, err := a.Configure(context)
	if err != nil {
		return err
	}
	a.define(app, config)
	return nil
}

// The stacks to which services refer by their contracts.
const (
	platformID = "Platform"
	identityID = "Identity"
	teamsID    = "Teams"
)

const tagEnvironment = "environment"

// define defines the stacks of the configuration. A service's stack does not depend on which other stacks are defined,
// since it refers to the others only by name.
func (a App) define(app awscdk.App, config Configuration) {
	env := config.Environment
	environment.Set(app, a.ambient(env))
	env.of.calls = &calls{}
	var shared []awscdk.Stack
	if !config.WithoutShared {
		shared = a.defineShared(app, env)
	}
	stacks := map[string]awscdk.Stack{}
	for _, service := range config.Services {
		env.of.service = service.ID
		stack := a.newStack(app, env, service.ID, fmt.Sprintf("The %s service of the %s", service.Name(), a.Name), shared...)
		stacks[service.ID] = stack
		service.Define(stack, env)
	}
	env.of.calls.order(stacks)
}

// defineShared defines the stacks that services share, but those that another app deploys, and returns them.
func (a App) defineShared(app awscdk.App, env Environment) (shared []awscdk.Stack) {
	add := func(id, description string, before []awscdk.Stack, define func(awscdk.Stack, Environment)) {
		stack := a.newStack(app, env, id, fmt.Sprintf(description, a.Name), before...)
		// Before the constructs, so that a tag of theirs, or of define, takes precedence.
		awscdk.Tags_Of(stack).Add(jsii.String(team.TagOwner), jsii.String(a.owner()), nil)
		define(stack, env)
		shared = append(shared, stack)
	}
	if env.definesTeams() {
		add(teamsID, "Who is notified of the %s's alarms", nil, defineTeams)
	}
	var ofIdentity []awscdk.Stack
	if env.definesPlatform() {
		define := a.Platform
		if define == nil {
			define = defaultPlatform
		}
		add(platformID, "What the services of the %s share", shared, define)
		ofIdentity = shared[len(shared)-1:]
	}
	if a.definesIdentity(env) {
		add(identityID, "Who may call the services of the %s", ofIdentity, a.Identity)
	}
	return shared
}

func defineTeams(stack awscdk.Stack, _ Environment) { team.New(stack, "Teams", team.Props{}) }

func defaultPlatform(stack awscdk.Stack, env Environment) { NewPlatform(stack, env, platform.Props{}) }

// newStack defines a stack that is deployed after the stacks before it. Weak references imply no order, so it is
// explicit.
func (a App) newStack(app awscdk.App, env Environment, id, description string, before ...awscdk.Stack) awscdk.Stack {
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
	for _, other := range before {
		stack.AddStackDependency(other, nil)
	}
	return stack
}

// stackName returns the name of the stack with the given construct ID.
func (a App) stackName(env Environment, id string) string {
	return a.Name + "-" + env.Name + "-" + cdkx.Kebab(id)
}
