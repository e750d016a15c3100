package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// aNetwork is a network of two zones with the given props.
func aNetwork(t *testing.T, change func(*network.Props)) snapshot.Template {
	t.Helper()
	return inStack(t, func(stack awscdk.Stack) {
		props := network.Props{Zones: []string{"us-east-1a", "us-east-1b"}}
		change(&props)
		network.New(stack, "Network", props)
	})
}

func TestTheNATInstance(t *testing.T) {
	template := aNetwork(t, func(*network.Props) {})
	instance := template.One(t, "AWS::EC2::Instance")
	expect(t, "Shop", instance, map[string]any{
		"InstanceType":                                 "t4g.nano",
		"SourceDestCheck":                              false,
		"MetadataOptions.HttpTokens":                   "required",
		"BlockDeviceMappings.0.DeviceName":             "/dev/xvda", // the root volume of the AMI
		"BlockDeviceMappings.0.Ebs.Encrypted":          true,
		"BlockDeviceMappings.0.Ebs.VolumeType":         "gp3",
		"BlockDeviceMappings.0.Ebs.VolumeSize":         nil, // the snapshot's
		"NetworkInterfaces.0.AssociatePublicIpAddress": true,
		"IamInstanceProfile":                           nil, // it has no permission at all
		"KeyName":                                      nil,
		"UserData.Fn::Base64.Fn::Join.1.1.Ref":         template.One(t, "AWS::CloudFormation::WaitConditionHandle").LogicalID,
		"NetworkInterfaces.0.GroupSet.0.Fn::GetAtt.0":  "NetworkNatSecurityGroup367EA520",
		"NetworkInterfaces.0.SubnetId.Ref":             "NetworkVpcPublicSubnet1Subnet36933139",
	})
	dependencies, _ := instance.Get("DependsOn").([]any)
	if !slices.Contains(dependencies, any("NetworkVpcPublicSubnet1DefaultRoute31EC04EC")) {
		t.Errorf("the instance is created before its own way to the internet, without which it cannot signal: %v", dependencies)
	}

	// The deployment waits for the instance, and the private subnets get their routes after it.
	ready := template.One(t, "AWS::CloudFormation::WaitCondition")
	expect(t, "Shop", ready, map[string]any{"Timeout": "900", "Count": json.Number("1")})
	if got := ready.Get("DependsOn"); !cmp.Equal(got, any([]any{instance.LogicalID})) {
		t.Errorf("the wait begins after %v, and not after the instance", got)
	}
	routes := 0
	for _, route := range template.Resources("AWS::EC2::Route") {
		if route.Get("Properties.InstanceId.Ref") != instance.LogicalID {
			continue
		}
		routes++
		if got := route.Get("DependsOn"); !cmp.Equal(got, any([]any{ready.LogicalID})) {
			t.Errorf("%s leads to the instance after %v, and not after its signal", route.LogicalID, got)
		}
	}
	if routes != 2 {
		t.Errorf("%d routes lead to the instance, want one in each zone", routes)
	}
	group := template.One(t, "AWS::EC2::SecurityGroup")
	if got := group.Get("Properties.SecurityGroupIngress"); len(got.([]any)) != 1 || group.Get("Properties.SecurityGroupIngress.0.CidrIp") != "10.0.0.0/16" {
		t.Errorf("the instance lets in %v", got)
	}
}

// A parameter of the newest AMI would replace the instance, and cut every service off, whenever Amazon publishes one.
func TestTheAMIOfTheNATInstanceIsPinned(t *testing.T) {
	for name, test := range map[string]struct{ given, want string }{
		"default": {"", network.DefaultNATInstanceAMI},
		"another": {"al2023-ami-ecs-hvm-2023.0.20271231-kernel-6.18-arm64", "al2023-ami-ecs-hvm-2023.0.20271231-kernel-6.18-arm64"},
	} {
		t.Run(name, func(t *testing.T) {
			template := aNetwork(t, func(props *network.Props) { props.NATInstanceAMI = test.given })
			parameter := fmt.Sprint(template.One(t, "AWS::EC2::Instance").Get("Properties.ImageId.Ref"))
			want := "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/" + test.want + "/image_id"
			if got := template.Get("Parameters." + parameter + ".Default"); got != want {
				t.Errorf("the AMI is that of %v, want %s", got, want)
			}
		})
	}
}

