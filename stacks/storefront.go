package stacks

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Service is one microservice of the storefront: the ID of its stack, and the function that defines it.
type Service struct {
	ID     string
	Define func(awscdk.Stack, Environment)
}

// Name returns the name of the service outside of this code: "Cart" is "cart".
func (s Service) Name() string { return cdkx.Kebab(s.ID) }

// Services returns the services of the storefront. To add a service, add one file and one line here.
func Services() []Service {
	return []Service{
		{"Photos", definePhotos},
		{"Reviews", defineReviews},
		{"Cart", defineCart},
		{"Recommendations", defineRecommendations},
		{"Search", defineSearch},
		{"Login", defineLogin},
	}
}

// The stacks to which services refer by their contracts.
const (
	platformID = "Platform"
	identityID = "Identity"
	teamsID    = "Teams"
)

const tagEnvironment = "environment"

// reading contains the methods that change nothing.
var reading = []string{http.MethodGet, http.MethodHead}

// New defines the stacks of the configuration. A service's stack does not depend on which other stacks are defined,
// since it refers to the others only by name.
func New(app awscdk.App, config Configuration) {
	env := config.Environment
	environment.Set(app, env.ambient())

	var shared []awscdk.Stack
	if !config.WithoutShared {
		if len(env.Teams) > 0 {
			teamsStack := newStack(app, env, teamsID, "Who is notified of the storefront's alarms")
			defineTeams(teamsStack, env)
			shared = append(shared, teamsStack)
		}
		platformStack := newStack(app, env, platformID, "What the services of the storefront share", shared...)
		definePlatform(platformStack, env)
		identityStack := newStack(app, env, identityID, "Who may call the services of the storefront", platformStack)
		defineIdentity(identityStack, env)
		shared = append(shared, platformStack, identityStack)
	}
	for _, service := range config.Services {
		description := fmt.Sprintf("The %s service of the storefront", service.Name())
		service.Define(newStack(app, env, service.ID, description, shared...), env)
	}
}

// newStack defines a stack that is deployed after the stacks before it. Weak references imply no order, so it is
// explicit.
func newStack(app awscdk.App, env Environment, id, description string, before ...awscdk.Stack) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
		StackName:   jsii.String(env.stackName(id)),
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

// ownedBy tags a stack without a microservice, which would tag it.
func ownedBy(stack awscdk.Stack, owner string) {
	awscdk.Tags_Of(stack).Add(jsii.String(team.TagOwner), jsii.String(owner), nil)
}
