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
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Platform is what the services of one environment share, defined by [New] or imported by [Import].
type Platform struct {
	constructs.Construct
	ref         Ref
	defined     bool // here, and not imported
	encryptLogs bool // as the profile of the importing stack sets it
	accessLogs  bool // likewise

	// In an imported platform, each of these is nil until it is read.
	vpc                       awsec2.IVpc
	cluster                   awsecs.ICluster
	clusterName               *string
	namespaceARN              *string
	listener                  awselasticloadbalancingv2.IApplicationListener
	listenerARN               *string
	tlsServerName             string
	loadBalancerFullName      *string
	loadBalancerSecurityGroup awsec2.ISecurityGroup
	vpcLink                   awsapigatewayv2.IVpcLink
	vpcLinkID                 *string
	api                       awsapigatewayv2.IHttpApi
	apiID                     *string
	stage                     awsapigatewayv2.IHttpStage
	preflightID               *string
	eventBus                  awsevents.IEventBus
	logKey                    awskms.IKey
	logBucket                 awss3.IBucket
}

// New defines a platform and publishes its contract as outputs of its stack, so a stack can have only one platform. It
// panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Platform {
	problem.MustScope(scope, id)
	props = props.withDefaults()
	ref, err := refOf(scope)
	defaults := profile.Of(scope)
	teams, teamsErr := teamsOf(scope)
	vpc, vpcErr := substrateOf(props.VPC)
	problem.Must(scope, id, errors.Join(err, teamsErr, cdkx.CheckSameStack("Platform.StackName", ref.StackName, scope),
		props.validate(), props.validateFor(defaults), props.validateOwner(defaults, teams), props.TLS.validateFor(ref), vpcErr))

	p := &Platform{
		defined: true, vpc: props.VPC, logKey: props.LogKey, accessLogs: props.AccessLogs.Or(defaults.AccessLogs),
		tlsServerName: props.TLS.ServerName,
	}
	place.Define(p, scope, id)
	stackName := awscdk.Stack_Of(p).StackName()
	p.ref = Ref{StackName: *stackName, Zones: len(vpc.subnets), TLS: props.TLS.on()}
	if p.logKey == nil && defaults.EncryptLogs {
		p.logKey = cdkx.NewLogKey(p, "LogKey", defaults.RetainData)
	}

	cluster := p.newCluster(stackName, defaults)
	p.cluster = cluster
	linkSecurityGroup := p.newSecurityGroup("VpcLinkSecurityGroup", "Lets the VPC link of the API reach the load balancer")
	p.loadBalancerSecurityGroup = p.newLoadBalancerSecurityGroup(vpc.cidrs)
	p.vpcLink = awsapigatewayv2.NewVpcLink(p, jsii.String("VpcLink"), &awsapigatewayv2.VpcLinkProps{
		VpcLinkName:    stackName,
		Vpc:            p.vpc,
		Subnets:        vpc.linkSubnets(),
		SecurityGroups: &[]interfacesawsec2.ISecurityGroupRef{linkSecurityGroup},
	})
	loadBalancer := p.newLoadBalancer(defaults, vpc.subnets)
	p.addListeners(loadBalancer, props.TLS, linkSecurityGroup)
	p.loadBalancerFullName = loadBalancer.LoadBalancerFullName()
	if p.accessLogs || defaults.AccessLogs {
		p.addLogBucket(loadBalancer, defaults)
	}
	p.addRateLimits(loadBalancer, props.RateLimits)
	p.api = p.newAPI(props, defaults)
	p.preflightID = p.newPreflight().IntegrationId()
	p.eventBus = p.newBus(props.Events, defaults)
	p.namespaceARN = cluster.DefaultCloudMapNamespace().NamespaceArn()
	p.clusterName, p.listenerARN, p.vpcLinkID, p.apiID = cluster.ClusterName(), p.listener.ListenerArn(), p.vpcLink.VpcLinkId(), p.api.ApiId()
	p.publish(vpc)
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

func (p *Platform) newLoadBalancer(defaults profile.Profile, subnets []awsec2.ISubnet) awselasticloadbalancingv2.ApplicationLoadBalancer {
	return awselasticloadbalancingv2.NewApplicationLoadBalancer(p, jsii.String("LoadBalancer"), &awselasticloadbalancingv2.ApplicationLoadBalancerProps{
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
}

func (p *Platform) publish(vpc substrate) {
	for i, subnet := range vpc.subnets {
		cdkx.Publish(p, numbered(OutputZone, i+1), subnet.AvailabilityZone())
		cdkx.Publish(p, numbered(OutputPrivateSubnetID, i+1), subnet.SubnetId())
	}
	cdkx.Publish(p, OutputVPCID, p.vpc.VpcId())
	cdkx.Publish(p, OutputVPCCIDRBlock, &vpc.cidrs[0])
	cdkx.Publish(p, OutputClusterName, p.clusterName)
	cdkx.Publish(p, OutputNamespaceARN, p.namespaceARN)
	cdkx.Publish(p, OutputLoadBalancerFullName, p.loadBalancerFullName)
	cdkx.Publish(p, OutputLoadBalancerSecurityGroupID, p.loadBalancerSecurityGroup.SecurityGroupId())
	cdkx.Publish(p, OutputVPCLinkID, p.vpcLinkID)
	cdkx.Publish(p, OutputAPIID, p.apiID)
	// Of the resource, since the API's own method panics if DisableExecuteAPIEndpoint is set, and imports read it anyway.
	cdkx.Publish(p, OutputAPIEndpoint, p.api.Node().DefaultChild().(awsapigatewayv2.CfnApi).AttrApiEndpoint())
	cdkx.Publish(p, OutputPreflightIntegrationID, p.preflightID)
	cdkx.Publish(p, OutputEventBusName, p.eventBus.EventBusName())
	cdkx.Publish(p, OutputEventBusARN, p.eventBus.EventBusArn())
	if p.logKey != nil {
		cdkx.Publish(p, OutputLogKeyARN, p.logKey.KeyArn())
	} else {
		cdkx.Publish(p, OutputLogsHaveNoKey, jsii.String("true"))
	}
}
