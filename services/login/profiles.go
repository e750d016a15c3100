package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// profiles is the table of profiles, an item for each user, and the bus on which registrations are published.
type profiles struct {
	client *dynamodb.Client
	table  string
	events *eventbridge.Client
	bus    string
}

// profile is an item of the table.
type profile struct {
	Name         string    `dynamodbav:"name"`
	RegisteredAt time.Time `dynamodbav:"registeredAt"`
	// Published is set once the registration is published.
	Published bool `dynamodbav:"published"`
}

func key(userID string) table.Item { return table.Item{"userId": table.Text(userID)} }

// get returns a profile, or an empty one.
func (p profiles) get(ctx context.Context, userID string) (profile, error) {
	var found profile
	got, err := p.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &p.table, Key: key(userID), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return found, err
	}
	err = attributevalue.UnmarshalMap(got.Item, &found)
	return found, err
}

// write writes a profile if there is none, sets the name unless it is nil, and returns what is there then.
func (p profiles) write(ctx context.Context, userID string, name *string) (profile, error) {
	input := &dynamodb.UpdateItemInput{
		TableName: &p.table, Key: key(userID), ReturnValues: dynamodbtypes.ReturnValueAllNew,
		UpdateExpression:          aws.String("SET registeredAt = if_not_exists(registeredAt, :now)"),
		ExpressionAttributeValues: table.Item{":now": table.Text(now().Format(time.RFC3339Nano))},
	}
	if name != nil {
		*input.UpdateExpression += ", #name = :name"
		input.ExpressionAttributeNames = map[string]string{"#name": "name"}
		input.ExpressionAttributeValues[":name"] = table.Text(*name)
	}
	var written profile
	got, err := p.client.UpdateItem(ctx, input)
	if err != nil {
		return written, err
	}
	err = attributevalue.UnmarshalMap(got.Attributes, &written)
	return written, err
}

// register writes the profile of a user who has none, and publishes that the user signed up. If the service stops in between, the next
// sign-in publishes it. It may publish it twice, and never if the user does not come back.
func (p profiles) register(ctx context.Context, userID, name string) error {
	var given *string
	if name != "" {
		given = &name
	}
	written, err := p.write(ctx, userID, given)
	if err != nil || written.Published {
		return err
	}
	detail, err := json.Marshal(events.User{UserID: userID, RegisteredAt: written.RegisteredAt})
	if err != nil {
		return err
	}
	put, err := p.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: &p.bus, Source: aws.String(events.UserRegistered.Source), DetailType: aws.String(events.UserRegistered.Type()),
		Detail: aws.String(string(detail)),
	}}})
	if err != nil {
		return err
	}
	if put.FailedEntryCount > 0 {
		return fmt.Errorf("publish %s: %s", events.UserRegistered, aws.ToString(put.Entries[0].ErrorMessage))
	}
	_, err = p.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &p.table, Key: key(userID), UpdateExpression: aws.String("SET published = :true"),
		ExpressionAttributeValues: table.Item{":true": &dynamodbtypes.AttributeValueMemberBOOL{Value: true}},
	})
	return err
}

// now is the time as tables and events have it, to the millisecond.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
