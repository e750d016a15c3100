package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Access is what a consumer may do with a store. A store may define accesses of its own beside these.
type Access string

// The accesses that most stores know.
const (
	Read      Access = "Read"
	Write     Access = "Write"
	ReadWrite Access = "ReadWrite"
)

// Consumer is who uses a store: it has a role to grant to and a security group to open the network to. A
// microservice is one.
type Consumer interface {
	awsiam.IGrantable
	awsec2.IConnectable
}

// Binding is what a consumer gets from a store that it uses. It names no kind of store: whatever a store needs its consumer
// to have stands here.
type Binding struct {
	// Environment holds the environment variables through which the application finds the store. Values may be CDK
	// tokens.
	Environment map[string]string
	// Secrets holds environment variables, such as a password, that ECS reads from Secrets Manager or Systems Manager when
	// a task starts. ECS is allowed to read them.
	Secrets map[string]awsecs.Secret
	// Alarms are what the consumer's owner is notified of, where the consumer has alarms.
	Alarms []alarm.Alarm
	// Backlog is the work that waits in the store, by which the consumer may be scaled. If zero, it cannot be.
	Backlog Backlog
}

// Backlog is work that waits for a consumer.
type Backlog struct {
	// Metric is how much waits, such as the number of messages in a queue.
	Metric metric.Metric
	// MaxDuration is how long a consumer may take for one piece of work before the store gives it to another. If zero, it
	// is not known.
	MaxDuration time.Duration
}

// Store is anything that a microservice uses and that is not a microservice itself.
type Store interface {
	// Bind lets consumer use the store with the given access and no more: it grants to the consumer's role, and
	// opens the network to the consumer's security group where there is one. It returns an error, and changes
	// nothing, for an access that it does not know.
	Bind(consumer Consumer, access Access) (Binding, error)
}

// Unsupported is the error of a store that was asked for an access it does not know, and knows the others.
func Unsupported(got Access, known ...Access) error {
	names := make([]string, len(known))
	for i, access := range known {
		names[i] = string(access)
	}
	return fmt.Errorf("access must be %s, got %q", strings.Join(names, " or "), string(got))
}
