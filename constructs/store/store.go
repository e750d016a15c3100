package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Access is the access of a consumer to a store. A store may define further ones.
type Access string

// The accesses that most stores support.
const (
	Read      Access = "Read"
	Write     Access = "Write"
	ReadWrite Access = "ReadWrite"
)

// Consumer is what uses a store: it has a role to grant to and a security group to open the network to. A microservice
// is one.
type Consumer interface {
	awsiam.IGrantable
	awsec2.IConnectable
}

// Binding is what a store adds to a consumer. It is independent of the kind of store.
type Binding struct {
	// Environment sets environment variables of the application, such as the store's address. Values may be CDK tokens.
	Environment map[string]string
	// Secrets sets environment variables, such as a password, that ECS reads from Secrets Manager or Systems Manager
	// when a task starts. ECS is allowed to read them.
	Secrets map[string]awsecs.Secret
	// Alarms notify the consumer's owner, if the consumer has alarms.
	Alarms []alarm.Alarm
	// Group is a part of the names and logical IDs of the alarms, beside their own IDs. If empty, the ID of the store's
	// construct, or the name of its Go type if it is not a construct. Set it where a consumer uses two stores of such a type.
	Group string
	// Backlog is the outstanding work of the store, by which the consumer may be scaled. If zero, it cannot be.
	Backlog Backlog
	// Publishes are the events that the consumer publishes by the store, such as by the outbox of a table. An event has one
	// publisher.
	Publishes []event.Event
	// Outbox is whether the detail of Publishes has the form of an outbox, and not only that of the event. event.Parse reads both.
	Outbox bool
	// Subscribes are the events that the consumer receives by the store.
	Subscribes []event.Event
}

// Backlog is outstanding work for a consumer.
type Backlog struct {
	// Metric is the amount of work, such as the number of messages in a queue.
	Metric metric.Metric
	// MaxDuration is the time that a consumer has for one item before another consumer gets it. If zero, it is unknown.
	MaxDuration time.Duration
	// AlarmAge is the age of the oldest item above which an alarm of the store notifies. If zero, none does.
	AlarmAge time.Duration
}

// Store is anything that a microservice uses and that is not a microservice itself.
type Store interface {
	// Bind grants consumer the given access to the store and no more: it grants to the consumer's role, and opens the
	// network to the consumer's security group if necessary. It returns an error, and changes nothing, for an access
	// that the store does not support.
	Bind(consumer Consumer, access Access) (Binding, error)
}

// Unsupported returns an error that lists the accesses that the store supports.
func Unsupported(got Access, supported ...Access) error {
	names := make([]string, len(supported))
	for i, access := range supported {
		names[i] = string(access)
	}
	return fmt.Errorf("access must be %s, got %q", strings.Join(names, " or "), string(got))
}
