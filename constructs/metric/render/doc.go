// Package render is the one place where a [metric.Metric] is converted to the types of the CDK: the queries of an
// alarm, the queries of a target tracking policy, and a metric of CloudWatch's constructs, for dashboards.
package render
