package watch

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Alarms say what a service's alarms wait for. Each zero field is a sound default, and each alarm can be disabled.
type Alarms struct {
	// Switch gives the service alarms, or none. If zero, the profile's: on in production.
	Switch profile.Choice

	// Errors pages when requests fail: 5xx answers, and tasks that cannot be reached. If zero, above 5 % of at least 10
	// requests a minute. A deployment is rolled back by it.
	Errors Share
	// TypicalLatency pages when the median request waits: for half of the requests it is longer. If zero, above 1s of at
	// least 10 requests a minute. A deployment is rolled back by it.
	TypicalLatency Latency
	// SlowestLatency pages when one request of a hundred waits. If zero, above 3s of at least 100 requests a minute. A
	// deployment is rolled back by it.
	SlowestLatency Latency
	// HealthyTasks pages when the balancer has too few tasks to send requests to. If zero, below half of
	// Scaling.Min, rounded up: at two tasks, below one.
	HealthyTasks Least
	// ClientErrors informs when many requests are wrong: 4xx answers. If zero, above 25 % of at least 10 requests a
	// minute.
	ClientErrors Share
	// MissingTasks informs when fewer tasks run than ECS was told to run, and pages where the service has no routes and
	// so no HealthyTasks. If zero, 1. It is there where the profile has ContainerInsights.
	MissingTasks Events
	// CPU informs when scaling does not keep up. If zero, above 85 % on average of all tasks.
	CPU Use
	// Memory informs before tasks are killed. If zero, above 90 % in the fullest task.
	Memory Use
	// ThrottledReads pages when a table refuses reads. If zero, 10 a minute.
	ThrottledReads Events
	// ThrottledWrites pages when a table refuses writes. If zero, 10 a minute.
	ThrottledWrites Events
	// SystemErrors pages when DynamoDB itself fails. If zero, 5 a minute.
	SystemErrors Events
	// QueueAge pages when messages wait. If zero, above 10 minutes.
	QueueAge Age
	// DeadLetters pages when messages were given up. If zero, 1 a minute.
	DeadLetters Events
}

// Share is an alarm on a part of all requests.
type Share struct {
	// Percent is passed when the share is above it: more than 0, less than 100.
	Percent float64
	// MinRequests is how many requests a minute there must be in a target group for their share to count.
	MinRequests int
	// Disable leaves the alarm out.
	Disable bool
}

// Latency is an alarm on how long requests wait for the beginning of their answer.
type Latency struct {
	// Longest is passed when the latency is above it, in whole milliseconds, less than 30s: then the API gives up.
	Longest time.Duration
	// MinRequests is how many requests a minute there must be in a target group for their latency to count.
	MinRequests int
	// Disable leaves the alarm out.
	Disable bool
}

// Least is an alarm on too few of something.
type Least struct {
	// Tasks is passed when there are fewer: from 1 to Scaling.Min.
	Tasks int
	// Disable leaves the alarm out.
	Disable bool
}

// Use is an alarm on how much of something is used.
type Use struct {
	// Percent is passed when the use is above it: more than 0, less than 100.
	Percent float64
	// Disable leaves the alarm out.
	Disable bool
}

// Events is an alarm on things that should not happen.
type Events struct {
	// Count is passed when there are as many or more, at least 1.
	Count int
	// Disable leaves the alarm out.
	Disable bool
}

// Age is an alarm on how long something waits.
type Age struct {
	// Oldest is passed when something waits longer, in whole seconds, less than the 14 days that a queue keeps messages.
	Oldest time.Duration
	// Disable leaves the alarm out.
	Disable bool
}

const (
	// apiTimeout is after what an HTTP API answers for a service that does not.
	//
	// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
	apiTimeout = 30 * time.Second
	// queueRetention is the longest that a queue keeps a message.
	queueRetention = 14 * 24 * time.Hour
)

