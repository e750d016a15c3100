// Package team says once in an environment how each team is told of alarms, so that a service names its owner and
// nothing else.
//
//	teams := team.New(stack, "Teams", team.Props{Teams: []team.Team{
//		{Name: "checkout", Email: "checkout@example.com"},
//		{Name: "platform", TopicARN: "arn:aws:sns:eu-central-1:111122223333:on-call"},
//	}})
//
// Each team has two topics, one that pages and one that informs, so that a tool for being on call can subscribe to the
// pages alone. They live in a stack of their own: a team confirms its subscriptions once, and a service that comes or goes
// changes its own stack alone.
//
// Like the platform, the teams are known by their contract, the outputs of that stack, two for each team:
// CheckoutPageTopicArn and CheckoutInformTopicArn. [Set] gives a [Ref] to everything below a construct, before anything is
// defined there, and services find it with [Of]:
//
//	team.Set(app, team.Ref{StackName: "shop-teams", Teams: []string{"checkout", "platform"}})
//
// In the template: for each team two topics with a policy each, and two subscriptions for each address; one key for all. A
// key is 1 USD a month; topics cost nothing, mails 2 USD for 100,000 and requests to webhooks 0.60 USD a million.
package team
