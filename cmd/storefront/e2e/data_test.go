package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// datum is an item, object or user in a table, bucket or user pool.
type datum struct {
	where string
	kept  func() error
}

func (d datum) wantKept(t *testing.T) {
	t.Helper()
	if err := d.kept(); err != nil {
		t.Errorf("%s has lost its data: %v", d.where, err)
	}
}

// put puts an item into the table of a stack.
func (s *suite) put(t *testing.T, storefront *deployed.App, stack string) datum {
	t.Helper()
	return s.item(t, storefront.Config, one(t, storefront.ByID(stack), "AWS::DynamoDB::GlobalTable").PhysicalID)
}

// item puts an item into a table.
func (s *suite) item(t *testing.T, config aws.Config, table string) datum {
	t.Helper()
	client := dynamodb.NewFromConfig(config)
	described, err := client.DescribeTable(s.ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	key := map[string]types.AttributeValue{}
	for _, attribute := range described.Table.KeySchema {
		for _, definition := range described.Table.AttributeDefinitions {
			if aws.ToString(definition.AttributeName) != aws.ToString(attribute.AttributeName) {
				continue
			}
			key[*attribute.AttributeName] = &types.AttributeValueMemberS{Value: "kept"}
			if definition.AttributeType == types.ScalarAttributeTypeN {
				key[*attribute.AttributeName] = &types.AttributeValueMemberN{Value: "42"}
			}
		}
	}
	if _, err := client.PutItem(s.ctx, &dynamodb.PutItemInput{TableName: &table, Item: key}); err != nil {
		t.Fatal(err)
	}
	return datum{"table " + table, func() error {
		got, err := client.GetItem(s.ctx, &dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: aws.Bool(true)})
		if err == nil && len(got.Item) == 0 {
			return errLost
		}
		return err
	}}
}

// object puts an object into a bucket.
func (s *suite) object(t *testing.T, config aws.Config, bucket string) datum {
	t.Helper()
	client := s3.NewFromConfig(config)
	key := "kept"
	if _, err := client.PutObject(s.ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(key)}); err != nil {
		t.Fatal(err)
	}
	return datum{"bucket " + bucket, func() error {
		_, err := client.HeadObject(s.ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
		return err
	}}
}

// user creates a user in a user pool.
func (s *suite) user(t *testing.T, config aws.Config, pool string) datum {
	t.Helper()
	client := cognitoidentityprovider.NewFromConfig(config)
	name := "kept@example.com"
	if _, err := client.AdminCreateUser(s.ctx, &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &pool, Username: &name, MessageAction: "SUPPRESS",
	}); err != nil {
		t.Fatal(err)
	}
	return datum{"user pool " + pool, func() error {
		_, err := client.AdminGetUser(s.ctx, &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &pool, Username: &name})
		return err
	}}
}
