package network

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// natInstanceScript runs once, when the instance boots first.
//
//go:embed nat-instance.sh
var natInstanceScript string

// amiParameter returns the name of the public parameter in which ECS publishes the ID of a release of its AMI. The names are
// the same in each region, and the value of one never changes.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
func amiParameter(ami string) string {
	return "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/" + ami + "/image_id"
}

// signalTimeout is the number of seconds within which a NAT instance must signal.
const signalTimeout = "900"

// userData returns the user data of a NAT instance for a VPC, which signals its result by signalURL.
func userData(vpc, signalURL string) string {
	return "#!/bin/bash\nvpc='" + vpc + "'\nsignal_url='" + signalURL + "'\n" + natInstanceScript
}

// natInstanceID returns the ID of the NAT instance, which changes with every property that a running instance does not
// apply, or that CloudFormation does not update. User data runs once, and a wait condition waits once: so such a change
// defines a new instance, to which the routes move after its signal.
func natInstanceID(props Props) string {
	sum := sha256.Sum256([]byte(userData(props.CIDR, signalTimeout) + props.NATInstanceAMI + props.NATInstanceType))
	return "Nat" + hex.EncodeToString(sum[:4])
}

// addNATInstance defines the instance in the first public subnet, and the default routes of the private subnets to it. With
// the CDK's NAT instance, a deployment succeeds if the user data fails, and a later one replaces the instance if AWS has
// published another AMI.
func (n *Network) addNATInstance(props Props) {
	group := awsec2.NewSecurityGroup(n, jsii.String("NatSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:         n.vpc,
		Description: jsii.String("Lets the VPC reach the internet through the NAT instance"),
	})
	group.AddIngressRule(awsec2.Peer_Ipv4(jsii.String(props.CIDR)), awsec2.Port_AllTraffic(), jsii.String("all traffic from the VPC"), nil)

	scope := constructs.NewConstruct(n, jsii.String(natInstanceID(props)))
	public := (*n.vpc.PublicSubnets())[0]
	signal := awscdk.NewCfnWaitConditionHandle(scope, jsii.String("Signal"), nil)
	instance := awsec2.NewCfnInstance(scope, jsii.String("Instance"), &awsec2.CfnInstanceProps{
		ImageId:      awsssm.StringParameter_ValueForTypedStringParameterV2(n, jsii.String(amiParameter(props.NATInstanceAMI)), awsssm.ParameterValueType_AWS_EC2_IMAGE_ID, nil),
		InstanceType: jsii.String(props.NATInstanceType),
		UserData:     awscdk.Fn_Base64(jsii.String(userData(props.CIDR, *signal.Ref()))),
		NetworkInterfaces: []any{&awsec2.CfnInstance_NetworkInterfaceProperty{
			DeviceIndex:              jsii.String("0"),
			SubnetId:                 public.SubnetId(),
			GroupSet:                 &[]*string{group.SecurityGroupId()},
			AssociatePublicIpAddress: jsii.Bool(true),
		}},
		SourceDestCheck: jsii.Bool(false),
		MetadataOptions: &awsec2.CfnInstance_MetadataOptionsProperty{HttpTokens: jsii.String("required"), HttpPutResponseHopLimit: jsii.Number(1)},
		BlockDeviceMappings: []any{&awsec2.CfnInstance_BlockDeviceMappingProperty{
			DeviceName: jsii.String("/dev/xvda"),
			Ebs:        &awsec2.CfnInstance_EbsProperty{VolumeType: jsii.String("gp3"), Encrypted: jsii.Bool(true)},
		}},
		PropagateTagsToVolumeOnCreation: jsii.Bool(true),
		Tags:                            &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(*n.Node().Path() + "/NatInstance")}},
	})
	instance.Node().AddDependency(public.InternetConnectivityEstablished())

	ready := awscdk.NewCfnWaitCondition(scope, jsii.String("Ready"), &awscdk.CfnWaitConditionProps{
		Handle:  signal.Ref(),
		Timeout: jsii.String(signalTimeout),
		Count:   jsii.Number(1),
	})
	ready.Node().AddDependency(instance)
	for _, private := range *n.vpc.PrivateSubnets() {
		// With the construct ID of the CDK's route, so that a change of NAT changes the target of the route in place.
		route := awsec2.NewCfnRoute(private.(awsec2.PrivateSubnet), jsii.String("DefaultRoute"), &awsec2.CfnRouteProps{
			RouteTableId:         private.RouteTable().RouteTableId(),
			DestinationCidrBlock: jsii.String("0.0.0.0/0"),
			InstanceId:           instance.Ref(),
		})
		route.Node().AddDependency(ready)
	}
}
