package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/outbox"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// Outbox returns the pipe that publishes the events of Props.Outbox. It is nil without any.
func (t *Table) Outbox() *outbox.Outbox { return t.outbox }

// publish defines the outbox if there are events to publish.
func (t *Table) publish(events []event.Event, retain bool) {
	if len(events) == 0 {
		return
	}
	t.outbox = outbox.New(t, "Outbox", outbox.Source{
		StreamARN: *t.table.TableStreamArn(), Key: t.key, Bus: platform.Of(t).EventBus(), Events: events, Retain: retain,
	})
}

// checkPlatform returns an error if the table has an outbox and the environment has no bus for its events.
func (p Props) checkPlatform(scope constructs.Construct) error {
	if len(p.Outbox) == 0 {
		return nil
	}
	return platform.CheckOf(scope)
}

// outboxAttributes are the attributes of [event.Outbox].
var outboxAttributes = []string{"outboxType", "outboxDetail"}

func (p Props) validateOutbox() error {
	if len(p.Outbox) == 0 {
		return nil
	}
	problems := []error{outbox.Check("Outbox", p.Outbox)}
	if p.Stream == OldImage || p.Stream == KeysOnly {
		problems = append(problems, errors.New("Stream must be NewImage or NewAndOldImages with an Outbox, which reads new items: remove it, or use one of these"))
	}
	if p.TTLAttribute == "" || p.DisableTTL {
		problems = append(problems, errors.New(`Outbox needs TTLAttribute, by which its items expire, else the table grows with each event: set it, such as to "expiresAt"`))
	}
	for _, key := range []Key{p.PartitionKey, p.SortKey} {
		if slices.Contains(outboxAttributes, key.name) {
			problems = append(problems, fmt.Errorf("keys must not be %s with an Outbox, whose attributes these are, got %q", strings.Join(outboxAttributes, " or "), key.name))
		}
	}
	return errors.Join(problems...)
}
