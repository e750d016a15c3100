package readback

import (
	"context"
	"errors"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

func readGlobalTable(q *query, r resource) properties {
	table := of(ask(q, q.tables.DescribeTable, &dynamodb.DescribeTableInput{TableName: &r.PhysicalID}).Table)
	p := shapeOf(table)
	p["BillingMode"] = string(tabletypes.BillingModeProvisioned) // a table that was never on demand has no summary
	if table.BillingModeSummary != nil {
		p["BillingMode"] = string(table.BillingModeSummary.BillingMode)
	}
	ttl := of(ask(q, q.tables.DescribeTimeToLive, &dynamodb.DescribeTimeToLiveInput{TableName: &r.PhysicalID}).TimeToLiveDescription)
	live := properties{"Enabled": ttl.TimeToLiveStatus == tabletypes.TimeToLiveStatusEnabled || ttl.TimeToLiveStatus == tabletypes.TimeToLiveStatusEnabling}
	put(live, "AttributeName", ttl.AttributeName)
	p["TimeToLiveSpecification"] = live
	sse := of(table.SSEDescription) // without one the key is DynamoDB's own
	encryption := properties{"SSEEnabled": sse.Status == tabletypes.SSEStatusEnabled || sse.Status == tabletypes.SSEStatusUpdating}
	put(encryption, "SSEType", sse.SSEType)
	p["SSESpecification"] = encryption

	// Each replica is read in its own region; the one of the stack's region is the table itself.
	here := properties{"Region": q.storefront.Config.Region}
	put(here, "DeletionProtectionEnabled", table.DeletionProtectionEnabled)
	put(here, "Tags", ask(q, q.tables.ListTagsOfResource, &dynamodb.ListTagsOfResourceInput{ResourceArn: table.TableArn}).Tags)
	put(here, "TableClass", of(table.TableClassSummary).TableClass)
	if sse.KMSMasterKeyArn != nil {
		here["SSESpecification"] = properties{"KMSMasterKeyId": *sse.KMSMasterKeyArn}
	}
	indexes := []any{}
	for _, name := range pick(p["GlobalSecondaryIndexes"], "IndexName") {
		indexes = append(indexes, properties{"IndexName": name})
	}
	here["GlobalSecondaryIndexes"] = indexes
	backups := of(ask(q, q.tables.DescribeContinuousBackups, &dynamodb.DescribeContinuousBackupsInput{TableName: &r.PhysicalID}).ContinuousBackupsDescription)
	if d := backups.PointInTimeRecoveryDescription; d != nil {
		recovery := properties{"PointInTimeRecoveryEnabled": d.PointInTimeRecoveryStatus == tabletypes.PointInTimeRecoveryStatusEnabled}
		put(recovery, "RecoveryPeriodInDays", d.RecoveryPeriodInDays)
		here["PointInTimeRecoverySpecification"] = recovery
	}
	replicas := []any{here}
	for _, replica := range table.Replicas {
		if aws.ToString(replica.RegionName) != here["Region"] {
			replicas = append(replicas, properties{"Region": aws.ToString(replica.RegionName)})
		}
	}
	p["Replicas"] = replicas
	return p
}

// unless is ask for settings that a bucket may not have, which the service answers with an error of that code.
func unless[In, Out any](q *query, code string, operation func(context.Context, *In, ...func(*s3.Options)) (*Out, error), in *In) *Out {
	return ask(q, func(ctx context.Context, in *In, options ...func(*s3.Options)) (*Out, error) {
		out, err := operation(ctx, in, options...)
		var answer smithy.APIError
		if errors.As(err, &answer) && answer.ErrorCode() == code {
			return new(Out), nil
		}
		return out, err
	}, in)
}

func readBucket(q *query, r resource) properties {
	bucket := &r.PhysicalID
	p := properties{"BucketName": r.PhysicalID}
	encryption := unless(q, "ServerSideEncryptionConfigurationNotFoundError", q.buckets.GetBucketEncryption, &s3.GetBucketEncryptionInput{Bucket: bucket})
	if encryption.ServerSideEncryptionConfiguration != nil {
		configuration := shapeOf(encryption.ServerSideEncryptionConfiguration)
		rename(configuration, "Rules", "ServerSideEncryptionConfiguration")
		renameIn(configuration["ServerSideEncryptionConfiguration"], "ApplyServerSideEncryptionByDefault", "ServerSideEncryptionByDefault")
		p["BucketEncryption"] = configuration
	}
	put(p, "PublicAccessBlockConfiguration", unless(q, "NoSuchPublicAccessBlockConfiguration", q.buckets.GetPublicAccessBlock, &s3.GetPublicAccessBlockInput{Bucket: bucket}).PublicAccessBlockConfiguration)
	if cors := unless(q, "NoSuchCORSConfiguration", q.buckets.GetBucketCors, &s3.GetBucketCorsInput{Bucket: bucket}).CORSRules; cors != nil {
		rules := shape(cors)
		renameIn(rules, "ExposeHeaders", "ExposedHeaders")
		renameIn(rules, "ID", "Id")
		renameIn(rules, "MaxAgeSeconds", "MaxAge")
		p["CorsConfiguration"] = properties{"CorsRules": rules}
	}
	if rules := unless(q, "NoSuchLifecycleConfiguration", q.buckets.GetBucketLifecycleConfiguration, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket}).Rules; rules != nil {
		p["LifecycleConfiguration"] = properties{"Rules": lifecycleRules(shape(rules))}
	}
	if logging := ask(q, q.buckets.GetBucketLogging, &s3.GetBucketLoggingInput{Bucket: bucket}).LoggingEnabled; logging != nil {
		configuration := properties{}
		put(configuration, "DestinationBucketName", logging.TargetBucket)
		put(configuration, "LogFilePrefix", logging.TargetPrefix)
		p["LoggingConfiguration"] = configuration
	}
	put(p, "OwnershipControls", unless(q, "OwnershipControlsNotFoundError", q.buckets.GetBucketOwnershipControls, &s3.GetBucketOwnershipControlsInput{Bucket: bucket}).OwnershipControls)
	p["VersioningConfiguration"] = shapeOf(ask(q, q.buckets.GetBucketVersioning, &s3.GetBucketVersioningInput{Bucket: bucket}))
	put(p, "Tags", unless(q, "NoSuchTagSet", q.buckets.GetBucketTagging, &s3.GetBucketTaggingInput{Bucket: bucket}).TagSet)
	return p
}

