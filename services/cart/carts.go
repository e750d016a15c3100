package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/services/cart/api"
	"github.com/storefront-cdk/storefront/services/internal/table"
)

// expiresAfter is the number of days after which a product that nobody has touched is removed.
const expiresAfter = 90

// carts is the table of carts. The partition of a user has the products of the cart. Other partitions have a # in their name, which
// no user's ID has:
//
//   - checkout#USER has the checkouts of a user, by their idempotency keys
//   - outbox#CHECKOUT has the event of a checkout
type carts struct {
	client *dynamodb.Client
	table  string
}

func key(partition, sort string) table.Item {
	return table.Item{"userId": table.Text(partition), "productId": table.Text(sort)}
}

// get returns the products of a cart, the first added first.
func (c carts) get(ctx context.Context, userID string) ([]api.Item, error) {
	type item struct {
		ProductID string `dynamodbav:"productId"`
		Quantity  int    `dynamodbav:"quantity"`
		AddedAt   string `dynamodbav:"addedAt"`
		ExpiresAt int64  `dynamodbav:"expiresAt"`
	}
	var found []item
	pages := dynamodb.NewQueryPaginator(c.client, &dynamodb.QueryInput{
		TableName: &c.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("userId = :user"), ExpressionAttributeValues: table.Item{":user": table.Text(userID)},
	})
	for pages.HasMorePages() {
		got, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var some []item
		if err := attributevalue.UnmarshalListOfMaps(got.Items, &some); err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	// DynamoDB deletes expired items within days, and returns them until then.
	found = slices.DeleteFunc(found, func(i item) bool { return i.ExpiresAt < time.Now().Unix() })
	slices.SortFunc(found, func(a, b item) int {
		return strings.Compare(a.AddedAt+" "+a.ProductID, b.AddedAt+" "+b.ProductID)
	})
	items := make([]api.Item, len(found))
	for n, i := range found {
		items[n] = api.Item{ProductID: i.ProductID, Quantity: i.Quantity}
	}
	return items, nil
}

// put sets the quantity of a product.
func (c carts) put(ctx context.Context, userID string, item api.Item) error {
	return c.update(ctx, userID, item, nil, nil)
}

// raise sets the quantity of a product unless it is as high already. What has expired counts as none.
func (c carts) raise(ctx context.Context, userID string, item api.Item) error {
	err := c.update(ctx, userID, item, aws.String("attribute_not_exists(quantity) OR quantity < :quantity OR expiresAt < :today"),
		table.Item{":today": table.ExpiresIn(0)})
	var high *types.ConditionalCheckFailedException
	if errors.As(err, &high) {
		return nil
	}
	return err
}

// update writes a product on a condition, whose own values are given.
func (c carts) update(ctx context.Context, userID string, item api.Item, condition *string, values table.Item) error {
	written := table.Item{
		":quantity": table.Number(int64(item.Quantity)),
		":now":      table.Text(time.Now().UTC().Format("2006-01-02T15:04:05.000Z")),
		":expires":  table.ExpiresIn(expiresAfter),
	}
	maps.Copy(written, values)
	_, err := c.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.table, Key: key(userID, item.ProductID), ConditionExpression: condition,
		UpdateExpression:          aws.String("SET quantity = :quantity, addedAt = if_not_exists(addedAt, :now), expiresAt = :expires"),
		ExpressionAttributeValues: written,
	})
	return err
}

func (c carts) delete(ctx context.Context, userID, productID string) error {
	_, err := c.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &c.table, Key: key(userID, productID)})
	return err
}
