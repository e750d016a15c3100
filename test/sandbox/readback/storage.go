package readback

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

func readGlobalTable(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	ttl, err := a.tables.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	backups, err := a.tables.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	tags, err := a.tables.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: out.Table.TableArn})
	if err != nil {
		return nil, err
	}
	table := out.Table
	p := shapeOf(table)

	p["BillingMode"] = string(tabletypes.BillingModeProvisioned) // a table that was never on demand has no summary
	if table.BillingModeSummary != nil {
		p["BillingMode"] = string(table.BillingModeSummary.BillingMode)
	}
	p["TimeToLiveSpecification"] = properties{"Enabled": false}
	if d := ttl.TimeToLiveDescription; d != nil {
		live := properties{"Enabled": d.TimeToLiveStatus == tabletypes.TimeToLiveStatusEnabled || d.TimeToLiveStatus == tabletypes.TimeToLiveStatusEnabling}
		put(live, "AttributeName", d.AttributeName)
		p["TimeToLiveSpecification"] = live
	}
	encryption := properties{"SSEEnabled": false} // then with a key that is DynamoDB's own
	if d := table.SSEDescription; d != nil {
		encryption["SSEEnabled"] = d.Status == tabletypes.SSEStatusEnabled || d.Status == tabletypes.SSEStatusUpdating
		put(encryption, "SSEType", d.SSEType)
	}
	p["SSESpecification"] = encryption

	// Each replica is asked in its own region; the one of the stack's region is the table itself.
	here := properties{"Region": strings.Split(aws.ToString(table.TableArn), ":")[3]}
	put(here, "DeletionProtectionEnabled", table.DeletionProtectionEnabled)
	put(here, "Tags", tags.Tags)
	if table.TableClassSummary != nil {
		put(here, "TableClass", table.TableClassSummary.TableClass)
	}
	if table.SSEDescription != nil {
		here["SSESpecification"] = properties{}
		put(here["SSESpecification"].(properties), "KMSMasterKeyId", table.SSEDescription.KMSMasterKeyArn)
	}
	indexes := []any{}
	for _, name := range pick(p["GlobalSecondaryIndexes"], "IndexName") {
		indexes = append(indexes, properties{"IndexName": name})
	}
	here["GlobalSecondaryIndexes"] = indexes
	if d := backups.ContinuousBackupsDescription; d != nil && d.PointInTimeRecoveryDescription != nil {
		recovery := properties{"PointInTimeRecoveryEnabled": d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == tabletypes.PointInTimeRecoveryStatusEnabled}
		put(recovery, "RecoveryPeriodInDays", d.PointInTimeRecoveryDescription.RecoveryPeriodInDays)
		here["PointInTimeRecoverySpecification"] = recovery
	}
	replicas := []any{here}
	for _, replica := range table.Replicas {
		if aws.ToString(replica.RegionName) != here["Region"] {
			replicas = append(replicas, properties{"Region": aws.ToString(replica.RegionName)})
		}
	}
	p["Replicas"] = replicas
	return p, nil
}

// unless returns a part of a bucket's settings, or none if the service says with the code that it has none.
func unless[T any](code string, out T, err error) (T, error) {
	var answer smithy.APIError
	if errors.As(err, &answer) && answer.ErrorCode() == code {
		var none T
		return none, nil
	}
	return out, err
}