// lifecycleRules gives the rules of a bucket the names that CloudFormation has for them.
func lifecycleRules(rules any) any {
	renameIn(rules, "ID", "Id")
	elements, _ := rules.([]any)
	for _, element := range elements {
		rule, _ := element.(properties)
		if expiration, is := rule["Expiration"].(properties); is {
			rename(expiration, "Days", "ExpirationInDays")
			rename(expiration, "Date", "ExpirationDate")
			maps.Copy(rule, expiration)
		}
		if filter, is := rule["Filter"].(properties); is {
			maps.Copy(rule, filter)
		}
		renameIn(rule["Transitions"], "Days", "TransitionInDays")
		renameIn(rule["Transitions"], "Date", "TransitionDate")
		renameIn(rule["NoncurrentVersionTransitions"], "NoncurrentDays", "TransitionInDays")
	}
	return rules
}

func readBucketPolicy(q *query, r resource) properties {
	bucket := r.in("Bucket")
	return properties{"Bucket": *bucket, "PolicyDocument": q.document(ask(q, q.buckets.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: bucket}).Policy)}
}

func readDomain(q *query, r resource) properties {
	domain := of(ask(q, q.domains.DescribeDomain, &opensearch.DescribeDomainInput{DomainName: &r.PhysicalID}).DomainStatus)
	p := shapeOf(domain)
	put(p, "Tags", ask(q, q.domains.ListTags, &opensearch.ListTagsInput{ARN: domain.ARN}).TagList)
	q.decode(p, "AccessPolicies")
	return p
}

func readKey(q *query, r resource) properties {
	p := shapeOf(of(ask(q, q.keys.DescribeKey, &kms.DescribeKeyInput{KeyId: &r.PhysicalID}).KeyMetadata))
	rotation := ask(q, q.keys.GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: &r.PhysicalID})
	p["EnableKeyRotation"] = rotation.KeyRotationEnabled
	put(p, "RotationPeriodInDays", rotation.RotationPeriodInDays)
	put(p, "Tags", ask(q, q.keys.ListResourceTags, &kms.ListResourceTagsInput{KeyId: &r.PhysicalID}).Tags)
	renameIn(p["Tags"], "TagKey", "Key")
	renameIn(p["Tags"], "TagValue", "Value")
	p["KeyPolicy"] = q.document(ask(q, q.keys.GetKeyPolicy, &kms.GetKeyPolicyInput{KeyId: &r.PhysicalID, PolicyName: aws.String("default")}).Policy)
	return p
}
