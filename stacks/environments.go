package stacks

import (
	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// environments returns the environments that -c env= can select, the default one first.
func environments() []app.Environment {
	return []app.Environment{
		{
			Name:    "sandbox",
			Region:  "us-east-2",
			Zones:   []string{"us-east-2a", "us-east-2b"},
			Profile: profile.Sandbox(),
			Images:  app.RegistryImages("public.ecr.aws/storefront-cdk", "0.1.0"),
			// The shop's page on the developer's machine. It uploads photos straight to the bucket.
			WebOrigins: []string{"http://127.0.0.1:8080", "http://localhost:8080"},
		},
		{
			Name:    "production",
			Region:  "eu-central-1",
			Zones:   []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
			Profile: profile.Production(),
			Images:  app.RegistryImages("public.ecr.aws/storefront-cdk", "0.1.0"),
			Teams:   team.Ref{Teams: mailboxes("example.com")},
		},
	}
}

// owners are the teams that own the storefront's stacks.
var owners = []string{"accounts", "checkout", "community", "discovery", "media", "merchandising", "personalization", "platform"}

// mailboxes returns all owners, each with a mailbox of its own name.
func mailboxes(domain string) []team.Team {
	all := make([]team.Team, len(owners))
	for n, owner := range owners {
		all[n] = team.Team{Name: owner, Email: owner + "@" + domain}
	}
	return all
}
