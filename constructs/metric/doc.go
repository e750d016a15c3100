// Package metric describes CloudWatch metrics, and expressions over them, as plain values: an alarm compares one, a
// scaling policy tracks one, a dashboard draws one, and a test reads one without the CDK.
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
// Package render, below this one, converts a metric to the types of the CDK.
//
// Metrics add nothing to a template. CloudWatch charges for an alarm by the metrics that it reads: see [Metric.Count].
package metric
