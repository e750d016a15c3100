package privilege

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	pooltypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	buckettypes "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// ground is what the calls need to know about the resources.
type ground struct {
	config  aws.Config
	land    *landscape
	tables  map[string]*tabletypes.TableDescription // by name
	clients map[string]string                       // client IDs by user pool
}

func prepare(ctx context.Context, s *deployed.App, land *landscape) (*ground, error) {
	g := &ground{s.Config, land, map[string]*tabletypes.TableDescription{}, map[string]string{}}
	for _, t := range land.things {
		switch t.kind {
		case table:
			described, err := dynamodb.NewFromConfig(s.Config).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.physical})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.physical, err)
			}
			g.tables[t.physical] = described.Table
		case pool:
			listed, err := cognitoidentityprovider.NewFromConfig(s.Config).ListUserPoolClients(ctx, &cognitoidentityprovider.ListUserPoolClientsInput{UserPoolId: &t.physical})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.physical, err)
			}
			if len(listed.UserPoolClients) == 0 {
				return nil, fmt.Errorf("%s: the user pool has no client", t.physical)
			}
			g.clients[t.physical] = aws.ToString(listed.UserPoolClients[0].ClientId)
		}
	}
	return g, nil
}

// calls returns the calls that a role makes on all resources.
func (g *ground) calls(config aws.Config, r *role) []call {
	var all []call
	for _, t := range g.land.things {
		var on []call
		switch t.kind {
		case account:
			on = onAccount(config)
		case table:
			on = onTable(config, g.tables[t.physical])
		case index:
			on = onIndex(config, g.tables[t.physical], t)
		case bucket:
			on = onBucket(config, t.physical)
		case objects:
			on = onObjects(config, t.physical)
		case pool:
			on = onPool(config, t.physical, g.clients[t.physical], userOf(r))
		case logGroup:
			on = onLogGroup(config, t.physical)
		case iamRole:
			on = onRole(config, t)
		case stack:
			on = onStack(config, t.stack)
		case queue:
			on = onQueue(config, t.physical)
		case secret:
			on = onSecret(config, t.arn)
		}
		for _, c := range on {
			c.on = t
			all = append(all, c)
		}
	}
	return all
}

// do returns a function that sends a request.
func do[Input, Output, Option any](send func(context.Context, *Input, ...func(*Option)) (*Output, error), input *Input) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := send(ctx, input)
		return err
	}
}

func onAccount(config aws.Config) []call {
	return []call{
		{action: "cloudformation:ListStacks", send: do(cloudformation.NewFromConfig(config).ListStacks, &cloudformation.ListStacksInput{})},
		{action: "cognito-idp:ListUserPools", send: do(cognitoidentityprovider.NewFromConfig(config).ListUserPools, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(1)})},
		{action: "dynamodb:ListTables", send: do(dynamodb.NewFromConfig(config).ListTables, &dynamodb.ListTablesInput{})},
		{action: "ecs:ListClusters", send: do(ecs.NewFromConfig(config).ListClusters, &ecs.ListClustersInput{})},
		{action: "iam:ListRoles", send: do(iam.NewFromConfig(config).ListRoles, &iam.ListRolesInput{})},
		{action: "logs:DescribeLogGroups", send: do(cloudwatchlogs.NewFromConfig(config).DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{})},
		{action: "s3:ListAllMyBuckets", send: do(s3.NewFromConfig(config).ListBuckets, &s3.ListBucketsInput{})},
		{action: "secretsmanager:ListSecrets", send: do(secretsmanager.NewFromConfig(config).ListSecrets, &secretsmanager.ListSecretsInput{})},
	}
}

