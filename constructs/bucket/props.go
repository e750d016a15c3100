package bucket

import (
	"errors"
	"fmt"
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props configure a bucket. All fields are optional.
type Props struct {
	// Versioned keeps noncurrent versions of an object that is overwritten or deleted, for PreviousVersionDays.
	Versioned bool
	// PreviousVersionDays is the number of days that a noncurrent version is kept, up to 2147483647 as all days of a
	// lifecycle rule. If zero, 30. It requires Versioned.
	PreviousVersionDays int
	// Lifecycle is the list of lifecycle rules, at most 998: the bucket has two of its own.
	Lifecycle []Rule
	// UploadOrigins are the origins, such as "https://shop.example.com", that CORS allows to read and write objects
	// with presigned URLs of the service. If empty, none.
	UploadOrigins []string
	// EncryptionKey encrypts the bucket. If nil, a key of its own if the profile has EncryptData, which costs 1 USD a month,
	// and else a key that AWS owns. Services that use it are allowed to use the key. Objects
	// that exist keep the key with which they were written.
	EncryptionKey awskms.IKey
	// Retain keeps the bucket when its stack is deleted. If zero, the profile decides: on in production.
	Retain profile.Choice
}

// Rule is a lifecycle rule. At least one of InfrequentAccessAfterDays and ExpireAfterDays is required.
type Rule struct {
	// Prefix limits the rule to objects whose keys start with it. If empty, the rule applies to all objects.
	Prefix string
	// InfrequentAccessAfterDays is the age at which objects move to S3 Standard-IA, which costs half as much to store
	// and more to read. At least 30. If zero, they are not moved.
	InfrequentAccessAfterDays int
	// ExpireAfterDays is the age at which objects are deleted. If zero, they are kept.
	ExpireAfterDays int
}

const (
	defaultPreviousVersionDays = 30
	abandonedUploadDays        = 7
	minInfrequentAccessDays    = 30
	maxDays                    = math.MaxInt32
	maxRules                   = 1000 - 2
	maxPrefixBytes             = 1024
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
	if p.PreviousVersionDays > maxDays {
		problems = append(problems, fmt.Errorf("PreviousVersionDays must be at most %d, got %d", maxDays, p.PreviousVersionDays))
	}
	if len(p.Lifecycle) > maxRules {
		problems = append(problems, fmt.Errorf("Lifecycle must have at most %d rules, got %d", maxRules, len(p.Lifecycle)))
	}
	for n, rule := range p.Lifecycle {
		problems = append(problems, rule.validate(fmt.Sprintf("Lifecycle[%d]", n)))
	}
	problems = append(problems, cdkx.CheckOrigins("UploadOrigins", p.UploadOrigins, true))
	return errors.Join(append(problems, p.Retain.Check("Retain"))...)
}

func (r Rule) validate(field string) error {
	var problems []error
	if r.InfrequentAccessAfterDays == 0 && r.ExpireAfterDays == 0 {
		problems = append(problems, fmt.Errorf("%s does nothing: set InfrequentAccessAfterDays or ExpireAfterDays", field))
	}
	if r.InfrequentAccessAfterDays != 0 && r.InfrequentAccessAfterDays < minInfrequentAccessDays {
		problems = append(problems, fmt.Errorf("%s.InfrequentAccessAfterDays must be at least %d, got %d", field, minInfrequentAccessDays, r.InfrequentAccessAfterDays))
	}
	if max(r.InfrequentAccessAfterDays, r.ExpireAfterDays) > maxDays {
		problems = append(problems, fmt.Errorf("%s must have at most %d days, got %d", field, maxDays, max(r.InfrequentAccessAfterDays, r.ExpireAfterDays)))
	}
	if len(r.Prefix) > maxPrefixBytes {
		problems = append(problems, fmt.Errorf("%s.Prefix must be at most %d bytes, got %d", field, maxPrefixBytes, len(r.Prefix)))
	}
	if r.ExpireAfterDays < 0 {
		problems = append(problems, fmt.Errorf("%s.ExpireAfterDays must not be negative, got %d", field, r.ExpireAfterDays))
	}
	if r.ExpireAfterDays > 0 && r.ExpireAfterDays <= r.InfrequentAccessAfterDays {
		problems = append(problems, fmt.Errorf("%s.ExpireAfterDays must be more than InfrequentAccessAfterDays (%d), got %d", field, r.InfrequentAccessAfterDays, r.ExpireAfterDays))
	}
	return errors.Join(problems...)
}
