package searchdomain

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsopensearchservice"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// logTypes are the logs that a domain publishes. Audit logs are not among them: they require fine-grained access control,
// with users of the domain in place of the services' roles.
var logTypes = []string{"ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"}

// publishLogs defines a log group for the domain, and a resource policy of CloudWatch Logs with which OpenSearch Service may
// write to it. The CDK's option defines the policy by a custom resource. It is not the policy of the log group alone,
// which is not allowed the third action that OpenSearch Service requires. The policy is deleted with the stack, even if the
// domain is retained, which then stops logging.
//
// Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html
func (d *Domain) publishLogs(defaults profile.Profile) {
	var key awskms.IKey
	if platform.CheckOf(d) == nil {
		key = platform.Of(d).LogKey()
	}
	group := awslogs.NewLogGroup(d, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     cdkx.LogRetention(defaults.LogRetentionDays),
		EncryptionKey: key,
		RemovalPolicy: cdkx.Removal(defaults.RetainData),
	})
	stack := awscdk.Stack_Of(d)
	policy := cdkx.LogPolicy{
		Group: group, Service: "es.amazonaws.com", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"},
		Source: fmt.Sprintf("arn:%s:es:%s:%s:domain/*", *stack.Partition(), *stack.Region(), *stack.Account()),
	}.Define(d, "LogPolicy")
	published := map[string]any{}
	for _, logType := range logTypes {
		published[logType] = &awsopensearchservice.CfnDomain_LogPublishingOptionProperty{
			CloudWatchLogsLogGroupArn: group.LogGroupArn(), Enabled: jsii.Bool(true),
		}
	}
	domain := d.domain.Node().DefaultChild().(awsopensearchservice.CfnDomain)
	domain.SetLogPublishingOptions(published)
	domain.Node().AddDependency(policy)
}
