package alarm

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Share is the setting of an alarm on a part of all requests.
type Share struct {
	// Percent is passed when the share is above it: more than 0, less than 100.
	Percent float64
	// MinRequests is how many requests a minute there must be in a target group for their share to count.
	MinRequests int
	// Disable leaves the alarm out.
	Disable bool
}

// WithDefaults fills in what is zero.
func (s Share) WithDefaults(percent float64, minRequests int) Share {
	setDefault(&s.Percent, percent)
	setDefault(&s.MinRequests, minRequests)
	return s
}

// Check returns what is wrong with the setting that field gives, or nil.
func (s Share) Check(field string) error {
	return errors.Join(checkPercent(field, s.Percent), checkMinRequests(field, s.MinRequests))
}

// Latency is the setting of an alarm on how long requests wait for the beginning of their answer.
type Latency struct {
	// Longest is passed when the latency is above it, in whole milliseconds, less than the 30s after which the API
	// answers by itself.
	Longest time.Duration
	// MinRequests is how many requests a minute there must be in a target group for their latency to count.
	MinRequests int
	// Disable leaves the alarm out.
	Disable bool
}

// apiTimeout is when an HTTP API answers for a service that does not.
//
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const apiTimeout = 30 * time.Second

// WithDefaults fills in what is zero.
func (l Latency) WithDefaults(longest time.Duration, minRequests int) Latency {
	setDefault(&l.Longest, longest)
	setDefault(&l.MinRequests, minRequests)
	return l
}

// Check returns what is wrong with the setting that field gives, or nil.
func (l Latency) Check(field string) error {
	return errors.Join(checkWhole(field+".Longest", l.Longest, time.Millisecond, apiTimeout), checkMinRequests(field, l.MinRequests))
}

// Least is the setting of an alarm on too few tasks.
type Least struct {
	// Tasks is passed when there are fewer: from 1 to Scaling.Min.
	Tasks int
	// Disable leaves the alarm out.
	Disable bool
}

// WithDefaults fills in what is zero.
func (l Least) WithDefaults(tasks int) Least {
	setDefault(&l.Tasks, tasks)
	return l
}

// Check returns what is wrong with the setting that field gives to a service of at least minTasks tasks, or nil.
func (l Least) Check(field string, minTasks int) error {
	if l.Tasks < 1 || l.Tasks > max(1, minTasks) {
		return fmt.Errorf("%s.Tasks must be from 1 to Scaling.Min (%d), got %d", field, max(1, minTasks), l.Tasks)
	}
	return nil
}

// Use is the setting of an alarm on how much of something is used.
type Use struct {
	// Percent is passed when the use is above it: more than 0, less than 100.
	Percent float64
	// Disable leaves the alarm out.
	Disable bool
}

// WithDefaults fills in what is zero.
func (u Use) WithDefaults(percent float64) Use {
	setDefault(&u.Percent, percent)
	return u
}

// Check returns what is wrong with the setting that field gives, or nil.
func (u Use) Check(field string) error { return checkPercent(field, u.Percent) }

// Events is the setting of an alarm on things that should not happen.
type Events struct {
	// Count is passed when there are as many or more, at least 1.
	Count int
	// Disable leaves the alarm out.
	Disable bool
}

// WithDefaults fills in what is zero.
func (e Events) WithDefaults(count int) Events {
	setDefault(&e.Count, count)
	return e
}

// Check returns what is wrong with the setting that field gives, or nil.
func (e Events) Check(field string) error {
	if e.Count < 1 {
		return fmt.Errorf("%s.Count must be at least 1, got %d", field, e.Count)
	}
	return nil
}

// Age is the setting of an alarm on how long something waits.
type Age struct {
	// Oldest is passed when something waits longer, in whole seconds, less than 14 days.
	Oldest time.Duration
	// Disable leaves the alarm out.
	Disable bool
}

const maxAge = 14 * 24 * time.Hour

// WithDefaults fills in what is zero.
func (a Age) WithDefaults(oldest time.Duration) Age {
	setDefault(&a.Oldest, oldest)
	return a
}

// Check returns what is wrong with the setting that field gives, or nil.
func (a Age) Check(field string) error {
	return checkWhole(field+".Oldest", a.Oldest, time.Second, maxAge)
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func checkPercent(field string, value float64) error {
	if math.IsNaN(value) || value <= 0 || value >= 100 {
		return fmt.Errorf("%s.Percent must be more than 0 and less than 100, got %g", field, value)
	}
	return nil
}

func checkMinRequests(field string, n int) error {
	if n < 1 {
		return fmt.Errorf("%s.MinRequests must be at least 1, got %d", field, n)
	}
	return nil
}

// checkWhole wants whole units from the unit itself to less than the limit.
func checkWhole(field string, d, unit, limit time.Duration) error {
	if d < unit || d >= limit || d%unit != 0 {
		return fmt.Errorf("%s must be a multiple of %s, less than %s, got %s", field, unit, limit, d)
	}
	return nil
}
