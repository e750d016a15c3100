package call

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// The outputs that make up the contract of a service that others call. Names are public: a change breaks every stack that reads
// them.
const (
	OutputSecurityGroupID = "ServiceSecurityGroupId"
	OutputPort            = "ServicePort" // where its tasks take the requests of callers
	OutputURL             = "ServiceUrl"  // in the tasks of callers alone
)

// Publish publishes the contract of a service in the outputs of its stack.
func Publish(scope constructs.Construct, name string, group awsec2.ISecurityGroup) {
	cdkx.Publish(scope, OutputSecurityGroupID, group.SecurityGroupId())
	cdkx.Publish(scope, OutputPort, jsii.String(fmt.Sprint(ProxyPort)))
	cdkx.Publish(scope, OutputURL, jsii.String("http://"+name))
}