// User data runs at the first boot alone, so what changes it must be a new instance, which signals before the routes and
// the old one go.
func TestAnotherNATInstanceIsANewOne(t *testing.T) {
	before := aNetwork(t, func(*network.Props) {})
	after := aNetwork(t, func(props *network.Props) { props.NATInstanceType = "t4g.micro" })
	for _, resourceType := range []string{"AWS::EC2::Instance", "AWS::CloudFormation::WaitCondition", "AWS::CloudFormation::WaitConditionHandle"} {
		if was, is := before.One(t, resourceType).LogicalID, after.One(t, resourceType).LogicalID; was == is {
			t.Errorf("%s is changed in place: %s", resourceType, is)
		}
	}
	for _, resourceType := range []string{"AWS::EC2::Route", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet"} {
		if was, is := logicalIDs(before, resourceType), logicalIDs(after, resourceType); !slices.Equal(was, is) {
			t.Errorf("%s are %q, and were %q", resourceType, is, was)
		}
	}
}

// The routes keep their logical IDs, so that another NAT changes their targets in place.
func TestNATIsChangedInPlace(t *testing.T) {
	routes := logicalIDs(aNetwork(t, func(*network.Props) {}), "AWS::EC2::Route")
	for _, nat := range []network.NAT{network.NATGateway, network.NATGatewayPerZone} {
		if got := logicalIDs(aNetwork(t, func(props *network.Props) { props.NAT = nat }), "AWS::EC2::Route"); !slices.Equal(got, routes) {
			t.Errorf("NAT %d has the routes %q, want %q", nat, got, routes)
		}
	}
}

func TestWithoutNATNothingIsPublic(t *testing.T) {
	template := aNetwork(t, func(props *network.Props) {
		props.NAT, props.Endpoints = network.NoNAT, append(network.TaskEndpoints(), network.SQS)
	})
	for _, resourceType := range []string{"AWS::EC2::InternetGateway", "AWS::EC2::VPCGatewayAttachment", "AWS::EC2::Route", "AWS::EC2::EIP"} {
		if got := logicalIDs(template, resourceType); len(got) > 0 {
			t.Errorf("a network without NAT has %q", got)
		}
	}
	want := map[string]any{}
	for _, subnet := range aNetwork(t, func(*network.Props) {}).Resources("AWS::EC2::Subnet") {
		if strings.Contains(subnet.LogicalID, "Private") {
			want[subnet.LogicalID] = subnet.Get("Properties.CidrBlock")
		}
	}
	got := map[string]any{}
	for _, subnet := range template.Resources("AWS::EC2::Subnet") {
		got[subnet.LogicalID] = subnet.Get("Properties.CidrBlock")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("subnets (-with NAT +without):\n%s", diff)
	}
}

func TestInterfaceEndpoints(t *testing.T) {
	template := aNetwork(t, func(props *network.Props) {
		props.NAT, props.Endpoints = network.NoNAT, append(network.TaskEndpoints(), network.SQS)
	})
	group := template.One(t, "AWS::EC2::SecurityGroup")
	if got := group.Get("Properties.SecurityGroupIngress"); len(got.([]any)) != 1 {
		t.Errorf("the endpoints let in %v", got)
	}
	for key, want := range map[string]any{"CidrIp": "10.0.0.0/16", "FromPort": json.Number("443"), "ToPort": json.Number("443"), "IpProtocol": "tcp"} {
		if got := group.Get("Properties.SecurityGroupIngress.0." + key); got != want {
			t.Errorf("%s of the endpoints' ingress is %v, want %v", key, got, want)
		}
	}
	var services []string
	for _, endpoint := range template.Resources("AWS::EC2::VPCEndpoint") {
		if endpoint.Get("Properties.VpcEndpointType") != "Interface" {
			continue
		}
		name := endpoint.Get("Properties.ServiceName.Fn::Join.1").([]any)
		services = append(services, strings.TrimPrefix(fmt.Sprint(name[len(name)-1]), "."))
		expect(t, "Shop", endpoint, map[string]any{
			"PrivateDnsEnabled":               true,
			"SecurityGroupIds.0.Fn::GetAtt.0": group.LogicalID,
			"SecurityGroupIds.1":              nil,
			"SubnetIds.0.Ref":                 "NetworkVpcPrivateSubnet1Subnet6DD86AE6",
			"SubnetIds.1.Ref":                 "NetworkVpcPrivateSubnet2Subnet1BDBE877",
			"SubnetIds.2":                     nil,
		})
	}
	slices.Sort(services)
	if want := []string{"ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sqs", "ssm", "sts"}; !slices.Equal(services, want) {
		t.Errorf("endpoints are %q, want %q", services, want)
	}
}

