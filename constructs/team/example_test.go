package team_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/team"
)

// The teams are named for the whole app, before anything is defined, and defined in a stack of their own.
func ExampleNew() {
	app := awscdk.NewApp(nil)
	team.Set(app, team.Ref{StackName: "shop-teams", Teams: []string{"checkout", "platform"}})
	stack := awscdk.NewStack(app, jsii.String("shop-teams"), nil)
	team.New(stack, "Teams", team.Props{Teams: []team.Team{
		{Name: "checkout", Email: "checkout@example.com"},
		{Name: "platform", TopicARN: "arn:aws:sns:eu-central-1:111122223333:on-call"},
	}})
}

// An app in another repository only names the teams that another one defined.
func ExampleSet() {
	app := awscdk.NewApp(nil)
	team.Set(app, team.Ref{StackName: "storefront-production-teams", Teams: []string{"checkout"}})
	awscdk.NewStack(app, jsii.String("Wishlist"), nil)
}
