package queue

import (
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics are what CloudWatch knows of the queue and its dead-letter queue.
func (q *Queue) Metrics() Metrics { return Metrics{*q.queue.QueueName(), *q.deadLetters.QueueName()} }

// Metrics are what CloudWatch knows of a queue and its dead-letter queue. Each method gives a metric as a plain value.
//
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
type Metrics struct{ queue, deadLetters string }

// Age is how long the oldest message has waited, in seconds.
func (m Metrics) Age() metric.Metric {
	return of(m.queue, "Age of the oldest message, seconds", "ApproximateAgeOfOldestMessage")
}

// Waiting is how many messages can be received.
func (m Metrics) Waiting() metric.Metric {
	return of(m.queue, "Waiting messages", "ApproximateNumberOfMessagesVisible")
}

// DeadLetters is by how many the messages in the dead-letter queue grew in a minute. Messages that SQS moves there do not
// count as sent, and their mere number would stay up until somebody has emptied the queue, and hide all that happens
// meanwhile. Messages that are being received count too: whoever looks at one takes it from those that wait, and it comes
// back.
func (m Metrics) DeadLetters() metric.Metric {
	return metric.Metric{
		Label: "New dead letters a minute", Expression: "DIFF(FILL(waiting, 0) + FILL(received, 0))",
		Over: map[string]metric.Metric{
			"waiting":  of(m.deadLetters, "", "ApproximateNumberOfMessagesVisible"),
			"received": of(m.deadLetters, "", "ApproximateNumberOfMessagesNotVisible"),
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
