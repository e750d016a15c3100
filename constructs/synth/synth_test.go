package synth

import (
	"errors"
	"fmt"
	"testing"

	"github.com/storefront-cdk/storefront/internal/problem"
)

func TestMessageHasNoTrace(t *testing.T) {
	cases := map[string]struct{ got, want string }{
		"plain":             {"Invalid S3 bucket name (value: A_B)", "Invalid S3 bucket name (value: A_B)"},
		"name":              {"Error: no zones", "no zones"},
		"name from the CDK": {"ValidationError: no zones", "no zones"},
		"name from jsii":    {"@jsii/kernel.RuntimeError: Error: no zones", "no zones"},
		"names in a row":    {"Error: RuntimeError: ValidationError: no zones", "no zones"},
		"name within":       {"InvalidIpAddress: x is not valid, Error: y", "InvalidIpAddress: x is not valid, Error: y"},
		"several lines":     {"Bucket name must start with a letter\nBucket name must end with one\n", "Bucket name must start with a letter\nBucket name must end with one"},
		"trace": {
			"ValidationError: no zones\n    at new Vpc (/tmp/jsii-kernel-x/node_modules/aws-cdk-lib/aws-ec2/lib/vpc.js:1:17)\n" +
				"    at /tmp/jsii-runtime.js:6:7\n\tat async main (node:internal:1)\n",
			"no zones",
		},
		"blank lines and a ruler": {"\nError: no zones\n  \n  -----^\n----\n", "no zones"},
		"indented lines stay":     {"Validation failed:\n  [Shop/Cart] no zones\n  look at the zones", "Validation failed:\n  [Shop/Cart] no zones\n  look at the zones"},
		"validations": {
			"ValidationFailedWithErrors: Validation failed with the following errors:\n  [Shop/Cart] no zones\n  [Shop] [x] no queue\n    at synth (x.js:1:1)",
			"Shop/Cart: no zones\nShop: [x] no queue",
		},
		"an ID used twice": {
			"Error: There is already a Construct with name 'Items' in Construct [Cart]\n    at Node.addChild (x.js:1:1)",
			`Cart: the ID "Items" is already used in this scope: choose another ID`,
		},
		"a stack's ID used twice": {"There is already a Construct with name 'Shop' in App", `the ID "Shop" is already used in the app: choose another ID`},
		"a construct outside of stacks": {
			"ShouldBeCreatedInStackScope: Construct at 'Group/Cart' should be created in the scope of a Stack, but no Stack found",
			`Group/Cart: it is in no stack: define it in one, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`,
		},
		"a resource outside of stacks": {
			"TableV22 at 'Items/Table' should be created in the scope of a Stack, but no Stack found",
			`Items/Table: it is in no stack: define it in one, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`,
		},
		"the app as a scope": {
			"ShouldBeCreatedInStackScope: App at '' should be created in the scope of a Stack, but no Stack found",
			`the app is in no stack: pass a stack, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`,
		},
		"a logical ID used twice": {
			"SectionAlreadyContains: section 'Resources' already contains 'Items'",
			`Resources: two constructs of one stack have the logical ID "Items": choose another ID for one of them, or do not override it`,
		},
		"stacks that depend on each other": {
			"DependencyCycle: 'Shop' depends on 'Other' (Shop -> Other/R/Resource.Arn). Adding this dependency (Other -> Shop/Q/Resource.Arn) would create a cyclic reference.",
			"Other: it depends on Shop (Other -> Shop/Q/Resource.Arn), which depends on it (Shop -> Other/R/Resource.Arn): remove one of the two, or define in one stack what refers to each other",
		},
		"too many resources": {
			"TooManyResourcesInStack: Number of resources in stack 'Shop': 501 is greater than allowed maximum of 500: AWS::SQS::Queue (501)",
			"Shop: a stack must have at most 500 resources, got 501: define some of them in another stack. It has AWS::SQS::Queue (501)",
		},
		"a value that contains itself": {
			"CircularReferenceDetected: Resolution error: Resolution error: Unable to resolve object tree with circular reference. Path: /Resources/${Token[Shop.Cart.B.LogicalID.123]}/Properties/a/b/a/b/a/b/a/b..",
			"Shop/Cart/B: the value at Properties/a/b/a/b/a/… contains itself, or is nested in more than 200 others: refer to it by its name or ARN instead",
		},
		"a value that contains itself, of no resource": {
			"Unable to resolve object tree with circular reference. Path: /Outputs/a",
			"the value at Outputs/a contains itself, or is nested in more than 200 others: refer to it by its name or ARN instead",
		},
		"stages that depend on each other": {
			"NoCrossStageDependency: You cannot have a dependency from 'Stage/Other' (in Stage 'Stage') to 'Shop' (in the App): dependency cannot cross stage boundaries",
			"Stage/Other: it is in Stage 'Stage' and depends on Shop in the App, which are deployed apart: define both in one stage, or refer to it by its name or ARN",
		},
		"a resource of another region": {
			"CannotUseCrossEnvironment: Resolution error: Cannot use resource 'A/Q' in a cross-environment fashion, the resource's physical name must be explicit set or use `PhysicalName.GENERATE_IF_NEEDED`.",
			"A/Q: it is used in a stack of another account or region, in which CloudFormation cannot resolve it: refer to it by its ARN, or give it a name",
		},
		"a VPC without route tables": {
			"CanTGatewayEndpointVpc: Can't add a gateway endpoint to VPC; route table IDs are not available",
			"the VPC has no route tables to add a gateway endpoint to, since it is imported without them: set PrivateSubnetRouteTableIds in awsec2.Vpc_FromVpcAttributes",
		},
		"a lookup in an unresolved stack": {
			`StackAccountRegionNotSpecified: Cannot retrieve value from context provider vpc-provider since account/region are not specified at the stack level. Configure "env" with an account and region when you define your stack.See https://docs.aws.amazon.com/cdk/latest/guide/environments.html for more details.`,
			"a lookup (vpc-provider) requires the account and the region of the stack: set Env in awscdk.StackProps",
		},
		"a runtime that has ended": {
			"this process has been closed",
			"the jsii runtime has ended, after jsii.Close or after an earlier error: call jsii.Close once, when everything is synthesized",
		},
		"findings in templates": {
			"ValidationFailed: Validation failed. A copy of this report can be found in: /x.json\nERROR VpcId: 'vpc-1' does not match format 'AWS::EC2::VPC.Id' (CloudFormation Validate)\n" +
				"   Shop/Group/Resource (Group0B59A6A7) aws-cdk-lib.aws_ec2.CfnSecurityGroup\n   Acknowledge with 'CloudFormation-Validate::E1151'\n",
			"ValidationFailed: Validation failed. A copy of this report can be found in: /x.json\nShop/Group/Resource: VpcId: 'vpc-1' does not match format 'AWS::EC2::VPC.Id' (rule CloudFormation-Validate::E1151)",
		},
		"lists stay": {"two:\n- one\n--- a\nat last", "two:\n- one\n--- a\nat last"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got, _ := message(c.got); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTry(t *testing.T) {
	failed := errors.New("no zones")
	problem := &problem.Problem{Path: "Shop/Cart", Err: errors.Join(failed, errors.New("Error: kept"))}
	cases := map[string]struct {
		define func() error
		want   string
	}{
		"nothing":                  {func() error { return nil }, "<nil>"},
		"its error":                {func() error { return failed }, "no zones"},
		"its error, as is":         {func() error { return errors.New("Error: mine\n    at home") }, "Error: mine\n    at home"},
		"construct of this module": {func() error { panic(problem) }, "Shop/Cart: no zones\nShop/Cart: Error: kept"},
		"construct of the CDK":     {func() error { panic(errors.New("Error: no zones\n    at new Vpc (vpc.js:1:1)")) }, "no zones"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(Try(c.define)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if err := Try(func() error { panic(problem) }); !errors.Is(err, failed) {
		t.Error("errors.Is does not see through what Try returns")
	}
}

func TestTryLetsDefectsThrough(t *testing.T) {
	cases := map[string]struct {
		define func() error
		want   string
	}{
		"nil pointer": {func() error { var p *problem.Problem; return p.Err }, "runtime error: invalid memory address or nil pointer dereference"},
		"any value":   {func() error { panic("out of order") }, "out of order"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); got != c.want {
					t.Errorf("panicked with %q, want %q", got, c.want)
				}
			}()
			t.Errorf("Try returned %v", Try(c.define))
		})
	}
}
