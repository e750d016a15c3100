// Package team defines once in an environment how each team is notified of alarms, so that a service sets its owner and
// nothing else.
//
// The environment names the teams, and their stack defines them:
//
//	environment.Set(app, environment.Environment{Teams: team.Ref{StackName: "shop-teams", Teams: []team.Team{
//		{Name: "checkout", Email: "checkout@example.com"},
//		{Name: "platform", TopicARN: "arn:aws:sns:eu-central-1:111122223333:on-call"},
//	}}})
//	team.New(stack, "Teams", team.Props{})
//
// Each team has two topics, one that pages and one that informs, so that an on-call tool can subscribe to the former
// alone. They are in their own stack: a team confirms its subscriptions once, and adding or removing a service changes
// only its own stack.
//
// Like the platform, the teams have a contract, the outputs of that stack, two for each team: CheckoutPageTopicArn and
// CheckoutInformTopicArn. Another repository names the stack and no teams.
//
// In the template: for each team two topics with a policy each, and two subscriptions for each address; one key for all, and,
// where the profile has Alarms, one queue of the notifications that could not be delivered, and an alarm for each team with a
// Webhook. A key is 1 USD a month, an alarm 0.20 USD; topics are free, emails 2 USD for 100,000 and requests to webhooks
// 0.60 USD a million. If every team has a TopicARN, the stack has only its outputs, and a handle that costs nothing, since a
// template without resources cannot be deployed.
package team
