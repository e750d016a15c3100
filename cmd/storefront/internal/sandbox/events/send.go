package events

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// undeclared is a name of a source and of a detail type that no service has.
const undeclared = "SandboxUndeclared"

// parcel is one event that was sent, and where it must arrive.
type parcel struct {
	stack string
	how   string // such as "cart puts shop.cart CheckedOut"
	mark  string // in its detail, by which it is recognized
	event deployed.Event

	id     string // that EventBridge gave it; none for an item of an outbox
	detail string // as JSON
	item   bool   // whether it was written into an outbox
	want   []string
}

// marked returns a parcel with a detail that a pipe or a rule could damage.
func (r *run) marked(stack, how string, event deployed.Event) *parcel {
	r.sent++
	mark := fmt.Sprintf("%s-%d", r.mark, r.sent)
	detail, err := json.Marshal(map[string]any{"sandbox": mark, "text": "\"quotes\", <angle> & ünïcode \\ \n", "number": 12.5, "list": []any{true, nil}})
	if err != nil {
		panic(err) // cannot happen: these values have JSON
	}
	p := &parcel{stack: stack, how: how, mark: mark, event: event, detail: string(detail)}
	r.parcels = append(r.parcels, p)
	return p
}

// put puts an event on a bus, and returns whether it was accepted. An error says nothing about permissions.
func (r *run) put(ctx context.Context, config aws.Config, bus string, p *parcel) (bool, error) {
	out, err := eventbridge.NewFromConfig(config).PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{{
		EventBusName: &bus, Source: &p.event.Source, DetailType: &p.event.DetailType, Detail: &p.detail,
	}}})
	var failure smithy.APIError
	switch {
	case errors.As(err, &failure) && slices.Contains([]string{"AccessDenied", "AccessDeniedException"}, failure.ErrorCode()):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%s: %w", p.how, err)
	case out.FailedEntryCount > 0:
		return false, fmt.Errorf("%s: %s", p.how, aws.ToString(out.Entries[0].ErrorMessage))
	}
	p.id = aws.ToString(out.Entries[0].EventId)
	return true, nil
}

// trespass puts, with the role of each service, what the service does not declare. It must be refused.
func (r *run) trespass(ctx context.Context) error {
	for _, by := range r.land.services {
		for _, bus := range r.land.buses {
			others := []deployed.Event{{Source: undeclared, DetailType: undeclared}}
			for _, own := range by.puts[bus] {
				others = append(others, deployed.Event{Source: own.Source, DetailType: undeclared}, deployed.Event{Source: undeclared, DetailType: own.DetailType})
			}
			for _, event := range slices.Concat(others, r.land.events) {
				if by.mayPut(bus, event) {
					continue
				}
				p := r.marked(by.stack, fmt.Sprintf("%s puts %s, which it does not declare", by.name, event), event)
				accepted, err := r.put(ctx, by.config, bus, p)
				if err != nil {
					return err
				}
				r.report.Refused++
				if accepted {
					r.find(p, "refused", "accepted")
					p.want = r.land.subscribers(event)
				}
			}
		}
	}
	return nil
}

// strange puts events of nobody, with the credentials of the check. They must arrive nowhere.
func (r *run) strange(ctx context.Context) error {
	events := map[deployed.Event]bool{{Source: undeclared, DetailType: undeclared}: true}
	for _, event := range r.land.events {
		events[deployed.Event{Source: event.Source, DetailType: undeclared}] = true
		events[deployed.Event{Source: undeclared, DetailType: event.DetailType}] = true
	}
	for _, bus := range r.land.buses {
		for event := range events {
			if accepted, err := r.put(ctx, r.config, bus, r.marked("", "anybody puts "+event.String(), event)); err != nil || !accepted {
				return errors.Join(err, refusedItself(accepted))
			}
		}
	}
	return nil
}

func refusedItself(accepted bool) error {
	if accepted {
		return nil
	}
	return errors.New("the credentials of the check may not put events")
}

// publish sends every declared event in the way of its publisher.
func (r *run) publish(ctx context.Context) error {
	for _, by := range r.land.services {
		for _, bus := range slices.Sorted(maps.Keys(by.puts)) {
			for _, event := range by.puts[bus] {
				p := r.marked(by.stack, fmt.Sprintf("%s puts %s", by.name, event), event)
				accepted, err := r.put(ctx, by.config, bus, p)
				if err != nil {
					return err
				}
				r.report.Puts++
				if !accepted {
					r.find(p, "accepted", "refused")
					continue
				}
				p.want = r.land.subscribers(event)
			}
		}
		for _, table := range slices.Sorted(maps.Keys(by.writes)) {
			if err := r.write(ctx, by, table); err != nil {
				return fmt.Errorf("%s: the outbox of %s: %w", by.name, table, err)
			}
		}
	}
	// An event of another app.
	for _, event := range r.land.events {
		if r.land.published(event) {
			continue
		}
		for _, bus := range r.land.buses {
			p := r.marked("", "another app puts "+event.String(), event)
			if accepted, err := r.put(ctx, r.config, bus, p); err != nil || !accepted {
				return errors.Join(err, refusedItself(accepted))
			}
			r.report.Puts++
			p.want = r.land.subscribers(event)
		}
	}
	return nil
}