func onTable(config aws.Config, d *tabletypes.TableDescription) []call {
	client, key := dynamodb.NewFromConfig(config), item(d)
	hash := keyOf(d.KeySchema)
	exists := &tabletypes.ConditionCheck{TableName: d.TableName, Key: key, ConditionExpression: aws.String("attribute_exists(#k)"), ExpressionAttributeNames: map[string]string{"#k": hash}}
	return []call{
		{action: "dynamodb:PutItem", send: do(client.PutItem, &dynamodb.PutItemInput{TableName: d.TableName, Item: key})},
		{action: "dynamodb:GetItem", send: do(client.GetItem, &dynamodb.GetItemInput{TableName: d.TableName, Key: key})},
		{action: "dynamodb:UpdateItem", send: do(client.UpdateItem, &dynamodb.UpdateItemInput{
			TableName: d.TableName, Key: key, UpdateExpression: aws.String("SET #p = :p"),
			ExpressionAttributeNames: map[string]string{"#p": "probe"}, ExpressionAttributeValues: map[string]tabletypes.AttributeValue{":p": &tabletypes.AttributeValueMemberS{Value: probe}},
		})},
		{action: "dynamodb:Query", send: do(client.Query, query(d, d.KeySchema))},
		{action: "dynamodb:Scan", send: do(client.Scan, &dynamodb.ScanInput{TableName: d.TableName, Limit: aws.Int32(1)})},
		{action: "dynamodb:BatchGetItem", send: do(client.BatchGetItem, &dynamodb.BatchGetItemInput{RequestItems: map[string]tabletypes.KeysAndAttributes{
			*d.TableName: {Keys: []map[string]tabletypes.AttributeValue{key}},
		}})},
		{action: "dynamodb:BatchWriteItem", send: do(client.BatchWriteItem, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]tabletypes.WriteRequest{
			*d.TableName: {{PutRequest: &tabletypes.PutRequest{Item: key}}},
		}})},
		// Another role that uses the table may have deleted the item.
		{action: "dynamodb:ConditionCheckItem", answers: []string{"TransactionCanceledException"}, send: do(client.TransactWriteItems, &dynamodb.TransactWriteItemsInput{
			TransactItems: []tabletypes.TransactWriteItem{{ConditionCheck: exists}},
		})},
		{action: "dynamodb:DescribeTable", send: do(client.DescribeTable, &dynamodb.DescribeTableInput{TableName: d.TableName})},
		{action: "dynamodb:DeleteItem", send: do(client.DeleteItem, &dynamodb.DeleteItemInput{TableName: d.TableName, Key: key})},

		{action: "dynamodb:PartiQLSelect", send: do(client.ExecuteStatement, &dynamodb.ExecuteStatementInput{Statement: aws.String(fmt.Sprintf("SELECT * FROM %q", *d.TableName))})},
		{action: "dynamodb:CreateBackup", harmful: true, send: do(client.CreateBackup, &dynamodb.CreateBackupInput{TableName: d.TableName, BackupName: aws.String(probe)})},
		{action: "dynamodb:UpdateTimeToLive", harmful: true, send: do(client.UpdateTimeToLive, &dynamodb.UpdateTimeToLiveInput{
			TableName: d.TableName, TimeToLiveSpecification: &tabletypes.TimeToLiveSpecification{AttributeName: aws.String(probe), Enabled: aws.Bool(true)},
		})},
		{action: "dynamodb:UpdateTable", harmful: true, send: do(client.UpdateTable, &dynamodb.UpdateTableInput{TableName: d.TableName, DeletionProtectionEnabled: aws.Bool(false)})},
		{action: "dynamodb:DeleteTable", harmful: true, send: do(client.DeleteTable, &dynamodb.DeleteTableInput{TableName: d.TableName})},
	}
}

func onIndex(config aws.Config, d *tabletypes.TableDescription, t thing) []call {
	name := t.arn[strings.LastIndex(t.arn, "/")+1:]
	for _, each := range d.GlobalSecondaryIndexes {
		if aws.ToString(each.IndexName) == name {
			asked := query(d, each.KeySchema)
			asked.IndexName = &name
			return []call{{action: "dynamodb:Query", send: do(dynamodb.NewFromConfig(config).Query, asked)}}
		}
	}
	return nil
}

func query(d *tabletypes.TableDescription, schema []tabletypes.KeySchemaElement) *dynamodb.QueryInput {
	hash := keyOf(schema)
	return &dynamodb.QueryInput{
		TableName: d.TableName, KeyConditionExpression: aws.String("#k = :v"), ExpressionAttributeNames: map[string]string{"#k": hash},
		ExpressionAttributeValues: map[string]tabletypes.AttributeValue{":v": value(d, hash)},
	}
}

func keyOf(schema []tabletypes.KeySchemaElement) string {
	for _, element := range schema {
		if element.KeyType == tabletypes.KeyTypeHash {
			return aws.ToString(element.AttributeName)
		}
	}
	return ""
}

// item is the key of the item that calls use.
func item(d *tabletypes.TableDescription) map[string]tabletypes.AttributeValue {
	key := map[string]tabletypes.AttributeValue{}
	for _, element := range d.KeySchema {
		key[*element.AttributeName] = value(d, *element.AttributeName)
	}
	return key
}

