package microservice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/publication"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/subscription"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Publishes allows the service to put the events on the platform's event bus, and no others, and sets the environment variable
// EVENT_BUS_NAME. Events that the outbox of a table publishes (table.Props.Outbox) do not need it. It panics with one error
// that lists every problem, such as an event that another service of the app publishes.
func (m *Microservice) Publishes(events ...event.Event) {
	m.must("Publishes")
	m.use("Publishes", publication.On(m.platform.EventBus(), events...), publication.Publish)
}

// subscriptionID is the ID of the queue of Subscribes, and the beginning of its environment variable EVENTS_QUEUE_URL.
const subscriptionID = "Events"

// Subscribes sends the events from the platform's event bus to a queue of the service, from which it may receive them, sets the
// environment variable EVENTS_QUEUE_URL, adds the alarms of the queue, and scales the service by it if its policy has a
// Backlog. All events of all calls share the queue. For another queue, or for settings of it, use package subscription.
//
// It panics with one error that lists every problem. An event that no service of the app publishes is found when the app is
// synthesized, unless it is External: an error in an app that defines the platform, else a notice.
func (m *Microservice) Subscribes(events ...event.Event) {
	m.must("Subscribes")
	problems := []error{event.Check("events", events)}
	if len(events) == 0 {
		problems = append(problems, errors.New("events are missing: name at least one"))
	}
	if err := errors.Join(problems...); err != nil {
		problem.MustAt(m, prefixed("Subscribes: ", err))
	}
	if m.subscription == nil {
		m.subscription = subscription.New(m, subscriptionID, m.subscriptionProps(events))
	} else {
		m.subscription.Add(events...)
	}
	m.use("Subscribes", m.subscription, queue.Consume)
}

// subscriptionProps follow from how the service scales by its backlog.
func (m *Microservice) subscriptionProps(events []event.Event) subscription.Props {
	props := subscription.Props{Events: events}
	backlog := m.props.Scaling.Backlog
	if backlog == (scaling.Backlog{}) {
		return props
	}
	const shortest, margin = 20 * time.Second, 2
	// The alarm must not notify of a delay that the policy accepts.
	props.Queue.Alarms.QueueAge = alarm.Age{Oldest: max(10*time.Minute, margin*backlog.AcceptableDelay).Truncate(time.Second)}
	props.HandlerTimeout = max(shortest, (backlog.MessageDuration + time.Second - 1).Truncate(time.Second))
	return props
}

// eventKind is the kind of the claim of a publisher.
const eventKind = "event"

// publisherOf returns the claim on an event, which only one service of the platform may have.
func (m *Microservice) publisherOf(e event.Event) claim {
	return claim{m.entry.Where, m.entry.Platform, eventKind, e.String()}
}

// checkPublished returns an error for each event that another service publishes.
func (m *Microservice) checkPublished(by string, events []event.Event) error {
	var problems []error
	for _, e := range events {
		if other, taken := m.registry.claims[m.publisherOf(e)]; taken && other != m.entry.Path {
			problems = append(problems, fmt.Errorf("%s: %s is already published by %s: an event has one publisher, so that one team answers for its form. Choose another Source or DetailType", by, e, other))
		}
	}
	return errors.Join(problems...)
}

// published is an event that the service publishes, by PutEvents, by an outbox or by both.
type published struct {
	event.Event
	plain, outbox bool
}

// exchange records the events that the service publishes and receives by a store, each once.
func (m *Microservice) exchange(by store.Binding) {
	for _, e := range by.Publishes {
		m.registry.publish(m.entry, m.publisherOf(e), e)
		known := m.publishes[e.String()]
		m.publishes[e.String()] = published{e, known.plain || !by.Outbox, known.outbox || by.Outbox}
	}
	for _, e := range by.Subscribes {
		m.subscribes[e.String()] = e
	}
}

