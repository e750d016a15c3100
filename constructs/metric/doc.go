// Package metric describes numbers that CloudWatch keeps, and expressions over them, as plain values: an alarm compares
// one, a scaling policy holds one, a dashboard draws one, and a test reads one without the CDK.
//
//	failed := metric.Metric{
//		Label:      "Failed payments a minute",
//		Expression: "timeouts + refusals",
//		Over: map[string]metric.Metric{
//			"timeouts": {Namespace: "Shop", Name: "Timeouts", Statistic: metric.Sum},
//			"refusals": {Namespace: "Shop", Name: "Refusals", Statistic: metric.Sum},
//		},
//	}
//
// Package render, below this one, turns a metric into what the CDK takes.
//
// Metrics add nothing to a template. CloudWatch bills an alarm by the metrics that it is over: see [Metric.Count].
package metric
