package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/services/orders/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// orders is the table of orders. The partition of a user has the orders of the user, in the order of their IDs, which begin with the
// time. Other partitions have a # in their name, which no user's ID has:
//
//   - inbox#CHECKOUT is that a checkout led to an order
//   - outbox#CHECKOUT has the event of that order
type orders struct {
	client *dynamodb.Client
	table  string
}

func key(partition, sort string) table.Item {
	return table.Item{"userId": table.Text(partition), "orderId": table.Text(sort)}
}

// place makes an order of a checkout. One transaction writes the order, its event, and that the checkout led to it, so the event of a
// checkout has one effect, however often and in whatever order it arrives.
func (o orders) place(ctx context.Context, _ event.Message, checkout events.Checkout) error {
	order := api.Order{
		OrderID: orderID(checkout), CheckoutID: checkout.CheckoutID, Lines: checkout.Lines, Total: checkout.Total,
		PlacedAt: time.Now().UTC().Truncate(time.Millisecond), State: api.Placed,
	}
	item, err := encode(checkout.UserID, order)
	if err != nil {
		return err
	}
	placed, err := table.Outbox(o.table, key("outbox#"+checkout.CheckoutID, "outbox"), events.OrderPlaced, events.Order{
		OrderID: order.OrderID, CheckoutID: order.CheckoutID, UserID: checkout.UserID, Lines: order.Lines, Total: order.Total, PlacedAt: order.PlacedAt,
	})
	if err != nil {
		return err
	}
	_, err = o.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		table.Inbox(o.table, key("inbox#"+checkout.CheckoutID, "inbox"), "userId"),
		{Put: &types.Put{TableName: &o.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(userId)")}},
		placed,
	}})
	if table.Refused(err) >= 0 {
		return nil // it took effect before
	}
	return err
}

// orderID is a text that a customer can read out, and that sorts by the time of the checkout. It follows from the checkout, so that a
// checkout that comes after its inbox has forgotten it has the order already.
func orderID(c events.Checkout) string {
	return fmt.Sprintf("%s-%.8s", c.CheckedOutAt.UTC().Format("20060102-150405"), c.CheckoutID)
}

// list returns a page of a user's orders, the newest first.
func (o orders) list(ctx context.Context, userID string, limit int32, cursor *string) ([]api.Order, *string, error) {
	start, err := page.Decode(cursor, map[string]string{"userId": userID}, "orderId")
	if err != nil {
		return nil, nil, err
	}
	got, err := o.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &o.table, Limit: &limit, ExclusiveStartKey: start, ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("userId = :user"), ExpressionAttributeValues: table.Item{":user": table.Text(userID)},
	})
	if err != nil {
		return nil, nil, err
	}
	found := make([]api.Order, len(got.Items))
	for n, item := range got.Items {
		if found[n], err = decode(item); err != nil {
			return nil, nil, err
		}
	}
	return found, page.Encode(got.LastEvaluatedKey), nil
}

// get returns an order of a user, and whether there is one.
func (o orders) get(ctx context.Context, userID, orderID string) (api.Order, bool, error) {
	got, err := o.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &o.table, Key: key(userID, orderID)})
	if err != nil || len(got.Item) == 0 {
		return api.Order{}, false, err
	}
	order, err := decode(got.Item)
	return order, true, err
}

// before are the states that an order can come to a state from.
var before = map[api.State][]api.State{
	api.Shipped:   {api.Placed},
	api.Cancelled: {api.Placed},
	api.Delivered: {api.Shipped},
}

// become changes the state of an order, unless it has the state already.
func (o orders) become(ctx context.Context, userID, orderID string, state api.State) error {
	order, found, err := o.get(ctx, userID, orderID)
	switch {
	case err != nil || found && order.State == state:
		return err
	case !found:
		return fmt.Errorf("user %s has no order %s", userID, orderID)
	case !slices.Contains(before[state], order.State):
		return fmt.Errorf("order %s is %s: it cannot become %s", orderID, order.State, state)
	}
	_, err = o.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &o.table, Key: key(userID, orderID),
		UpdateExpression: aws.String("SET #state = :after"), ConditionExpression: aws.String("#state = :before"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: table.Item{":before": table.Text(string(order.State)), ":after": table.Text(string(state))},
	})
	return err
}

// encode returns an order as an item, whose attributes have the names of openapi.yaml.
func encode(userID string, order api.Order) (table.Item, error) {
	item, err := attributevalue.MarshalMapWithOptions(order, func(o *attributevalue.EncoderOptions) { o.TagKey = "json" })
	if err == nil {
		item["userId"] = table.Text(userID)
	}
	return item, err
}

func decode(item table.Item) (api.Order, error) {
	var order api.Order
	err := attributevalue.UnmarshalMapWithOptions(item, &order, func(o *attributevalue.DecoderOptions) { o.TagKey = "json" })
	return order, err
}