// A platform runs in a network without NAT as in any other.
func TestAPlatformWithoutNAT(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		net := network.New(stack, "Network", network.Props{
			Zones: []string{"us-east-1a", "us-east-1b"}, NAT: network.NoNAT, Endpoints: network.TaskEndpoints(),
		})
		platform.New(stack, "Platform", platform.Props{VPC: net.VPC()})
	})
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer"), map[string]any{
		"Subnets.0.Ref": "NetworkVpcPrivateSubnet1Subnet6DD86AE6", "Subnets.1.Ref": "NetworkVpcPrivateSubnet2Subnet1BDBE877",
	})
}

// inPlace are the properties that change when a zone is added. CloudFormation updates each without interruption.
//
// Source: the "Update requires" of each in https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
var inPlace = map[string][]string{
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {"Subnets"},
	"AWS::EC2::VPCEndpoint":                     {"SubnetIds", "RouteTableIds"},
}

// Whatever NAT an environment has, a zone more at the end replaces nothing, and so neither the VPC link, whose subnets
// API Gateway cannot change, nor anything else that takes requests or keeps data.
func TestSlowAZoneMoreReplacesNothing(t *testing.T) {
	skipInShort(t)
	for name, of := range map[string]profile.Profile{"sandbox": profile.Sandbox(), "production": profile.Production()} {
		for _, nat := range []network.NAT{network.NATByProfile, network.NoNAT, network.NATInstance, network.NATGateway, network.NATGatewayPerZone} {
			t.Run(fmt.Sprint(name, nat), func(t *testing.T) {
				with := func(zones ...string) map[string]snapshot.Template {
					return synthesize(t, nil, func(app awscdk.App) {
						ref := platform.Ref{StackName: "Platform", Zones: len(zones)}
						environment.Set(app, environment.Environment{Profile: of, Platform: ref})
						stack := awscdk.NewStack(app, jsii.String("Platform"), nil)
						net := network.New(stack, "Network", network.Props{Zones: zones, NAT: nat, Endpoints: network.TaskEndpoints()})
						platform.New(stack, "Platform", platform.Props{VPC: net.VPC(), LogKey: net.LogKey()})
						props := valid()
						props.Platform = ref
						microservice.New(awscdk.NewStack(app, jsii.String("Cart"), nil), "Cart", props)
					}).templates
				}
				before, after := with("us-east-1a", "us-east-1b"), with("us-east-1a", "us-east-1b", "us-east-1c")
				onlyInPlace(t, before["Platform"], after["Platform"], inPlace)
				onlyInPlace(t, before["Cart"], after["Cart"], map[string][]string{"AWS::ECS::Service": {"NetworkConfiguration"}})
				link := after["Platform"].One(t, "AWS::ApiGatewayV2::VpcLink")
				if got := link.Get("Properties.SubnetIds"); len(got.([]any)) != 2 {
					t.Errorf("the VPC link is in %v", got)
				}
				if got := after["Platform"].One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer").Get("Properties.Subnets"); len(got.([]any)) != 3 {
					t.Errorf("the load balancer is in %v", got)
				}
			})
		}
	}
}

