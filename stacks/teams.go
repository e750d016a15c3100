package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/team"
)

// owners are the teams that the storefront's stacks name.
var owners = []string{"accounts", "checkout", "community", "discovery", "media", "personalization", "platform"}

// mailboxes are all owners, each with a mailbox of its own name.
func mailboxes(domain string) []team.Team {
	all := make([]team.Team, len(owners))
	for n, owner := range owners {
		all[n] = team.Team{Name: owner, Email: owner + "@" + domain}
	}
	return all
}

// defineTeams defines where the alarms of each owner go.
func defineTeams(stack awscdk.Stack, _ Environment) {
	team.New(stack, "Teams", team.Props{})
	ownedBy(stack, "platform")
}

// teams are the environment's teams, as its services know them. An environment may have none.
func (e Environment) teams() team.Ref {
	if len(e.Teams) == 0 {
		return team.Ref{}
	}
	return team.Ref{StackName: e.stackName(teamsID), Teams: e.Teams}
}
