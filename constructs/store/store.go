package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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

// Binding is what a consumer gets from a store that it uses.
type Binding struct {
	// Environment holds the environment variables through which the application finds the store. Values may be
	// CDK tokens.
	Environment map[string]string
	// Tables holds the names of the tables that the service owns, so that it has alarms on them.
	Tables []string
	// Queues holds the queues whose messages the service receives with this access, so that it has alarms on them and
	// may be scaled by what waits in them.
	Queues []Queue
}

// Queue is a queue as CloudWatch knows it. Names may be CDK tokens.
type Queue struct {
	// Name is the queue's.
	Name string
	// DeadLetterName is the name of its dead-letter queue. If empty, there is none.
	DeadLetterName string
	// VisibilityTimeout is how long a message that was received is kept from others. If zero, it is not known.
	VisibilityTimeout time.Duration
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
