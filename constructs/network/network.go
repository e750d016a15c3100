package network

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Network is the VPC of an environment.
type Network struct {
	constructs.Construct
	vpc    awsec2.Vpc
	logKey awskms.Key
}

// New defines a network. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Network {
	problem.MustScope(scope, id)
	defaults := profile.Of(scope)
	props = props.withDefaults(defaults)
	problem.Must(scope, id, errors.Join(props.validate(knownRegion(scope)), pinZones(scope, props.Zones)))

	n := &Network{}
	place.Define(n, scope, id)
	n.vpc = newVPC(n, props)
	if props.NAT == NATInstance {
		n.addNATInstance(props)
	}
	if len(props.Endpoints) > 0 {
		n.addEndpoints(props)
	}
	if props.FlowLogs.Or(defaults.FlowLogs) {
		n.addFlowLogs(defaults)
	}
	return n
}

// VPC returns the underlying CDK VPC.
func (n *Network) VPC() awsec2.Vpc { return n.vpc }

// LogKey returns the KMS key that encrypts the flow logs. It is nil if the profile does not encrypt logs or there are
// no flow logs. Pass it to the platform, so that an environment has one key for all its logs.
func (n *Network) LogKey() awskms.IKey {
	if n.logKey == nil {
		return nil
	}
	return n.logKey
}

// newVPC defines the VPC. Without NAT it has no public subnets, whose addresses stay reserved, so that the private ones keep
// theirs when NAT is added.
func newVPC(scope constructs.Construct, props Props) awsec2.Vpc {
	private := awsec2.SubnetType_PRIVATE_WITH_EGRESS
	gateways := 0
	switch props.NAT {
	case NoNAT:
		private = awsec2.SubnetType_PRIVATE_ISOLATED
	case NATGateway:
		gateways = 1
	case NATGatewayPerZone:
		gateways = len(props.Zones)
	}
	return awsec2.NewVpc(scope, jsii.String("Vpc"), &awsec2.VpcProps{
		IpAddresses:       awsec2.IpAddresses_Cidr(jsii.String(props.CIDR)),
		AvailabilityZones: jsii.Strings(props.Zones...),
		ReservedAzs:       jsii.Number(maxZones - len(props.Zones)),
		NatGateways:       jsii.Number(gateways),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
			{
				Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC, MapPublicIpOnLaunch: jsii.Bool(false),
				Reserved: jsii.Bool(props.NAT == NoNAT),
			},
			{Name: jsii.String("Private"), SubnetType: private},
		},
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"S3":       {Service: awsec2.GatewayVpcEndpointAwsService_S3()},
			"DynamoDB": {Service: awsec2.GatewayVpcEndpointAwsService_DYNAMODB()},
		},
		// Removing the rules of the default security group takes a custom resource. Nothing here uses that group.
		RestrictDefaultSecurityGroup: jsii.Bool(false),
	})
}

func (n *Network) addFlowLogs(defaults profile.Profile) {
	if defaults.EncryptLogs {
		n.logKey = cdkx.NewLogKey(n, "LogKey", defaults.RetainData)
	}
	group := awslogs.NewLogGroup(n, jsii.String("FlowLogs"), &awslogs.LogGroupProps{
		Retention:     cdkx.LogRetention(defaults.LogRetentionDays),
		EncryptionKey: n.LogKey(),
		RemovalPolicy: cdkx.Removal(defaults.RetainData),
	})
	n.vpc.AddFlowLog(jsii.String("FlowLog"), &awsec2.FlowLogOptions{
		Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(group, nil),
	})
}

// knownRegion returns the region of the scope's stack, or "" if the stack is region-agnostic.
func knownRegion(scope constructs.Construct) string {
	region := awscdk.Stack_Of(scope).Region()
	if *awscdk.Token_IsUnresolved(region) {
		return ""
	}
	return *region
}

// pinZones sets the result of the CDK's availability zone lookup to the given zones. The CDK makes this context lookup
// whenever the stack's account and region are both known, even if the VPC's zones are set. It returns an error if it is too
// late to do so.
func pinZones(scope constructs.Construct, zones []string) error {
	stack := awscdk.Stack_Of(scope)
	account, region := stack.Account(), stack.Region()
	if *awscdk.Token_IsUnresolved(account) || *awscdk.Token_IsUnresolved(region) {
		return nil
	}
	key := jsii.String(fmt.Sprintf("availability-zones:account=%s:region=%s", *account, *region))
	if stack.Node().TryGetContext(key) != nil {
		return nil
	}
	if len(*stack.Node().Children()) > 0 {
		return fmt.Errorf("the network must be the first construct of stack %s, or the app's context must set %q to its zones", *stack.StackName(), *key)
	}
	stack.Node().SetContext(key, zones)
	return nil
}
