package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/services/photos/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// photos is the table of photos. Its items, by productId and photoId:
//
//   - PRODUCT, upload#PHOTO is a photo that nobody sees: one whose upload has started, which expires, or, with sizes, one that waits
//     for approval
//   - PRODUCT, shown#PHOTO is an approved photo
//   - PRODUCT, outbox#PHOTO is the event of the approval
//   - hidden#, PHOTO has the product of a photo that waits for approval
//   - administrator#USER, administrator is that a user may approve and delete photos
//
// No product's ID has a #.
type photos struct {
	client *dynamodb.Client
	table  string
}

const (
	uploadPrefix = "upload#"
	shownPrefix  = "shown#"
	hiddenPhotos = "hidden#"
	// startedDays is how long an upload may take to be completed.
	startedDays = 1
)

// photo is an item of the table.
type photo struct {
	ProductID  string    `dynamodbav:"productId"`
	ID         string    `dynamodbav:"id"`
	UploaderID string    `dynamodbav:"uploaderId"`
	Alt        string    `dynamodbav:"alt,omitempty"`
	Credit     string    `dynamodbav:"credit,omitempty"`
	Approved   bool      `dynamodbav:"approved"`
	Sizes      []size    `dynamodbav:"sizes,omitempty"`
	UploadedAt time.Time `dynamodbav:"uploadedAt"`
}

type size struct {
	Name          api.SizeName
	Width, Height int
}

func (p photo) path(name api.SizeName) string {
	return fmt.Sprintf("/photos/%s/%s/%s", p.ProductID, p.ID, name)
}

func (p photo) key() table.Item {
	if p.Approved {
		return key(p.ProductID, shownPrefix+p.ID)
	}
	return key(p.ProductID, uploadPrefix+p.ID)
}

// item returns a photo as an item.
func (p photo) item() (table.Item, error) {
	item, err := attributevalue.MarshalMap(p)
	if err != nil {
		return nil, err
	}
	for name, value := range p.key() {
		item[name] = value
	}
	return item, nil
}

func key(productID, photoID string) table.Item {
	return table.Item{"productId": table.Text(productID), "photoId": table.Text(photoID)}
}

// get returns a photo, hidden or approved, or one without an ID. It looks among the hidden ones first: an approval moves a photo from
// there, so that the other order could miss it in both places.
func (p photos) get(ctx context.Context, productID, id string) (photo, error) {
	found, err := p.read(ctx, key(productID, uploadPrefix+id))
	if err != nil || found.ID != "" {
		return found, err
	}
	return p.shown(ctx, productID, id)
}

// shown returns an approved photo, or one without an ID.
func (p photos) shown(ctx context.Context, productID, id string) (photo, error) {
	return p.read(ctx, key(productID, shownPrefix+id))
}

func (p photos) read(ctx context.Context, key table.Item) (photo, error) {
	var found photo
	got, err := p.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &p.table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return found, err
	}
	err = attributevalue.UnmarshalMap(got.Item, &found)
	return found, err
}

// list returns a page of the approved photos of a product, oldest first.
func (p photos) list(ctx context.Context, productID string, limit int32, cursor *string) ([]photo, *string, error) {
	start, err := page.Decode(cursor, map[string]string{"productId": productID}, "photoId")
	if err != nil {
		return nil, nil, err
	}
	if start != nil && !strings.HasPrefix(table.TextOf(start["photoId"]), shownPrefix) {
		return nil, nil, serve.Invalid("cursor must be the nextCursor of the page before, got %q", *cursor)
	}
	got, err := p.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &p.table, Limit: &limit, ExclusiveStartKey: start,
		KeyConditionExpression:    aws.String("productId = :product AND begins_with(photoId, :prefix)"),
		ExpressionAttributeValues: table.Item{":product": table.Text(productID), ":prefix": table.Text(shownPrefix)},
	})
	if err != nil {
		return nil, nil, err
	}
	var found []photo
	err = attributevalue.UnmarshalListOfMaps(got.Items, &found)
	return found, page.Encode(got.LastEvaluatedKey), err
}

