// Package outbox publishes events that a service writes into its table, in the transaction that writes its data. Outbox in the
// props of a table uses it:
//
//	calendar := table.New(appointments, "Calendar", table.Props{
//		PartitionKey: table.String("patientId"),
//		SortKey:      table.String("startsAt"),
//		TTLAttribute: "expiresAt",
//		Outbox:       []event.Event{events.Booked},
//	})
//
// An EventBridge pipe reads the table's stream and puts each new item with the attributes of [event.Outbox] on the bus, if its
// type is one of these events. So an event is published if, and only if, the data is written. The service needs no permission
// on the bus.
//
// Delivery is at least once. The events of one item are put on the bus in their order, and those of different items in any; the
// bus keeps no order, so a subscriber that needs one compares [event.Message.Sequence], or a number of the detail. When a batch
// fails, the pipe halves it until the record that fails is alone. It retries that for an hour, and holds back the others of its
// shard. Then it puts the place of the record in the stream into a dead-letter queue. The item itself stays in the table
// until it expires: write it again, under another key, to publish it.
//
// In the template: a pipe and its role, and a dead-letter queue with its policy. A pipe costs 0.40 USD a million events that pass
// its filter, and the bus about 1 USD, for each 64 KB of them. DynamoDB charges about 2.10 USD a month for each shard of the stream,
// which the pipe reads four times a second, beyond the first 2.5 million reads of an account and region. The service's two alarms
// on it cost 0.60 USD a month.
package outbox
