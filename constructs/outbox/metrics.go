package outbox

import (
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/queue"
)

// Metrics are the CloudWatch metrics of a pipe and its dead-letter queue. Each method returns a metric as a plain value. There
// is none of the age of the records: neither Pipes nor DynamoDB publishes one. Events are late while executions fail.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-monitoring.html
type Metrics struct{ pipe, deadLetters string }

// Failed returns the executions of the pipe that failed, wholly or in part, timed out or were throttled. The pipe retries them.
func (m Metrics) Failed() metric.Metric {
	of := func(name string) metric.Metric {
		return metric.Metric{
			Namespace: "AWS/EventBridge/Pipes", Name: name, Dimensions: map[string]string{"PipeName": m.pipe},
			Statistic: metric.Sum, Period: time.Minute,
		}
	}
	return metric.Metric{
		Label:      "Failed executions of the outbox",
		Expression: "FILL(failed, 0) + FILL(partly, 0) + FILL(late, 0) + FILL(throttled, 0)",
		Over: map[string]metric.Metric{
			"failed": of("ExecutionFailed"), "partly": of("ExecutionPartiallyFailed"),
			"late": of("ExecutionTimeout"), "throttled": of("ExecutionThrottled"),
		},
		Period: time.Minute,
	}
}

// DeadLetters returns the records that were not published, by the increase of the dead-letter queue in a minute.
func (m Metrics) DeadLetters() metric.Metric { return queue.DeadLettersIn(m.deadLetters) }
