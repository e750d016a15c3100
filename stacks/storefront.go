package stacks

import (
	"net/http"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// service is one microservice of the storefront: the ID of its stack, and what defines the service in it.
type service struct {
	id     string
	define func(awscdk.Stack, Environment)
}

// services is the storefront. A service more is a file more, and a line here.
var services = []service{
	{"Photos", definePhotos},
	{"Reviews", defineReviews},
	{"Cart", defineCart},
	{"Recommendations", defineRecommendations},
	{"Search", defineSearch},
	{"Login", defineLogin},
}

// The stacks that services know by their contracts.
const (
	platformID = "Platform"
	identityID = "Identity"
)

// reading is the methods that change nothing.
var reading = []string{http.MethodGet, http.MethodHead}

// New defines the stacks that the configuration asks for: all of them, or those of some services alone. A service's
// stack holds the same either way, since it knows the others only by name.
func New(app awscdk.App, config Configuration) {
	env := config.Environment
	profile.Set(app, env.Profile)

	var shared []awscdk.Stack
	if len(config.Only) == 0 {
		platformStack := newStack(app, env, platformID, "What the storefront's services share")
		definePlatform(platformStack, env)
		identityStack := newStack(app, env, identityID, "Who may call the storefront's services", platformStack)
		defineIdentity(identityStack, env)
		shared = []awscdk.Stack{platformStack, identityStack}
	}
	for n, name := range ServiceNames() {
		if len(config.Only) == 0 || slices.Contains(config.Only, name) {
			service := services[n]
			service.define(newStack(app, env, service.id, "The "+name+" service of the storefront", shared...), env)
		}
	}
}

// newStack defines a stack that is deployed after the stacks before it. Weak references order nothing, so it is said.
func newStack(app awscdk.App, env Environment, id, description string, before ...awscdk.Stack) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
		StackName:   jsii.String(env.stackName(id)),
		Description: jsii.String(description),
		Env: &awscdk.Environment{
			Account: cdkx.OptionalString(env.Account),
			Region:  jsii.String(env.Region),
		},
		// A weak reference does not keep a stack from being deleted under those who read its outputs.
		TerminationProtection: jsii.Bool(env.Profile.RetainData),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("environment"), jsii.String(env.Name), nil)
	for _, other := range before {
		stack.AddStackDependency(other, nil)
	}
	return stack
}

// ownedBy tags a stack that holds no microservice, which would do so itself.
func ownedBy(stack awscdk.Stack, owner string) {
	awscdk.Tags_Of(stack).Add(jsii.String(microservice.TagOwner), jsii.String(owner), nil)
}
