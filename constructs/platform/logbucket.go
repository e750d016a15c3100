package platform

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

const (
	// loadBalancerLogs is the prefix of the load balancer's access logs in the log bucket.
	loadBalancerLogs = "load-balancer"
	// deletedLogDays is the number of days in which a deleted or overwritten log can be restored.
	deletedLogDays = 30
	// abandonedUploadDays is the same as in the buckets of services.
	abandonedUploadDays = 7
)

// addLogBucket defines the log bucket, publishes it, and has the load balancer write to it unless access logs are off.
func (p *Platform) addLogBucket(loadBalancer awselasticloadbalancingv2.ApplicationLoadBalancer, defaults profile.Profile) {
	bucket := p.newLogBucket(defaults)
	if p.accessLogs {
		logTo(bucket, loadBalancer)
	}
	p.logBucket = bucket
	cdkx.Publish(p, OutputLogBucketName, bucket.BucketName())
}

// newLogBucket defines the bucket for access logs of the load balancer, and of the buckets of services. It is encrypted with
// S3's own key, since load balancers cannot write with another. It does not log its own requests, since each
// log would be a request.
func (p *Platform) newLogBucket(defaults profile.Profile) awss3.Bucket {
	removal := cdkx.Removal(defaults.RetainData)
	bucket := awss3.NewBucket(p, jsii.String("LogBucket"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		Versioned:         jsii.Bool(true),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("Expired"),
			Expiration:                          awscdk.Duration_Days(jsii.Number(defaults.LogRetentionDays)),
			NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(deletedLogDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(abandonedUploadDays)),
		}},
		RemovalPolicy: removal,
	})
	account := awscdk.Stack_Of(p).Account()
	// The principal is the same in all regions. The path contains the account, for which the load balancer writes.
	//
	// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("LoadBalancerLogs"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logdelivery.elasticloadbalancing.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"),
		Resources:  &[]*string{bucket.ArnForObjects(jsii.String(fmt.Sprintf("%s/AWSLogs/%s/*", loadBalancerLogs, *account)))},
	}))
	// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("BucketLogs"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logging.s3.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"),
		Resources:  &[]*string{bucket.ArnForObjects(jsii.String(BucketLogs + "*"))},
		Conditions: &map[string]any{"StringEquals": map[string]*string{"aws:SourceAccount": account}},
	}))
	// A bucket that is retained continues to reject requests without TLS.
	bucket.Policy().ApplyRemovalPolicy(removal)
	return bucket
}

// logTo has the load balancer write its access logs to the bucket. It does so after the bucket's policy is set, since Elastic
// Load Balancing writes a test object at once. The CDK's own method has an account ID of the region in the policy, which
// is unknown in a stack without a region and no longer needed.
func logTo(bucket awss3.Bucket, loadBalancer awselasticloadbalancingv2.ApplicationLoadBalancer) {
	loadBalancer.SetAttribute(jsii.String("access_logs.s3.enabled"), jsii.String("true"))
	loadBalancer.SetAttribute(jsii.String("access_logs.s3.bucket"), bucket.BucketName())
	loadBalancer.SetAttribute(jsii.String("access_logs.s3.prefix"), jsii.String(loadBalancerLogs))
	loadBalancer.Node().DefaultChild().(awscdk.CfnResource).AddResourceDependency(bucket.Policy().Node().DefaultChild().(awscdk.CfnResource), nil)
}
