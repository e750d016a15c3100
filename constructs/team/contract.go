package team

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Ref refers to the teams of an environment, by the stack that publishes their contract.
type Ref struct {
	// StackName is the name of the teams' stack. Required.
	StackName string
	// Teams are those that the stack defines, so that New need not name them again and a service with another owner
	// fails at synthesis. If empty, as in the repository of one team, the deployment of such a service fails, since the
	// outputs of its owner do not exist.
	Teams []Team
}

// Validate returns one error that lists every problem with the reference, or nil.
func (r Ref) Validate() error {
	return errors.Join(cdkx.CheckStackName("Teams.StackName", r.StackName), validateTeams("Teams.Teams", r.Teams))
}

// CheckOwner returns an error if a service's owner is not one of the teams, or, if those are not listed, not a legal name of
// a team.
func (r Ref) CheckOwner(owner string) error {
	names := make([]string, len(r.Teams))
	for n, team := range r.Teams {
		names[n] = team.Name
	}
	switch {
	case slices.Contains(names, owner):
		return nil
	case len(names) == 0:
		return checkName("Owner", owner)
	}
	return fmt.Errorf("Owner must be a team that stack %s defines (%s), so that its alarms can notify it, got %q: name one of them, or add it to the teams",
		r.StackName, strings.Join(names, ", "), owner)
}

// The outputs that make up the contract, two for each team. Names are public: a change breaks every app that reads them.
func pageOutput(team string) string   { return cdkx.Pascal(team) + "PageTopicArn" }
func informOutput(team string) string { return cdkx.Pascal(team) + "InformTopicArn" }
