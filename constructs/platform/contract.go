package platform

import (
	"errors"
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// The outputs that make up the contract. Names are public: a change breaks every app that reads them.
const (
	OutputVPCID                       = "VpcId"
	OutputVPCCIDRBlock                = "VpcCidrBlock"
	OutputZone                        = "AvailabilityZone" // followed by 1, 2, …
	OutputPrivateSubnetID             = "PrivateSubnetId"  // followed by 1, 2, …
	OutputClusterName                 = "ClusterName"
	OutputNamespaceARN                = "NamespaceArn"
	OutputListenerARN                 = "ListenerArn"      // where there is one for HTTP: fails imports that expect none
	OutputHTTPSListenerARN            = "HttpsListenerArn" // where there is TLS: fails imports that expect it
	OutputTLSServerName               = "TlsServerName"    // where there is TLS
	OutputLoadBalancerFullName        = "LoadBalancerFullName"
	OutputLoadBalancerSecurityGroupID = "LoadBalancerSecurityGroupId"
	OutputVPCLinkID                   = "VpcLinkId"
	OutputAPIID                       = "ApiId"
	OutputAPIEndpoint                 = "ApiEndpoint"
	OutputPreflightIntegrationID      = "PreflightIntegrationId"
	OutputEventBusName                = "EventBusName"
	OutputEventBusARN                 = "EventBusArn"
	OutputLogKeyARN                   = "LogKeyArn"         // where logs are encrypted
	OutputLogsHaveNoKey               = "LogsHaveNoKey"     // where they are not: fails imports that expect no key
	OutputContainerInsights           = "ContainerInsights" // where they are on: fails imports that expect them
	OutputLogBucketName               = "LogBucketName"     // where there are access logs: fails imports that expect them
)

// HeaderService is the header with the name of the service that a request is for. Each service's integrations overwrite
// it, and its listener rule matches it.
const HeaderService = "x-microservice"

// HeaderClientIP is the header with the address of the client that called the API. Each integration overwrites it.
const HeaderClientIP = "x-client-ip"

// BucketLogs is the beginning of the keys of the access logs of buckets in the log bucket, where S3 may write them.
const BucketLogs = "buckets/"

// preflight is the value of HeaderService for CORS preflight requests. It is not a valid service name.
const preflight = "_preflight"

// stageName is the name of the stage whose URL has no path of its own.
const stageName = "$default"

// MaxPriority is the highest priority that a service's listener rule may have. The one above is the platform's own.
const MaxPriority = maxRulePriority - 1

const maxRulePriority = 50000

// Ref refers to a platform, by the stack that publishes its contract.
type Ref struct {
	// StackName is the name of the platform's stack. Required.
	StackName string
	// Zones is the number of the platform's zones in which its services run: at most as many as it has. If zero, that
	// of the profile. With more than the platform has, a deployment fails, since the outputs do not exist.
	Zones int
	// TLS sends the API's requests to the load balancer over HTTPS. It requires a platform with [Props.TLS]. A deployment
	// fails if the platform has no listener for it: for HTTPS if this is true, for HTTP if it is false.
	TLS bool
}

// Validate returns one error that lists every problem with the reference, or nil.
func (r Ref) Validate() error {
	var zones error
	if r.Zones < 0 || r.Zones > 6 {
		zones = fmt.Errorf("Platform.Zones must be from 1 to 6, got %d", r.Zones)
	}
	return errors.Join(cdkx.CheckStackName("Platform.StackName", r.StackName), zones)
}

// withDefaults sets the zones to those of the profile if the reference has none.
func (r Ref) withDefaults(defaults profile.Profile) Ref {
	if r.Zones == 0 {
		r.Zones = defaults.Zones
	}
	return r
}

// same returns an error if two references to one platform differ.
func (r Ref) same(other Ref) error {
	var problems []error
	if r.Zones != other.Zones {
		problems = append(problems, fmt.Errorf("Platform.Zones must be the same in all imports of %s, got %d and %d", r.StackName, other.Zones, r.Zones))
	}
	if r.TLS != other.TLS {
		problems = append(problems, fmt.Errorf("Platform.TLS must be the same in all imports of %s, got %t and %t", r.StackName, other.TLS, r.TLS))
	}
	return errors.Join(problems...)
}

// listener returns the name of the output with the listener that gets the API's requests.
func (r Ref) listener() string {
	if r.TLS {
		return OutputHTTPSListenerARN
	}
	return OutputListenerARN
}

// read returns a reference to one output of the contract.
func (p *Platform) read(output string) *string { return cdkx.Read(p, p.ref.StackName, output) }

// numbered returns the name of the nth output of a kind, counted from one.
func numbered(output string, n int) string { return fmt.Sprint(output, n) }
