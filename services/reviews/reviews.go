package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// reviews is the table of reviews. A product has these items, by reviewId:
//
//   - rv-UUID is a review. The UUID begins with the time, so that they are in the order of time, here and in the index by-author
//   - author#USER has the ID of the user's review, so that there is one
//   - summary counts the reviews by their stars
//   - outbox#REVIEW#VERSION is the event of a change
//
// A change writes all of these in one transaction. So the summary is that of the reviews at any time, whoever else writes.
type reviews struct {
	client *dynamodb.Client
	table  string
}

const (
	reviewPrefix = "rv-"
	byAuthor     = "by-author"
)

// opinion is what an author writes.
type opinion struct {
	Stars      int    `dynamodbav:"stars"`
	Title      string `dynamodbav:"title"`
	Text       string `dynamodbav:"text"`
	AuthorName string `dynamodbav:"authorName,omitempty"`
}

// review is an item of the table.
type review struct {
	ProductID string `dynamodbav:"productId"`
	ReviewID  string `dynamodbav:"reviewId"`
	AuthorID  string `dynamodbav:"authorId"`
	Version   int64  `dynamodbav:"version"`
	opinion
	PostedAt time.Time  `dynamodbav:"postedAt"`
	EditedAt *time.Time `dynamodbav:"editedAt,omitempty"`
}

func (r review) event(withdrawn bool) events.Review {
	e := events.Review{
		ReviewID: r.ReviewID, ProductID: r.ProductID, AuthorID: r.AuthorID, Version: r.Version,
		Stars: r.Stars, Title: r.Title, Text: r.Text, Withdrawn: withdrawn, PostedAt: r.PostedAt,
	}
	if withdrawn {
		e.Title, e.Text = "", ""
	}
	return e
}

func (r reviews) key(productID, id string) table.Item {
	return table.Item{"productId": table.Text(productID), "reviewId": table.Text(id)}
}

func authorKey(authorID string) string { return "author#" + authorID }

// of returns the review of a product by a user, or one of version 0.
func (r reviews) of(ctx context.Context, productID, authorID string) (review, error) {
	var found review
	pointer, err := r.get(ctx, productID, authorKey(authorID))
	if err != nil || len(pointer) == 0 {
		return found, err
	}
	item, err := r.get(ctx, productID, table.TextOf(pointer["review"]))
	if err != nil {
		return found, err
	}
	err = attributevalue.UnmarshalMap(item, &found)
	return found, err
}

func (r reviews) get(ctx context.Context, productID, id string) (table.Item, error) {
	got, err := r.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &r.table, Key: r.key(productID, id), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return got.Item, nil
}

// list returns a page of the reviews of a product, newest first.
func (r reviews) list(ctx context.Context, productID string, limit int32, cursor *string) ([]review, *string, error) {
	start, err := page.Decode(cursor, map[string]string{"productId": productID}, "reviewId")
	if err != nil {
		return nil, nil, err
	}
	if start != nil && !strings.HasPrefix(table.TextOf(start["reviewId"]), reviewPrefix) {
		return nil, nil, serve.Invalid("cursor must be the nextCursor of the page before, got %q", *cursor)
	}
	return r.query(ctx, &dynamodb.QueryInput{
		Limit: &limit, ExclusiveStartKey: start,
		KeyConditionExpression:    aws.String("productId = :product AND begins_with(reviewId, :prefix)"),
		ExpressionAttributeValues: table.Item{":product": table.Text(productID), ":prefix": table.Text(reviewPrefix)},
	})
}

// listByAuthor returns a page of the reviews of a user, newest first.
func (r reviews) listByAuthor(ctx context.Context, authorID string, limit int32, cursor *string) ([]review, *string, error) {
	start, err := page.Decode(cursor, map[string]string{"authorId": authorID}, "productId", "reviewId")
	if err != nil {
		return nil, nil, err
	}
	return r.query(ctx, &dynamodb.QueryInput{
		IndexName: aws.String(byAuthor), Limit: &limit, ExclusiveStartKey: start,
		KeyConditionExpression:    aws.String("authorId = :author"),
		ExpressionAttributeValues: table.Item{":author": table.Text(authorID)},
	})
}

func (r reviews) query(ctx context.Context, input *dynamodb.QueryInput) ([]review, *string, error) {
	input.TableName, input.ScanIndexForward = &r.table, aws.Bool(false)
	got, err := r.client.Query(ctx, input)
	if err != nil {
		return nil, nil, err
	}
	var found []review
	err = attributevalue.UnmarshalListOfMaps(got.Items, &found)
	return found, page.Encode(got.LastEvaluatedKey), err
}

