// Package subscription sends events from the event bus of the platform to a queue that one service owns. Subscribes of a
// microservice uses it, with one queue for all events of the service:
//
//	search.Subscribes(events.ReviewPosted, events.ProductChanged)
//
// The application reads the queue's URL from the environment variable EVENTS_QUEUE_URL. A second queue, or settings of the
// first, are a subscription of your own, which the service uses like any store:
//
//	photos := subscription.New(search, "Photos", subscription.Props{
//		Events:         []event.Event{events.PhotoUploaded},
//		HandlerTimeout: 2 * time.Minute,
//	})
//	search.Uses(photos, queue.Consume)
//
// Each event has a rule on the bus that matches its source and detail type exactly, and only these rules may send to the queue.
// EventBridge delivers each event at least once, in any order, and retries for 24 hours. What it cannot deliver, and what the
// application received five times and did not delete, is in the queue's dead-letter queue for 14 days. A received event is
// hidden for six times as long as the application may take for one, so that a slow one is not received twice.
//
// A rule gets the events that are put on the bus while it exists: deploy the subscriber before the publisher.
//
// A service that has alarms has those of the queue: the age of the oldest event, and dead letters.
//
// In the template: a rule for each event, two queues and their policies, and a key if the profile has EncryptData. It costs
// what the queue does; rules cost nothing.
package subscription
