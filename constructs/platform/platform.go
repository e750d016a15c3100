package platform

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Platform is what the services of one environment share, defined by [New] or imported by [Import].
type Platform struct {
	constructs.Construct
	ref         Ref
	defined     bool // here, and not imported
	encryptLogs bool // as the profile of the importing stack sets it

	// In an imported platform, each of these is nil until it is read.
	vpc                       awsec2.IVpc
	cluster                   awsecs.ICluster
	listener                  awselasticloadbalancingv2.IApplicationListener
	loadBalancerFullName      *string
	loadBalancerSecurityGroup awsec2.ISecurityGroup
	vpcLink                   awsapigatewayv2.IVpcLink
	api                       awsapigatewayv2.IHttpApi
	preflightID               *string
	eventBus                  awsevents.IEventBus
	logKey                    awskms.IKey
}

// New defines a platform and publishes its contract as outputs of its stack, so a stack can have only one platform. It
// panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Platform {
	problem.MustScope(scope, id)
	props = props.withDefaults()
	ref, err := refOf(scope)
	defaults := profile.Of(scope)
	problem.Must(scope, id, errors.Join(err, cdkx.CheckSameStack("Platform.StackName", ref.StackName, scope), props.validate(), props.validateFor(defaults)))
	subnets := privateSubnets(props.VPC)
	if len(subnets) == 0 {
		problem.Must(scope, id, errors.New("VPC must have private subnets, got none"))
	}

	p := &Platform{defined: true, vpc: props.VPC, logKey: props.LogKey}
	constructs.NewConstruct_Override(p, scope, jsii.String(id))
	stackName := awscdk.Stack_Of(p).StackName()
	p.ref = Ref{StackName: *stackName, Zones: len(subnets)}
	if p.logKey == nil && defaults.EncryptLogs {
		p.logKey = cdkx.NewLogKey(p, "LogKey", defaults.RetainData)
	}

	cluster := p.newCluster(stackName, defaults)
	p.cluster = cluster
	linkSecurityGroup := p.newSecurityGroup("VpcLinkSecurityGroup", "Lets the VPC link of the API reach the load balancer", false)
	p.loadBalancerSecurityGroup = p.newSecurityGroup("LoadBalancerSecurityGroup", "Lets the VPC link in, and requests out to the tasks", true)
	p.vpcLink = awsapigatewayv2.NewVpcLink(p, jsii.String("VpcLink"), &awsapigatewayv2.VpcLinkProps{
		VpcLinkName:    stackName,
		Vpc:            p.vpc,
		Subnets:        &awsec2.SubnetSelection{Subnets: &subnets},
		SecurityGroups: &[]interfacesawsec2.ISecurityGroupRef{linkSecurityGroup},
	})
	loadBalancer, listener := p.newLoadBalancer(defaults, subnets)
	p.listener = listener
	p.loadBalancerSecurityGroup.Connections().AllowFrom(linkSecurityGroup, awsec2.Port_Tcp(jsii.Number(80)), jsii.String("from the VPC link"))
	p.loadBalancerFullName = loadBalancer.LoadBalancerFullName()
	p.api = p.newAPI(props, defaults)
	p.preflightID = p.newPreflight().IntegrationId()
	// The CDK would derive the name of the bus from its construct path, which is the same in each environment.
	p.eventBus = awsevents.NewEventBus(p, jsii.String("Bus"), &awsevents.EventBusProps{EventBusName: stackName})
	p.publish(subnets, cluster.DefaultCloudMapNamespace().NamespaceArn())
	if defaults.ContainerInsights {
		cdkx.Publish(p, OutputContainerInsights, jsii.String("true"))
	}
	return p
}

func (p *Platform) newCluster(stackName *string, defaults profile.Profile) awsecs.Cluster {
	return awsecs.NewCluster(p, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                            p.vpc,
		EnableFargateCapacityProviders: jsii.Bool(true),
		ContainerInsightsV2:            insights(defaults),
		// A namespace needs a unique name in the account and region, such as that of the stack.
		DefaultCloudMapNamespace: &awsecs.CloudMapNamespaceOptions{
			Name:                 stackName,
			Type:                 awsservicediscovery.NamespaceType_HTTP,
			UseForServiceConnect: jsii.Bool(true),
		},
	})
}

// Ref returns the reference by which services use this platform.
func (p *Platform) Ref() Ref { return p.ref }

