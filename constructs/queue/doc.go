// Package queue defines an SQS queue that one microservice owns, with the dead-letter queue that keeps what could not be
// worked on. Give the worker as its scope, and let it consume the queue:
//
//	orders := queue.New(worker, "Orders", queue.Props{})
//	worker.Uses(orders, queue.Consume)
//	checkout.Uses(orders, queue.Send) // a service of the same stack
//
// The application finds the queue in an environment variable named for the construct, here ORDERS_QUEUE_URL. A worker
// with scaling.Policy.Backlog is scaled by what waits in it.
//
// Messages are encrypted, and moved over TLS only. A message that was received is kept from other tasks for two minutes,
// the longest that a stopping task may take; the task that needs longer for a message says so as it works
// (ChangeMessageVisibility). One that was received five times and not deleted goes to the dead-letter queue and stays
// there for 14 days. In production both queues outlive their stack.
//
// In the template: two queues and a policy for each, which refuses what does not come over TLS. It costs 0.40 USD a
// million requests; an idle worker asks three times a minute, 0.05 USD a month for each task.
package queue
