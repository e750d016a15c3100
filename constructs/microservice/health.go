package microservice

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Health configures the health checks of a task. The load balancer sends requests to an application with routes, which
// requires nothing of the image; ECS runs Command in the container, if it is set. A task that fails either check is
// replaced.
type Health struct {
	// Path is the path that the load balancer requests, and that responds with one of HealthyCodes if the application is
	// healthy. If empty, "/health". It requires routes.
	Path string
	// HealthyCodes are the HTTP status codes of a healthy application, from 200 to 499: one, a list such as "200,204", or
	// a range such as "200-299". If empty, "200". It requires routes.
	HealthyCodes string
	// Command is the command that ECS runs in the container, the program and its arguments, which the image must contain.
	// It exits with 0 if the application is healthy. If empty, ECS runs none: a worker is then replaced only when it
	// exits.
	Command []string
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
	defaultHealthyCodes       = "200"
	defaultStartPeriod        = 30 * time.Second
	defaultInterval           = 10 * time.Second
	defaultTimeout            = 5 * time.Second
	defaultHealthyThreshold   = 2
	defaultUnhealthyThreshold = 3
	maxStartPeriod            = 5 * time.Minute
	maxHealthPath             = 1024
)

func (h Health) withDefaults(routed bool) Health {
	if routed {
		h.Path = cmp.Or(h.Path, defaultHealthPath)
		h.HealthyCodes = cmp.Or(h.HealthyCodes, defaultHealthyCodes)
	}
	h.StartPeriod = cmp.Or(h.StartPeriod, defaultStartPeriod)
	h.Interval = cmp.Or(h.Interval, defaultInterval)
	h.Timeout = cmp.Or(h.Timeout, min((h.Interval/2).Truncate(time.Second), defaultTimeout))
	h.HealthyThreshold = cmp.Or(h.HealthyThreshold, defaultHealthyThreshold)
	h.UnhealthyThreshold = cmp.Or(h.UnhealthyThreshold, defaultUnhealthyThreshold)
	return h
}

var (
	// healthPath allows the characters of a path and of a query.
	healthPath = regexp.MustCompile(`^/[A-Za-z0-9._~/%!$&'()*+,;=:@?-]*$`)
	// healthyCodes allows lists and ranges of the codes from 200 to 499.
	healthyCodes = regexp.MustCompile(`^[2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*$`)
)

// validateRouted rejects the settings of the load balancer's check for a worker.
func (h Health) validateRouted(routed bool) error {
	if routed {
		return nil
	}
	var problems []error
	if h.Path != "" {
		problems = append(problems, fmt.Errorf("Health.Path needs Routes, since no load balancer checks a worker, got %q: use Health.Command", h.Path))
	}
	if h.HealthyCodes != "" {
		problems = append(problems, fmt.Errorf("Health.HealthyCodes needs Routes, since no load balancer checks a worker, got %q: use Health.Command", h.HealthyCodes))
	}
	return errors.Join(problems...)
}

// validate requires what both the load balancer and ECS accept.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html and
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
func (h Health) validate() error {
	var path, codes error
	if h.Path != "" && (!healthPath.MatchString(h.Path) || len(h.Path) > maxHealthPath) {
		path = fmt.Errorf("Health.Path must start with a slash and have only characters of a path and a query, at most 1024, got %q", h.Path)
	}
	if h.HealthyCodes != "" && !healthyCodes.MatchString(h.HealthyCodes) {
		codes = fmt.Errorf(`Health.HealthyCodes must be codes from 200 to 499, such as "200", "200,204" or "200-299", got %q`, h.HealthyCodes)
	}
	err := errors.Join(
		path, codes, checkCommand("Health.Command", h.Command),
		cdkx.CheckSeconds("Health.StartPeriod", h.StartPeriod, time.Second, maxStartPeriod),
		cdkx.CheckSeconds("Health.Interval", h.Interval, 5*time.Second, 5*time.Minute),
		cdkx.CheckSeconds("Health.Timeout", h.Timeout, 2*time.Second, time.Minute),
		cdkx.CheckWithin("Health.HealthyThreshold", h.HealthyThreshold, 2, 10),
		cdkx.CheckWithin("Health.UnhealthyThreshold", h.UnhealthyThreshold, 2, 10),
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

// checkCommand requires a program in a command that is set.
func checkCommand(field string, command []string) error {
	if len(command) > 0 && command[0] == "" {
		return fmt.Errorf("%s must begin with a program, got %q", field, command)
	}
	return nil
}
