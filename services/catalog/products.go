package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/services/catalog/api"
	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// products is the table of products. Besides them it has items whose productId has a #, which no product's has:
//
//   - administrator#USER is that a user may change products
//   - outbox#PRODUCT#VERSION is the event of a change
//   - inbox#ORDER#PRODUCT is that a line of an order has left the stock
//
// The index by-category has the products that are sold: a withdrawn one has its category in another attribute.
type products struct {
	client *dynamodb.Client
	table  string
}

const (
	byCategory        = "by-category"
	withdrawnCategory = "withdrawnCategory"
)

// errChanged is that the product has another version than the caller knows.
var errChanged = errors.New("the product has been changed since")

// errDone is that something took effect before.
var errDone = errors.New("it took effect before")

func key(productID string) table.Item { return table.Item{"productId": table.Text(productID)} }

// get returns a product, or one of version 0 if it does not exist.
func (p products) get(ctx context.Context, productID string) (events.Product, error) {
	got, err := p.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &p.table, Key: key(productID), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return events.Product{}, err
	}
	return decode(got.Item)
}

// getMany returns those of at most 100 products that exist.
func (p products) getMany(ctx context.Context, productIDs []string) ([]events.Product, error) {
	var found []events.Product
	wanted := map[string]types.KeysAndAttributes{p.table: {}}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(productIDs))) {
		keys := wanted[p.table]
		keys.Keys = append(keys.Keys, key(id))
		wanted[p.table] = keys
	}
	for len(wanted) > 0 { // DynamoDB leaves keys to another request when it has too much to do
		got, err := p.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: wanted})
		if err != nil {
			return nil, err
		}
		for _, item := range got.Responses[p.table] {
			product, err := decode(item)
			if err != nil {
				return nil, err
			}
			found = append(found, product)
		}
		wanted = got.UnprocessedKeys
	}
	return found, nil
}

// list returns a page of the products that are sold, of one category or of all.
func (p products) list(ctx context.Context, category string, limit int32, cursor *string) ([]events.Product, *string, error) {
	var items []table.Item
	var last table.Item
	if category == "" {
		start, err := page.Decode(cursor, nil, "productId", "category")
		if err != nil {
			return nil, nil, err
		}
		got, err := p.client.Scan(ctx, &dynamodb.ScanInput{TableName: &p.table, IndexName: aws.String(byCategory), Limit: &limit, ExclusiveStartKey: start})
		if err != nil {
			return nil, nil, err
		}
		items, last = got.Items, got.LastEvaluatedKey
	} else {
		start, err := page.Decode(cursor, map[string]string{"category": category}, "productId")
		if err != nil {
			return nil, nil, err
		}
		got, err := p.client.Query(ctx, &dynamodb.QueryInput{
			TableName: &p.table, IndexName: aws.String(byCategory), Limit: &limit, ExclusiveStartKey: start,
			KeyConditionExpression: aws.String("category = :category"), ExpressionAttributeValues: table.Item{":category": table.Text(category)},
		})
		if err != nil {
			return nil, nil, err
		}
		items, last = got.Items, got.LastEvaluatedKey
	}
	found := make([]events.Product, len(items))
	for n, item := range items {
		var err error
		if found[n], err = decode(item); err != nil {
			return nil, nil, err
		}
	}
	return found, page.Encode(last), nil
}

