// Package publication allows a service to put events on the event bus of its platform. Publishes of a microservice uses it:
//
//	reviews.Publishes(events.ReviewPosted)
//
// The task role may put the source and detail type of these events on this bus, and no others, and the application reads the
// bus's name from the environment variable EVENT_BUS_NAME. It calls PutEvents with EventBusName, Source, DetailType and Detail.
// PutEvents can fail for single events of a request: the application must retry those. An event that it puts on the bus after
// it has written its data is lost if the task stops in between: table.Props.Outbox publishes without that.
//
// In the template: a statement for each event in the policy of the task role. It costs nothing; events cost 1 USD a million, each of up to 64 KB.
package publication
