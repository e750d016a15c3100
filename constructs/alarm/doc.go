// Package alarm says when something is wrong, what that means for customers and where to look, as a plain value. Whatever
// a service uses brings its own alarms: a table those on its requests, a queue those on its messages, and a store or a
// feature of yours whatever you return from Bind or give to service.Service.AddAlarm:
//
//	alarm.Alarm{
//		ID:         "Connections",
//		Metric:     metric.Metric{Namespace: "AWS/RDS", Name: "DatabaseConnections", Dimensions: …, Statistic: metric.Maximum},
//		Comparison: alarm.Above,
//		Threshold:  80,
//		Periods:    5,
//		Missing:    alarm.NotBreaching,
//		Meaning:    "the database is running out of connections. Requests will fail.",
//		LookAt:     [3]string{"how many tasks run.", "the size of each task's connection pool.", "long transactions."},
//		Pages:      true,
//	}
//
// [Share], [Latency], [Least], [Use], [Events] and [Age] are how props let a team set a threshold or leave an alarm out.
//
// A [Page] is the alarms of one service. Each of them informs the owner. One composite alarm pages the owner while any alarm
// that pages is in ALARM. Descriptions say what an alarm means, the first three things to look at, and the owner. An alarm
// that rolls a deployment back has a name, by which ECS finds it.
//
// In the template: a resource for each alarm, and the composite alarm. CloudWatch bills an alarm by the metrics that it is
// over, 0.10 USD a month each, and 0.50 USD for a composite alarm.
package alarm