// WithDefaults returns the alarms with every zero threshold replaced by its default, for a service of at least minTasks
// tasks.
func (a Alarms) WithDefaults(minTasks int) Alarms {
	setShare := func(s *Share, percent float64, minRequests int) {
		setDefault(&s.Percent, percent)
		setDefault(&s.MinRequests, minRequests)
	}
	setLatency := func(l *Latency, longest time.Duration, minRequests int) {
		setDefault(&l.Longest, longest)
		setDefault(&l.MinRequests, minRequests)
	}
	setShare(&a.Errors, 5, 10)
	setLatency(&a.TypicalLatency, time.Second, 10)
	// Of fewer than a hundred, the slowest of a hundred is the slowest of all: one request alone.
	setLatency(&a.SlowestLatency, 3*time.Second, 100)
	setDefault(&a.HealthyTasks.Tasks, max(1, (minTasks+1)/2))
	setShare(&a.ClientErrors, 25, 10)
	setDefault(&a.MissingTasks.Count, 1)
	setDefault(&a.CPU.Percent, 85)
	setDefault(&a.Memory.Percent, 90)
	setDefault(&a.ThrottledReads.Count, 10)
	setDefault(&a.ThrottledWrites.Count, 10)
	setDefault(&a.SystemErrors.Count, 5)
	setDefault(&a.QueueAge.Oldest, 10*time.Minute)
	setDefault(&a.DeadLetters.Count, 1)
	return a
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate returns all that is wrong with the alarms of a service, joined, or nil. The service has at least minTasks
// tasks, and is routed to or a worker.
func (a Alarms) Validate(minTasks int, routed bool) error {
	problems := []error{a.validateSwitch(), a.validateRouted(routed)}
	d := a.WithDefaults(minTasks)
	problems = append(problems,
		d.Errors.validate("Errors"),
		d.TypicalLatency.validate("TypicalLatency"),
		d.SlowestLatency.validate("SlowestLatency"),
		d.HealthyTasks.validate("HealthyTasks", minTasks),
		d.ClientErrors.validate("ClientErrors"),
		d.MissingTasks.validate("MissingTasks"),
		percent("CPU", d.CPU.Percent),
		percent("Memory", d.Memory.Percent),
		d.ThrottledReads.validate("ThrottledReads"),
		d.ThrottledWrites.validate("ThrottledWrites"),
		d.SystemErrors.validate("SystemErrors"),
		within("QueueAge.Oldest", d.QueueAge.Oldest, time.Second, queueRetention),
		d.DeadLetters.validate("DeadLetters"),
	)
	return errors.Join(problems...)
}

func (a Alarms) validateSwitch() error {
	if a.Switch < profile.ByProfile || a.Switch > profile.Off {
		return fmt.Errorf("Alarms.Switch must be profile.On or profile.Off, or 0 for the profile's, got %d", a.Switch)
	}
	return nil
}

// validateRouted finds thresholds that would wait for requests that never come.
func (a Alarms) validateRouted(routed bool) error {
	if routed {
		return nil
	}
	var set []string
	note := func(name string, isSet bool) {
		if isSet {
			set = append(set, "Alarms."+name)
		}
	}
	note("Errors", a.Errors != Share{})
	note("TypicalLatency", a.TypicalLatency != Latency{})
	note("SlowestLatency", a.SlowestLatency != Latency{})
	note("HealthyTasks", a.HealthyTasks != Least{})
	note("ClientErrors", a.ClientErrors != Share{})
	if len(set) == 0 {
		return nil
	}
	return fmt.Errorf("%s must be left out without Routes: the balancer sends the service no requests", strings.Join(set, ", "))
}

func (s Share) validate(name string) error {
	return errors.Join(percent(name, s.Percent), minRequests(name, s.MinRequests))
}

func (l Latency) validate(name string) error {
	return errors.Join(within(name+".Longest", l.Longest, time.Millisecond, apiTimeout), minRequests(name, l.MinRequests))
}

func (l Least) validate(name string, minTasks int) error {
	if l.Tasks < 1 || l.Tasks > max(1, minTasks) {
		return fmt.Errorf("Alarms.%s.Tasks must be from 1 to Scaling.Min (%d), got %d", name, max(1, minTasks), l.Tasks)
	}
	return nil
}

func (e Events) validate(name string) error {
	if e.Count < 1 {
		return fmt.Errorf("Alarms.%s.Count must be at least 1, got %d", name, e.Count)
	}
	return nil
}

func percent(name string, value float64) error {
	if math.IsNaN(value) || value <= 0 || value >= 100 {
		return fmt.Errorf("Alarms.%s.Percent must be more than 0 and less than 100, got %g", name, value)
	}
	return nil
}

func minRequests(name string, n int) error {
	if n < 1 {
		return fmt.Errorf("Alarms.%s.MinRequests must be at least 1, got %d", name, n)
	}
	return nil
}

// within wants whole units from the unit itself to less than the limit.
func within(field string, d, unit, limit time.Duration) error {
	if d < unit || d >= limit || d%unit != 0 {
		return fmt.Errorf("Alarms.%s must be a multiple of %s, less than %s, got %s", field, unit, limit, d)
	}
	return nil
}
