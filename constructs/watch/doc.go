// Package watch gives a service its alarms. A microservice asks for them itself, so that what a team says is what they
// wait for, in microservice.Props:
//
//	microservice.New(stack, "Cart", microservice.Props{
//		// …
//		Alarms: watch.Alarms{
//			Errors:       watch.Share{Percent: 1, MinRequests: 50},
//			ClientErrors: watch.Share{Disable: true},
//		},
//	})
//
// Definition, policy and presentation are apart. [Metric] values say what is measured: of [Targets], [Tasks], a [Table]
// or a [Queue]; they are plain values, for alarms here and for dashboards elsewhere. [Alarms] say what is too
// much. A [Watch] puts the alarms into the template.
//
// Each alarm informs. One composite alarm pages, when what hurts customers is in alarm: errors, latency, too few healthy
// tasks, tables that refuse requests or fail, messages that wait or were given up. Descriptions say what an alarm means
// for customers, the first three things to look at, and the owner.
//
// The alarms on errors and latency also roll a deployment back. ECS finds them by name, when it makes the service, so they
// have names, speak of the balancer's target groups alone, and the service depends on them.
//
// In the template, for a service with routes, a table and Container Insights: 11 alarms and a composite alarm, or as many
// fewer as are disabled. CloudWatch bills an alarm by the metrics that it is over, 0.10 USD a month each, and 0.50 USD
// for a composite alarm: about 4 USD a month for such a service, of which 1.70 is for the table.
package watch