// insights sets it explicitly, since the account's setting applies to clusters that do not set it.
func insights(defaults profile.Profile) awsecs.ContainerInsights {
	if defaults.ContainerInsights {
		return awsecs.ContainerInsights_ENABLED
	}
	return awsecs.ContainerInsights_DISABLED
}

// privateSubnets returns one subnet of each zone, with egress if there are such. The CDK's own selection would fall
// back to public ones.
func privateSubnets(vpc awsec2.IVpc) []awsec2.ISubnet {
	kind := awsec2.SubnetType_PRIVATE_WITH_EGRESS
	if len(*vpc.PrivateSubnets()) == 0 {
		kind = awsec2.SubnetType_PRIVATE_ISOLATED
		if len(*vpc.IsolatedSubnets()) == 0 {
			return nil
		}
	}
	return *vpc.SelectSubnets(&awsec2.SubnetSelection{SubnetType: kind, OnePerAz: jsii.Bool(true)}).Subnets
}

func (p *Platform) newSecurityGroup(id, description string, allowAllOutbound bool) awsec2.SecurityGroup {
	return awsec2.NewSecurityGroup(p, jsii.String(id), &awsec2.SecurityGroupProps{
		Vpc:              p.vpc,
		Description:      jsii.String(description),
		AllowAllOutbound: jsii.Bool(allowAllOutbound),
	})
}

func (p *Platform) newLoadBalancer(defaults profile.Profile, subnets []awsec2.ISubnet) (
	awselasticloadbalancingv2.ApplicationLoadBalancer, awselasticloadbalancingv2.ApplicationListener,
) {
	loadBalancer := awselasticloadbalancingv2.NewApplicationLoadBalancer(p, jsii.String("LoadBalancer"), &awselasticloadbalancingv2.ApplicationLoadBalancerProps{
		Vpc:                     p.vpc,
		VpcSubnets:              &awsec2.SubnetSelection{Subnets: &subnets},
		SecurityGroup:           p.loadBalancerSecurityGroup,
		InternetFacing:          jsii.Bool(false),
		DeletionProtection:      jsii.Bool(defaults.DeletionProtection),
		DropInvalidHeaderFields: jsii.Bool(true),
		// A value from a client cannot be distinguished from that of a proxy: services read the address from API
		// Gateway.
		XffHeaderProcessingMode: awselasticloadbalancingv2.XffHeaderProcessingMode_REMOVE,
	})
	listener := loadBalancer.AddListener(jsii.String("Http"), &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port: jsii.Number(80),
		Open: jsii.Bool(false),
		DefaultAction: awselasticloadbalancingv2.ListenerAction_FixedResponse(jsii.Number(404), &awselasticloadbalancingv2.FixedResponseOptions{
			ContentType: jsii.String("application/json"),
			MessageBody: jsii.String(`{"message":"no such service"}`),
		}),
	})
	return loadBalancer, listener
}

func (p *Platform) publish(subnets []awsec2.ISubnet, namespaceARN *string) {
	for i, subnet := range subnets {
		cdkx.Publish(p, numbered(OutputZone, i+1), subnet.AvailabilityZone())
		cdkx.Publish(p, numbered(OutputPrivateSubnetID, i+1), subnet.SubnetId())
	}
	cdkx.Publish(p, OutputVPCID, p.vpc.VpcId())
	cdkx.Publish(p, OutputClusterName, p.cluster.ClusterName())
	cdkx.Publish(p, OutputNamespaceARN, namespaceARN)
	cdkx.Publish(p, OutputListenerARN, p.listener.ListenerArn())
	cdkx.Publish(p, OutputLoadBalancerFullName, p.loadBalancerFullName)
	cdkx.Publish(p, OutputLoadBalancerSecurityGroupID, p.loadBalancerSecurityGroup.SecurityGroupId())
	cdkx.Publish(p, OutputVPCLinkID, p.vpcLink.VpcLinkId())
	cdkx.Publish(p, OutputAPIID, p.api.ApiId())
	cdkx.Publish(p, OutputAPIEndpoint, p.api.ApiEndpoint())
	cdkx.Publish(p, OutputPreflightIntegrationID, p.preflightID)
	cdkx.Publish(p, OutputEventBusName, p.eventBus.EventBusName())
	cdkx.Publish(p, OutputEventBusARN, p.eventBus.EventBusArn())
	if p.logKey != nil {
		cdkx.Publish(p, OutputLogKeyARN, p.logKey.KeyArn())
	} else {
		cdkx.Publish(p, OutputLogsHaveNoKey, jsii.String("true"))
	}
}
