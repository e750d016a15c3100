package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/team"
)

// owners are the teams that own the storefront's stacks.
var owners = []string{"accounts", "checkout", "community", "discovery", "media", "personalization", "platform"}

// mailboxes returns all owners, each with a mailbox of its own name.
func mailboxes(domain string) []team.Team {
	all := make([]team.Team, len(owners))
	for n, owner := range owners {
		all[n] = team.Team{Name: owner, Email: owner + "@" + domain}
	}
	return all
}

// defineTeams defines the topics that notify each owner of alarms.
func defineTeams(stack awscdk.Stack, _ Environment) {
	team.New(stack, "Teams", team.Props{})
	ownedBy(stack, "platform")
}

// teams returns the reference by which services use the environment's teams. An environment may have none.
func (e Environment) teams() team.Ref {
	if len(e.Teams) == 0 {
		return team.Ref{}
	}
	return team.Ref{StackName: e.stackName(teamsID), Teams: e.Teams}
}
