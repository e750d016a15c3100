package cdk

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Output of the CLI, shortened.
const (
	failedCreation = `
storefront-sandbox-cart: creating CloudFormation changeset...
Cart (storefront-sandbox-cart): deploying... [1/1]
storefront-sandbox-cart |  0/19 | 11:52:56 PM | CREATE_IN_PROGRESS      | AWS::CloudFormation::Stack                  | storefront-sandbox-cart 
storefront-sandbox-cart |  1/19 | 11:52:56 PM | CREATE_COMPLETE         | AWS::DynamoDB::GlobalTable                  | Cart/Cart/Items/Table (CartItemsTable3B107552) 
storefront-sandbox-cart |  2/19 | 11:52:56 PM | CREATE_FAILED           | AWS::IAM::Role                              | Cart/Cart/Task/TaskRole (CartTaskTaskRole212A4822) Resource creation cancelled
storefront-sandbox-cart |  2/19 | 11:52:56 PM | CREATE_FAILED           | AWS::EC2::SecurityGroup                     | Cart/Cart/SecurityGroup/from CartPlatformLoadBalancerSecurityGroupF598BC0C:8080 (CartSecurityGroup1BE8F1CF) Output 'VpcId' not found in stack 'storefront-sandbox-platform'
storefront-sandbox-cart |  2/19 | 11:52:56 PM | ROLLBACK_IN_PROGRESS    | AWS::CloudFormation::Stack                  | storefront-sandbox-cart Rollback requested

Failed resources:
storefront-sandbox-cart | 11:52:56 PM | CREATE_FAILED           | AWS::EC2::SecurityGroup                     | Cart/Cart/SecurityGroup (CartSecurityGroup1BE8F1CF) Output 'VpcId' not found
❌  storefront-sandbox-cart failed to deploy
‣ DeploymentError: Resource updates failed:
`
	refusedDeletion = `
❌  Cart: destroy failed
‣ ValidationError: Stack [storefront-production-cart] cannot be deleted while TerminationProtection is enabled
Source Location: ...aws-cdk-lib, jsii runtime, node internals...
                 (no user code in 10 frames, use --stack-trace-limit to capture more)`
	refusedAsset = `
storefront-sandbox-platform: start: Publishing storefront-sandbox-platform Template (current_account-us-east-1-7e51262c)
storefront-sandbox-platform: fail: The specified bucket does not exist
Failed to publish asset storefront-sandbox-platform Template (current_account-us-east-1-7e51262c)
‣ AggregateError: 
`
	refusedApp = "Orders/Orders: Name \"orders\" is already used by Database/Orders: set Name to another\n./shop: Subprocess exited with error 1\n"
	wordless   = "something\n\nenv must be sandbox or production, got \"prod\"\n"
)

func TestWhatFailed(t *testing.T) {
	for name, test := range map[string]struct{ said, want string }{
		"a resource": {
			failedCreation, "cdk deploy: storefront-sandbox-cart: AWS::EC2::SecurityGroup " +
				"Cart/Cart/SecurityGroup/from CartPlatformLoadBalancerSecurityGroupF598BC0C:8080 (CartSecurityGroup1BE8F1CF): " +
				"Output 'VpcId' not found in stack 'storefront-sandbox-platform' (log: 01-deploy.log)",
		},
		"a stack": {
			refusedDeletion, "cdk deploy: Cart: destroy failed; ValidationError: Stack [storefront-production-cart] cannot be deleted " +
				"while TerminationProtection is enabled (log: 01-deploy.log)",
		},
		"an asset": {
			refusedAsset, "cdk deploy: storefront-sandbox-platform: its template or another asset: The specified bucket does not exist " +
				"(log: 01-deploy.log)",
		},
		"the app":       {refusedApp, `cdk deploy: Orders/Orders: Name "orders" is already used by Database/Orders: set Name to another (log: 01-deploy.log)`},
		"no known form": {wordless, `cdk deploy: env must be sandbox or production, got "prod" (log: 01-deploy.log)`},
	} {
		t.Run(name, func(t *testing.T) {
			said := &said{command: "deploy", started: time.Now()}
			for line := range strings.Lines(test.said) {
				said.line(strings.TrimSuffix(line, "\n"))
			}
			failure := said.failure()
			failure.Log = "01-deploy.log"
			if got := failure.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	var shown strings.Builder
	said := &said{command: "deploy", progress: &shown, started: time.Now().Add(-time.Minute)}
	for _, line := range []string{
		"✨  Synthesis time: 0.01s",
		"storefront-sandbox-cart |  0/19 | 11:52:56 PM | CREATE_IN_PROGRESS      | AWS::CloudFormation::Stack                  | storefront-sandbox-cart ",
		"storefront-sandbox-cart |  1/19 | 11:52:56 PM | CREATE_COMPLETE         | AWS::DynamoDB::GlobalTable                  | Cart/Cart/Items/Table (CartItemsTable3B107552) ",
		" ✅  Cart (storefront-sandbox-cart)",
		" ✅  Login (storefront-sandbox-login) (no changes)",
		" ✅  Hello",
		" ✅  Photos: destroyed",
	} {
		said.line(line)
	}
	said.done()
	// The second event follows a line at once, so it is not shown.
	want := ` 60.0 s  deploy: storefront-sandbox-cart: 0/19 resources, now AWS::CloudFormation::Stack create_in_progress
 60.0 s  deploy: Cart (storefront-sandbox-cart)
 60.0 s  deploy: Login (storefront-sandbox-login) (no changes)
 60.0 s  deploy: Hello
 60.0 s  deploy: Photos: destroyed
`
	var outcomes []string
	for _, outcome := range said.outcomes {
		outcomes = append(outcomes, fmt.Sprint(outcome.ID, " ", outcome.Unchanged))
	}
	if got, want := strings.Join(outcomes, ", "), "Cart false, Login true, Hello false, Photos false"; got != want {
		t.Errorf("got the outcomes %s, want %s", got, want)
	}
	if got := shown.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
