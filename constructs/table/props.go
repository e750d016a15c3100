package table

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Key is an attribute of a primary key. Its zero value is no key.
type Key struct {
	name string
	kind awsdynamodb.AttributeType
}

// String returns a key whose values are strings.
func String(attribute string) Key { return Key{attribute, awsdynamodb.AttributeType_STRING} }

// Number returns a key whose values are numbers.
func Number(attribute string) Key { return Key{attribute, awsdynamodb.AttributeType_NUMBER} }

// Binary returns a key whose values are bytes.
func Binary(attribute string) Key { return Key{attribute, awsdynamodb.AttributeType_BINARY} }

// Stream sets what a table's stream contains for each change.
type Stream int

// The kinds of stream.
const (
	NoStream Stream = iota
	NewAndOldImages
	NewImage
	OldImage
	KeysOnly
)

// Props configure a table. Only PartitionKey is required.
type Props struct {
	// PartitionKey determines the partition of an item. Required; a later change of its name or type replaces the table.
	PartitionKey Key
	// SortKey orders the items with the same partition key. If zero, there is one item for each partition key. A later
	// change replaces the table.
	SortKey Key
	// Indexes are global secondary indexes, at most 20. One can be added or removed in each deployment.
	Indexes []Index
	// TTLAttribute is the attribute with the time, in seconds since 1970, after which DynamoDB deletes an item, usually
	// within a few days. If empty, items do not expire. DynamoDB allows one change of it an hour, and no direct change
	// to another attribute or to none: first deploy DisableTTL, and an hour later the change.
	TTLAttribute string
	// DisableTTL stops the expiry of items by TTLAttribute. Without TTLAttribute it is an error, since the template has
	// to name the attribute that is disabled.
	DisableTTL bool
	// Stream publishes each change to a stream, which retains it for 24 hours. If zero, there is none, or NewImage if there is
	// an Outbox, which needs that or NewAndOldImages. DynamoDB does not change the kind of a stream: first remove the stream,
	// and in a second deployment define the other.
	Stream Stream
	// Outbox publishes these events on the bus of the environment's platform when the application writes their items, which have
	// the attributes of [event.Outbox], into the table: in the transaction that writes its data. The events have one Source. It
	// requires TTLAttribute, by which the items expire; let them live for a week, since an item that could not be published is
	// written again to publish it. See package outbox. Before you remove it, deploy an application that writes no such items, and
	// wait until its last events are published: what the pipe has not read when it is deleted is not published.
	Outbox []event.Event
	// Capacity is provisioned capacity with autoscaling. If zero, the table is billed on demand. A later change is made
	// in place.
	Capacity Capacity
	// DisablePointInTimeRecovery turns continuous backups off, for data that can be recreated.
	DisablePointInTimeRecovery bool
	// Alarms set when the owner of a service that uses the table is notified, if the service has alarms. If zero, the
	// defaults of [Alarms].
	Alarms Alarms
	// EncryptionKey encrypts the table. If nil, a key of its own if the profile has EncryptData, which costs 1 USD a month,
	// and else a key that AWS owns. Services that use it are allowed to use the key.
	EncryptionKey awskms.IKey
	// Retain keeps the table when its stack is deleted. If zero, the profile decides: on in production. A table that is
	// retained has deletion protection if the profile has DeletionProtection.
	Retain profile.Choice
}

// Index is a global secondary index: the table's items by another key.
type Index struct {
	// Name is from 3 to 255 letters, digits, underscores, hyphens and dots. Required.
	Name string
	// PartitionKey determines the partition of an item in the index. Required.
	PartitionKey Key
	// SortKey orders the items with the same partition key.
	SortKey Key
	// Attributes are projected into the index in addition to the keys of the table and its own: at most 20, and 100 in all
	// indexes of the table. If empty, all attributes.
	Attributes []string
}

// Capacity is the provisioned capacity of a table, and of each of its indexes: one read unit is a strongly consistent
// read of 4 KB a second, one write unit a write of 1 KB a second. A table that was billed on demand starts with MaxRead
// and MaxWrite, so that it throttles nothing until autoscaling has seen what it needs.
type Capacity struct {
	// MinRead and MaxRead bound the read units. If one is set, so must be all four. An account's quota for a table is
	// 40,000 at first, and can be raised.
	MinRead, MaxRead int
	// MinWrite and MaxWrite bound the write units.
	MinWrite, MaxWrite int
	// TargetPercent is the target utilization of the capacity, from 20 to 90. If zero, 70.
	TargetPercent int
}

// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxIndexes           = 20
	maxIndexAttributes   = 20
	maxTableAttributes   = 100 // of all indexes
	maxAttributeBytes    = 255
	maxCapacity          = 1_000_000 // far above what an account gets; a mistake, such as bytes instead of units, is above it
	defaultTargetPercent = 70
)

var indexName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func (p Props) withDefaults() Props {
	if p.Capacity != (Capacity{}) && p.Capacity.TargetPercent == 0 {
		p.Capacity.TargetPercent = defaultTargetPercent
	}
	if len(p.Outbox) > 0 && p.Stream == NoStream {
		p.Stream = NewImage
	}
	p.Alarms = p.Alarms.withDefaults()
	return p
}

func (p Props) validate() error {
	problems := []error{p.validateKeys()}
	attributes := 0
	for _, index := range p.Indexes {
		attributes += len(index.Attributes)
	}
	if attributes > maxTableAttributes {
		problems = append(problems, fmt.Errorf("Indexes must have at most %d Attributes in all, got %d: leave Attributes empty to project all", maxTableAttributes, attributes))
	}
	if len(p.Indexes) > maxIndexes {
		problems = append(problems, fmt.Errorf("Indexes must be at most %d, got %d", maxIndexes, len(p.Indexes)))
	}
	if p.Stream < NoStream || p.Stream > KeysOnly {
		problems = append(problems, fmt.Errorf("Stream must be one of the table package's constants, got %d", p.Stream))
	}
	return errors.Join(append(problems, p.Capacity.validate(), p.validateOutbox(), p.Alarms.validate(), p.Retain.Check("Retain"))...)
}

// validateKeys validates all keys together, since DynamoDB requires one type for each attribute.
func (p Props) validateKeys() error {
	var problems []error
	kinds := map[string]awsdynamodb.AttributeType{}
	add := func(field string, key Key) {
		if key == (Key{}) {
			return
		}
		if key.name == "" || len(key.name) > maxAttributeBytes {
			problems = append(problems, fmt.Errorf("%s must have a name of 1 to %d bytes, got %s", field, maxAttributeBytes, quoted(key.name)))
			return
		}
		problems = append(problems, problem.Plain(field, key.name))
		if kind, ok := kinds[key.name]; ok && kind != key.kind {
			problems = append(problems, fmt.Errorf("%s must have the type of the other key %q (%s), got %s", field, key.name, kind, key.kind))
		}
		kinds[key.name] = key.kind
	}
	pair := func(prefix string, partition, sort Key) {
		if partition == (Key{}) {
			problems = append(problems, fmt.Errorf(`%sPartitionKey is missing: name one, such as table.String("id")`, prefix))
		}
		add(prefix+"PartitionKey", partition)
		if sort.name != "" && sort.name == partition.name {
			problems = append(problems, fmt.Errorf("%sSortKey must differ from PartitionKey, got %q for both", prefix, sort.name))
			return
		}
		add(prefix+"SortKey", sort)
	}

	pair("", p.PartitionKey, p.SortKey)
	names := map[string]bool{}
	for n, index := range p.Indexes {
		prefix := fmt.Sprintf("Indexes[%d].", n)
		if !indexName.MatchString(index.Name) {
			problems = append(problems, fmt.Errorf("%sName must be 3 to 255 letters, digits, underscores, hyphens and dots, got %s", prefix, quoted(index.Name)))
		} else if names[index.Name] {
			problems = append(problems, fmt.Errorf("%sName must be unique, got %q twice", prefix, index.Name))
		}
		names[index.Name] = true
		pair(prefix, index.PartitionKey, index.SortKey)
		problems = append(problems, p.validateAttributes(prefix, index))
	}
	return errors.Join(append(problems, p.validateTTL())...)
}

// quoted cuts a long name, of which a message needs the beginning and the length.
func quoted(name string) string {
	if len(name) <= maxAttributeBytes {
		return strconv.Quote(name)
	}
	return fmt.Sprintf("%d bytes, beginning with %q", len(name), strings.ToValidUTF8(name[:20], ""))
}

