package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// events is the event bus of the platform, as a store to which a service writes.
type events struct{ awsevents.IEventBus }

// Bind lets the consumer publish.
func (e events) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != store.Write {
		return store.Binding{}, store.Unsupported(access, store.Write)
	}
	e.GrantPutEventsTo(consumer, nil)
	return store.Binding{Environment: map[string]string{"EVENT_BUS_NAME": *e.EventBusName()}}, nil
}

// subscribe sends the events of a service to a queue of another.
func subscribe(to *microservice.Microservice, id string, from *queue.Queue, source string) {
	awsevents.NewRule(to, jsii.String(id), &awsevents.RuleProps{
		EventBus:     to.Platform().EventBus(),
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings(source)},
		Targets:      &[]awsevents.IRuleTarget{awseventstargets.NewSqsQueue(from.Queue(), nil)},
	})
}
