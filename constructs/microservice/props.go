package microservice

import (
	"hash/fnv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props describe a microservice. Owner and Image are required; every other zero value is fit for production.
type Props struct {
	// Owner is the team that answers for the service, and the tag "owner" on all that it has. Required.
	Owner string
	// Image is where the container image comes from. Required.
	Image image.Image

	// Platform names the platform that the service runs on. If zero, that of the environment.
	Platform platform.Ref
	// Identity names who checks the tokens of signed-in callers. If zero, that of the environment, which must have one when
	// a route is not public.
	Identity identity.Ref

	// Name is what the gateway routes by, and the tag "service" on all that it has: lower-case letters, digits and
	// hyphens, at most 63. If empty, the construct's ID: "OrderHistory" becomes "order-history".
	Name string
	// Size is what each task gets. If zero, 256 CPU units and 512 MiB.
	Size Size
	// Architecture is the processor that the image is built for. If empty, ARM64.
	Architecture Architecture
	// Routes are the paths of the API that the service answers. If empty, it is a worker that nobody calls.
	Routes []Route
	// Scaling says how many tasks run. If zero, what [scaling.Policy] says of its zero value.
	Scaling scaling.Policy
	// Alarms say when the owner is notified, and when a deployment is rolled back. If zero, what [Alarms] says of its zero
	// value, where the profile has alarms.
	Alarms Alarms

	// Deployment says how the service passes from one version to the next. If nil, the profile's: rolling in the
	// sandbox, a canary in production, and rolling for a worker, which gets no requests that could be moved.
	Deployment deployment.Strategy
	// DeploymentHooks are functions that ECS calls at stages of a gradual deployment, and that may stop it. If empty,
	// none; but ECS goes on calling those that were there before until they are removed from the service by hand.
	DeploymentHooks []awsecs.IDeploymentLifecycleHookTarget

	// Port is what the application listens on, from 1024 to 65535, or from 1 where User is "root". If zero, 8080.
	Port int
	// Health says how to tell whether a task is healthy.
	Health Health
	// Command replaces the image's own, so that one image can be a service and its worker. If empty, the image's.
	Command []string
	// Environment holds environment variables that are no secrets.
	Environment map[string]string
	// Secrets holds environment variables by reference to Secrets Manager or to a parameter. ECS reads the values when
	// a task starts; no template ever holds one.
	Secrets map[string]awsecs.Secret
	// User is who the application runs as, in the form that the image's USER has. If empty, the user and group 65532,
	// which need no entry in the image. "root" has to be asked for.
	User string
	// WritableRootFilesystem lets the application write outside /tmp.
	WritableRootFilesystem bool

	// Sidecars are containers that run beside the application in each task.
	Sidecars []Sidecar
	// Exec lets operators open a shell in a running task, with what they type and see in the service's logs, for which
	// the image must have script and cat. It needs WritableRootFilesystem, since the agent that ECS puts into the
	// container writes there.
	Exec bool

	// LoadBalancing says how the load balancer chooses a task for a request.
	LoadBalancing LoadBalancing
	// DeregistrationDelay is how long the load balancer lets requests to a stopping task finish, in whole seconds up to
	// 1m59s. If zero, 20 seconds.
	DeregistrationDelay time.Duration
	// StopTimeout is how long a task may live after SIGTERM, in whole seconds up to two minutes, and longer than
	// DeregistrationDelay where there are routes. If zero, 30 seconds. Two minutes are also the notice that Fargate Spot
	// gives, so an interrupted task stops as gently as any other.
	StopTimeout time.Duration
	// Priority is the listener rule's, from 1 to 49999 and different for each service of a platform. If zero, derived
	// from Name.
	Priority int
}

// Architecture is the processor that a task runs on.
type Architecture string

// The architectures that Fargate sells. ARM64 costs a fifth less.
const (
	ARM64  Architecture = "ARM64"
	X86_64 Architecture = "X86_64"
)

const (
	defaultPort                = 8080
	defaultUser                = "65532:65532"
	defaultDeregistrationDelay = 20 * time.Second
	defaultStopTimeout         = 30 * time.Second
	maxStopTimeout             = 2 * time.Minute
	maxDeregistrationDelay     = maxStopTimeout - time.Second
	maxNameLength              = 63
)

func (p Props) withDefaults(id string, env environment.Environment) Props {
	setDefault(&p.Platform, env.Platform)
	setDefault(&p.Identity, env.Identity)
	if p.Name == "" {
		p.Name = cdkx.Kebab(id)
	}
	p.Size = p.Size.withDefaults()
	p.Scaling = p.Scaling.WithDefaults(env.Profile.MinTasks)
	setDefault(&p.Architecture, ARM64)
	setDefault(&p.Port, defaultPort)
	setDefault(&p.User, defaultUser)
	setDefault(&p.DeregistrationDelay, defaultDeregistrationDelay)
	setDefault(&p.StopTimeout, defaultStopTimeout)
	setDefault(&p.Priority, priority(p.Name))
	p.Health = p.Health.withDefaults(len(p.Routes) > 0)
	p.Deployment = p.deployment(env.Profile)
	p.Alarms = p.Alarms.withDefaults(p.Scaling.Min)
	return p
}

// deployment is the strategy with its defaults, or what the profile says of a service that names none.
func (p Props) deployment(defaults profile.Profile) deployment.Strategy {
	switch {
	case p.Deployment != nil:
		return p.Deployment.WithDefaults()
	case len(p.Routes) == 0 || defaults.CanaryPercent == 0:
		return deployment.Rolling{}
	}
	return deployment.Canary{
		Percent: defaults.CanaryPercent,
		Bake:    time.Duration(defaults.CanaryBakeMinutes) * time.Minute,
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// priority spreads names over the priorities that a listener has: the same for a name everywhere and always.
func priority(name string) int {
	hash := fnv.New32a()
	hash.Write([]byte(name))
	return int(hash.Sum32()%platform.MaxPriority) + 1
}
