// Package alarm describes CloudWatch alarms as plain values: when a metric is in breach, what that means for customers
// and where to look. Whatever a service uses has its own alarms: a table those on its requests, a queue those on its
// messages, and a store or a feature of yours whatever it returns from Bind or passes to service.Service.AddAlarm:
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
// [Share], [Latency], [Least], [Utilization], [Events] and [Age] set the threshold of an alarm in props, or disable it.
//
// The alarms of a service each inform its owner. One composite alarm pages the owner while any alarm with Pages is in
// ALARM. Descriptions contain what an alarm means, the first three things to look at, and the owner. An alarm that rolls a
// deployment back has a name, by which ECS looks it up.
//
// The package adds nothing to a template. CloudWatch charges for an alarm by the metrics that it reads, 0.10 USD a month
// each, and 0.50 USD for a composite alarm.
package alarm
