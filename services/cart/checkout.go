package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/services/cart/api"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// CheckOut buys what is in the cart. What has happened before a failure is nothing or all: one transaction empties the cart, writes
// the event of it, and records the response for a repeated request.
//
// The stock is only looked at: a checkout of more pieces than there are is refused, but it reserves none. Two users may buy the last
// piece at the same moment. A reservation would need an end of its own for carts that are left, and a shop rather sells one piece
// too many than none to somebody whose payment is late.
func (o *operations) CheckOut(ctx context.Context, r api.CheckOutRequestObject) (api.CheckOutResponseObject, error) {
	userID, key := serve.UserID(ctx), r.Params.IdempotencyKey
	if before, err := o.carts.checkedOut(ctx, userID, key); before != nil || err != nil {
		return before, err
	}
	response, err := o.buy(ctx, userID, key, r.Body)
	if errors.As(err, new(serve.Problem)) {
		// The same request, sent before, may have bought since this one has looked for it: then the cart is empty, for example.
		if before, err := o.carts.checkedOut(ctx, userID, key); before != nil || err != nil {
			return before, err
		}
	}
	return response, err
}

// buy buys what is in the cart, or returns the problem with it.
func (o *operations) buy(ctx context.Context, userID, key string, agreed *api.Agreement) (api.CheckOutResponseObject, error) {
	items, err := o.carts.get(ctx, userID)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, serve.Conflict("the cart is empty")
	}
	checkout, err := o.price(ctx, items)
	if err != nil {
		return nil, err
	}
	if agreed != nil && agreed.Total != nil && *agreed.Total != checkout.Total {
		return nil, serve.Conflict("the total is %d %s now, and not %d %s: nothing was bought", checkout.Total.Amount, checkout.Total.Currency, agreed.Total.Amount, agreed.Total.Currency)
	}
	checkout.CheckoutID, checkout.UserID = checkoutID(userID, key), userID
	switch err := o.carts.checkOut(ctx, key, checkout); {
	case table.Refused(err) == 0 || table.Conflicted(err):
		return nil, serve.Unavailable("another request changes the cart: repeat this one with the same Idempotency-Key")
	case table.Refused(err) > 0:
		return nil, serve.Conflict("the cart was changed during the checkout: look at it, and check out again")
	case err != nil:
		return nil, err
	}
	return api.CheckOut200JSONResponse{CheckoutID: checkout.CheckoutID, Total: checkout.Total}, nil
}

// checkoutID is the same for the same request, so that even a record that is lost leads to one order.
func checkoutID(userID, key string) string {
	sum := sha256.Sum256([]byte(userID + "\n" + key))
	return hex.EncodeToString(sum[:16])
}

// price returns a checkout of the items at the current prices, or 409 if some cannot be bought.
func (o *operations) price(ctx context.Context, items []api.Item) (events.Checkout, error) {
	prices, err := o.catalog.prices(ctx, items)
	if err != nil {
		return events.Checkout{}, err
	}
	checkout := events.Checkout{CheckedOutAt: time.Now().UTC().Truncate(time.Millisecond)}
	problem := serve.Conflict("some products cannot be bought as they are in the cart: see errors")
	for _, item := range items {
		price, sold := prices[item.ProductID]
		var detail string
		switch {
		case !sold:
			detail = "it is not sold any more: remove it"
		case price.Stock < item.Quantity:
			detail = fmt.Sprintf("%d are left, and the cart has %d", price.Stock, item.Quantity)
		case checkout.Total.Currency != "" && price.Price.Currency != checkout.Total.Currency:
			detail = fmt.Sprintf("its price is in %s, and that of the products before it in %s: buy it alone", price.Price.Currency, checkout.Total.Currency)
		}
		if detail != "" {
			problem.Errors = append(problem.Errors, serve.Invalidity{Field: item.ProductID, Detail: detail})
			continue
		}
		checkout.Lines = append(checkout.Lines, events.Line{ProductID: item.ProductID, Name: price.Name, Quantity: item.Quantity, UnitPrice: price.Price})
		checkout.Total.Currency = price.Price.Currency
		checkout.Total.Amount += price.Price.Amount * int64(item.Quantity)
	}
	if len(problem.Errors) > 0 {
		return events.Checkout{}, problem
	}
	return checkout, nil
}

// record is what a checkout returned.
type record struct {
	CheckoutID string `dynamodbav:"checkoutId"`
	Amount     int64  `dynamodbav:"amount"`
	Currency   string `dynamodbav:"currency"`
}

// checkedOut returns the response of the checkout that had a key, or nil.
func (c carts) checkedOut(ctx context.Context, userID, idempotencyKey string) (api.CheckOutResponseObject, error) {
	got, err := c.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &c.table, Key: key("checkout#"+userID, idempotencyKey), ConsistentRead: aws.Bool(true)})
	if err != nil || len(got.Item) == 0 {
		return nil, err
	}
	var before record
	if err := attributevalue.UnmarshalMap(got.Item, &before); err != nil {
		return nil, err
	}
	return api.CheckOut200JSONResponse{CheckoutID: before.CheckoutID, Total: events.Money{Amount: before.Amount, Currency: before.Currency}}, nil
}

// checkOut writes a checkout: its record, which refuses a second one with the key, its event, and the deletion of each line, which
// refuses a cart that has changed.
func (c carts) checkOut(ctx context.Context, idempotencyKey string, checkout events.Checkout) error {
	recorded := table.Inbox(c.table, key("checkout#"+checkout.UserID, idempotencyKey), "userId")
	recorded.Put.Item["checkoutId"] = table.Text(checkout.CheckoutID)
	recorded.Put.Item["amount"] = table.Number(checkout.Total.Amount)
	recorded.Put.Item["currency"] = table.Text(checkout.Total.Currency)
	published, err := table.Outbox(c.table, key("outbox#"+checkout.CheckoutID, "outbox"), events.CartCheckedOut, checkout)
	if err != nil {
		return err
	}
	writes := []types.TransactWriteItem{recorded, published}
	for _, line := range checkout.Lines {
		writes = append(writes, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &c.table, Key: key(checkout.UserID, line.ProductID),
			ConditionExpression:       aws.String("quantity = :quantity"),
			ExpressionAttributeValues: table.Item{":quantity": table.Number(int64(line.Quantity))},
		}})
	}
	_, err = c.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return err
}
