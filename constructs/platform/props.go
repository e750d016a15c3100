package platform

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Props configure a platform. Only VPC is required.
type Props struct {
	// VPC is the VPC, with a private subnet in each of at least two zones. Required. If it is imported by its attributes, they
	// must include its CIDR block. Further zones are appended: the first two are those of the VPC link.
	VPC awsec2.IVpc
	// Owner is the team that answers for the platform, and that its alarms notify. Required if the environment has teams and
	// the platform has alarms.
	Owner string
	// CORS allows web pages of other origins to call the API. If zero, none.
	CORS CORS
	// Throttle limits the requests to each route of the API, of all clients together.
	Throttle Throttle
	// RateLimits limit the requests of each client. If empty, none: they cost 5 USD a month, 1 USD more for each, and 0.60 USD
	// a million requests.
	RateLimits []RateLimit
	// TLS encrypts the requests between the API and the load balancer. If zero, they are plain HTTP inside the VPC.
	TLS TLS
	// DisableExecuteAPIEndpoint leaves the API only its custom domain names, so that clients cannot bypass them.
	DisableExecuteAPIEndpoint bool
	// AccessLogs records each request to the API in a log group, and each to the load balancer in the log bucket. If zero,
	// the profile decides: on in production. Where the profile has access logs, there is a log bucket in any case, since the
	// buckets of services write to it.
	AccessLogs profile.Choice
	// Events sets what the event bus keeps of the events, and what it logs. If zero, the profile decides: an archive of 14 days
	// and a log of errors in production.
	Events Events
	// Alarms are on requests that the API refuses before a service gets them.
	Alarms Alarms
	// LogKey encrypts the logs of the platform and of its services. If nil, the platform defines a key if the profile
	// encrypts logs.
	LogKey awskms.IKey
}

// CORS sets which web pages of other origins may call the API, and with which request headers. Methods are not restricted,
// since the API's routes do that. API Gateway sets the headers of responses, and removes those that a service sets.
type CORS struct {
	// AllowOrigins are origins such as "https://shop.example.com", or "*" alone for any.
	AllowOrigins []string
	// AllowHeaders are the names of the headers that pages may send. If empty, Authorization and Content-Type; a list replaces
	// these two. Browsers do not accept "*" for Authorization, nor for any header if AllowCredentials is set.
	AllowHeaders []string
	// ExposeHeaders are the names of the response headers that pages may read, in addition to those that they always may, such as
	// Content-Type. If empty, none.
	ExposeHeaders []string
	// MaxAge is the time for which browsers may cache the response to a preflight request, in whole seconds up to a day. If
	// zero, browsers choose: 5 seconds.
	MaxAge time.Duration
	// AllowCredentials allows pages to send cookies. It excludes the origin "*".
	AllowCredentials bool
}

// Throttle limits requests by a token bucket. The account has a limit of its own over all of its APIs in a region, 10,000
// requests a second unless AWS has raised it.
type Throttle struct {
	// RatePerSecond is the steady rate, at most 1,000,000. If zero, 1000.
	RatePerSecond int
	// Burst is the maximum burst of requests, at most 1,000,000. If zero, twice the rate.
	Burst int
}

const (
	defaultRatePerSecond = 1000
	// maxRate is no quota but rejects mistakes: it is a hundred times what an account has.
	maxRate = 1000000
)

// defaultAllowHeaders are what a page needs to send a token and JSON.
var defaultAllowHeaders = []string{"authorization", "content-type"}

func (p Props) withDefaults() Props {
	if p.Throttle.RatePerSecond == 0 {
		p.Throttle.RatePerSecond = defaultRatePerSecond
	}
	if p.Throttle.Burst == 0 {
		p.Throttle.Burst = 2 * min(max(p.Throttle.RatePerSecond, 0), maxRate/2)
	}
	if len(p.CORS.AllowHeaders) == 0 && len(p.CORS.AllowOrigins) > 0 {
		p.CORS.AllowHeaders = defaultAllowHeaders
	}
	p.Alarms = p.Alarms.withDefaults()
	return p
}

func (p Props) validate() error {
	var problems []error
	if p.VPC == nil {
		problems = append(problems, errors.New("VPC is missing: set it, such as to network.New(…).VPC()"))
	}
	problems = append(problems,
		cdkx.CheckWithin("Throttle.RatePerSecond", p.Throttle.RatePerSecond, 0, maxRate),
		cdkx.CheckWithin("Throttle.Burst", p.Throttle.Burst, 0, maxRate),
		p.CORS.validate(), validateRateLimits(p.RateLimits), p.TLS.validate(),
		p.AccessLogs.Check("AccessLogs"), p.Events.validate(), p.Alarms.validate(),
	)
	return errors.Join(problems...)
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
	if slices.Contains(c.AllowOrigins, "*") && c.AllowCredentials {
		problems = append(problems, errors.New("CORS.AllowCredentials needs origins by name, got \"*\""))
	}
	if len(c.AllowOrigins) == 0 && (c.AllowCredentials || len(c.AllowHeaders) > 0 || len(c.ExposeHeaders) > 0 || c.MaxAge != 0) {
		problems = append(problems, errors.New("CORS needs AllowOrigins for its other fields to have an effect, got none"))
	}
	problems = append(problems,
		cdkx.CheckOrigins("CORS.AllowOrigins", c.AllowOrigins, false),
		checkHeaders("CORS.AllowHeaders", c.AllowHeaders, c.AllowCredentials),
		checkHeaders("CORS.ExposeHeaders", c.ExposeHeaders, c.AllowCredentials),
		cdkx.CheckSeconds("CORS.MaxAge", c.MaxAge, 0, 24*time.Hour),
	)
	return errors.Join(problems...)
}

// header matches the names of headers in RFC 9110.
var header = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$")

func checkHeaders(field string, names []string, credentials bool) error {
	var problems []error
	seen := map[string]bool{}
	for _, name := range names {
		switch {
		case !header.MatchString(name):
			problems = append(problems, fmt.Errorf("%s must be names of headers, such as X-Request-Id, got %q", field, name))
		case name == "*" && credentials:
			problems = append(problems, fmt.Errorf("%s must be names of headers with AllowCredentials, since browsers then do not accept \"*\", got %q", field, names))
		case seen[strings.ToLower(name)]:
			problems = append(problems, fmt.Errorf("%s must name each header once, got %q twice", field, name))
		}
		seen[strings.ToLower(name)] = true
	}
	return errors.Join(problems...)
}
