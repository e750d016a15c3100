package publication

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// Publish is the access of a publisher to the bus.
const Publish store.Access = "Publish"

// variableBus is the environment variable with the name of the bus.
const variableBus = "EVENT_BUS_NAME"

// Publication is the permission to put events on a bus, as a store.
type Publication struct {
	bus    awsevents.IEventBus
	events []event.Event
}

var _ store.Store = Publication{}

// On returns the permission to put the events on the bus.
func On(bus awsevents.IEventBus, events ...event.Event) Publication { return Publication{bus, events} }

// Bind grants consumer [Publish] for the events and sets the environment variable EVENT_BUS_NAME. It returns one error that
// lists every problem of the events.
func (p Publication) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != Publish {
		return store.Binding{}, store.Unsupported(access, Publish)
	}
	if len(p.events) == 0 {
		return store.Binding{}, errors.New("events are missing: name at least one")
	}
	if err := event.Check("events", p.events); err != nil {
		return store.Binding{}, err
	}
	for _, e := range p.events {
		consumer.GrantPrincipal().AddToPrincipalPolicy(Statement(p.bus, e))
	}
	return store.Binding{
		Environment: map[string]string{variableBus: *p.bus.EventBusName()},
		Publishes:   p.events,
	}, nil
}

// Statement returns the permission to put one event on the bus. Each event has its own statement: one with the sources and the
// detail types of several would also allow the other pairs of them.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
func Statement(bus awsevents.IEventBus, e event.Event) awsiam.PolicyStatement {
	return awsiam.PolicyStatement_FromJson(Document(bus.EventBusArn(), e))
}

// Document returns the statement as it is in a document, for the bus with the ARN.
func Document(busARN *string, e event.Event) map[string]any {
	return map[string]any{
		"Effect": "Allow", "Action": "events:PutEvents", "Resource": busARN,
		"Condition": map[string]any{"StringEquals": map[string]string{"events:source": e.Source, "events:detail-type": e.Type()}},
	}
}
