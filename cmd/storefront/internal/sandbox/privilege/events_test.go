package privilege

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

const eventResources = `
	"Bus": {"Type": "AWS::Events::EventBus"}, "Items": {"Type": "AWS::DynamoDB::GlobalTable"}, "Key": {"Type": "AWS::KMS::Key"},
	"Failed": {"Type": "AWS::SQS::Queue"}, "TaskRole": {"Type": "AWS::IAM::Role"}, "ExecutionRole": {"Type": "AWS::IAM::Role"}, "PipeRole": {"Type": "AWS::IAM::Role"}`

var (
	checkedOut = deployed.Event{Source: "shop.cart", DetailType: "CheckedOut"}
	emptied    = deployed.Event{Source: "shop.cart", DetailType: "Emptied"}
)

// withEvents is a service whose table has an outbox, and a bus.
func withEvents(t *testing.T) *landscape {
	t.Helper()
	s := &deployed.App{Account: "111122223333"}
	s.Config.Region = "eu-west-1"
	stack := stackOf(t, "cart", eventResources)
	for id, path := range map[string]string{
		"Items": "cart/Items/Table", "Key": "cart/Items/Key", "Failed": "cart/Items/Outbox/DeadLetters/Resource", "PipeRole": "cart/Items/Outbox/Role/Resource",
	} {
		stack.Template.Get("Resources." + id).(map[string]any)["Metadata"] = map[string]any{"aws:cdk:path": path}
	}
	events := []any{
		map[string]any{"Source": checkedOut.Source, "DetailType": checkedOut.DetailType}, map[string]any{"Source": emptied.Source, "DetailType": emptied.DetailType},
	}
	stack.Template["Metadata"] = map[string]any{"storefront:service:cart": map[string]any{"Uses": []any{}, "Publishes": events}}
	s.Stacks = []*deployed.Stack{stack}
	land := &landscape{arns: arns{"aws", "eu-west-1", "111122223333"}}
	land.addThings(s)
	land.addRoles(s)
	land.addEvents(s, []deployed.Task{cart(func(*types.TaskDefinition) {})})
	return land
}

func TestNeedsOfAPublisher(t *testing.T) {
	land := withEvents(t)
	findings := land.addNeeds(cart(func(d *types.TaskDefinition) {
		variable(d, "EVENT_BUS_NAME", "bus")
		d.ContainerDefinitions[0].LogConfiguration = nil
	}), []deployed.Use{
		{Store: "publication.Publication", Type: "publication.Publication", Access: "Publish", Variables: []string{"EVENT_BUS_NAME"}, Publishes: []deployed.Event{emptied}},
		{Store: "cart/Items", Type: "table.Table", Access: "Write", Variables: []string{"ITEMS_TABLE_NAME"}, Publishes: []deployed.Event{checkedOut}},
	})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	byID := map[string]*role{}
	for _, r := range land.roles {
		byID[r.logicalID] = r
	}
	puts := func(r *role) []string {
		return slices.DeleteFunc(rights(r), func(right string) bool { return !strings.HasPrefix(right, "events:") })
	}
	if diff := cmp.Diff([]string{"events:PutEvents events:event-bus/bus for shop.cart Emptied"}, puts(byID["TaskRole"])); diff != "" {
		t.Errorf("task role (-want +got):\n%s", diff)
	}
	pipe := byID["PipeRole"]
	want := []string{
		"dynamodb:DescribeStream table/items/stream/2026-01-01T00:00:00.000", "dynamodb:GetRecords table/items/stream/2026-01-01T00:00:00.000",
		"dynamodb:GetShardIterator table/items/stream/2026-01-01T00:00:00.000", "dynamodb:ListStreams table/items/stream/2026-01-01T00:00:00.000",
		"events:PutEvents events:event-bus/bus for shop.cart CheckedOut",
		"kms:Decrypt kms:key/key", "kms:DescribeKey kms:key/key", "kms:GenerateDataKey kms:key/key", "sqs:SendMessage sqs:failed",
	}
	if diff := cmp.Diff(want, rights(pipe)); diff != "" || pipe.principal != ofPipes || pipe.purpose != "pipe role of cart" {
		t.Errorf("the %s, which %s assumes (-want +got):\n%s", pipe.purpose, pipe.principal, diff)
	}
}