func value(d *tabletypes.TableDescription, attribute string) tabletypes.AttributeValue {
	for _, definition := range d.AttributeDefinitions {
		if aws.ToString(definition.AttributeName) == attribute {
			switch definition.AttributeType {
			case tabletypes.ScalarAttributeTypeN:
				return &tabletypes.AttributeValueMemberN{Value: "-1"}
			case tabletypes.ScalarAttributeTypeB:
				return &tabletypes.AttributeValueMemberB{Value: []byte(probe)}
			}
		}
	}
	return &tabletypes.AttributeValueMemberS{Value: probe}
}

func onBucket(config aws.Config, name string) []call {
	client := s3.NewFromConfig(config)
	return []call{
		{action: "s3:ListBucket", send: do(client.ListObjectsV2, &s3.ListObjectsV2Input{Bucket: &name, MaxKeys: aws.Int32(1)})},

		{action: "s3:GetBucketPolicy", send: do(client.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: &name})},
		{action: "s3:ListBucketVersions", send: do(client.ListObjectVersions, &s3.ListObjectVersionsInput{Bucket: &name})},
		{action: "s3:PutLifecycleConfiguration", harmful: true, send: do(client.DeleteBucketLifecycle, &s3.DeleteBucketLifecycleInput{Bucket: &name})},
		{action: "s3:PutBucketPolicy", harmful: true, send: do(client.PutBucketPolicy, &s3.PutBucketPolicyInput{Bucket: &name, Policy: aws.String(`{"Version":"2012-10-17","Statement":[]}`)})},
		{action: "s3:DeleteBucketPolicy", harmful: true, send: do(client.DeleteBucketPolicy, &s3.DeleteBucketPolicyInput{Bucket: &name})},
		{action: "s3:PutBucketVersioning", harmful: true, send: do(client.PutBucketVersioning, &s3.PutBucketVersioningInput{
			Bucket: &name, VersioningConfiguration: &buckettypes.VersioningConfiguration{Status: buckettypes.BucketVersioningStatusSuspended},
		})},
		{action: "s3:DeleteBucket", harmful: true, send: do(client.DeleteBucket, &s3.DeleteBucketInput{Bucket: &name})},
	}
}

func onObjects(config aws.Config, bucket string) []call {
	client, key := s3.NewFromConfig(config), aws.String(probe)
	const none = "NoSuchUpload"
	return []call{
		{action: "s3:PutObject", send: func(ctx context.Context) error {
			_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: key, Body: strings.NewReader(probe)})
			return err
		}},
		{action: "s3:GetObject", send: func(ctx context.Context) error {
			object, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: key})
			if err != nil {
				return err
			}
			return object.Body.Close()
		}},
		{action: "s3:ListMultipartUploadParts", answers: []string{none}, send: do(client.ListParts, &s3.ListPartsInput{Bucket: &bucket, Key: key, UploadId: key})},
		{action: "s3:AbortMultipartUpload", answers: []string{none}, send: do(client.AbortMultipartUpload, &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: key, UploadId: key})},
		{action: "s3:GetObjectAcl", send: do(client.GetObjectAcl, &s3.GetObjectAclInput{Bucket: &bucket, Key: key})},
		{action: "s3:DeleteObject", send: do(client.DeleteObject, &s3.DeleteObjectInput{Bucket: &bucket, Key: key})},
	}
}

// userOf is the user that a role's calls use.
func userOf(r *role) string { return probe + "-" + strings.ToLower(r.logicalID) + "@example.com" }