func readBucket(ctx context.Context, a *account, r resource) (properties, error) {
	bucket := &r.PhysicalID
	p := properties{"BucketName": r.PhysicalID}

	encryption, err := a.buckets.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
	if encryption, err = unless("ServerSideEncryptionConfigurationNotFoundError", encryption, err); err != nil {
		return nil, err
	}
	if encryption != nil {
		configuration := shapeOf(encryption.ServerSideEncryptionConfiguration)
		rename(configuration, "Rules", "ServerSideEncryptionConfiguration")
		renameIn(configuration["ServerSideEncryptionConfiguration"], "ApplyServerSideEncryptionByDefault", "ServerSideEncryptionByDefault")
		p["BucketEncryption"] = configuration
	}

	block, err := a.buckets.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket})
	if block, err = unless("NoSuchPublicAccessBlockConfiguration", block, err); err != nil {
		return nil, err
	}
	if block != nil {
		put(p, "PublicAccessBlockConfiguration", block.PublicAccessBlockConfiguration)
	}

	cors, err := a.buckets.GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: bucket})
	if cors, err = unless("NoSuchCORSConfiguration", cors, err); err != nil {
		return nil, err
	}
	if cors != nil {
		rules := shape(cors.CORSRules)
		renameIn(rules, "ExposeHeaders", "ExposedHeaders")
		renameIn(rules, "ID", "Id")
		renameIn(rules, "MaxAgeSeconds", "MaxAge")
		p["CorsConfiguration"] = properties{"CorsRules": rules}
	}

	lifecycle, err := a.buckets.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	if lifecycle, err = unless("NoSuchLifecycleConfiguration", lifecycle, err); err != nil {
		return nil, err
	}
	if lifecycle != nil {
		p["LifecycleConfiguration"] = properties{"Rules": lifecycleRules(shape(lifecycle.Rules))}
	}

	owner, err := a.buckets.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket})
	if owner, err = unless("OwnershipControlsNotFoundError", owner, err); err != nil {
		return nil, err
	}
	if owner != nil {
		put(p, "OwnershipControls", owner.OwnershipControls)
	}

	versions, err := a.buckets.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: bucket})
	if err != nil {
		return nil, err
	}
	p["VersioningConfiguration"] = shapeOf(versions)

	tags, err := a.buckets.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: bucket})
	if tags, err = unless("NoSuchTagSet", tags, err); err != nil {
		return nil, err
	}
	if tags != nil {
		put(p, "Tags", tags.TagSet)
	}
	return p, nil
}

// lifecycleRules gives the rules of a bucket the names that CloudFormation made for them.
func lifecycleRules(rules any) any {
	renameIn(rules, "ID", "Id")
	elements, _ := rules.([]any)
	for _, element := range elements {
		rule, _ := element.(properties)
		if expiration, is := rule["Expiration"].(properties); is {
			rename(expiration, "Days", "ExpirationInDays")
			for name, value := range expiration {
				rule[name] = value
			}
		}
		if filter, is := rule["Filter"].(properties); is {
			for name, value := range filter {
				rule[name] = value
			}
		}
		renameIn(rule["Transitions"], "Days", "TransitionInDays")
		renameIn(rule["NoncurrentVersionTransitions"], "NoncurrentDays", "TransitionInDays")
	}
	return rules
}

func readBucketPolicy(ctx context.Context, a *account, r resource) (properties, error) {
	bucket := r.in("Bucket")
	out, err := a.buckets.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
	if err != nil {
		return nil, err
	}
	policy, err := document(aws.ToString(out.Policy))
	return properties{"Bucket": *bucket, "PolicyDocument": policy}, err
}

func readDomain(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.domains.DescribeDomain(ctx, &opensearch.DescribeDomainInput{DomainName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	tags, err := a.domains.ListTags(ctx, &opensearch.ListTagsInput{ARN: out.DomainStatus.ARN})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.DomainStatus)
	put(p, "Tags", tags.TagList)
	if policy := aws.ToString(out.DomainStatus.AccessPolicies); policy != "" {
		if p["AccessPolicies"], err = document(policy); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func readKey(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	rotation, err := a.keys.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	policy, err := a.keys.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &r.PhysicalID, PolicyName: aws.String("default")})
	if err != nil {
		return nil, err
	}
	tags, err := a.keys.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.KeyMetadata)
	p["EnableKeyRotation"] = rotation.KeyRotationEnabled
	put(p, "RotationPeriodInDays", rotation.RotationPeriodInDays)
	put(p, "Tags", tags.Tags)
	renameIn(p["Tags"], "TagKey", "Key")
	renameIn(p["Tags"], "TagValue", "Value")
	p["KeyPolicy"], err = document(aws.ToString(policy.Policy))
	return p, err
}