func TestEventsThatAreNotDetermined(t *testing.T) {
	for name, c := range map[string]struct {
		use  deployed.Use
		want string
	}{
		"no bus": {
			deployed.Use{Store: "publication.Publication", Type: "publication.Publication", Access: "Publish", Variables: []string{"EVENT_BUS_NAME"}, Publishes: []deployed.Event{emptied}},
			"no event bus of the app in [EVENT_BUS_NAME] for shop.cart Emptied",
		},
		"no pipe": {
			deployed.Use{Store: "cart/Other", Type: "table.Table", Access: "Write", Variables: []string{"ITEMS_TABLE_NAME"}, Publishes: []deployed.Event{emptied}},
			"no role below cart/Other/Outbox, for the pipe that publishes [shop.cart Emptied]",
		},
	} {
		land := withEvents(t)
		for n := range land.things {
			if land.things[n].kind == table {
				land.things[n].path = "cart/Other/Table"
			}
		}
		got := land.addDeclared(land.roles[0], c.use, map[string]string{"ITEMS_TABLE_NAME": "items"}, "cart")
		if got == nil || got.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

// Each event is a permission of its own: a statement without the condition, or with a wider one, is not the declared one.
func TestAStatementWithoutItsEvent(t *testing.T) {
	r := &role{stack: "cart", logicalID: "Role", purpose: "task role of cart", principal: ofTasks, needs: map[right]int{}, grants: map[right]int{}}
	r.need(thing{kind: event, arn: "arn:bus", pattern: "arn:bus", event: emptied}, putEvents)
	for condition, want := range map[string][]string{
		`{"StringEquals": {"events:source": "shop.cart", "events:detail-type": "Emptied"}}`:    nil,
		`{"StringEquals": {"events:source": "shop.cart", "events:detail-type": "CheckedOut"}}`: {"events:PutEvents on arn:bus for shop.cart CheckedOut"},
		`{"StringEquals": {"events:source": "shop.cart"}}`:                                     {"events:PutEvents on arn:bus"},
		`{"StringLike": {"events:source": "shop.cart", "events:detail-type": "Emptied"}}`:      {"events:PutEvents on arn:bus"},
		`{}`: {"events:PutEvents on arn:bus"},
	} {
		var got []string
		policy := parsed(t, `{"Statement": [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": "arn:bus", "Condition": `+condition+`}]}`)
		for _, finding := range undeclared(r, "Default", policy) {
			got = append(got, finding.What)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", condition, diff)
		}
	}
	if got := distrusted(&role{principal: ofPipes}, parsed(t, `{"Statement": [{"Effect": "Allow", "Principal": {"Service": "pipes.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`)); len(got) > 0 {
		t.Errorf("a pipe's role: got %v", got)
	}
}

func TestPathsBetweenServices(t *testing.T) {
	from := func(group string) []ec2types.IpPermission {
		return []ec2types.IpPermission{{UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: aws.String(group)}}}}
	}
	callee := &peer{stack: "catalog", logicalID: "Service", name: "catalog", groups: []string{"sg-catalog"}, record: deployed.Record{Callable: true}}
	calls := []deployed.Call{{Service: "catalog", Stack: "catalog", Variables: []string{"CATALOG_URL"}}}
	for name, c := range map[string]struct {
		calls     []deployed.Call
		variables map[string]string
		allowed   []ec2types.IpPermission
		want      []string
	}{
		"declared":     {calls, map[string]string{"CATALOG_URL": "http://catalog"}, from("sg-cart"), nil},
		"not declared": {nil, nil, from("sg-load-balancer"), nil},
		"open":         {nil, nil, from("sg-cart"), []string{"cart calls catalog: want closed, got open"}},
		"closed":       {calls, map[string]string{"CATALOG_URL": "http://catalog"}, nil, []string{"cart calls catalog: want open, got closed"}},
		"no address":   {calls, nil, from("sg-cart"), []string{`cart calls catalog: variable CATALOG_URL: want a URL, got ""`}},
	} {
		caller := &peer{stack: "cart", logicalID: "Service", name: "cart", groups: []string{"sg-cart"}, record: deployed.Record{Calls: c.calls}, variables: c.variables}
		var got []string
		for _, finding := range caller.judge(callee, c.allowed) {
			got = append(got, strings.TrimPrefix(finding.String(), "cart: Service: reached: "))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	everybody := []ec2types.IpPermission{{IpRanges: []ec2types.IpRange{{CidrIp: aws.String("10.0.0.0/16")}}}}
	if got := callee.exposed(everybody); len(got) != 1 || got[0].What != "catalog from 10.0.0.0/16" {
		t.Errorf("open to addresses: got %v", got)
	}
}
