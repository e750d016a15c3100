// Package queue defines an SQS queue that one microservice owns, with the dead-letter queue for messages that could not be
// processed. Pass the worker as the scope, and declare that it consumes the queue:
//
//	orders := queue.New(worker, "Orders", queue.Props{})
//	worker.Uses(orders, queue.Consume)
//	checkout.Uses(orders, queue.Send) // a service of the same stack; others publish events
//
// The application reads the queue's URL from an environment variable named after the construct, here ORDERS_QUEUE_URL. A
// worker with scaling.Policy.Backlog is scaled by the messages that wait in the queue.
//
// Messages are encrypted, and sent over TLS only. A received message is hidden from other tasks for two minutes, the
// longest that a stopping task may take; a task that needs longer for a message extends that as it works
// (ChangeMessageVisibility). A message that was received five times and not deleted moves to the dead-letter queue and
// is retained there for 14 days. In production both queues are retained when their stack is deleted.
//
// FIFO keeps the order of the messages of each message group, such as those of one customer.
//
// A service that has alarms has two on each queue that it consumes: the age of the oldest message, and dead letters.
// [Alarms] sets their thresholds.
//
// In the template: two queues and a policy for each, which rejects requests without TLS. It costs 0.40 USD a million
// requests; an idle worker makes three a minute, 0.05 USD a month for each task. Its alarms cost 0.30 USD a month.
package queue