func onPool(config aws.Config, id, clientID, user string) []call {
	client := cognitoidentityprovider.NewFromConfig(config)
	const password = "Sandbox-privilege-1" // of a user who is deleted four calls later
	return []call{
		{action: "cognito-idp:AdminCreateUser", answers: []string{"UsernameExistsException"}, send: do(client.AdminCreateUser, &cognitoidentityprovider.AdminCreateUserInput{
			UserPoolId: &id, Username: &user, MessageAction: pooltypes.MessageActionTypeSuppress,
		})},
		{action: "cognito-idp:AdminSetUserPassword", send: do(client.AdminSetUserPassword, &cognitoidentityprovider.AdminSetUserPasswordInput{
			UserPoolId: &id, Username: &user, Password: aws.String(password), Permanent: true,
		})},
		{action: "cognito-idp:AdminGetUser", send: do(client.AdminGetUser, &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &id, Username: &user})},
		{action: "cognito-idp:AdminInitiateAuth", send: do(client.AdminInitiateAuth, &cognitoidentityprovider.AdminInitiateAuthInput{
			UserPoolId: &id, ClientId: &clientID, AuthFlow: pooltypes.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": user, "PASSWORD": password},
		})},
		{action: "cognito-idp:AdminUserGlobalSignOut", send: do(client.AdminUserGlobalSignOut, &cognitoidentityprovider.AdminUserGlobalSignOutInput{UserPoolId: &id, Username: &user})},
		{action: "cognito-idp:ListUsers", send: do(client.ListUsers, &cognitoidentityprovider.ListUsersInput{UserPoolId: &id, Limit: aws.Int32(1)})},
		{action: "cognito-idp:AdminDisableUser", send: do(client.AdminDisableUser, &cognitoidentityprovider.AdminDisableUserInput{UserPoolId: &id, Username: &user})},
		{action: "cognito-idp:AdminEnableUser", send: do(client.AdminEnableUser, &cognitoidentityprovider.AdminEnableUserInput{UserPoolId: &id, Username: &user})},
		{action: "cognito-idp:AdminDeleteUser", send: do(client.AdminDeleteUser, &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: &id, Username: &user})},

		{action: "cognito-idp:DescribeUserPool", send: do(client.DescribeUserPool, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &id})},
		{action: "cognito-idp:DescribeUserPoolClient", send: do(client.DescribeUserPoolClient, &cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: &id, ClientId: &clientID})},
		{action: "cognito-idp:CreateUserPoolClient", harmful: true, send: do(client.CreateUserPoolClient, &cognitoidentityprovider.CreateUserPoolClientInput{UserPoolId: &id, ClientName: aws.String(probe)})},
		{action: "cognito-idp:UpdateUserPool", harmful: true, send: do(client.UpdateUserPool, &cognitoidentityprovider.UpdateUserPoolInput{UserPoolId: &id})},
		{action: "cognito-idp:DeleteUserPool", harmful: true, send: do(client.DeleteUserPool, &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: &id})},
	}
}

func onLogGroup(config aws.Config, name string) []call {
	client, stream := cloudwatchlogs.NewFromConfig(config), aws.String(probe)
	return []call{
		{action: "logs:CreateLogStream", answers: []string{"ResourceAlreadyExistsException"}, send: do(client.CreateLogStream, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &name, LogStreamName: stream})},
		{action: "logs:PutLogEvents", send: do(client.PutLogEvents, &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: &name, LogStreamName: stream, LogEvents: []logtypes.InputLogEvent{{Message: stream, Timestamp: aws.Int64(time.Now().UnixMilli())}},
		})},

		{action: "logs:GetLogEvents", send: do(client.GetLogEvents, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &name, LogStreamName: stream})},
		{action: "logs:FilterLogEvents", send: do(client.FilterLogEvents, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &name})},
		{action: "logs:DeleteLogStream", harmful: true, send: do(client.DeleteLogStream, &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: &name, LogStreamName: stream})},
		{action: "logs:PutRetentionPolicy", harmful: true, send: do(client.PutRetentionPolicy, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &name, RetentionInDays: aws.Int32(1)})},
		{action: "logs:DeleteLogGroup", harmful: true, send: do(client.DeleteLogGroup, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})},
	}
}

