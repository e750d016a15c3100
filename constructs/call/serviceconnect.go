package call

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// ServiceConnect sets how the proxies of Amazon ECS Service Connect connect callers with a service. They are the same for all
// callers: ECS has no timeouts for one caller alone.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
type ServiceConnect struct {
	// Protocol is what the application speaks at its port. If empty, [HTTP]. ECS does not change that of a service which is
	// callable already: define a second service for another.
	Protocol Protocol
	// RequestTimeout is the time for a complete response, after which the caller gets 504, in whole seconds up to 1h. If zero, 10
	// seconds, and not the 15 of ECS: three calls in a row then fit into the 30 seconds after which API Gateway gives up.
	RequestTimeout time.Duration
	// IdleTimeout is the time after which a connection without requests is closed, in whole seconds up to 24h, and at least
	// RequestTimeout, since it would otherwise end requests. If zero, 5 minutes, as in ECS, or RequestTimeout if that is longer.
	IdleTimeout time.Duration
	// CertificateAuthority is the ARN of a private certificate authority of AWS Private CA, with the tag AmazonECSManaged=true.
	// Requests between the proxies are then encrypted, with certificates that ECS issues and rotates. If empty, they are plain
	// HTTP in the network. AWS charges 50 USD a month for an authority of short-lived certificates and 400 for a general one,
	// and a service's secret and certificates in addition.
	CertificateAuthority string
}

// Protocol is what an application speaks.
type Protocol string

// The protocols of requests.
const (
	HTTP  Protocol = "http"
	HTTP2 Protocol = "http2"
	GRPC  Protocol = "grpc"
)

var protocols = []Protocol{HTTP, HTTP2, GRPC}

const (
	defaultRequestTimeout = 10 * time.Second
	defaultIdleTimeout    = 5 * time.Minute
	maxRequestTimeout     = time.Hour
	maxIdleTimeout        = 24 * time.Hour
)

// ProxyPort is where the proxy of a task takes the requests of callers. It is not the port of the application, as is the default
// of ECS: requests of the API then go to the application as before, without the proxy, its timeouts and its certificates. The
// security groups open it to callers alone.
const ProxyPort = 18080

// WithDefaults returns the settings with their defaults.
func (s ServiceConnect) WithDefaults() ServiceConnect {
	if s.Protocol == "" {
		s.Protocol = HTTP
	}
	if s.RequestTimeout == 0 {
		s.RequestTimeout = defaultRequestTimeout
	}
	if s.IdleTimeout == 0 {
		s.IdleTimeout = max(defaultIdleTimeout, s.RequestTimeout)
	}
	return s
}

// authorityARN matches the ARN of a certificate authority.
var authorityARN = regexp.MustCompile(`^arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:\d{12}:certificate-authority/[0-9a-f-]{36}$`)

// Validate returns one error that lists every problem with the settings, or nil. It expects the defaults.
func (s ServiceConnect) Validate() error {
	var problems []error
	if !slices.Contains(protocols, s.Protocol) {
		problems = append(problems, fmt.Errorf("ServiceConnect.Protocol must be http, http2 or grpc, got %q", s.Protocol))
	}
	request := cdkx.CheckSeconds("ServiceConnect.RequestTimeout", s.RequestTimeout, time.Second, maxRequestTimeout)
	idle := cdkx.CheckSeconds("ServiceConnect.IdleTimeout", s.IdleTimeout, time.Second, maxIdleTimeout)
	problems = append(problems, request, idle)
	if request == nil && idle == nil && s.IdleTimeout < s.RequestTimeout {
		problems = append(problems, fmt.Errorf("ServiceConnect.IdleTimeout must be at least RequestTimeout (%s), else it ends requests, got %s", s.RequestTimeout, s.IdleTimeout))
	}
	if arn := s.CertificateAuthority; arn != "" && !strings.Contains(arn, "${Token[") && !authorityARN.MatchString(arn) {
		problems = append(problems, fmt.Errorf(
			"ServiceConnect.CertificateAuthority must be the ARN of a certificate authority, such as arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/0f1e2d3c-…, got %q", arn))
	}
	return errors.Join(problems...)
}