// write writes items into an outbox: of a detail type that nobody declares, without a detail, and of each event. The last ones
// are then changed, which must not publish them again. A pipe reads the items of one key in their order.
func (r *run) write(ctx context.Context, by *service, table string) error {
	box, err := openOutbox(ctx, r.config, by.config, table)
	if err != nil {
		return err
	}
	r.outboxes = append(r.outboxes, box)
	declared := by.writes[table]
	stranger := r.marked(by.stack, fmt.Sprintf("%s writes an item of the type %s", by.name, undeclared), deployed.Event{Source: declared[0].Source, DetailType: undeclared})
	empty := r.marked(by.stack, fmt.Sprintf("%s writes an item without outboxDetail", by.name), declared[0])
	if err := errors.Join(box.write(ctx, stranger, true), box.write(ctx, empty, false)); err != nil {
		return err
	}
	for _, event := range declared {
		p := r.marked(by.stack, fmt.Sprintf("%s writes %s into its outbox", by.name, event), event)
		p.item = true
		if err := box.write(ctx, p, true); err != nil {
			return err
		}
		r.report.Items++
		p.want = r.land.subscribers(event)
	}
	return box.change(ctx)
}

// outbox is a table whose items are events.
type outbox struct {
	table       *tabletypes.TableDescription
	expiry      string // the attribute by which its items expire
	check, role *dynamodb.Client
	keys        []map[string]tabletypes.AttributeValue // of what was written
}

func openOutbox(ctx context.Context, check, role aws.Config, table string) (*outbox, error) {
	box := &outbox{check: dynamodb.NewFromConfig(check), role: dynamodb.NewFromConfig(role)}
	described, err := box.check.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return nil, err
	}
	expires, err := box.check.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return nil, err
	}
	box.table = described.Table
	if expires.TimeToLiveDescription != nil {
		box.expiry = aws.ToString(expires.TimeToLiveDescription.AttributeName)
	}
	return box, nil
}

// write writes a parcel as an item, with a new key.
func (b *outbox) write(ctx context.Context, p *parcel, detail bool) error {
	key := map[string]tabletypes.AttributeValue{}
	for _, element := range b.table.KeySchema {
		key[*element.AttributeName] = value(b.table, *element.AttributeName, p.mark)
	}
	item := maps.Clone(key)
	item["outboxType"] = &tabletypes.AttributeValueMemberS{Value: p.event.DetailType}
	if detail {
		item["outboxDetail"] = &tabletypes.AttributeValueMemberS{Value: base64.StdEncoding.EncodeToString([]byte(p.detail))}
	} else {
		item["detail"] = &tabletypes.AttributeValueMemberS{Value: p.detail}
	}
	if b.expiry != "" {
		item[b.expiry] = &tabletypes.AttributeValueMemberN{Value: fmt.Sprint(time.Now().Add(time.Hour).Unix())}
	}
	b.keys = append(b.keys, key)
	_, err := b.role.PutItem(ctx, &dynamodb.PutItemInput{TableName: b.table.TableName, Item: item})
	return err
}

// value is the value of a key, of the type that it has.
func value(table *tabletypes.TableDescription, attribute, mark string) tabletypes.AttributeValue {
	for _, definition := range table.AttributeDefinitions {
		if aws.ToString(definition.AttributeName) == attribute {
			switch definition.AttributeType {
			case tabletypes.ScalarAttributeTypeN:
				return &tabletypes.AttributeValueMemberN{Value: fmt.Sprint(-time.Now().UnixNano())}
			case tabletypes.ScalarAttributeTypeB:
				return &tabletypes.AttributeValueMemberB{Value: []byte(mark)}
			}
		}
	}
	return &tabletypes.AttributeValueMemberS{Value: mark}
}

// change changes every item that was written.
func (b *outbox) change(ctx context.Context) error {
	var problems []error
	for _, key := range b.keys {
		_, err := b.check.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: b.table.TableName, Key: key, UpdateExpression: aws.String("SET #c = :c"), ExpressionAttributeNames: map[string]string{"#c": "changed"},
			ExpressionAttributeValues: map[string]tabletypes.AttributeValue{":c": &tabletypes.AttributeValueMemberBOOL{Value: true}},
		})
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// empty deletes what was written.
func (b *outbox) empty(ctx context.Context) error {
	var problems []error
	for _, key := range b.keys {
		_, err := b.check.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: b.table.TableName, Key: key})
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
