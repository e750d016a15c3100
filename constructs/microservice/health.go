package microservice

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Health configures the health checks of a task. The load balancer sends requests to the application; ECS runs a
// command in the container. A task that fails either check is replaced.
type Health struct {
	// Path is the path that returns 200 if the application is healthy. If empty, "/health". A worker is checked only if
	// it is set.
	Path string
	// Command is the command that ECS runs in the container, the program and its arguments. If empty, a request to Path
	// with wget or curl of the image, which requires a shell in the image.
	Command []string
	// DisableContainerCheck leaves only the load balancer's check, for images that can run neither.
	DisableContainerCheck bool
	// StartPeriod is the time after a task starts during which failures do not count, in whole seconds up to five
	// minutes. If zero, 30 seconds.
	StartPeriod time.Duration
	// Interval is the time between two checks, in whole seconds from 5s to 5m. If zero, 10 seconds.
	Interval time.Duration
	// Timeout is the maximum time for a response, in whole seconds from 2s to 1m, and less than Interval. If zero, half
	// of Interval, at most 5 seconds.
	Timeout time.Duration
	// HealthyThreshold is the number of consecutive successful checks before an unhealthy task gets requests again, from 2
	// to 10. If zero, 2. A new task needs one.
	HealthyThreshold int
	// UnhealthyThreshold is the number of consecutive failed checks before a task is replaced, from 2 to 10. If zero, 3.
	UnhealthyThreshold int
}

const (
	defaultHealthPath         = "/health"
	defaultStartPeriod        = 30 * time.Second
	defaultInterval           = 10 * time.Second
	defaultTimeout            = 5 * time.Second
	defaultHealthyThreshold   = 2
	defaultUnhealthyThreshold = 3
	maxStartPeriod            = 5 * time.Minute
)

func (h Health) withDefaults(checked bool) Health {
	if checked {
		setDefault(&h.Path, defaultHealthPath)
	}
	setDefault(&h.StartPeriod, defaultStartPeriod)
	setDefault(&h.Interval, defaultInterval)
	setDefault(&h.Timeout, min((h.Interval/2).Truncate(time.Second), defaultTimeout))
	setDefault(&h.HealthyThreshold, defaultHealthyThreshold)
	setDefault(&h.UnhealthyThreshold, defaultUnhealthyThreshold)
	return h
}

// healthPath allows only characters without a meaning in a shell, since the path becomes part of a command.
var healthPath = regexp.MustCompile(`^/[A-Za-z0-9._~/%-]*$`)

// validate requires what both the load balancer and ECS accept.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html and
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
func (h Health) validate() error {
	var path error
	if h.Path != "" && !healthPath.MatchString(h.Path) {
		path = fmt.Errorf("Health.Path must start with a slash and be of letters, digits and ._~/%%-, got %q", h.Path)
	}
	err := errors.Join(
		path,
		cdkx.CheckSeconds("Health.StartPeriod", h.StartPeriod, time.Second, maxStartPeriod),
		cdkx.CheckSeconds("Health.Interval", h.Interval, 5*time.Second, 5*time.Minute),
		cdkx.CheckSeconds("Health.Timeout", h.Timeout, 2*time.Second, time.Minute),
		checkWithin("Health.HealthyThreshold", h.HealthyThreshold, 2, 10),
		checkWithin("Health.UnhealthyThreshold", h.UnhealthyThreshold, 2, 10),
	)
	if err != nil {
		return err
	}
	if h.Timeout >= h.Interval {
		return fmt.Errorf("Health.Timeout must be less than Interval (%s), else one check begins before the last has ended, got %s", h.Interval, h.Timeout)
	}
	return nil
}

// detected is the time for which an unhealthy task gets requests.
func (h Health) detected() time.Duration { return time.Duration(h.UnhealthyThreshold) * h.Interval }
