package cdkx

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LogPolicy is a resource policy of CloudWatch Logs, with which a service of AWS may write to a log group.
type LogPolicy struct {
	Group   awslogs.ILogGroup
	Service string // such as "es.amazonaws.com"
	Actions []string
	Source  string // the pattern of the ARNs on whose behalf it may
}

// Define defines the policy below scope, of which it has the name. An account can have ten such policies in a region, and
// CloudFormation creates none whose name exists. So the policy is deleted with the stack, even if the log group is retained:
// otherwise the same stack could not be created again.
func (p LogPolicy) Define(scope constructs.Construct, id string) awslogs.CfnResourcePolicy {
	stack := awscdk.Stack_Of(scope)
	return awslogs.NewCfnResourcePolicy(scope, jsii.String(id), &awslogs.CfnResourcePolicyProps{
		PolicyName: jsii.String(*stack.StackName() + "." + strings.ReplaceAll(*scope.Node().Path(), "/", ".")),
		PolicyDocument: stack.ToJsonString(map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{map[string]any{
				"Effect":    "Allow",
				"Principal": map[string]any{"Service": p.Service},
				"Action":    p.Actions,
				"Resource":  p.Group.LogGroupArn(),
				"Condition": map[string]any{
					"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
					"ArnLike":      map[string]any{"aws:SourceArn": p.Source},
				},
			}},
		}, nil),
	})
}
