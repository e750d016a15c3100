// Package replay is the recipe of docs/recipes/replay.md: a subscriber that handles the events of a replay again.
package replay

import "github.com/storefront-cdk/storefront/constructs/event"

// inboxKey is the key of the record in the inbox that an event took effect.
func inboxKey(message event.Message) string {
	if message.ReplayName == "" {
		return message.ID
	}
	return message.ReplayName + "#" + message.ID
}
