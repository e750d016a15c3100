package microservice

import (
	"cmp"
	"hash/fnv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"github.com/storefront-cdk/storefront/constructs/call"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Props configure a microservice. Owner and Image are required; every other zero value is fit for production.
type Props struct {
	// Owner is the team that owns the service, and the value of the tag "owner" on its resources. Required.
	Owner string
	// Image is where the container image comes from. Required.
	Image image.Image

	// Platform refers to the platform that the service runs on. If zero, that of the environment.
	Platform platform.Ref
	// Identity refers to the identity that verifies the tokens of signed-in callers. If zero, that of the environment,
	// which is required if a route is not public.
	Identity identity.Ref

	// Name is what the listener rule matches, and the value of the tag "service": lower-case letters, digits and
	// hyphens, at most 63. If empty, the construct's ID: "OrderHistory" becomes "order-history".
	Name string
	// Size is the CPU and memory of each task. If zero, 256 CPU units and 512 MiB.
	Size Size
	// Architecture is the CPU architecture that the image is built for. If empty, ARM64.
	Architecture Architecture
	// Routes are the paths of the API that the service handles. If empty, the service is a worker, which receives no
	// requests of the API.
	Routes []Route
	// Callable allows other services to call this one by [Microservice.Calls], without the API, at http://<Name>. Each task then
	// has a proxy of Service Connect, which shares its CPU and memory, and the stack publishes the contract of package call. Only
	// services that call this one can connect. One service of a stack can be callable.
	Callable bool
	// ServiceConnect sets the protocol, the timeouts and the encryption of calls. If zero, the defaults of [call.ServiceConnect]. It
	// requires Callable.
	ServiceConnect call.ServiceConnect
	// Scaling sets the number of tasks. If zero, the defaults of [scaling.Policy].
	Scaling scaling.Policy
	// Alarms set when the owner is notified, and when a deployment is rolled back. If zero, the defaults of [Alarms],
	// if the profile has alarms.
	Alarms Alarms

	// Deployment is the deployment strategy. If nil, the profile's: rolling in the sandbox, a canary in production, and
	// rolling for a worker, which gets no requests that could be shifted.
	Deployment deployment.Strategy
	// DeploymentHooks are functions that ECS calls at stages of a gradual deployment, and that may stop it. If empty,
	// none; but ECS continues to call earlier ones until they are removed from the service by hand.
	DeploymentHooks []awsecs.IDeploymentLifecycleHookTarget

	// Port is the port that the application listens on, from 1024 to 65535, or from 1 if User is "root". If zero, 8080.
	Port int
	// Health configures the health checks of a task.
	Health Health
	// Command replaces the image's own, so that one image can be a service and its worker. If empty, the image's.
	Command []string
	// Environment sets environment variables that are not secret.
	Environment map[string]string
	// Secrets sets environment variables by reference to Secrets Manager or to a parameter. ECS reads the values when a
	// task starts; no template contains one. A secret of another stack is referred to by its complete ARN, with
	// awssecretsmanager.Secret_FromSecretCompleteArn, and a SecureString with
	// awsssm.StringParameter_FromSecureStringParameterAttributes: CloudFormation rejects a reference to one that is
	// declared as a String.
	Secrets map[string]awsecs.Secret
	// User is the user that the application runs as, in the form of USER in a Dockerfile. If empty, the user and group
	// 65532, which need no entry in the image. "root" must be set explicitly.
	User string
	// KeepCapabilities keeps the Linux capabilities that a container has by default. Otherwise it has none, unless User is
	// "root" or Exec is set. A program with file capabilities, which setcap sets in some images, starts only with them.
	KeepCapabilities bool
	// WritableRootFilesystem allows the application to write outside /tmp, and its disk to be used: see
	// Size.EphemeralStorageGiB.
	WritableRootFilesystem bool
	// Mounts are folders that the application shares with sidecars, or that are on the task's disk. If empty, none.
	Mounts []Mount

	// Sidecars are containers that run beside the application in each task.
	Sidecars []Sidecar
	// Exec allows operators to open a shell in a running task, and logs their input and output with the service's logs,
	// for which the image must have script and cat. It requires WritableRootFilesystem, since the agent that ECS puts
	// into the container writes there.
	Exec bool

	// Egress are the destinations that the tasks may connect to, in addition to the stores that the service uses. If empty, all.
	// A task connects to Amazon ECR, S3 and CloudWatch Logs before its containers start, so they must be among them: by
	// PeerAnyIPv4(443), or by PeerVPC(443) and the prefix list of S3 in a network with endpoints.
	Egress []Peer
	// LoadBalancing sets how the load balancer chooses a task for a request.
	LoadBalancing LoadBalancing
	// DeregistrationDelay is the time that the load balancer gives in-flight requests to a stopping task, in whole
	// seconds up to 1m59s. If zero, 20 seconds.
	DeregistrationDelay time.Duration
	// StopTimeout is the time between SIGTERM and SIGKILL, in whole seconds up to two minutes, and longer than
	// DeregistrationDelay if there are routes. If zero, 30 seconds. Two minutes are also the notice of Fargate Spot, so
	// an interrupted task stops as gracefully as any other.
	StopTimeout time.Duration
	// Priority is that of the listener rule, from 1 to 49999, and unique among the services of a platform. If zero,
	// derived from Name.
	Priority int
}

// Architecture is the CPU architecture of a task.
type Architecture string

// The architectures that Fargate supports. ARM64 costs a fifth less.
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
)

func (p Props) withDefaults(id string, env environment.Environment) Props {
	p.Platform = cmp.Or(p.Platform, env.Platform)
	p.Identity = cmp.Or(p.Identity, env.Identity)
	if p.Name == "" {
		p.Name = cdkx.Kebab(id)
	}
	p.Size = p.Size.withDefaults()
	p.Scaling = p.Scaling.WithDefaults(env.Profile.MinTasks)
	p.Architecture = cmp.Or(p.Architecture, ARM64)
	p.Port = cmp.Or(p.Port, defaultPort)
	p.User = cmp.Or(p.User, defaultUser)
	p.DeregistrationDelay = cmp.Or(p.DeregistrationDelay, defaultDeregistrationDelay)
	p.StopTimeout = cmp.Or(p.StopTimeout, defaultStopTimeout)
	p.Priority = cmp.Or(p.Priority, priority(p.Name))
	if p.Callable {
		p.ServiceConnect = p.ServiceConnect.WithDefaults()
	}
	p.Health = p.Health.withDefaults(len(p.Routes) > 0)
	p.Deployment = p.deployment(env.Profile)
	p.Alarms = p.Alarms.withDefaults(p.Scaling.Least())
	return p
}

// deployment returns the strategy with its defaults, or that of the profile if none is set.
func (p Props) deployment(defaults profile.Profile) deployment.Strategy {
	switch {
	case p.Deployment != nil && problem.IsNil(p.Deployment):
		return p.Deployment // reported as nil
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

// priority maps a name to one of the priorities of a listener, always the same one.
func priority(name string) int {
	hash := fnv.New32a()
	hash.Write([]byte(name))
	return int(hash.Sum32()%platform.MaxPriority) + 1
}