// countByCategory reads the index.
func (p products) countByCategory(ctx context.Context) ([]api.Category, error) {
	counts := map[string]int{}
	pages := dynamodb.NewScanPaginator(p.client, &dynamodb.ScanInput{
		TableName: &p.table, IndexName: aws.String(byCategory), ProjectionExpression: aws.String("category"),
	})
	for pages.HasMorePages() {
		got, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range got.Items {
			if name, ok := item["category"].(*types.AttributeValueMemberS); ok {
				counts[name.Value]++
			}
		}
	}
	found := []api.Category{}
	for name, count := range counts {
		found = append(found, api.Category{Name: name, Products: count})
	}
	slices.SortFunc(found, func(a, b api.Category) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// write writes a product and the event of it, if the table has the version before it. Otherwise it returns errChanged. What happens
// once is written with it, or the error is errDone.
func (p products) write(ctx context.Context, product events.Product, once ...types.TransactWriteItem) error {
	item, err := encode(product)
	if err != nil {
		return err
	}
	put := &types.Put{TableName: &p.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(productId)")}
	if product.Version > 1 {
		put.ConditionExpression = aws.String("version = :before")
		put.ExpressionAttributeValues = table.Item{":before": table.Number(product.Version - 1)}
	}
	changed, err := table.Outbox(p.table, key(fmt.Sprintf("outbox#%s#%d", product.ProductID, product.Version)), events.ProductChanged, product)
	if err != nil {
		return err
	}
	return p.transact(ctx, once, types.TransactWriteItem{Put: put}, changed)
}

// transact writes all or nothing.
func (p products) transact(ctx context.Context, once []types.TransactWriteItem, others ...types.TransactWriteItem) error {
	if len(once)+len(others) == 0 {
		return nil
	}
	_, err := p.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: slices.Concat(once, others)})
	switch refused := table.Refused(err); {
	case refused >= 0 && refused < len(once):
		return errDone
	case refused >= 0 || table.Conflicted(err):
		return errChanged
	}
	return err
}

// sell takes what was ordered out of the stock, each line once. A checkout has looked at the stock and reserved nothing: where more was
// ordered than there is, the stock is 0, and somebody waits for a piece.
func (p products) sell(ctx context.Context, _ event.Message, order events.Order) error {
	for _, line := range order.Lines {
		done := table.Inbox(p.table, key("inbox#"+order.OrderID+"#"+line.ProductID), "productId")
		_, err := p.change(ctx, line.ProductID, func(product *events.Product) {
			if product.Version > 0 { // it exists
				product.Stock = max(0, product.Stock-line.Quantity)
			}
		}, done)
		if err != nil && !errors.Is(err, errDone) {
			return err
		}
	}
	return nil
}

// change changes whatever version of a product there is, unless nothing is different after it. What happens once is written in any
// case. It returns the product as it was, of
// version 0 if it did not exist.
func (p products) change(ctx context.Context, productID string, change func(*events.Product), once ...types.TransactWriteItem) (events.Product, error) {
	const attempts = 5
	for n := 1; ; n++ {
		before, err := p.get(ctx, productID)
		if err != nil {
			return before, err
		}
		after := before
		change(&after)
		if after == before {
			return before, p.transact(ctx, once)
		}
		after.Version, after.ChangedAt = before.Version+1, now()
		if err := p.write(ctx, after, once...); !errors.Is(err, errChanged) || n == attempts {
			return before, err
		}
	}
}

// administers reports whether a user may change products.
func (p products) administers(ctx context.Context, userID string) (bool, error) {
	got, err := p.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &p.table, Key: key("administrator#" + userID)})
	return err == nil && len(got.Item) > 0, err
}

// encode returns a product as an item, whose attributes have the names of the event.
func encode(product events.Product) (table.Item, error) {
	item, err := attributevalue.MarshalMapWithOptions(product, func(o *attributevalue.EncoderOptions) { o.TagKey = "json" })
	if err == nil && product.Withdrawn {
		item[withdrawnCategory] = item["category"]
		delete(item, "category")
	}
	return item, err
}

func decode(item table.Item) (events.Product, error) {
	var product events.Product
	err := attributevalue.UnmarshalMapWithOptions(item, &product, func(o *attributevalue.DecoderOptions) { o.TagKey = "json" })
	if category, ok := item[withdrawnCategory].(*types.AttributeValueMemberS); ok {
		product.Category = category.Value
	}
	return product, err
}
