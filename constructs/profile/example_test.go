package profile_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/profile"
)

// A profile is a plain value: take one of the two, and change what differs.
func Example() {
	app := awscdk.NewApp(nil)
	staging := profile.Sandbox()
	staging.LogRetentionDays = 30
	environment.Set(app, environment.Environment{Profile: staging})
	awscdk.NewStack(app, jsii.String("Platform"), nil)
}