// onlyInPlace compares the resources that were there, and fails when one is gone or has changed in another property than those
// listed for its type.
func onlyInPlace(t *testing.T, before, after snapshot.Template, allowed map[string][]string) {
	t.Helper()
	for _, was := range before.Resources("") {
		is, _ := after.Get("Resources." + was.LogicalID).(map[string]any)
		if is == nil {
			t.Errorf("%s (%s) is gone", was.LogicalID, was.Type)
			continue
		}
		old, _ := was.Get("Properties").(map[string]any)
		fresh, _ := is["Properties"].(map[string]any)
		for key := range old {
			if !cmp.Equal(old[key], fresh[key]) && !slices.Contains(allowed[was.Type], key) {
				t.Errorf("%s of %s (%s) changes:\n%s", key, was.LogicalID, was.Type, cmp.Diff(old[key], fresh[key]))
			}
		}
		if len(old) != len(fresh) {
			t.Errorf("%s (%s) has %d properties, and had %d", was.LogicalID, was.Type, len(fresh), len(old))
		}
	}
}

func logicalIDs(template snapshot.Template, resourceType string) []string {
	var ids []string
	for _, resource := range template.Resources(resourceType) {
		ids = append(ids, resource.LogicalID)
	}
	return ids
}

// egressOf returns the egress rules of the security group whose logical ID begins with prefix, each as "to port".
func egressOf(t *testing.T, template snapshot.Template, prefix string) []string {
	t.Helper()
	var rules []string
	for _, group := range template.Resources("AWS::EC2::SecurityGroup") {
		if !strings.HasPrefix(group.LogicalID, prefix) {
			continue
		}
		inline, _ := group.Get("Properties.SecurityGroupEgress").([]any)
		for _, rule := range inline {
			rules = append(rules, ruleOf(rule.(map[string]any)))
		}
		for _, rule := range template.Resources("AWS::EC2::SecurityGroupEgress") {
			if rule.Get("Properties.GroupId.Fn::GetAtt.0") == group.LogicalID {
				rules = append(rules, ruleOf(rule.Get("Properties").(map[string]any)))
			}
		}
		return rules
	}
	t.Fatalf("there is no security group %s…", prefix)
	return nil
}

func ruleOf(rule map[string]any) string {
	for _, key := range []string{"CidrIp", "DestinationPrefixListId", "DestinationSecurityGroupId"} {
		switch to := rule[key].(type) {
		case string:
			return fmt.Sprint(to, " ", rule["IpProtocol"], " ", rule["FromPort"])
		case map[string]any:
			output := snapshot.Template(to).Get("Fn::GetStackOutput.OutputName")
			if output == nil {
				output = snapshot.Template(to).Get("Fn::GetAtt.0")
			}
			return fmt.Sprint(output, " ", rule["IpProtocol"], " ", rule["FromPort"])
		}
	}
	return fmt.Sprint(rule)
}

func TestTheLoadBalancerConnectsToTheVPCAlone(t *testing.T) {
	imported := func(change func(*awsec2.VpcAttributes)) func(awscdk.Stack) awsec2.IVpc {
		return func(stack awscdk.Stack) awsec2.IVpc {
			attributes := &awsec2.VpcAttributes{
				VpcId:                      jsii.String("vpc-1"),
				VpcCidrBlock:               jsii.String("10.20.0.0/16"),
				AvailabilityZones:          jsii.Strings("us-east-1a", "us-east-1b"),
				PrivateSubnetIds:           jsii.Strings("subnet-1", "subnet-2"),
				PrivateSubnetRouteTableIds: jsii.Strings("rtb-1", "rtb-2"),
			}
			change(attributes)
			return awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), attributes)
		}
	}
	for name, test := range map[string]struct {
		vpc  func(awscdk.Stack) awsec2.IVpc
		want []string
	}{
		"a network": {func(stack awscdk.Stack) awsec2.IVpc {
			return network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b"}}).VPC()
		}, []string{"NetworkVpc7FB7348F tcp 0"}},
		"a VPC by its IDs": {imported(func(*awsec2.VpcAttributes) {}), []string{"10.20.0.0/16 tcp 0"}},
		"its subnets' blocks, inside": {imported(func(a *awsec2.VpcAttributes) {
			a.PrivateSubnetIpv4CidrBlocks = jsii.Strings("10.20.0.0/24", "10.20.1.0/24")
		}), []string{"10.20.0.0/16 tcp 0"}},
		"its subnets' blocks, outside": {imported(func(a *awsec2.VpcAttributes) {
			a.PrivateSubnetIpv4CidrBlocks = jsii.Strings("100.64.0.0/24", "10.20.1.0/24")
		}), []string{"10.20.0.0/16 tcp 0", "100.64.0.0/24 tcp 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			template := inStack(t, func(stack awscdk.Stack) { platform.New(stack, "Platform", platform.Props{VPC: test.vpc(stack)}) })
			if got := egressOf(t, template, "PlatformLoadBalancerSecurityGroup"); !slices.Equal(got, test.want) {
				t.Errorf("the load balancer may connect to %q, want %q", got, test.want)
			}
		})
	}
}

