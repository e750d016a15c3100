package microservice

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/call"
)

// ownIDs are the IDs of what a service defines in itself, with any props and in any environment. A construct with one of
// them would be rejected by the CDK in the environments in which the service has its own.
var ownIDs = []string{
	"Alarms", alternateTarget, callsID, call.CertificateRole, executionRole, "Linux", "Logs", "Public", "Repository", "Routes", "Rule", "Scaling", "ScalingRole",
	"SecurityGroup", "Service", "SignedIn", "Target", "Task", taskRole, trafficRole,
}

// The construct IDs of what a service has only if its deployments, or those of its profile, are gradual.
const (
	alternateTarget = "AlternateTarget"
	trafficRole     = "TrafficRole"
)

// Reserves reports whether the ID is one of a construct that the service defines itself, in this environment or in another,
// so that none of yours in the service can have it.
func (m *Microservice) Reserves(id string) bool { return slices.Contains(ownIDs, id) }

// checkReserved returns an error for each construct of the user that has the ID of one that the service defines in other
// environments only. Constructs of this module are rejected when they are defined.
func (m *Microservice) checkReserved() error {
	if len(m.targetGroups) > 1 {
		return nil
	}
	var problems []error
	for _, id := range []string{alternateTarget, trafficRole} {
		if m.place().Node().TryFindChild(jsii.String(id)) != nil {
			problems = append(problems, fmt.Errorf("the ID %q is used by the service itself in other environments: choose another ID", id))
		}
	}
	return errors.Join(problems...)
}
