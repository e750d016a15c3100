package service

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Ref refers to a service that others call, by the stack that publishes its contract: see package call.
type Ref struct {
	// StackName is the name of the service's stack, in the account and region of the caller. Required.
	StackName string
	// Name is what the caller names the service: "order-history" is ORDER_HISTORY_URL in its environment. It may differ from the
	// name that the service has. Required.
	Name string
}

// maxNameLength is that of a DNS label, and within the 64 characters of a discovery name of Service Connect.
const maxNameLength = 63

var name = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)

// CheckName returns an error if a service's name is invalid. Its message begins with field.
func CheckName(field, of string) error {
	var problems []error
	if len(of) > maxNameLength {
		problems = append(problems, fmt.Errorf("%s must be at most %d characters, as it becomes a DNS label, got %d: %q", field, maxNameLength, len(of), of))
	}
	if !name.MatchString(of) {
		problems = append(problems, fmt.Errorf("%s must be lower-case letters, digits and hyphens between them, starting with a letter, got %q", field, of))
	}
	return errors.Join(problems...)
}

// Validate returns one error that lists every problem with the reference, or nil.
func (r Ref) Validate() error {
	return errors.Join(cdkx.CheckStackName("StackName", r.StackName), CheckName("Name", r.Name))
}

// Variable returns the name of the environment variable that has the URL of the service.
func (r Ref) Variable() string { return cdkx.ScreamingSnake(r.Name) + "_URL" }
