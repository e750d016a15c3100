package objectstore

import (
	"errors"
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props say what the bucket holds. All are optional.
type Props struct {
	// Versioned keeps an object's older versions when it is overwritten or deleted, for PreviousVersionDays.
	Versioned bool
	// PreviousVersionDays is how many days an older version is kept. If zero, 30. Only a versioned bucket can have it.
	PreviousVersionDays int
	// Lifecycle says what becomes of objects as they age.
	Lifecycle []Rule
	// UploadOrigins are the origins, such as "https://shop.example.com", whose pages may read and write objects with
	// URLs that the service has signed. If empty, no page may.
	UploadOrigins []string
	// Retain keeps the bucket when its stack is deleted. If zero, the profile's: on in production.
	Retain profile.Choice
}

// Rule says what becomes of objects as they age. One of the numbers of days is required.
type Rule struct {
	// Prefix limits the rule to objects whose keys start with it. If empty, all objects.
	Prefix string
	// InfrequentAccessAfterDays moves objects to a storage class that costs half as much to keep and more to read. At
	// least 30. If zero, they are not moved.
	InfrequentAccessAfterDays int
	// ExpireAfterDays deletes objects. If zero, they stay.
	ExpireAfterDays int
}

const (
	defaultPreviousVersionDays = 30
	abandonedUploadDays        = 7
	minInfrequentAccessDays    = 30
)

func (p Props) withDefaults() Props {
	if p.Versioned && p.PreviousVersionDays == 0 {
		p.PreviousVersionDays = defaultPreviousVersionDays
	}
	return p
}

func (p Props) validate() error {
	var problems []error
	if p.PreviousVersionDays < 0 {
		problems = append(problems, fmt.Errorf("PreviousVersionDays must not be negative, got %d", p.PreviousVersionDays))
	}
	if p.PreviousVersionDays > 0 && !p.Versioned {
		problems = append(problems, fmt.Errorf("PreviousVersionDays needs Versioned, got %d without it", p.PreviousVersionDays))
	}
	for n, rule := range p.Lifecycle {
		problems = append(problems, rule.validate(fmt.Sprintf("Lifecycle[%d]", n)))
	}
	for _, origin := range p.UploadOrigins {
		problems = append(problems, cdkx.CheckOrigin("UploadOrigins", origin))
	}
	return errors.Join(problems...)
}

func (r Rule) validate(field string) error {
	var problems []error
	if r.InfrequentAccessAfterDays == 0 && r.ExpireAfterDays == 0 {
		problems = append(problems, fmt.Errorf("%s does nothing: set InfrequentAccessAfterDays or ExpireAfterDays", field))
	}
	if r.InfrequentAccessAfterDays != 0 && r.InfrequentAccessAfterDays < minInfrequentAccessDays {
		problems = append(problems, fmt.Errorf("%s.InfrequentAccessAfterDays must be at least %d, got %d", field, minInfrequentAccessDays, r.InfrequentAccessAfterDays))
	}
	if r.ExpireAfterDays < 0 {
		problems = append(problems, fmt.Errorf("%s.ExpireAfterDays must not be negative, got %d", field, r.ExpireAfterDays))
	}
	if r.ExpireAfterDays > 0 && r.ExpireAfterDays <= r.InfrequentAccessAfterDays {
		problems = append(problems, fmt.Errorf("%s.ExpireAfterDays must be more than InfrequentAccessAfterDays (%d), got %d", field, r.InfrequentAccessAfterDays, r.ExpireAfterDays))
	}
	return errors.Join(problems...)
}
