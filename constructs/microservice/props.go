package microservice

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/watch"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props describe a microservice. Platform, Owner and Image are required; every other zero value is fit for production.
type Props struct {
	// Platform names the platform that the service runs on. Required.
	Platform platform.Ref
	// Owner is the team that answers for the service, and the tag "owner" on all that it has. Required.
	Owner string
	// Image is where the container image comes from. Required.
	Image image.Image
	// Identity names who checks the tokens of signed-in callers. Required when a route is not public.
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
	// Alarms say when the owner is told, and when a deployment is rolled back. If zero, what [watch.Alarms] says of its
	// zero value, where the profile has alarms.
	Alarms watch.Alarms

	// Deployment says how the service passes from one version to the next. If nil, the profile's: rolling in the
	// sandbox, a canary in production, and rolling for a worker, which gets no requests that could be moved.
	Deployment deployment.Strategy
	// DeploymentHooks are functions that ECS calls at stages of a gradual deployment, and that may stop it. If empty,
	// none; but ECS goes on calling those that were there before until they are taken from the service by hand.
	DeploymentHooks []awsecs.IDeploymentLifecycleHookTarget

	// Port is what the application listens on, from 1024 to 65535, or from 1 where User is "root". If zero, 8080.
	Port int
	// Health says how to tell whether a task is well.
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

	// Balancing says how the balancer chooses a task for a request.
	Balancing Balancing
	// DeregistrationDelay is how long the balancer lets requests to a stopping task finish, in whole seconds up to
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

func (p Props) withDefaults(id string, environment profile.Profile) Props {
	if p.Name == "" {
		p.Name = cdkx.Kebab(id)
	}
	p.Size = p.Size.withDefaults()
	p.Scaling = p.Scaling.WithDefaults(environment.MinTasks)
	setDefault(&p.Architecture, ARM64)
	setDefault(&p.Port, defaultPort)
	setDefault(&p.User, defaultUser)
	setDefault(&p.DeregistrationDelay, defaultDeregistrationDelay)
	setDefault(&p.StopTimeout, defaultStopTimeout)
	setDefault(&p.Priority, priority(p.Name))
	p.Health = p.Health.withDefaults(len(p.Routes) > 0)
	p.Deployment = p.deployment(environment)
	return p
}

// deployment is the strategy with its defaults, or what the profile says of a service that names none.
func (p Props) deployment(environment profile.Profile) deployment.Strategy {
	switch {
	case p.Deployment != nil:
		return p.Deployment.WithDefaults()
	case len(p.Routes) == 0 || environment.CanaryPercent == 0:
		return deployment.Rolling{}
	}
	return deployment.Canary{
		Percent: environment.CanaryPercent,
		Bake:    time.Duration(environment.CanaryBakeMinutes) * time.Minute,
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

// validate returns all that is wrong with the props, joined, or nil. It expects the defaults.
func (p Props) validate() error {
	problems := []error{
		p.validatePlatform(),
		p.validateOwner(),
		p.validateImage(),
		p.validateName(),
		p.Size.validate(),
		p.validateArchitecture(),
		p.validateRoutes(),
		p.Scaling.Validate(),
		p.validateScaling(),
		p.validateDeployment(),
		p.Alarms.Validate(p.Scaling.Min, len(p.Routes) > 0),
		p.validatePort(),
		p.validateUser(),
		p.Health.validate(),
		p.validateVariables(),
		p.validateSidecars(),
		p.validateExec(),
		p.validateBalancing(),
		p.validateStop(),
		within("Priority", p.Priority, 1, platform.MaxPriority),
	}
	return errors.Join(problems...)
}

func (p Props) validatePlatform() error {
	if p.Platform == (platform.Ref{}) {
		return errors.New(`Platform is missing: name its stack, such as platform.Ref{StackName: "shop-platform"}`)
	}
	return p.Platform.Validate()
}

// tagValue is what AWS allows in the value of a tag.
var tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,256}$`)

func (p Props) validateOwner() error {
	switch {
	case p.Owner == "":
		return errors.New("Owner is missing: name the team that answers for the service")
	case !tagValue.MatchString(p.Owner):
		return fmt.Errorf("Owner must be 1 to 256 letters, digits, spaces and _.:/=+@-, as it becomes a tag, got %q", p.Owner)
	}
	return nil
}

func (p Props) validateImage() error {
	if err := p.Image.Validate(); err != nil {
		return prefixed("Image ", err)
	}
	return nil
}

// prefixed puts words before each of the problems that were joined in err.
func prefixed(words string, err error) error {
	lines := strings.Split(err.Error(), "\n")
	return errors.New(words + strings.Join(lines, "\n"+words))
}

var serviceName = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)

func (p Props) validateName() error {
	switch {
	case len(p.Name) > maxNameLength:
		return fmt.Errorf("Name must be at most %d characters, as it becomes a DNS label, got %d: %q", maxNameLength, len(p.Name), p.Name)
	case !serviceName.MatchString(p.Name):
		return fmt.Errorf("Name must be lower-case letters, digits and hyphens between them, starting with a letter, got %q", p.Name)
	}
	return nil
}

func (p Props) validateArchitecture() error {
	if p.Architecture != ARM64 && p.Architecture != X86_64 {
		return fmt.Errorf("Architecture must be %s or %s, got %q", ARM64, X86_64, p.Architecture)
	}
	return nil
}

func (p Props) validateRoutes() error {
	var problems []error
	signedIn := -1
	for n, route := range p.Routes {
		problems = append(problems, route.validate(n))
		if !route.Public && signedIn < 0 {
			signedIn = n
		}
	}
	switch {
	case p.Identity != (identity.Ref{}):
		problems = append(problems, p.Identity.Validate())
	case signedIn >= 0:
		problems = append(problems, fmt.Errorf(
			`Identity is missing: Routes[%d] is not Public, so name who checks its callers, such as identity.Ref{StackName: "shop-identity"}`, signedIn))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	_, err := endpoints(p.Routes)
	return err
}

func (p Props) validateScaling() error {
	if p.Scaling.RequestsPerTask > 0 && len(p.Routes) == 0 {
		return fmt.Errorf("Scaling.RequestsPerTask needs Routes to count requests on, got %d without any", p.Scaling.RequestsPerTask)
	}
	return nil
}

func (p Props) validateDeployment() error {
	if len(p.Routes) == 0 && p.Deployment.Gradual() {
		return fmt.Errorf("Deployment must be deployment.Rolling without Routes, since a worker gets no requests to move, got %T", p.Deployment)
	}
	problems := []error{p.Deployment.Validate()}
	if len(p.DeploymentHooks) > 0 && !p.Deployment.Gradual() {
		problems = append(problems, errors.New("DeploymentHooks need a gradual Deployment, which alone has stages, got deployment.Rolling"))
	}
	for n, hook := range p.DeploymentHooks {
		if hook == nil {
			problems = append(problems, fmt.Errorf("DeploymentHooks[%d] is nil: use awsecs.NewDeploymentLifecycleLambdaTarget", n))
		}
	}
	return errors.Join(append(problems, p.validatePhase())...)
}

// validatePhase leaves the balancer the time to find a task of the new version ill before ECS trusts it with more.
func (p Props) validatePhase() error {
	if p.Deployment.Validate() != nil || p.Health.validate() != nil {
		return nil
	}
	if phase, noticed := p.Deployment.Phase(), p.Health.noticed(); p.Deployment.Gradual() && phase < noticed {
		return fmt.Errorf("Health.UnhealthyThreshold × Interval must be at most what Deployment waits before its next step (%s), else an ill task is found too late, got %d × %s = %s",
			phase, p.Health.UnhealthyThreshold, p.Health.Interval, noticed)
	}
	return nil
}

func (p Props) validateExec() error {
	if p.Exec && !p.WritableRootFilesystem {
		return errors.New("Exec needs WritableRootFilesystem, since the agent that ECS puts into the container writes there")
	}
	return nil
}

// validatePort leaves the ports below 1024 to root, who alone may listen there.
func (p Props) validatePort() error {
	if p.User == "root" {
		return within("Port", p.Port, 1, 65535)
	}
	if p.Port < 1024 || p.Port > 65535 {
		return fmt.Errorf(`Port must be from 1024 to 65535 unless User is "root", got %d`, p.Port)
	}
	return nil
}

// containerUser is a user, and a group after a colon, each a name or a number.
var containerUser = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)

func (p Props) validateUser() error {
	if !containerUser.MatchString(p.User) {
		return fmt.Errorf(`User must be a user or user:group such as "65532:65532", by names or numbers, got %q`, p.User)
	}
	return nil
}

func (p Props) validateStop() error {
	err := errors.Join(
		cdkx.CheckSeconds("DeregistrationDelay", p.DeregistrationDelay, time.Second, maxDeregistrationDelay),
		cdkx.CheckSeconds("StopTimeout", p.StopTimeout, time.Second, maxStopTimeout),
	)
	if err == nil && len(p.Routes) > 0 && p.StopTimeout <= p.DeregistrationDelay {
		return fmt.Errorf("StopTimeout must be longer than DeregistrationDelay (%s), else requests are cut off, got %s", p.DeregistrationDelay, p.StopTimeout)
	}
	return err
}

func within(field string, n, least, most int) error {
	if n < least || n > most {
		return fmt.Errorf("%s must be from %d to %d, got %d", field, least, most, n)
	}
	return nil
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// The variables that the construct sets itself.
const (
	variablePort    = "PORT"
	variableService = "SERVICE_NAME"
)

// reserved says, for each variable that is not the user's to set, what to do instead.
var reserved = map[string]string{
	variablePort:                             "set Props.Port",
	variableService:                          "set Props.Name",
	"AWS_ACCESS_KEY_ID":                      "the task role gives credentials: grant to the service",
	"AWS_SECRET_ACCESS_KEY":                  "the task role gives credentials: grant to the service",
	"AWS_SESSION_TOKEN":                      "the task role gives credentials: grant to the service",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "ECS sets it",
	"AWS_DEFAULT_REGION":                     "ECS sets it",
	"AWS_EXECUTION_ENV":                      "ECS sets it",
	"AWS_REGION":                             "ECS sets it",
	"ECS_AGENT_URI":                          "ECS sets it",
	"ECS_CONTAINER_METADATA_URI":             "ECS sets it",
	"ECS_CONTAINER_METADATA_URI_V4":          "ECS sets it",
}

func (p Props) validateVariables() error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		problems = append(problems, validateVariable("Environment", name))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		problems = append(problems, validateVariable("Secrets", name))
		if p.Secrets[name] == nil {
			problems = append(problems, fmt.Errorf("Secrets[%q] is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter", name))
		}
		if _, ok := p.Environment[name]; ok {
			problems = append(problems, fmt.Errorf("Secrets[%q] is in Environment too: keep one", name))
		}
	}
	return errors.Join(problems...)
}

func validateVariable(field, name string) error {
	if !variableName.MatchString(name) {
		return fmt.Errorf("%s must have names of letters, digits and underscores that start with no digit, got %q", field, name)
	}
	if instead, ok := reserved[name]; ok {
		return fmt.Errorf("%s must not have %s, which is reserved: %s", field, name, instead)
	}
	return nil
}
