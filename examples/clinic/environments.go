package main

import (
	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
)

var sandbox = app.Environment{
	Name:       "sandbox",
	Region:     "eu-central-1",
	Zones:      []string{"eu-central-1a", "eu-central-1b"},
	Profile:    profile.Sandbox(),
	Images:     app.ECRImages("clinic", "1.0.0"),
	WebOrigins: []string{"http://localhost:5173"},
}

var production = app.Environment{
	Name:       "production",
	Account:    "111122223333",
	Region:     "eu-central-1",
	Zones:      []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
	Images:     app.ECRImages("clinic", "1.0.0"),
	WebOrigins: []string{"https://portal.clinic.example"},
	Teams: team.Ref{Teams: []team.Team{
		{Name: "care", Email: "care@clinic.example", Webhook: "https://on-call.clinic.example/care"},
		{Name: "front-desk", Email: "front-desk@clinic.example"},
		{Name: "finance", Email: "finance@clinic.example"},
		{Name: "platform", Email: "platform@clinic.example"},
	}},
}