// counts returns how many reviews of a product have 1, 2, 3, 4 and 5 stars.
func (r reviews) counts(ctx context.Context, productID string) ([5]int, error) {
	var counts [5]int
	item, err := r.get(ctx, productID, "summary")
	for n := range counts {
		if err == nil && item[starsAttribute(n+1)] != nil {
			err = attributevalue.Unmarshal(item[starsAttribute(n+1)], &counts[n])
		}
	}
	return counts, err
}

func starsAttribute(stars int) string { return fmt.Sprint("stars", stars) }

// put writes a user's review of a product, or changes it. What changes nothing is no new version.
func (r reviews) put(ctx context.Context, productID, authorID string, o opinion) (written review, created bool, err error) {
	err = r.change(ctx, productID, authorID, func(before review) ([]types.TransactWriteItem, error) {
		created = before.Version == 0
		if before.Version > 0 && before.opinion == o {
			written = before
			return nil, nil
		}
		written = before
		written.opinion = o
		written.Version++
		if before.Version > 0 {
			edited := now()
			written.EditedAt = &edited
			return r.writes(before, written)
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		written.ProductID, written.AuthorID, written.ReviewID, written.PostedAt = productID, authorID, reviewPrefix+id.String(), now()
		return r.writes(before, written)
	})
	return written, created, err
}

// remove deletes a user's review of a product, if there is one.
func (r reviews) remove(ctx context.Context, productID, authorID string) error {
	return r.change(ctx, productID, authorID, func(before review) ([]types.TransactWriteItem, error) {
		if before.Version == 0 {
			return nil, nil
		}
		return r.writes(before, review{})
	})
}

// change writes what prepare returns for the review that there is, in one transaction, and repeats both if somebody else writes the
// same items at the same time: the author in another window, or another author, who changes the same summary.
func (r reviews) change(ctx context.Context, productID, authorID string, prepare func(before review) ([]types.TransactWriteItem, error)) error {
	const attempts = 12
	for n := range attempts {
		before, err := r.of(ctx, productID, authorID)
		if err != nil {
			return err
		}
		writes, err := prepare(before)
		if err != nil || len(writes) == 0 {
			return err
		}
		_, err = r.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
		if table.Refused(err) < 0 && !table.Conflicted(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(min(10*time.Millisecond<<n, 500*time.Millisecond))): //nolint:gosec // it spreads writers
		}
	}
	return serve.Unavailable("many people review this product just now: repeat the request")
}

// writes returns the transaction that makes one review of another. One of them may be zero, for none.
func (r reviews) writes(before, after review) ([]types.TransactWriteItem, error) {
	told, withdrawn := after, false
	if after.Version == 0 {
		told, withdrawn = before, true
		told.Version++
	}
	event, err := table.Outbox(r.table, r.key(told.ProductID, fmt.Sprintf("outbox#%s#%d", told.ReviewID, told.Version)), events.ReviewPosted, told.event(withdrawn))
	if err != nil {
		return nil, err
	}
	pointer, item := r.key(told.ProductID, authorKey(told.AuthorID)), r.key(told.ProductID, told.ReviewID)
	version := table.Item{":version": table.Number(before.Version)}
	all := []types.TransactWriteItem{event}
	if after.Version == 0 {
		all = append(all,
			types.TransactWriteItem{Delete: &types.Delete{TableName: &r.table, Key: pointer}},
			types.TransactWriteItem{Delete: &types.Delete{
				TableName: &r.table, Key: item, ConditionExpression: aws.String("version = :version"), ExpressionAttributeValues: version,
			}})
	} else {
		if item, err = attributevalue.MarshalMap(after); err != nil {
			return nil, err
		}
		put := &types.Put{TableName: &r.table, Item: item}
		if before.Version > 0 {
			put.ConditionExpression, put.ExpressionAttributeValues = aws.String("version = :version"), version
		} else {
			pointer["review"] = table.Text(after.ReviewID)
			all = append(all, types.TransactWriteItem{Put: &types.Put{
				TableName: &r.table, Item: pointer, ConditionExpression: aws.String("attribute_not_exists(review)"),
			}})
		}
		all = append(all, types.TransactWriteItem{Put: put})
	}
	if before.Stars == after.Stars {
		return all, nil
	}
	return append(all, r.count(told.ProductID, before.Stars, after.Stars)), nil
}

// count is the write that counts a review with other stars than before. No stars are those of no review.
func (r reviews) count(productID string, before, after int) types.TransactWriteItem {
	var adds []string
	values := table.Item{}
	if before > 0 {
		adds, values[":less"] = append(adds, starsAttribute(before)+" :less"), table.Number(-1)
	}
	if after > 0 {
		adds, values[":more"] = append(adds, starsAttribute(after)+" :more"), table.Number(1)
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &r.table, Key: r.key(productID, "summary"),
		UpdateExpression: aws.String("ADD " + strings.Join(adds, ", ")), ExpressionAttributeValues: values,
	}}
}

// now is the time as tables and events have it, to the millisecond.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
