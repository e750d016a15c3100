package main

import (
	"context"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// document is what is searched of a product.
type document struct {
	events.Product
	// Reviews is the number of reviews, and Stars their average with one decimal, or 0 without reviews.
	Reviews int     `json:"reviews"`
	Stars   float64 `json:"stars"`
	// Revision increases with each change of the product or its reviews.
	Revision int64 `json:"revision"`
}

// documents is the table of documents. Each product is one item, under the part product, which a review may create before the
// product itself arrives:
//
//   - product is the product as the latest ProductChanged had it, and version its version
//   - reviews and stars are the number of its reviews and the sum of their stars
//   - revision increases with each change of the item
//   - kind and changedAt, in milliseconds, are the key of the index by-change
//
// Each review is one more item, under the part review#REVIEW, with the version and the stars that are in the sum.
type documents struct {
	client *dynamodb.Client
	table  string
}

const (
	byChange    = "by-change"
	productPart = "product"
)

func productKey(productID string) table.Item {
	return table.Item{"productId": table.Text(productID), "part": table.Text(productPart)}
}

// change writes a product, unless there is the same or a later version of it.
func (d documents) change(ctx context.Context, product events.Product) error {
	encoded, err := attributevalue.MarshalMapWithOptions(product, func(o *attributevalue.EncoderOptions) { o.TagKey = "json" })
	if err != nil {
		return err
	}
	_, err = d.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &d.table, Key: productKey(product.ProductID),
		UpdateExpression:    aws.String("SET kind = :kind, changedAt = :now, product = :product, version = :version ADD revision :one"),
		ConditionExpression: aws.String("attribute_not_exists(version) OR version < :version"),
		ExpressionAttributeValues: table.Item{
			":kind": table.Text(productPart), ":now": table.Number(time.Now().UnixMilli()), ":one": table.Number(1),
			":product": &types.AttributeValueMemberM{Value: encoded}, ":version": table.Number(product.Version),
		},
	})
	var later *types.ConditionalCheckFailedException
	if errors.As(err, &later) {
		return nil
	}
	return err
}

// review counts a review, unless there is the same or a later version of it, and no longer counts one that is withdrawn.
func (d documents) review(ctx context.Context, review events.Review) error {
	const attempts = 8
	for n := 1; ; n++ {
		err := d.tryReview(ctx, review)
		// Other reviews of the product are counted at the same time, or another delivery of this one.
		if (table.Refused(err) < 0 && !table.Conflicted(err)) || n == attempts {
			return err
		}
		time.Sleep(rand.N(time.Duration(n) * 20 * time.Millisecond)) //nolint:gosec // nobody can use it
	}
}

func (d documents) tryReview(ctx context.Context, review events.Review) error {
	key := table.Item{"productId": table.Text(review.ProductID), "part": table.Text("review#" + review.ReviewID)}
	got, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &d.table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return err
	}
	var before struct {
		Version int64 `dynamodbav:"version"`
		Stars   int64 `dynamodbav:"stars"`
	}
	if err := attributevalue.UnmarshalMap(got.Item, &before); err != nil {
		return err
	}
	if review.Version <= before.Version {
		return nil
	}
	stars, count := int64(review.Stars), int64(0)
	if review.Withdrawn {
		stars = 0
	}
	switch {
	case before.Stars == 0 && stars > 0:
		count = 1
	case before.Stars > 0 && stars == 0:
		count = -1
	}
	_, err = d.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Update: &types.Update{
			TableName: &d.table, Key: key,
			UpdateExpression:    aws.String("SET version = :version, stars = :stars"),
			ConditionExpression: aws.String("attribute_not_exists(version) OR version = :before"),
			ExpressionAttributeValues: table.Item{
				":version": table.Number(review.Version), ":stars": table.Number(stars), ":before": table.Number(before.Version),
			},
		}},
		{Update: &types.Update{
			TableName: &d.table, Key: productKey(review.ProductID),
			UpdateExpression: aws.String("SET kind = :kind, changedAt = :now ADD stars :stars, reviews :reviews, revision :one"),
			ExpressionAttributeValues: table.Item{
				":kind": table.Text(productPart), ":now": table.Number(time.Now().UnixMilli()), ":one": table.Number(1),
				":stars": table.Number(stars - before.Stars), ":reviews": table.Number(count),
			},
		}},
	}})
	return err
}

// get returns the document of a product. It has no product ID if only reviews of it are known.
func (d documents) get(ctx context.Context, productID string) (document, error) {
	got, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &d.table, Key: productKey(productID), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return document{}, err
	}
	return decode(got.Item)
}

// since returns the documents that changed at a time or later, and all documents since the zero time, page by page.
func (d documents) since(ctx context.Context, moment time.Time) iter.Seq2[[]document, error] {
	return func(yield func([]document, error) bool) {
		pages := dynamodb.NewQueryPaginator(d.client, &dynamodb.QueryInput{
			TableName: &d.table, IndexName: aws.String(byChange),
			KeyConditionExpression: aws.String("kind = :kind AND changedAt >= :moment"),
			ExpressionAttributeValues: table.Item{
				":kind": table.Text(productPart), ":moment": table.Number(max(moment.UnixMilli(), 0)),
			},
		})
		for pages.HasMorePages() {
			got, err := pages.NextPage(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			var page []document
			for _, item := range got.Items {
				found, err := decode(item)
				if err != nil {
					yield(nil, err)
					return
				}
				if found.ProductID != "" {
					page = append(page, found)
				}
			}
			if len(page) > 0 && !yield(page, nil) {
				return
			}
		}
	}
}

func decode(item table.Item) (document, error) {
	var stored struct {
		Product  events.Product `json:"product"`
		Stars    int64          `json:"stars"`
		Reviews  int            `json:"reviews"`
		Revision int64          `json:"revision"`
	}
	// Products have the names of their JSON.
	err := attributevalue.UnmarshalMapWithOptions(item, &stored, func(o *attributevalue.DecoderOptions) { o.TagKey = "json" })
	found := document{Product: stored.Product, Reviews: stored.Reviews, Revision: stored.Revision}
	if stored.Reviews > 0 {
		found.Stars = math.Round(10*float64(stored.Stars)/float64(stored.Reviews)) / 10
	}
	return found, err
}