// listHidden returns a page of the photos that wait for approval, oldest first.
func (p photos) listHidden(ctx context.Context, limit int32, cursor *string) ([]photo, *string, error) {
	start, err := page.Decode(cursor, map[string]string{"productId": hiddenPhotos}, "photoId")
	if err != nil {
		return nil, nil, err
	}
	got, err := p.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &p.table, Limit: &limit, ExclusiveStartKey: start,
		KeyConditionExpression: aws.String("productId = :hidden"), ExpressionAttributeValues: table.Item{":hidden": table.Text(hiddenPhotos)},
	})
	if err != nil {
		return nil, nil, err
	}
	var found []photo
	for _, item := range got.Items {
		one, err := p.read(ctx, key(table.TextOf(item["product"]), uploadPrefix+table.TextOf(item["photoId"])))
		if err != nil {
			return nil, nil, err
		}
		if one.ID != "" { // otherwise it has just been approved
			found = append(found, one)
		}
	}
	return found, page.Encode(got.LastEvaluatedKey), nil
}

// start writes a photo whose upload has started. Uploads that are not completed expire.
func (p photos) start(ctx context.Context, started photo) error {
	item, err := started.item()
	if err != nil {
		return err
	}
	item["expiresAt"] = table.ExpiresIn(startedDays)
	_, err = p.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &p.table, Item: item})
	return err
}

// complete writes the sizes of a photo, and that it waits for approval. Another request may have done so.
func (p photos) complete(ctx context.Context, completed photo) error {
	item, err := completed.item()
	if err != nil {
		return err
	}
	waits := key(hiddenPhotos, completed.ID)
	waits["product"] = table.Text(completed.ProductID)
	_, err = p.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: &p.table, Item: item, ConditionExpression: aws.String("attribute_exists(id) AND attribute_not_exists(sizes)")}},
		{Put: &types.Put{TableName: &p.table, Item: waits}},
	}})
	if table.Refused(err) == 0 || table.Conflicted(err) {
		now, err := p.get(ctx, completed.ProductID, completed.ID)
		if err == nil && len(now.Sizes) == 0 {
			err = serve.Conflict("photo %s has been deleted, or is being completed by another request", completed.ID)
		}
		return err
	}
	return err
}

// approve moves a photo to those that are shown, with the event of it. It returns the photo as it is then.
func (p photos) approve(ctx context.Context, hidden photo) (photo, error) {
	approved := hidden
	approved.Approved = true
	item, err := approved.item()
	if err != nil {
		return photo{}, err
	}
	told := events.Photo{ProductID: approved.ProductID, PhotoID: approved.ID, UploadedAt: approved.UploadedAt}
	for _, s := range approved.Sizes {
		told.Sizes = append(told.Sizes, events.PhotoSize{Path: approved.path(s.Name), Width: s.Width, Height: s.Height})
	}
	event, err := table.Outbox(p.table, key(approved.ProductID, "outbox#"+approved.ID), events.PhotoUploaded, told)
	if err != nil {
		return photo{}, err
	}
	_, err = p.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Delete: &types.Delete{TableName: &p.table, Key: hidden.key(), ConditionExpression: aws.String("attribute_exists(sizes)")}},
		{Delete: &types.Delete{TableName: &p.table, Key: key(hiddenPhotos, hidden.ID)}},
		{Put: &types.Put{TableName: &p.table, Item: item}},
		event,
	}})
	if table.Refused(err) == 0 || table.Conflicted(err) {
		return photo{}, serve.Conflict("photo %s has just been approved or deleted by another request: repeat this one to see", hidden.ID)
	}
	return approved, err
}

// remove deletes a photo, in whatever state.
func (p photos) remove(ctx context.Context, gone photo) error {
	_, err := p.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Delete: &types.Delete{TableName: &p.table, Key: gone.key(), ConditionExpression: aws.String("attribute_exists(id)")}},
		{Delete: &types.Delete{TableName: &p.table, Key: key(hiddenPhotos, gone.ID)}},
	}})
	if table.Refused(err) == 0 || table.Conflicted(err) {
		return serve.Conflict("photo %s has just been approved or deleted by another request: repeat this one", gone.ID)
	}
	return err
}

// administers reports whether a user may approve and delete photos.
func (p photos) administers(ctx context.Context, userID string) (bool, error) {
	got, err := p.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &p.table, Key: key("administrator#"+userID, "administrator")})
	return err == nil && len(got.Item) > 0, err
}
