package queue

import (
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics returns the CloudWatch metrics of the queue and its dead-letter queue.
func (q *Queue) Metrics() Metrics { return Metrics{*q.queue.QueueName(), *q.deadLetters.QueueName()} }

// Metrics are the CloudWatch metrics of a queue and its dead-letter queue. Each method returns a metric as a plain
// value.
//
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
type Metrics struct{ queue, deadLetters string }

// Age returns the age of the oldest message, in seconds.
func (m Metrics) Age() metric.Metric {
	return of(m.queue, "Age of the oldest message, seconds", "ApproximateAgeOfOldestMessage")
}

// Waiting returns the number of messages that can be received.
func (m Metrics) Waiting() metric.Metric {
	return of(m.queue, "Waiting messages", "ApproximateNumberOfMessagesVisible")
}

// DeadLetters returns the increase of the messages in the dead-letter queue in a minute. Messages that SQS moves there
// do not count as sent, and their number would stay high until the queue is empty, and hide later ones. Messages in
// flight count too, so that a message that becomes visible again after it was received does not count as new.
func (m Metrics) DeadLetters() metric.Metric { return DeadLettersIn(m.deadLetters) }

// DeadLettersIn returns the increase of the messages in a dead-letter queue in a minute, by the name of that queue.
func DeadLettersIn(queueName string) metric.Metric {
	return metric.Metric{
		Label: "New dead letters a minute", Expression: "DIFF(FILL(waiting, 0) + FILL(received, 0))",
		Over: map[string]metric.Metric{
			"waiting":  of(queueName, "", "ApproximateNumberOfMessagesVisible"),
			"received": of(queueName, "", "ApproximateNumberOfMessagesNotVisible"),
		},
		Period: time.Minute,
	}
}

func of(queue, label, name string) metric.Metric {
	return metric.Metric{
		Label: label, Namespace: "AWS/SQS", Name: name,
		Dimensions: map[string]string{"QueueName": queue}, Statistic: metric.Maximum, Period: time.Minute,
	}
}
