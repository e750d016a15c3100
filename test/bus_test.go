package test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// busIn is a platform of a profile, in a stack of a name.
func busIn(t *testing.T, defaults profile.Profile, stackName string, events platform.Events) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: defaults})
		stack := awscdk.NewStack(app, jsii.String("Shop"), &awscdk.StackProps{StackName: &stackName})
		net := network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b", "us-east-1c"}[:defaults.Zones]})
		platform.New(stack, "Platform", platform.Props{VPC: net.VPC(), Events: events})
	}).templates["Shop"]
}

func TestTheBusByProfile(t *testing.T) {
	sandbox := busIn(t, profile.Sandbox(), "shop", platform.Events{})
	for _, resourceType := range []string{"AWS::Events::Archive", "AWS::Logs::DeliverySource", "AWS::Logs::DeliveryDestination", "AWS::Logs::Delivery", "AWS::Logs::ResourcePolicy"} {
		if found := sandbox.Resources(resourceType); len(found) > 0 {
			t.Errorf("sandbox: got %d %s", len(found), resourceType)
		}
	}
	expect(t, "sandbox", sandbox.One(t, "AWS::Events::EventBus"), map[string]any{"Name": "shop", "LogConfig": nil, "DeadLetterConfig": nil, "KmsKeyIdentifier": nil})

	production := busIn(t, profile.Production(), "shop", platform.Events{})
	expect(t, "production", production.One(t, "AWS::Events::EventBus"), map[string]any{"Name": "shop", "LogConfig.Level": "ERROR", "LogConfig.IncludeDetail": "NONE", "DeadLetterConfig": nil})
	expect(t, "production", production.One(t, "AWS::Events::Archive"), map[string]any{
		"SourceArn.Fn::GetAtt.0": production.One(t, "AWS::Events::EventBus").LogicalID, "SourceArn.Fn::GetAtt.1": "Arn",
		"RetentionDays": json.Number("14"), "EventPattern": nil, "ArchiveName": nil,
	})
	source := production.One(t, "AWS::Logs::DeliverySource")
	expect(t, "production", source, map[string]any{
		"Name": "shop-bus-errors", "LogType": "ERROR_LOGS", "ResourceArn.Fn::GetAtt.0": production.One(t, "AWS::Events::EventBus").LogicalID,
	})
	destination, delivery := production.One(t, "AWS::Logs::DeliveryDestination"), production.One(t, "AWS::Logs::Delivery")
	expect(t, "production", delivery, map[string]any{
		"DeliverySourceName.Ref": source.LogicalID, "DeliveryDestinationArn.Fn::GetAtt.0": destination.LogicalID,
	})
	// Nothing is lost between the delivery and the permission to write.
	policy := production.One(t, "AWS::Logs::ResourcePolicy")
	if got, _ := delivery.Get("DependsOn").([]any); len(got) != 1 || got[0] != policy.LogicalID {
		t.Errorf("the delivery depends on %v, want %s", got, policy.LogicalID)
	}
	group := resourceOf(t, production, groupOf(t, destination))
	expect(t, "production", group, map[string]any{"RetentionInDays": json.Number("90"), "KmsKeyId.Fn::GetAtt.1": "Arn"})
	if got := group.Get("DeletionPolicy"); got != "RetainExceptOnCreate" {
		t.Errorf("the log group has DeletionPolicy %v", got)
	}
	document, _ := json.Marshal(policy.Get("Properties.PolicyDocument"))
	for _, want := range []string{"delivery.logs.amazonaws.com", group.LogicalID, "logs:PutLogEvents", "aws:SourceAccount", "aws:SourceArn"} {
		if !strings.Contains(string(document), want) {
			t.Errorf("the policy lacks %s: %s", want, document)
		}
	}
}

// groupOf is the logical ID of the log group of a destination.
func groupOf(t *testing.T, destination snapshot.Resource) string {
	t.Helper()
	parts, _ := destination.Get("Properties.DestinationResourceArn.Fn::Join.1").([]any)
	if len(parts) == 0 {
		t.Fatalf("the destination is %v", destination.Get("Properties.DestinationResourceArn"))
	}
	reference, _ := parts[len(parts)-1].(map[string]any)
	id, _ := reference["Ref"].(string)
	return id
}

// Whatever is turned on or off, the bus keeps its logical ID and its name, or rules on it and permissions would break.
func TestNoChangeOfEventsReplacesTheBus(t *testing.T) {
	before := busIn(t, profile.Sandbox(), "shop", platform.Events{}).One(t, "AWS::Events::EventBus")
	archived := map[string]any{"RetentionDays": json.Number("3")}
	for name, c := range map[string]struct {
		profile profile.Profile
		events  platform.Events
		archive map[string]any
		logged  bool
	}{
		"an archive":                       {profile.Sandbox(), platform.Events{Archive: profile.On, ArchiveDays: 3}, archived, false},
		"a log of errors":                  {profile.Sandbox(), platform.Events{ErrorLogs: profile.On}, nil, true},
		"production":                       {profile.Production(), platform.Events{ArchiveDays: 3}, archived, true},
		"production without an archive":    {profile.Production(), platform.Events{Archive: profile.Off}, nil, true},
		"production without a log, either": {profile.Production(), platform.Events{Archive: profile.Off, ErrorLogs: profile.Off}, nil, false},
	} {
		template := busIn(t, c.profile, "shop", c.events)
		bus := template.One(t, "AWS::Events::EventBus")
		if bus.LogicalID != before.LogicalID || bus.Get("Properties.Name") != "shop" {
			t.Errorf("%s: the bus is %s with the name %v", name, bus.LogicalID, bus.Get("Properties.Name"))
		}
		if got := bus.Get("Properties.LogConfig") != nil; got != c.logged {
			t.Errorf("%s: the bus logs: %t", name, got)
		}
		if got := len(template.Resources("AWS::Logs::Delivery")) == 1; got != c.logged {
			t.Errorf("%s: the log is delivered: %t", name, got)
		}
		if c.archive != nil {
			expect(t, name, template.One(t, "AWS::Events::Archive"), c.archive)
		} else if found := template.Resources("AWS::Events::Archive"); len(found) > 0 {
			t.Errorf("%s: got an archive", name)
		}
	}
}

// The name of a delivery has at most 60 characters, and is another one for each stack.
func TestTheDeliveryOfAStackWithALongName(t *testing.T) {
	name := func(stackName string) string {
		source := busIn(t, profile.Sandbox(), stackName, platform.Events{ErrorLogs: profile.On}).One(t, "AWS::Logs::DeliverySource")
		return source.Get("Properties.Name").(string)
	}
	long := strings.Repeat("a", 100)
	first, second := name(long), name(long+"b")
	if len(first) > 60 || len(second) > 60 || first == second || !strings.HasSuffix(first, "-bus-errors") {
		t.Errorf("got %s and %s", first, second)
	}
	if got, want := name(strings.Repeat("a", 49)), strings.Repeat("a", 49)+"-bus-errors"; got != want {
		t.Errorf("a name that fits: got %s, want %s", got, want)
	}
}

func TestWhatIsWrongWithEventsOfAPlatform(t *testing.T) {
	panics(t, func() {
		platform.New(awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil), "Platform", platform.Props{
			Events: platform.Events{Archive: profile.Off, ArchiveDays: 5000},
		})
	},
		"Shop/Platform: VPC is missing: set it, such as to network.New(…).VPC()",
		"Shop/Platform: Events.ArchiveDays must be from 0 to 3650, got 5000",
		"Shop/Platform: Events.ArchiveDays needs the archive, which Events.Archive turns off, got 5000: remove one of the two",
	)
}
