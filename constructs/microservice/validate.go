package microservice

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// validate returns one error that lists every problem of the props in themselves, or nil. It expects the defaults.
func (p Props) validate() error {
	return errors.Join(
		p.validateReferences(),
		p.validateOwner(),
		p.validateImage(),
		service.CheckName("Name", p.Name),
		p.Size.validate(),
		p.validateArchitecture(),
		p.Scaling.Validate(),
		p.validateMeasures(),
		p.validateDeployment(),
		p.Health.validateRouted(len(p.Routes) > 0),
		p.Alarms.validate(p.Scaling.Least(), p.Scaling.Most()),
		p.validatePort(),
		p.validateUser(),
		p.validateVariables(),
		p.validateSidecars(),
		validateMounts("", p.Mounts),
		p.validateRootFilesystem(),
		p.validateLoadBalancing(),
		p.validateEgress(),
		p.validateCallable(),
		p.validateStop(),
		cdkx.CheckWithin("Priority", p.Priority, 1, platform.MaxPriority),
	)
}

// validateReferences requires a platform always, and an identity if a route is not public.
func (p Props) validateReferences() error {
	var problems []error
	if p.Platform == (platform.Ref{}) {
		problems = append(problems, errors.New(`Platform is missing: name its stack in environment.Environment or here, such as platform.Ref{StackName: "shop-platform"}`))
	} else {
		problems = append(problems, p.Platform.Validate())
	}
	signedIn := slices.IndexFunc(p.Routes, func(route Route) bool { return !route.Public })
	switch {
	case p.Identity != (identity.Ref{}):
		problems = append(problems, p.Identity.Validate())
	case signedIn >= 0:
		problems = append(problems, fmt.Errorf(
			`Identity is missing: Routes[%d] is not Public, so set Identity of app.App, or name the stack of its authorizer in the environment or here, such as identity.Ref{StackName: "shop-identity"}`, signedIn))
	}
	return errors.Join(problems...)
}

// maxTagValue is the number of characters that AWS allows in a tag's value. In the regular expression it would take 10 MB.
const maxTagValue = 256

// tagValue matches the characters that AWS allows there. The prefix that it has reserved is checked apart.
var tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]+$`)

func (p Props) validateOwner() error {
	if p.Owner == "" {
		return errors.New("Owner is missing: name the team that owns the service")
	}
	var problems []error
	if utf8.RuneCountInString(p.Owner) > maxTagValue || !tagValue.MatchString(p.Owner) {
		problems = append(problems, fmt.Errorf("Owner must be 1 to 256 letters, digits, spaces and _.:/=+@-, as it becomes a tag, got %q", p.Owner))
	}
	if strings.HasPrefix(strings.ToLower(p.Owner), "aws:") {
		problems = append(problems, fmt.Errorf("Owner must not begin with aws:, which AWS reserves for its own tags, got %q", p.Owner))
	}
	return errors.Join(problems...)
}

func (p Props) validateImage() error {
	if err := p.Image.Validate(); err != nil {
		return prefixed("Image ", err)
	}
	return nil
}

// prefixed adds a prefix to each of the problems that are joined in err.
func prefixed(words string, err error) error {
	lines := strings.Split(err.Error(), "\n")
	return errors.New(words + strings.Join(lines, "\n"+words))
}

func (p Props) validateArchitecture() error {
	if p.Architecture != ARM64 && p.Architecture != X86_64 {
		return fmt.Errorf("Architecture must be %s or %s, got %q", ARM64, X86_64, p.Architecture)
	}
	return nil
}

// validateMeasures rejects measures of requests on a worker, which gets none.
func (p Props) validateMeasures() error {
	if len(p.Routes) > 0 {
		return nil
	}
	var problems []error
	needRoutes := func(field, got string) {
		problems = append(problems, fmt.Errorf("Scaling.%s needs Routes to count requests on, got %s", field, got))
	}
	if p.Scaling.RequestsPerTask > 0 {
		needRoutes("RequestsPerTask", fmt.Sprintf("%d without any", p.Scaling.RequestsPerTask))
	}
	for n, step := range p.Scaling.Steps {
		if step.Measure.ID == scaling.Requests().ID {
			needRoutes(fmt.Sprintf("Steps[%d]", n), "none")
		}
	}
	return errors.Join(problems...)
}

// validateDeployment validates the strategy, the health check, and their combination.
func (p Props) validateDeployment() error {
	if problem.IsNil(p.Deployment) {
		return errors.Join(fmt.Errorf("Deployment must not be a nil %T: leave it out for the profile's, or use the value", p.Deployment), p.Health.validate(), p.validateHooks())
	}
	if len(p.Routes) == 0 && p.Deployment.Gradual() {
		return errors.Join(fmt.Errorf("Deployment must be deployment.Rolling without Routes, since a worker gets no requests to shift, got %T", p.Deployment), p.Health.validate(), p.validateHooks())
	}
	strategy, health := p.Deployment.Validate(), p.Health.validate()
	problems := []error{strategy, health}
	if len(p.DeploymentHooks) > 0 && !p.Deployment.Gradual() {
		problems = append(problems, errors.New("DeploymentHooks need a gradual Deployment, since a rolling one has no stages, got deployment.Rolling"))
	}
	problems = append(problems, p.validateHooks())
	if strategy == nil && health == nil {
		problems = append(problems, p.validatePhase())
	}
	return errors.Join(problems...)
}

func (p Props) validateHooks() error {
	var problems []error
	for n, hook := range p.DeploymentHooks {
		if problem.IsNil(hook) {
			problems = append(problems, fmt.Errorf("DeploymentHooks[%d] is nil: use awsecs.NewDeploymentLifecycleLambdaTarget", n))
		}
	}
	return errors.Join(problems...)
}

// validatePhase requires that the load balancer can detect an unhealthy task of the new version before ECS shifts more
// traffic to it.
func (p Props) validatePhase() error {
	if phase, detected := p.Deployment.Phase(), p.Health.detected(); p.Deployment.Gradual() && phase < detected {
		return fmt.Errorf("Health.UnhealthyThreshold × Interval must be at most what Deployment waits before its next step (%s), else an unhealthy task is detected too late, got %d × %s = %s",
			phase, p.Health.UnhealthyThreshold, p.Health.Interval, detected)
	}
	return nil
}

func (p Props) validateRootFilesystem() error {
	var problems []error
	if p.Exec && !p.WritableRootFilesystem {
		problems = append(problems, errors.New("Exec needs WritableRootFilesystem, since the agent that ECS puts into the container writes there"))
	}
	if p.Size.EphemeralStorageGiB != 0 && !p.WritableRootFilesystem && !p.mounts() {
		problems = append(problems, fmt.Errorf(
			"Size.EphemeralStorageGiB needs WritableRootFilesystem or Mounts, since the disk holds the root filesystem with its /tmp, and volumes, got %d without them", p.Size.EphemeralStorageGiB))
	}
	return errors.Join(problems...)
}

// validatePort requires root for ports below 1024.
func (p Props) validatePort() error {
	if p.User == "root" {
		return cdkx.CheckWithin("Port", p.Port, 1, 65535)
	}
	if p.Port < 1024 || p.Port > 65535 {
		return fmt.Errorf(`Port must be from 1024 to 65535 unless User is "root", got %d`, p.Port)
	}
	return nil
}

// containerUser matches a user, and a group after a colon, each a name or a number.
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