func onRole(config aws.Config, t thing) []call {
	client, policy := iam.NewFromConfig(config), aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	return []call{
		{action: "sts:AssumeRole", send: do(sts.NewFromConfig(config).AssumeRole, &sts.AssumeRoleInput{RoleArn: &t.arn, RoleSessionName: aws.String(probe)})},
		{action: "iam:PutRolePolicy", harmful: true, send: do(client.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: &t.physical, PolicyName: aws.String(probe), PolicyDocument: policy})},
		{action: "iam:AttachRolePolicy", harmful: true, send: do(client.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: &t.physical, PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")})},
		{action: "iam:DeleteRole", harmful: true, send: do(client.DeleteRole, &iam.DeleteRoleInput{RoleName: &t.physical})},
	}
}

func onQueue(config aws.Config, url string) []call {
	client := sqs.NewFromConfig(config)
	message := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String(probe)}
	if strings.HasSuffix(url, ".fifo") {
		message.MessageGroupId, message.MessageDeduplicationId = aws.String(probe), aws.String(probe)
	}
	invalid := []string{"ReceiptHandleIsInvalid", "InvalidParameterValue", "InvalidParameterValueException", "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"}
	return []call{
		{action: "sqs:SendMessage", send: do(client.SendMessage, message)},
		{action: "sqs:ReceiveMessage", send: do(client.ReceiveMessage, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 1})},
		{action: "sqs:GetQueueAttributes", send: do(client.GetQueueAttributes, &sqs.GetQueueAttributesInput{QueueUrl: &url})},
		{action: "sqs:DeleteMessage", answers: invalid, send: do(client.DeleteMessage, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: aws.String(probe)})},
		{action: "sqs:ChangeMessageVisibility", answers: invalid, send: do(client.ChangeMessageVisibility, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: aws.String(probe), VisibilityTimeout: 1})},

		{action: "sqs:PurgeQueue", harmful: true, send: do(client.PurgeQueue, &sqs.PurgeQueueInput{QueueUrl: &url})},
		{action: "sqs:SetQueueAttributes", harmful: true, send: do(client.SetQueueAttributes, &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"VisibilityTimeout": "1"}})},
		{action: "sqs:DeleteQueue", harmful: true, send: do(client.DeleteQueue, &sqs.DeleteQueueInput{QueueUrl: &url})},
	}
}

func onSecret(config aws.Config, arn string) []call {
	client := secretsmanager.NewFromConfig(config)
	missing := []string{"ResourceNotFoundException"} // one that the app only names
	return []call{
		{action: "secretsmanager:GetSecretValue", answers: missing, send: do(client.GetSecretValue, &secretsmanager.GetSecretValueInput{SecretId: &arn})},
		{action: "secretsmanager:DescribeSecret", answers: missing, send: do(client.DescribeSecret, &secretsmanager.DescribeSecretInput{SecretId: &arn})},
		{action: "secretsmanager:PutSecretValue", harmful: true, send: do(client.PutSecretValue, &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: aws.String(probe)})},
		{action: "secretsmanager:DeleteSecret", harmful: true, send: do(client.DeleteSecret, &secretsmanager.DeleteSecretInput{SecretId: &arn})},
	}
}

func onStack(config aws.Config, name string) []call {
	return []call{{action: "cloudformation:GetTemplate", send: do(cloudformation.NewFromConfig(config).GetTemplate, &cloudformation.GetTemplateInput{StackName: &name})}}
}

// clean removes what authorized calls created, with the harness's credentials: items, users, log streams, and each version
// of an object, since a bucket with versions cannot be deleted.
func (g *ground) clean(ctx context.Context) error {
	var problems []error
	for _, t := range g.land.things {
		var err error
		switch t.kind {
		case table:
			_, err = dynamodb.NewFromConfig(g.config).DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.physical, Key: item(g.tables[t.physical])})
		case objects:
			err = g.cleanBucket(ctx, t.physical)
		case pool:
			err = g.cleanPool(ctx, t.physical)
		case queue:
			_, err = sqs.NewFromConfig(g.config).PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &t.physical})
		case logGroup:
			_, err = cloudwatchlogs.NewFromConfig(g.config).DeleteLogStream(ctx, &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: &t.physical, LogStreamName: aws.String(probe)})
			if missing := new(logtypes.ResourceNotFoundException); errors.As(err, &missing) {
				err = nil
			}
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("clean up %s after the calls: %w", t.physical, err))
		}
	}
	return errors.Join(problems...)
}

func (g *ground) cleanPool(ctx context.Context, pool string) error {
	client := cognitoidentityprovider.NewFromConfig(g.config)
	for _, r := range g.land.roles {
		user := userOf(r)
		_, err := client.AdminDeleteUser(ctx, &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: &pool, Username: &user})
		if missing := new(pooltypes.UserNotFoundException); err != nil && !errors.As(err, &missing) {
			return err
		}
	}
	return nil
}

func (g *ground) cleanBucket(ctx context.Context, bucket string) error {
	client := s3.NewFromConfig(g.config)
	listed, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: aws.String(probe)})
	if err != nil {
		return err
	}
	versions := map[string]string{}
	for _, each := range listed.Versions {
		versions[aws.ToString(each.VersionId)] = aws.ToString(each.Key)
	}
	for _, each := range listed.DeleteMarkers {
		versions[aws.ToString(each.VersionId)] = aws.ToString(each.Key)
	}
	for version, key := range versions {
		if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, VersionId: &version}); err != nil {
			return err
		}
	}
	return nil
}
