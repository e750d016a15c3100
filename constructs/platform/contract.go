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
	OutputZone                        = "AvailabilityZone" // followed by 1, 2, …
	OutputPrivateSubnetID             = "PrivateSubnetId"  // followed by 1, 2, …
	OutputClusterName                 = "ClusterName"
	OutputNamespaceARN                = "NamespaceArn"
	OutputListenerARN                 = "ListenerArn"
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
)

// HeaderService is the header with the name of the service that a request is for. Each service's integrations overwrite
// it, and its listener rule matches it.
const HeaderService = "x-microservice"

// preflight is the value of HeaderService for CORS preflight requests. It is not a valid service name.
const preflight = "_preflight"

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

// read returns a reference to one output of the contract.
func (r Ref) read(output string) *string { return cdkx.Read(r.StackName, output) }

// numbered returns the name of the nth output of a kind, counted from one.
func numbered(output string, n int) string { return fmt.Sprint(output, n) }
