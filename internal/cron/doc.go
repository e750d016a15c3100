// Package cron reads the schedule expressions of AWS, cron(…), at(…) and rate(…), and computes when they fire. An error names
// the column at which the expression is wrong:
//
//	when, err := cron.Parse("cron(30 11 ? * MON-FRI *)")
//	…
//	when.Fires(created, now) // in the minute that begins at now?
//
// It is written here since no library has AWS's dialect and such errors: winebarrel/cronplan lacks at and rate, and accepts
// 0/0, 18-8 and 30 February; robfig/cron, gronx, cronexpr and netresearch/go-cron have other dialects and no columns.
//
// Sources:
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
package cron
