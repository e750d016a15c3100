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
		"lists stay": {"two:\n- one\n--- a\nat last", "two:\n- one\n--- a\nat last"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := message(errors.New(c.got)); got != c.want {
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
