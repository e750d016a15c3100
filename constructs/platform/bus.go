package platform

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Events sets what the event bus keeps of the events, and what it logs. Any change is made in place: the bus and the rules on it
// stay.
//
// The bus has no dead-letter queue of its own, since it gets only events that the bus could not encrypt or decrypt with a key of
// the account, and the bus is encrypted with a key of AWS. What a rule could not deliver is in the dead-letter queue of the
// subscriber.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-dlq.html
type Events struct {
	// Archive keeps a copy of every event, to replay it to subscribers. It costs 0.10 USD for each GB that is archived, and its
	// storage. If zero, the profile decides by ArchiveEvents: on in production. When it is turned off, the archive is deleted
	// with its events.
	Archive profile.Choice
	// ArchiveDays is how long the archive keeps an event, from 1 to 3650 days. If zero, 14, as dead-letter queues do. A lower
	// number deletes older events.
	ArchiveDays int
	// ErrorLogs records in a log group why an event could not be put on the bus, or not be delivered: its source, detail type,
	// rule and error, without the detail. If zero, the profile decides by EventLogs: on in production.
	ErrorLogs profile.Choice
}

const defaultArchiveDays = 14

func (e Events) validate() error {
	const most = 3650
	problems := []error{
		e.Archive.Check("Events.Archive"), e.ErrorLogs.Check("Events.ErrorLogs"), cdkx.CheckWithin("Events.ArchiveDays", e.ArchiveDays, 0, most),
	}
	if e.ArchiveDays != 0 && e.Archive == profile.Off {
		problems = append(problems, fmt.Errorf("Events.ArchiveDays needs the archive, which Events.Archive turns off, got %d: remove one of the two", e.ArchiveDays))
	}
	return errors.Join(problems...)
}

// newBus defines the bus, its archive and its log. The CDK would derive the name of the bus from its construct path, which is the
// same in each environment.
func (p *Platform) newBus(events Events, defaults profile.Profile) awsevents.IEventBus {
	props := &awsevents.EventBusProps{EventBusName: &p.ref.StackName}
	logged := events.ErrorLogs.Or(defaults.EventLogs)
	if logged {
		props.LogConfig = &awsevents.LogConfig{Level: awsevents.Level_ERROR, IncludeDetail: awsevents.IncludeDetail_NONE}
	}
	bus := awsevents.NewEventBus(p, jsii.String("Bus"), props)
	if logged {
		p.logErrorsOf(bus, defaults)
	}
	if events.Archive.Or(defaults.ArchiveEvents) {
		days := events.ArchiveDays
		if days == 0 {
			days = defaultArchiveDays
		}
		awsevents.NewCfnArchive(bus, jsii.String("Archive"), &awsevents.CfnArchiveProps{
			Description:   jsii.String("The events of " + p.ref.StackName),
			SourceArn:     bus.EventBusArn(),
			RetentionDays: jsii.Number(days),
		})
	}
	return bus
}

// logErrorsOf delivers the log of the bus to a log group. CloudWatch Logs delivers it from a source to a destination, which have
// names that are unique in an account and region.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html
func (p *Platform) logErrorsOf(bus constructs.Construct, defaults profile.Profile) {
	scope := constructs.NewConstruct(bus, jsii.String("Errors"))
	stack := awscdk.Stack_Of(scope)
	group := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     cdkx.LogRetention(defaults.LogRetentionDays),
		EncryptionKey: p.logKey,
		RemovalPolicy: cdkx.Removal(defaults.RetainData),
	})
	// Without it CloudWatch Logs would extend a policy of the account, which is not deleted with the stack.
	policy := cdkx.LogPolicy{
		Group: group, Service: "delivery.logs.amazonaws.com", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Source: fmt.Sprintf("arn:%s:logs:%s:%s:*", *stack.Partition(), *stack.Region(), *stack.Account()),
	}.Define(scope, "LogPolicy")
	name := jsii.String(deliveryName(p.ref.StackName))
	source := awslogs.NewCfnDeliverySource(scope, jsii.String("Source"), &awslogs.CfnDeliverySourceProps{
		Name: name, LogType: jsii.String("ERROR_LOGS"), ResourceArn: bus.(awsevents.IEventBus).EventBusArn(),
	})
	destination := awslogs.NewCfnDeliveryDestination(scope, jsii.String("Destination"), &awslogs.CfnDeliveryDestinationProps{
		Name: name,
		// Without the ":*" at the end of the group's own ARN.
		DestinationResourceArn: jsii.String(fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", *stack.Partition(), *stack.Region(), *stack.Account(), *group.LogGroupName())),
	})
	delivery := awslogs.NewCfnDelivery(scope, jsii.String("Delivery"), &awslogs.CfnDeliveryProps{
		DeliverySourceName: source.Ref(), DeliveryDestinationArn: destination.AttrArn(),
	})
	delivery.Node().AddDependency(policy)
}

// deliveryName is the name of the delivery of a stack's log, of at most 60 characters.
func deliveryName(stackName string) string {
	const suffix, most, digits = "-bus-errors", 60, 8
	if len(stackName)+len(suffix) <= most {
		return stackName + suffix
	}
	hash := fmt.Sprintf("-%x", sha256.Sum256([]byte(stackName)))[:digits+1]
	return stackName[:most-len(suffix)-len(hash)] + hash + suffix
}
