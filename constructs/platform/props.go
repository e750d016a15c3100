package platform

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props configure a platform. Only VPC is required.
type Props struct {
	// VPC is the VPC, with a private subnet in each zone. Required.
	VPC awsec2.IVpc
	// CORS allows web pages of other origins to call the API. If zero, none.
	CORS CORS
	// Throttle limits the requests to the API, over all of its routes.
	Throttle Throttle
	// AccessLogs records each request to the API. If zero, the profile decides: on in production.
	AccessLogs profile.Choice
	// LogKey encrypts the logs of the platform and of its services. If nil, the platform defines a key if the profile
	// encrypts logs.
	LogKey awskms.IKey
}

// CORS sets which web pages of other origins may call the API. Methods and request headers are not restricted, since
// the API's routes and authorizer do that.
type CORS struct {
	// AllowOrigins are origins such as "https://shop.example.com", or "*" alone for any.
	AllowOrigins []string
	// AllowCredentials allows pages to send cookies. It excludes the origin "*".
	AllowCredentials bool
}

// Throttle limits requests by a token bucket.
type Throttle struct {
	// RatePerSecond is the steady rate. If zero, 1000.
	RatePerSecond int
	// Burst is the maximum burst of requests. If zero, twice the rate.
	Burst int
}

const defaultRatePerSecond = 1000

func (p Props) withDefaults() Props {
	if p.Throttle.RatePerSecond == 0 {
		p.Throttle.RatePerSecond = defaultRatePerSecond
	}
	if p.Throttle.Burst == 0 {
		p.Throttle.Burst = 2 * max(p.Throttle.RatePerSecond, 0)
	}
	return p
}

func (p Props) validate() error {
	var problems []error
	if p.VPC == nil {
		problems = append(problems, errors.New("VPC is missing: set it, such as to network.New(…).VPC()"))
	}
	if p.Throttle.RatePerSecond < 0 {
		problems = append(problems, fmt.Errorf("Throttle.RatePerSecond must not be negative, got %d", p.Throttle.RatePerSecond))
	}
	if p.Throttle.Burst < 0 {
		problems = append(problems, fmt.Errorf("Throttle.Burst must not be negative, got %d", p.Throttle.Burst))
	}
	return errors.Join(append(problems, p.CORS.validate(), p.AccessLogs.Check("AccessLogs"))...)
}

// validateFor rejects a key that services would not use, since their profile does not encrypt logs.
func (p Props) validateFor(defaults profile.Profile) error {
	if p.LogKey != nil && !defaults.EncryptLogs {
		return errors.New("LogKey requires a profile that encrypts logs: set EncryptLogs in environment.Environment, or remove LogKey")
	}
	return nil
}

func (c CORS) validate() error {
	var problems []error
	anyOrigin := slices.Contains(c.AllowOrigins, "*")
	if anyOrigin && len(c.AllowOrigins) > 1 {
		problems = append(problems, fmt.Errorf("CORS.AllowOrigins must be \"*\" alone or origins, got %q", c.AllowOrigins))
	}
	if anyOrigin && c.AllowCredentials {
		problems = append(problems, errors.New("CORS.AllowCredentials needs origins by name, got \"*\""))
	}
	if c.AllowCredentials && len(c.AllowOrigins) == 0 {
		problems = append(problems, errors.New("CORS.AllowCredentials needs CORS.AllowOrigins, got none"))
	}
	for _, origin := range c.AllowOrigins {
		problems = append(problems, cdkx.CheckOrigin("CORS.AllowOrigins", origin))
	}
	return errors.Join(problems...)
}
