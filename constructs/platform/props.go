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

// Props say how the platform differs from its defaults.
type Props struct {
	// VPC is the network, with a private subnet in each zone. Required.
	VPC awsec2.IVpc
	// CORS lets web pages of other origins call the API. If zero, none may.
	CORS CORS
	// Throttle bounds the requests that the API takes in, over all of its routes.
	Throttle Throttle
	// AccessLogs records each request that the API answered. If zero, the profile's: on in production.
	AccessLogs profile.Choice
	// LogKey encrypts the logs of the platform and of its services. If nil, the platform defines a key where the
	// profile encrypts logs.
	LogKey awskms.IKey
}

// CORS says which web pages of other origins may call the API. Methods and request headers are not restricted, since
// the API's routes and authorizer do that.
type CORS struct {
	// AllowOrigins are origins such as "https://shop.example.com", or "*" alone for any.
	AllowOrigins []string
	// AllowCredentials lets pages send cookies. It excludes the origin "*".
	AllowCredentials bool
}

// Throttle bounds requests by a token bucket.
type Throttle struct {
	// RatePerSecond is the steady rate. If zero, 1000.
	RatePerSecond int
	// Burst is how many requests may come at once. If zero, twice the rate.
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
		problems = append(problems, errors.New("VPC is missing: give the network's, such as network.New(…).VPC()"))
	}
	if p.Throttle.RatePerSecond < 0 {
		problems = append(problems, fmt.Errorf("Throttle.RatePerSecond must not be negative, got %d", p.Throttle.RatePerSecond))
	}
	if p.Throttle.Burst < 0 {
		problems = append(problems, fmt.Errorf("Throttle.Burst must not be negative, got %d", p.Throttle.Burst))
	}
	return errors.Join(append(problems, p.CORS.validate(), p.AccessLogs.Check("AccessLogs"))...)
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
