package table

import (
	"errors"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/outbox"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// The access that a microservice can have to a table's items, by the table's keys and those of its indexes. None of it
// allows changing the table itself.
const (
	Read      = store.Read
	Write     = store.Write
	ReadWrite = store.ReadWrite
)

// actionsOf excludes actions on the table's stream, which the CDK's own grants for data include.
var actionsOf = map[store.Access][]string{
	Read:      reading,
	Write:     writing,
	ReadWrite: slices.Compact(slices.Sorted(slices.Values(slices.Concat(reading, writing)))),
}

var (
	reading = []string{
		"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DescribeTable", "dynamodb:GetItem",
		"dynamodb:Query", "dynamodb:Scan",
	}
	writing = []string{
		"dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable",
		"dynamodb:PutItem", "dynamodb:UpdateItem",
	}
)

// Table is a DynamoDB table that one microservice owns.
type Table struct {
	constructs.Construct
	id     string
	alarms Alarms
	table  awsdynamodb.TableV2
	key    awskms.IKey
	events []event.Event
	outbox *outbox.Outbox
}

var _ store.Store = (*Table)(nil)

// New defines a table. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Table {
	problem.MustScope(scope, id)
	props = props.withDefaults()
	problem.Must(scope, id, errors.Join(props.validate(), props.checkPlatform(scope), cdkx.CheckDataKey("EncryptionKey", props.EncryptionKey, scope)))
	defaults := profile.Of(scope)
	retain := props.Retain.Or(defaults.RetainData)

	t := &Table{id: id, alarms: props.Alarms, events: props.Outbox}
	place.Define(t, scope, id)
	t.key = cdkx.DataKey(t, props.EncryptionKey, defaults.EncryptData, retain)
	t.table = awsdynamodb.NewTableV2(t, jsii.String("Table"), &awsdynamodb.TablePropsV2{
		PartitionKey:           props.PartitionKey.attribute(),
		SortKey:                props.SortKey.attribute(),
		GlobalSecondaryIndexes: indexes(props.Indexes),
		TimeToLiveAttribute:    cdkx.OptionalString(props.TTLAttribute),
		DynamoStream:           props.Stream.viewType(),
		Billing:                t.billing(props.Capacity),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(!props.DisablePointInTimeRecovery),
		},
		DeletionProtection: jsii.Bool(retain && defaults.DeletionProtection),
		RemovalPolicy:      cdkx.Removal(retain),
	})
	t.override(props)
	t.publish(props.Outbox, retain)
	return t
}

// override sets what the CDK's table does not support: TTL that is turned off, whose attribute must stay in the template, or else
// DynamoDB would not turn it off; and a customer managed key in a stack without a region.
func (t *Table) override(props Props) {
	if !props.DisableTTL && t.key == nil {
		return
	}
	table := t.table.Node().DefaultChild().(awsdynamodb.CfnGlobalTable)
	if props.DisableTTL {
		table.AddPropertyOverride(jsii.String("TimeToLiveSpecification.Enabled"), false)
	}
	if t.key != nil {
		table.AddPropertyOverride(jsii.String("SSESpecification"), map[string]any{"SSEEnabled": true, "SSEType": "KMS"})
		table.AddPropertyOverride(jsii.String("Replicas.0.SSESpecification.KMSMasterKeyId"), t.key.KeyArn())
	}
}

// Table returns the underlying CDK table.
func (t *Table) Table() awsdynamodb.TableV2 { return t.table }

// Bind grants consumer [Read], [Write] or [ReadWrite] access to the table's items, sets the environment variable
// <ID>_TABLE_NAME, and adds the alarms of Props.Alarms. Who may write publishes the events of Props.Outbox.
func (t *Table) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	actions, known := actionsOf[access]
	if !known {
		return store.Binding{}, store.Unsupported(access, Read, Write, ReadWrite)
	}
	t.table.Grant(consumer.GrantPrincipal(), *jsii.Strings(actions...)...)
	cdkx.GrantDataKey(t.key, consumer, access != Read)
	name := *t.table.TableName()
	binding := store.Binding{
		Environment: map[string]string{cdkx.ScreamingSnake(t.id) + "_TABLE_NAME": name},
		Alarms:      t.alarms.on(t.id, metrics(name)),
	}
	if t.outbox != nil && access != Read {
		binding.Publishes, binding.Outbox = t.events, true
		binding.Alarms = append(binding.Alarms, t.alarms.Outbox.On(t.id, t.outbox.Metrics())...)
	}
	return binding, nil
}

func (k Key) attribute() *awsdynamodb.Attribute {
	if k == (Key{}) {
		return nil
	}
	return &awsdynamodb.Attribute{Name: jsii.String(k.name), Type: k.kind}
}

func indexes(all []Index) *[]*awsdynamodb.GlobalSecondaryIndexPropsV2 {
	if len(all) == 0 {
		return nil
	}
	props := make([]*awsdynamodb.GlobalSecondaryIndexPropsV2, len(all))
	for n, index := range all {
		props[n] = &awsdynamodb.GlobalSecondaryIndexPropsV2{
			IndexName:        jsii.String(index.Name),
			PartitionKey:     index.PartitionKey.attribute(),
			SortKey:          index.SortKey.attribute(),
			NonKeyAttributes: cdkx.OptionalStrings(index.Attributes),
		}
		if len(index.Attributes) > 0 {
			props[n].ProjectionType = awsdynamodb.ProjectionType_INCLUDE
		}
	}
	return &props
}

func (s Stream) viewType() awsdynamodb.StreamViewType {
	return map[Stream]awsdynamodb.StreamViewType{
		NewAndOldImages: awsdynamodb.StreamViewType_NEW_AND_OLD_IMAGES,
		NewImage:        awsdynamodb.StreamViewType_NEW_IMAGE,
		OldImage:        awsdynamodb.StreamViewType_OLD_IMAGE,
		KeysOnly:        awsdynamodb.StreamViewType_KEYS_ONLY,
	}[s]
}

// onDemand is the key of the billing that an app shares.
type onDemand struct{}

func (t *Table) billing(c Capacity) awsdynamodb.Billing {
	if c == (Capacity{}) {
		return place.Shared(t, onDemand{}, func() awsdynamodb.Billing { return awsdynamodb.Billing_OnDemand(nil) })
	}
	units := func(low, high int) awsdynamodb.Capacity {
		return awsdynamodb.Capacity_Autoscaled(&awsdynamodb.AutoscaledCapacityOptions{
			MinCapacity: jsii.Number(low),
			MaxCapacity: jsii.Number(high),
			// Required for a change from and to on demand, of which CloudFormation cannot know the capacity in use.
			SeedCapacity:             jsii.Number(high),
			TargetUtilizationPercent: jsii.Number(c.TargetPercent),
		})
	}
	return awsdynamodb.Billing_Provisioned(&awsdynamodb.ThroughputProps{
		ReadCapacity:  units(c.MinRead, c.MaxRead),
		WriteCapacity: units(c.MinWrite, c.MaxWrite),
	})
}
