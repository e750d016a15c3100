package job

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/fargate"
)

// Props are how a task is run.
type Props struct {
	// Command is the command of the task, in place of that of the service.
	Command []string
	// Environment sets environment variables in addition to those of the service, or other values of them.
	Environment map[string]string
	// Size is the CPU and memory of the task. If zero, those of the service.
	Size Size
	// Timeout is the time after which the task is stopped and the run has failed.
	Timeout time.Duration
	// Retries is how often a run is repeated that failed, or [NoRetries].
	Retries int
}

// Size is the CPU and memory of a task.
type Size struct {
	// CPU is in units of 1/1024 vCPU. If zero, 256.
	CPU int
	// MemoryMiB is the memory. If zero, twice as many MiB as CPU has units.
	MemoryMiB int
}

// NoRetries as Retries runs the task once.
const NoRetries = -1

// The limits of a run.
const (
	MaxTimeout     = 7 * 24 * time.Hour
	DefaultRetries = 2
	maxRetries     = 5
	// maxOverrides is what ECS accepts of overrides as JSON, minus what is not the command and its environment variables.
	//
	// Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
	maxOverrides = 8192 - 1024
)

// WithDefaults returns the props with every zero field replaced by its default.
func (p Props) WithDefaults(timeout time.Duration) Props {
	if p.Timeout == 0 {
		p.Timeout = timeout
	}
	if p.Retries == 0 {
		p.Retries = DefaultRetries
	}
	if p.Size != (Size{}) && p.Size.CPU == 0 {
		p.Size.CPU = 256
	}
	if p.Size.MemoryMiB == 0 {
		p.Size.MemoryMiB = 2 * p.Size.CPU
	}
	return p
}

// Validate returns one error that lists every problem of the props, or nil. It expects the defaults. Reserved are the environment
// variables of the flow.
func (p Props) Validate(by string, reserved ...string) error {
	var problems []error
	if len(p.Command) == 0 {
		problems = append(problems, errors.New(`Command is missing: name the command that does the work and ends, such as []string{"rebuild"}`))
	}
	size := 0
	for n, word := range p.Command {
		problems = append(problems, checkText(fmt.Sprintf("Command[%d]", n), word))
		size += len(word)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		switch {
		case !variableName.MatchString(name):
			problems = append(problems, fmt.Errorf("Environment must have names of letters, digits and underscores that do not start with a digit, got %q", name))
		case slices.Contains(reserved, name):
			problems = append(problems, fmt.Errorf("Environment must not set %s, which the %s sets: choose another name", name, by))
		}
		problems = append(problems, checkText(fmt.Sprintf("Environment[%q]", name), p.Environment[name]))
		size += len(name) + len(p.Environment[name])
	}
	if size > maxOverrides {
		problems = append(problems, fmt.Errorf("Command and Environment must be at most %d bytes together, got %d: move long values to the image or to a store", maxOverrides, size))
	}
	if p.Size != (Size{}) {
		problems = append(problems, fargate.Check("Size", p.Size.CPU, p.Size.MemoryMiB))
	}
	problems = append(problems, cdkx.CheckSeconds("Timeout", p.Timeout, time.Minute, MaxTimeout))
	if p.Retries != NoRetries && (p.Retries < 1 || p.Retries > maxRetries) {
		problems = append(problems, fmt.Errorf("Retries must be from 1 to %d, %s.NoRetries, or 0 for %d, got %d", maxRetries, by, DefaultRetries, p.Retries))
	}
	return errors.Join(problems...)
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkText rejects what Step Functions would evaluate.
//
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
func checkText(field, text string) error {
	if strings.HasPrefix(text, "{%") {
		return fmt.Errorf("%s must not begin with {%%, which Step Functions takes for an expression, got %q: put a space before it", field, text)
	}
	return nil
}

// retries returns the number of retries.
func (p Props) retries() int { return max(p.Retries, 0) }

// Longest returns the longest time of a run, with all retries.
func (p Props) Longest() time.Duration {
	longest := p.Timeout
	for n := range p.retries() {
		longest += firstDelay<<n + p.Timeout
	}
	return longest
}
