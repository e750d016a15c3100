package team_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// The teams are named once for the whole app, before anything is defined, and defined in a stack of their own.
func ExampleNew() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Teams: team.Ref{StackName: "shop-teams", Teams: []team.Team{
		{Name: "checkout", Email: "checkout@example.com"},
		{Name: "platform", TopicARN: "arn:aws:sns:eu-central-1:111122223333:on-call"},
	}}})
	stack := awscdk.NewStack(app, jsii.String("shop-teams"), nil)
	team.New(stack, "Teams", team.Props{})
}

// An app in another repository only names the stack that defines the teams.
func ExampleRef() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Teams: team.Ref{StackName: "storefront-production-teams"}})
	awscdk.NewStack(app, jsii.String("Wishlist"), nil)
}

// Other notifications of a team can use its topics.
func ExampleOf() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Teams: team.Ref{StackName: "shop-teams"}})
	stack := awscdk.NewStack(app, jsii.String("Budget"), nil)
	awscdk.NewCfnOutput(stack, jsii.String("Notified"), &awscdk.CfnOutputProps{
		Value: jsii.String(team.Of(stack).InformTopicARN("platform")),
	})
}
