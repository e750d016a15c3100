package call

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
)

// Caller is what a call needs of the service that calls.
type Caller struct {
	// Scope is where the rules of the call are defined.
	Scope constructs.Construct
	// SecurityGroup is that of the caller's tasks.
	SecurityGroup awsec2.ISecurityGroup
	// VPC is that of the platform.
	VPC awsec2.IVpc
	// RestrictsEgress is set if the security group does not allow all outbound traffic.
	RestrictsEgress bool
}

// Allow opens the network from the caller to the service that callee refers to, and returns its URL. The rule is in the security
// group of the callee and in the stack of the caller, so that the callee does not change when it gets or loses a caller. Outbound
// traffic is allowed to the VPC, and not to the callee's security group: EC2 would not delete a group to which a rule of another
// group refers, and the callee could not be deleted before its callers.
func (c Caller) Allow(callee service.Ref) (url string) {
	read := func(output string) *string { return cdkx.Read(c.Scope, callee.StackName, output) }
	port := place.Shared(c.Scope, portOf(callee.StackName), func() *float64 { return awscdk.Token_AsNumber(read(OutputPort)) })
	awsec2.NewCfnSecurityGroupIngress(c.Scope, jsii.String(callee.Name), &awsec2.CfnSecurityGroupIngressProps{
		GroupId:               read(OutputSecurityGroupID),
		SourceSecurityGroupId: c.SecurityGroup.SecurityGroupId(),
		IpProtocol:            jsii.String(tcp),
		FromPort:              port,
		ToPort:                port,
		Description:           jsii.String("from a service that calls this one"),
	})
	if c.RestrictsEgress {
		awsec2.NewCfnSecurityGroupEgress(c.Scope, jsii.String("Egress-"+callee.Name), &awsec2.CfnSecurityGroupEgressProps{
			GroupId:     c.SecurityGroup.SecurityGroupId(),
			CidrIp:      c.VPC.VpcCidrBlock(),
			IpProtocol:  jsii.String(tcp),
			FromPort:    port,
			ToPort:      port,
			Description: jsii.String("to a service that this one calls"),
		})
	}
	return *read(OutputURL)
}

// portOf is the key of the port of a service that an app shares.
type portOf string

const tcp = "tcp"
