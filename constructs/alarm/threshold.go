package alarm

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"
)

// Share sets the threshold for a percentage of requests.
type Share struct {
	// Percent is the threshold, exceeded by a larger share: more than 0, less than 100.
	Percent float64
	// MinRequests is the minimum number of requests a minute in a target group for their share to count, from 1 to a billion.
	MinRequests int
	// Disable turns the alarm off.
	Disable bool
}

// WithDefaults returns the setting with every zero field replaced by the given default.
func (s Share) WithDefaults(percent float64, minRequests int) Share {
	s.Percent = cmp.Or(s.Percent, percent)
	s.MinRequests = cmp.Or(s.MinRequests, minRequests)
	return s
}

// Check returns an error if the setting is invalid. Its messages begin with field.
func (s Share) Check(field string) error {
	return errors.Join(checkPercent(field, s.Percent), checkMinRequests(field, s.MinRequests))
}

// Latency sets the threshold for the time until the response to a request begins, or to a command of a store.
type Latency struct {
	// Longest is the threshold, exceeded by a longer time, in whole milliseconds, less than the 30s after which API
	// Gateway times out.
	Longest time.Duration
	// MinRequests is the minimum number of requests a minute in a target group, or of commands to a store, for their latency
	// to count, from 1 to a billion.
	MinRequests int
	// Disable turns the alarm off.
	Disable bool
}

// apiTimeout is the maximum integration timeout of an HTTP API.
//
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const apiTimeout = 30 * time.Second

// WithDefaults returns the setting with every zero field replaced by the given default.
func (l Latency) WithDefaults(longest time.Duration, minRequests int) Latency {
	l.Longest = cmp.Or(l.Longest, longest)
	l.MinRequests = cmp.Or(l.MinRequests, minRequests)
	return l
}

// Check returns an error if the setting is invalid. Its messages begin with field.
func (l Latency) Check(field string) error {
	return errors.Join(checkWhole(field+".Longest", l.Longest, time.Millisecond, apiTimeout), checkMinRequests(field, l.MinRequests))
}

// Least sets the threshold for the number of tasks.
type Least struct {
	// Tasks is the threshold, breached by fewer tasks: from 1 to the smallest minimum of Scaling. It must be zero if that
	// minimum is none.
	Tasks int
	// Disable turns the alarm off.
	Disable bool
}

// WithDefaults returns the setting with every zero field replaced by the given default.
func (l Least) WithDefaults(tasks int) Least {
	l.Tasks = cmp.Or(l.Tasks, tasks)
	return l
}

// Check returns an error if the setting is invalid for a service with a minimum of minTasks. Its messages begin with
// field.
func (l Least) Check(field string, minTasks int) error {
	if minTasks == 0 {
		if l.Tasks != 0 {
			return fmt.Errorf("%s.Tasks must not be set where Scaling may have no tasks, since the alarm would page whenever it has none, got %d: remove it", field, l.Tasks)
		}
		return nil
	}
	if l.Tasks < 1 || l.Tasks > minTasks {
		return fmt.Errorf("%s.Tasks must be from 1 to %d, the smallest minimum of Scaling, got %d", field, minTasks, l.Tasks)
	}
	return nil
}

// Utilization sets the threshold for the utilization of a resource.
type Utilization struct {
	// Percent is the threshold, exceeded by a higher utilization: more than 0, less than 100.
	Percent float64
	// Disable turns the alarm off.
	Disable bool
}

// WithDefaults returns the setting with every zero field replaced by the given default.
func (u Utilization) WithDefaults(percent float64) Utilization {
	u.Percent = cmp.Or(u.Percent, percent)
	return u
}

// Check returns an error if the setting is invalid. Its messages begin with field.
func (u Utilization) Check(field string) error { return checkPercent(field, u.Percent) }

// Events sets the threshold for a number of undesired events.
type Events struct {
	// Count is the threshold, breached by as many events or more, from 1 to a billion.
	Count int
	// Disable turns the alarm off.
	Disable bool
}

// WithDefaults returns the setting with every zero field replaced by the given default.
func (e Events) WithDefaults(count int) Events {
	e.Count = cmp.Or(e.Count, count)
	return e
}

// Check returns an error if the setting is invalid. Its messages begin with field.
func (e Events) Check(field string) error {
	return checkCount(field+".Count", e.Count)
}

// Age sets the threshold for a waiting time.
type Age struct {
	// Oldest is the threshold, exceeded by a longer wait, in whole seconds, less than 14 days.
	Oldest time.Duration
	// Disable turns the alarm off.
	Disable bool
}

const maxAge = 14 * 24 * time.Hour

// WithDefaults returns the setting with every zero field replaced by the given default.
func (a Age) WithDefaults(oldest time.Duration) Age {
	a.Oldest = cmp.Or(a.Oldest, oldest)
	return a
}

// Check returns an error if the setting is invalid. Its messages begin with field.
func (a Age) Check(field string) error {
	return checkWhole(field+".Oldest", a.Oldest, time.Second, maxAge)
}

func checkPercent(field string, value float64) error {
	if math.IsNaN(value) || value <= 0 || value >= 100 {
		return fmt.Errorf("%s.Percent must be more than 0 and less than 100, got %g", field, value)
	}
	return nil
}

func checkMinRequests(field string, n int) error { return checkCount(field+".MinRequests", n) }

// maxCount is more than anything that is counted occurs in a minute: a threshold above it would never be breached.
const maxCount = 1_000_000_000

func checkCount(field string, n int) error {
	if n < 1 || n > maxCount {
		return fmt.Errorf("%s must be from 1 to %d, got %d", field, maxCount, n)
	}
	return nil
}

// checkWhole requires whole units, from one unit to less than the limit.
func checkWhole(field string, d, unit, limit time.Duration) error {
	if d < unit || d >= limit || d%unit != 0 {
		return fmt.Errorf("%s must be a multiple of %s, less than %s, got %s", field, unit, limit, d)
	}
	return nil
}