// validateAttributes rejects keys, which each index contains anyway, since DynamoDB rejects them.
func (p Props) validateAttributes(prefix string, index Index) error {
	var problems []error
	if len(index.Attributes) > maxIndexAttributes {
		problems = append(problems, fmt.Errorf("%sAttributes must be at most %d, got %d: leave it empty to project all", prefix, maxIndexAttributes, len(index.Attributes)))
	}
	keys := []string{p.PartitionKey.name, p.SortKey.name, index.PartitionKey.name, index.SortKey.name}
	for n, attribute := range index.Attributes {
		switch {
		case attribute == "" || len(attribute) > maxAttributeBytes:
			problems = append(problems, fmt.Errorf("%sAttributes must be names of 1 to %d bytes, got %s", prefix, maxAttributeBytes, quoted(attribute)))
		case slices.Contains(keys, attribute):
			problems = append(problems, fmt.Errorf("%sAttributes must not name keys, which the index contains anyway, got %q", prefix, attribute))
		case slices.Contains(index.Attributes[:n], attribute):
			problems = append(problems, fmt.Errorf("%sAttributes must name each attribute once, got %q twice", prefix, attribute))
		}
	}
	return errors.Join(problems...)
}

// validateTTL allows a key of an index, with which items that expire soon can be found. DynamoDB reads the time from a
// number alone: with a string, no item would ever expire.
func (p Props) validateTTL() error {
	if p.DisableTTL && p.TTLAttribute == "" {
		return errors.New("DisableTTL needs TTLAttribute, the attribute by which items expire now, got none: set it, or remove DisableTTL")
	}
	if p.TTLAttribute == "" {
		return nil
	}
	problems := []error{problem.Plain("TTLAttribute", p.TTLAttribute)}
	if len(p.TTLAttribute) > maxAttributeBytes {
		problems = append(problems, fmt.Errorf("TTLAttribute must be at most %d bytes, got %s", maxAttributeBytes, quoted(p.TTLAttribute)))
	}
	for n, index := range p.Indexes {
		if field, key := keyOf(p.TTLAttribute, index.PartitionKey, index.SortKey); field != "" && key.kind != awsdynamodb.AttributeType_NUMBER {
			problems = append(problems, fmt.Errorf("TTLAttribute must be a number, got %q, which is Indexes[%d].%s of type %s: use table.Number there, or another attribute",
				p.TTLAttribute, n, field, key.kind))
		}
	}
	if field, _ := keyOf(p.TTLAttribute, p.PartitionKey, p.SortKey); field != "" {
		problems = append(problems, fmt.Errorf("TTLAttribute must not be a key of the table, got %q, which is %s", p.TTLAttribute, field))
	}
	return errors.Join(problems...)
}

// keyOf returns which of two keys an attribute is, and an empty text if it is none.
func keyOf(attribute string, partition, sort Key) (field string, key Key) {
	switch attribute {
	case partition.name:
		return "PartitionKey", partition
	case sort.name:
		return "SortKey", sort
	}
	return "", Key{}
}

func (c Capacity) validate() error {
	if c == (Capacity{}) {
		return nil
	}
	var problems []error
	bounds := func(name string, low, high int) {
		if high > maxCapacity {
			problems = append(problems, fmt.Errorf("Capacity.Max%s must be at most %d units, got %d", name, maxCapacity, high))
		}
		if low < 1 {
			problems = append(problems, fmt.Errorf("Capacity.Min%s must be at least 1, got %d", name, low))
		}
		switch {
		case low > 0 && high < low:
			problems = append(problems, fmt.Errorf("Capacity.Max%s must be at least Min%s (%d), got %d", name, name, low, high))
		case high < 1:
			problems = append(problems, fmt.Errorf("Capacity.Max%s must be at least 1, got %d", name, high))
		}
	}
	bounds("Read", c.MinRead, c.MaxRead)
	bounds("Write", c.MinWrite, c.MaxWrite)
	if c.TargetPercent < 20 || c.TargetPercent > 90 {
		problems = append(problems, fmt.Errorf("Capacity.TargetPercent must be from 20 to 90, got %d", c.TargetPercent))
	}
	return errors.Join(problems...)
}
