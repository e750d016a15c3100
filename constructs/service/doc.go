// Package service is the small interface of a microservice that every feature beside it takes, so that a feature needs
// no change to microservice. *microservice.Microservice implements it.
//
// A feature is a function or a construct of yours, such as a dashboard of a service's requests:
//
//	func NewDashboard(of service.Service) awscloudwatch.Dashboard {
//		board := awscloudwatch.NewDashboard(of, jsii.String("Dashboard"), nil)
//		board.AddWidgets(awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
//			Title: jsii.String(of.Name() + ": requests"),
//			Left:  render.Graph(of.Metrics().Requests(), of.Metrics().Failed(1)),
//		}))
//		return board
//	}
//
// What a service owns and uses is not a feature but a store: see package store.
//
// The package adds nothing to a template.
package service