func TestEgress(t *testing.T) {
	for name, test := range map[string]struct {
		peers []microservice.Peer
		want  []string
	}{
		"none":      {nil, []string{"0.0.0.0/0 -1 <nil>"}},
		"HTTPS":     {[]microservice.Peer{microservice.PeerAnyIPv4(443)}, []string{"0.0.0.0/0 tcp 443"}},
		"endpoints": {[]microservice.Peer{microservice.PeerVPC(443), microservice.PeerPrefixList("pl-63a5400a", 443)}, []string{"VpcCidrBlock tcp 443", "pl-63a5400a tcp 443"}},
		"ports":     {[]microservice.Peer{microservice.PeerIPv4("203.0.113.0/24", 443, 5432)}, []string{"203.0.113.0/24 tcp 443", "203.0.113.0/24 tcp 5432"}},
		"all ports": {[]microservice.Peer{microservice.PeerVPC(), microservice.PeerIPv4("203.0.113.7/32")}, []string{"VpcCidrBlock -1 <nil>", "203.0.113.7/32 -1 <nil>"}},
	} {
		t.Run(name, func(t *testing.T) {
			props := valid()
			props.Egress = test.peers
			if got := egressOf(t, cart(t, props), "CartSecurityGroup"); !slices.Equal(got, test.want) {
				t.Errorf("the tasks may connect to %q, want %q", got, test.want)
			}
		})
	}
}

// The ID of a prefix list of the stack's own is a token.
func TestEgressToAPrefixListOfTheStack(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		offices := awsec2.NewCfnPrefixList(stack, jsii.String("Offices"), &awsec2.CfnPrefixListProps{
			AddressFamily: jsii.String("IPv4"), MaxEntries: jsii.Number(5), PrefixListName: jsii.String("offices"),
		})
		props := valid()
		props.Egress = []microservice.Peer{microservice.PeerPrefixList(*offices.AttrPrefixListId(), 443)}
		microservice.New(stack, "Cart", props)
	})
	if got := egressOf(t, template, "CartSecurityGroup"); !slices.Equal(got, []string{"Offices tcp 443"}) {
		t.Errorf("the tasks may connect to %q", got)
	}
}

// What a service uses is a destination, too, without a line in Egress.
func TestAStoreAddsItsEgress(t *testing.T) {
	props := valid()
	props.Egress = []microservice.Peer{microservice.PeerAnyIPv4(443)}
	template := cart(t, props, func(cart *microservice.Microservice) {
		cart.Uses(searchdomain.New(cart, "Index", searchdomain.Props{VPC: cart.Platform().VPC()}), searchdomain.Read)
	})
	got := egressOf(t, template, "CartSecurityGroup")
	if len(got) != 2 || got[0] != "0.0.0.0/0 tcp 443" || !strings.HasPrefix(got[1], "CartIndexSecurityGroup") || !strings.HasSuffix(got[1], " tcp 443") {
		t.Errorf("the tasks may connect to %q, want HTTPS and the domain", got)
	}
}

func TestADomainInAVPCWithoutNAT(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		net := network.New(stack, "Network", network.Props{
			Zones: []string{"us-east-1a", "us-east-1b"}, NAT: network.NoNAT, Endpoints: network.TaskEndpoints(),
		})
		searchdomain.New(stack, "Index", searchdomain.Props{VPC: net.VPC()})
	})
	expect(t, "Shop", template.One(t, "AWS::OpenSearchService::Domain"), map[string]any{
		"VPCOptions.SubnetIds.0.Ref": "NetworkVpcPrivateSubnet1Subnet6DD86AE6", "VPCOptions.SubnetIds.1": nil,
	})
}
