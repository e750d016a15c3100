package bucket

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// The access that a microservice can have to a bucket's objects. None of it allows changing the bucket itself.
const (
	Read      = store.Read
	Write     = store.Write
	ReadWrite = store.ReadWrite
)

// actionsOf lists the actions on objects one by one. The CDK's own grants use wildcards such as s3:GetObject*, which
// allow more than access to the contents of objects.
var actionsOf = map[store.Access][]string{
	Read:      reading,
	Write:     writing,
	ReadWrite: slices.Sorted(slices.Values(slices.Concat(reading, writing))),
}

var (
	reading = []string{"s3:GetObject", "s3:GetObjectVersion"}
	writing = []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"}
)

// Bucket is an S3 bucket that one microservice owns.
type Bucket struct {
	constructs.Construct
	id     string
	bucket awss3.Bucket
	key    awskms.IKey
}

var _ store.Store = (*Bucket)(nil)

// New defines a bucket. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Bucket {
	problem.MustScope(scope, id)
	props = props.withDefaults()
	problem.Must(scope, id, errors.Join(props.validate(), cdkx.CheckDataKey("EncryptionKey", props.EncryptionKey, scope)))
	defaults := profile.Of(scope)
	retain := props.Retain.Or(defaults.RetainData)
	removal := cdkx.Removal(retain)

	b := &Bucket{id: id}
	place.Define(b, scope, id)
	b.key = cdkx.DataKey(b, props.EncryptionKey, defaults.EncryptData, retain)
	bucket := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		Versioned:         jsii.Bool(props.Versioned),
		LifecycleRules:    lifecycle(props),
		Cors:              uploads(props.UploadOrigins),
		RemovalPolicy:     removal,
	}
	if b.key != nil {
		bucket.Encryption = awss3.BucketEncryption_KMS
		bucket.EncryptionKey = b.key
		bucket.BucketKeyEnabled = jsii.Bool(true) // a request of KMS for many objects instead of one for each
	}
	b.bucket = awss3.NewBucket(b, jsii.String("Bucket"), bucket)
	if defaults.AccessLogs && platform.CheckOf(scope) == nil {
		b.logAccess()
	}
	// A bucket that is retained continues to reject requests without TLS.
	b.bucket.Policy().ApplyRemovalPolicy(removal)
	return b
}

// logAccess has S3 write the bucket's access logs to the log bucket of the environment's platform, in a folder of its own.
// The CDK's property would warn that it cannot change the policy of an imported bucket, which already allows it.
func (b *Bucket) logAccess() {
	stack := awscdk.Stack_Of(b)
	within := strings.TrimPrefix(*b.Node().Path(), *stack.Node().Path()+"/")
	b.bucket.Node().DefaultChild().(awss3.CfnBucket).SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
		DestinationBucketName: platform.Of(b).LogBucket().BucketName(),
		LogFilePrefix:         jsii.String(platform.BucketLogs + *stack.StackName() + "/" + within + "/"),
	})
}

// Bucket returns the underlying CDK bucket.
func (b *Bucket) Bucket() awss3.Bucket { return b.bucket }

// Bind grants consumer [Read], [Write] or [ReadWrite] access to the bucket's objects, and sets the environment variable
// <ID>_BUCKET_NAME. Read access includes listing, without which S3 responds with 403 for an object that does not exist;
// write access includes deleting.
func (b *Bucket) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	actions, known := actionsOf[access]
	if !known {
		return store.Binding{}, store.Unsupported(access, Read, Write, ReadWrite)
	}
	if access != Write {
		grant(consumer, b.bucket.BucketArn(), "s3:ListBucket")
	}
	grant(consumer, b.bucket.ArnForObjects(jsii.String("*")), actions...)
	cdkx.GrantDataKey(b.key, consumer, access != Read)
	return store.Binding{Environment: map[string]string{
		cdkx.ScreamingSnake(b.id) + "_BUCKET_NAME": *b.bucket.BucketName(),
	}}, nil
}

func grant(consumer store.Consumer, arn *string, actions ...string) {
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      consumer.GrantPrincipal(),
		Actions:      jsii.Strings(actions...),
		ResourceArns: &[]*string{arn},
	})
}

func lifecycle(props Props) *[]*awss3.LifecycleRule {
	rules := []*awss3.LifecycleRule{{
		Id:                                  jsii.String("AbandonedUploads"),
		AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(abandonedUploadDays)),
	}}
	if props.Versioned {
		rules = append(rules, &awss3.LifecycleRule{
			Id:                          jsii.String("PreviousVersions"),
			NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(props.PreviousVersionDays)),
		})
	}
	for _, rule := range props.Lifecycle {
		defined := &awss3.LifecycleRule{Prefix: cdkx.OptionalString(rule.Prefix), Expiration: cdkx.OptionalDays(rule.ExpireAfterDays)}
		if rule.InfrequentAccessAfterDays > 0 {
			defined.Transitions = &[]*awss3.Transition{{
				StorageClass:    awss3.StorageClass_INFREQUENT_ACCESS(),
				TransitionAfter: cdkx.OptionalDays(rule.InfrequentAccessAfterDays),
			}}
		}
		rules = append(rules, defined)
	}
	return &rules
}

func uploads(origins []string) *[]*awss3.CorsRule {
	if len(origins) == 0 {
		return nil
	}
	return &[]*awss3.CorsRule{{
		AllowedOrigins: jsii.Strings(origins...),
		AllowedMethods: &[]awss3.HttpMethods{
			awss3.HttpMethods_GET, awss3.HttpMethods_HEAD, awss3.HttpMethods_PUT, awss3.HttpMethods_POST,
		},
		AllowedHeaders: jsii.Strings("*"),
		// Browsers need it to complete a multipart upload.
		ExposedHeaders: jsii.Strings("ETag"),
		MaxAge:         jsii.Number(3000),
	}}
}