// checkSubscribed returns an error for each event that no service of the app publishes, or publishes with another detail.
// Publishers may be defined elsewhere if the platform is, or if only a part of the app is synthesized: then it adds a notice.
func (m *Microservice) checkSubscribed() error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(m.subscribes)) {
		e := m.subscribes[name]
		if publisher, published := m.registry.claims[m.publisherOf(e)]; published {
			problems = append(problems, sameDetail(e, m.registry.published[m.publisherOf(e)], publisher))
			continue
		}
		if e.External {
			continue
		}
		missing := fmt.Errorf("Subscribes: no service of the app publishes %s: add Publishes to its publisher, or an Outbox to a table that it uses with table.ReadWrite, or set External of the event if that is in another app%s", e, m.namesakes(e))
		if m.definesPlatform() {
			problems = append(problems, missing)
			continue
		}
		awscdk.Annotations_Of(m).AddInfoV2(jsii.String("storefront:nobodyPublishes:"+e.String()), jsii.String(
			fmt.Sprintf("no service that is defined here publishes %s, to which %s subscribes: its publisher must be deployed by itself", e, m.Name())))
	}
	return errors.Join(problems...)
}

// sameDetail returns an error if an event has another schema where it is published.
func sameDetail(subscribed event.Event, published announcement, publisher string) error {
	here, _ := subscribed.Schema() // it was checked when it was added
	if bytes.Equal(here, published.Schema) {
		return nil
	}
	return fmt.Errorf("Subscribes: %s has the Detail %T, and its publisher %s has %s, of another form: use one value of a package that both import",
		subscribed, subscribed.Detail, publisher, published.GoType)
}

// namesakes names the events of the same detail type that other sources publish, or other versions of it.
func (m *Microservice) namesakes(e event.Event) string {
	var all []string
	for key, other := range m.registry.published {
		if other.DetailType == e.DetailType && key.Environment == m.entry.Where && key.Platform == m.entry.Platform {
			all = append(all, fmt.Sprintf(". %s publishes %s", m.registry.claims[key], other.Event))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// definesPlatform reports whether the app, or the stage, also defines the stack of the service's platform, and so is whole.
func (m *Microservice) definesPlatform() bool {
	if slices.Contains(m.registry.stacks, m.entry.Platform) {
		return true
	}
	for _, child := range *m.place().Stack().Stage().Node().Children() {
		if stack, ok := child.(awscdk.Stack); ok && place.Of(stack).Stack().Name() == m.entry.Platform {
			return true
		}
	}
	return false
}

// recordEvents adds to the record of the service the events that it publishes, with the schema of their detail, and those that it
// receives. Of these the template of the publisher has the schema, unless it is in another app.
func (m *Microservice) recordEvents(record map[string]any) {
	var publishes, subscribes []any
	for _, name := range slices.Sorted(maps.Keys(m.publishes)) {
		each := m.publishes[name]
		entry := recorded(each.Event, true)
		switch {
		case each.outbox && each.plain:
			entry["Forms"] = []string{"Plain", "Outbox"}
		case each.outbox:
			entry["Forms"] = []string{"Outbox"}
		}
		publishes = append(publishes, entry)
	}
	for _, name := range slices.Sorted(maps.Keys(m.subscribes)) {
		subscribes = append(subscribes, recorded(m.subscribes[name], m.subscribes[name].External))
	}
	for key, events := range map[string][]any{"Publishes": publishes, "Subscribes": subscribes} {
		if len(events) > 0 {
			record[key] = events
		}
	}
}

func recorded(e event.Event, schema bool) map[string]any {
	entry := map[string]any{"Source": e.Source, "DetailType": e.Type()}
	if text, err := e.Schema(); schema && err == nil { // it was checked when it was added
		var value any
		_ = json.Unmarshal(text, &value) // it was marshaled just now
		entry["Schema"] = value
	}
	return entry
}

// named describes events without their schemas.
func named(events []event.Event) []any {
	all := make([]any, len(events))
	for n, each := range events {
		all[n] = recorded(each, false)
	}
	return all
}
