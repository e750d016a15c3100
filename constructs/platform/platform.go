package platform

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Platform is what the services of one environment share, defined by [New] or imported by [Import].
type Platform struct {
	constructs.Construct
	ref                   Ref
	vpc                   awsec2.IVpc
	cluster               awsecs.ICluster
	listener              awselasticloadbalancingv2.IApplicationListener
	balancerFullName      *string
	balancerSecurityGroup awsec2.ISecurityGroup
	vpcLink               awsapigatewayv2.IVpcLink
	api                   awsapigatewayv2.IHttpApi
	preflightID           *string
	eventBus              awsevents.IEventBus
	logKey                awskms.IKey
}

// New defines a platform and publishes its contract as outputs of its stack, which therefore holds one platform. It
// panics when the props are wrong, and names all that is.
func New(scope constructs.Construct, id string, props Props) *Platform {
	props = props.withDefaults()
	cdkx.Check(scope, id, props.validate())
	environment := profile.Of(scope)
	subnets := privateSubnets(props.VPC)
	if len(subnets) == 0 {
		cdkx.Check(scope, id, errors.New("VPC must have private subnets, got none"))
	}

	p := &Platform{vpc: props.VPC, logKey: props.LogKey}
	constructs.NewConstruct_Override(p, scope, jsii.String(id))
	stackName := awscdk.Stack_Of(p).StackName()
	p.ref = Ref{StackName: *stackName, Zones: len(subnets)}
	if p.logKey == nil && environment.EncryptLogs {
		p.logKey = cdkx.NewLogKey(p, "LogKey", environment.RetainData)
	}

	cluster := awsecs.NewCluster(p, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                            p.vpc,
		EnableFargateCapacityProviders: jsii.Bool(true),
		ContainerInsightsV2:            insights(environment),
		// A namespace needs a name of its own in the account and region: the stack's is one.
		DefaultCloudMapNamespace: &awsecs.CloudMapNamespaceOptions{
			Name:                 stackName,
			Type:                 awsservicediscovery.NamespaceType_HTTP,
			UseForServiceConnect: jsii.Bool(true),
		},
	})
	p.cluster = cluster
	linkSecurityGroup := p.newSecurityGroup("VpcLinkSecurityGroup", "Lets the VPC link of the API reach the balancer", false)
	p.balancerSecurityGroup = p.newSecurityGroup("BalancerSecurityGroup", "Lets the VPC link in and the tasks be reached", true)
	p.vpcLink = awsapigatewayv2.NewVpcLink(p, jsii.String("VpcLink"), &awsapigatewayv2.VpcLinkProps{
		VpcLinkName:    stackName,
		Vpc:            p.vpc,
		Subnets:        &awsec2.SubnetSelection{Subnets: &subnets},
		SecurityGroups: &[]interfacesawsec2.ISecurityGroupRef{linkSecurityGroup},
	})
	balancer, listener := p.newBalancer(environment, subnets)
	p.listener = listener
	p.balancerSecurityGroup.Connections().AllowFrom(linkSecurityGroup, awsec2.Port_Tcp(jsii.Number(80)), jsii.String("from the VPC link"))
	p.balancerFullName = balancer.LoadBalancerFullName()
	p.api = p.newAPI(props, environment)
	p.preflightID = p.newPreflight().IntegrationId()
	// The CDK would name the bus after its place in the construct tree, which is the same in each environment.
	p.eventBus = awsevents.NewEventBus(p, jsii.String("Bus"), &awsevents.EventBusProps{EventBusName: stackName})
	p.publish(subnets, cluster.DefaultCloudMapNamespace().NamespaceArn())
	return p
}

// Ref is how services name this platform.
func (p *Platform) Ref() Ref { return p.ref }

// VPC is the network that the services run in.
func (p *Platform) VPC() awsec2.IVpc { return p.vpc }

// Cluster is where the services run.
func (p *Platform) Cluster() awsecs.ICluster { return p.cluster }

// Listener is the internal balancer's. It answers 404 to what no service's rule matches.
func (p *Platform) Listener() awselasticloadbalancingv2.IApplicationListener { return p.listener }

// BalancerFullName is the part of the balancer's ARN that metrics and scaling policies name it by.
func (p *Platform) BalancerFullName() string { return *p.balancerFullName }

// BalancerSecurityGroup is where requests to a task come from.
func (p *Platform) BalancerSecurityGroup() awsec2.ISecurityGroup { return p.balancerSecurityGroup }

// VPCLink connects the API with the balancer.
func (p *Platform) VPCLink() awsapigatewayv2.IVpcLink { return p.vpcLink }

// API is the HTTP API that services add their routes to.
func (p *Platform) API() awsapigatewayv2.IHttpApi { return p.api }

// PreflightIntegrationID names the integration that answers a browser's question whether it may call a route at all
// (a CORS preflight). It needs a route of its own beside each route for all methods, which would else ask the browser
// for a token that it does not send with the question.
func (p *Platform) PreflightIntegrationID() string { return *p.preflightID }

// EventBus is where services publish what happened.
func (p *Platform) EventBus() awsevents.IEventBus { return p.eventBus }

// LogKey encrypts the services' logs. It is nil where logs are not encrypted with a key of the environment's own.
func (p *Platform) LogKey() awskms.IKey { return p.logKey }

// insights says it either way, since an account may have it on for all clusters that do not say.
func insights(environment profile.Profile) awsecs.ContainerInsights {
	if environment.ContainerInsights {
		return awsecs.ContainerInsights_ENABLED
	}
	return awsecs.ContainerInsights_DISABLED
}

// privateSubnets are one of each zone, with a way out where there are such. The CDK's own choice would fall back to
// public ones.
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

func (p *Platform) newBalancer(environment profile.Profile, subnets []awsec2.ISubnet) (
	awselasticloadbalancingv2.ApplicationLoadBalancer, awselasticloadbalancingv2.ApplicationListener,
) {
	balancer := awselasticloadbalancingv2.NewApplicationLoadBalancer(p, jsii.String("Balancer"), &awselasticloadbalancingv2.ApplicationLoadBalancerProps{
		Vpc:                     p.vpc,
		VpcSubnets:              &awsec2.SubnetSelection{Subnets: &subnets},
		SecurityGroup:           p.balancerSecurityGroup,
		InternetFacing:          jsii.Bool(false),
		DeletionProtection:      jsii.Bool(environment.RetainData),
		DropInvalidHeaderFields: jsii.Bool(true),
		// What a client wrote there cannot be told from what a proxy did: services read the address that the API saw.
		XffHeaderProcessingMode: awselasticloadbalancingv2.XffHeaderProcessingMode_REMOVE,
	})
	listener := balancer.AddListener(jsii.String("Http"), &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port: jsii.Number(80),
		Open: jsii.Bool(false),
		DefaultAction: awselasticloadbalancingv2.ListenerAction_FixedResponse(jsii.Number(404), &awselasticloadbalancingv2.FixedResponseOptions{
			ContentType: jsii.String("application/json"),
			MessageBody: jsii.String(`{"message":"no such service"}`),
		}),
	})
	return balancer, listener
}

func (p *Platform) newAPI(props Props, environment profile.Profile) awsapigatewayv2.HttpApi {
	api := awsapigatewayv2.NewHttpApi(p, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName:            awscdk.Stack_Of(p).StackName(),
		CorsPreflight:      props.CORS.preflight(),
		CreateDefaultStage: jsii.Bool(false),
	})
	stage := &awsapigatewayv2.HttpStageProps{
		HttpApi:    api,
		StageName:  jsii.String("$default"),
		AutoDeploy: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(props.Throttle.RatePerSecond),
			BurstLimit: jsii.Number(props.Throttle.Burst),
		},
	}
	if props.AccessLogs.Or(environment.AccessLogs) {
		stage.AccessLogSettings = p.newAccessLogs(environment)
	}
	awsapigatewayv2.NewHttpStage(p, jsii.String("Stage"), stage)
	return api
}

// NewIntegration defines, in scope, an integration that hands requests to the balancer for a service. It writes the
// service's name into [HeaderService], beside what headers says.
func (p *Platform) NewIntegration(scope constructs.Construct, id, service string, headers awsapigatewayv2.ParameterMapping) awsapigatewayv2.HttpIntegration {
	return awsapigatewayv2.NewHttpIntegration(scope, jsii.String(id), &awsapigatewayv2.HttpIntegrationProps{
		HttpApi:              p.api,
		IntegrationType:      awsapigatewayv2.HttpIntegrationType_HTTP_PROXY,
		IntegrationUri:       p.listener.ListenerArn(),
		Method:               awsapigatewayv2.HttpMethod_ANY,
		ConnectionType:       awsapigatewayv2.HttpConnectionType_VPC_LINK,
		ConnectionId:         p.vpcLink.VpcLinkId(),
		PayloadFormatVersion: awsapigatewayv2.PayloadFormatVersion_VERSION_1_0(),
		ParameterMapping:     headers.OverwriteHeader(jsii.String(HeaderService), awsapigatewayv2.MappingValue_Custom(jsii.String(service))),
	})
}

// newPreflight has the balancer answer what no service should be bothered with. The API adds the CORS headers.
func (p *Platform) newPreflight() awsapigatewayv2.HttpIntegration {
	awselasticloadbalancingv2.NewApplicationListenerRule(p, jsii.String("PreflightRule"), &awselasticloadbalancingv2.ApplicationListenerRuleProps{
		Listener: p.listener,
		Priority: jsii.Number(maxRulePriority),
		Conditions: &[]awselasticloadbalancingv2.ListenerCondition{
			awselasticloadbalancingv2.ListenerCondition_HttpHeader(jsii.String(HeaderService), jsii.Strings(preflight)),
		},
		Action: awselasticloadbalancingv2.ListenerAction_FixedResponse(jsii.Number(204), nil),
	})
	return p.NewIntegration(p, "Preflight", preflight, awsapigatewayv2.NewParameterMapping())
}

func (c CORS) preflight() *awsapigatewayv2.CorsPreflightOptions {
	if len(c.AllowOrigins) == 0 {
		return nil
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(c.AllowOrigins...),
		// By name: browsers take "*" literally in requests with credentials.
		AllowMethods: &[]awsapigatewayv2.CorsHttpMethod{
			awsapigatewayv2.CorsHttpMethod_GET, awsapigatewayv2.CorsHttpMethod_HEAD, awsapigatewayv2.CorsHttpMethod_POST,
			awsapigatewayv2.CorsHttpMethod_PUT, awsapigatewayv2.CorsHttpMethod_PATCH, awsapigatewayv2.CorsHttpMethod_DELETE,
		},
		AllowHeaders:     jsii.Strings("authorization", "content-type"),
		AllowCredentials: jsii.Bool(c.AllowCredentials),
	}
}

// accessLogs is the CDK's awsapigatewayv2.IAccessLogSettings.
type accessLogs struct {
	destination awsapigatewayv2.IAccessLogDestination
	format      awsapigateway.AccessLogFormat
}

func (a *accessLogs) Destination() awsapigatewayv2.IAccessLogDestination { return a.destination }
func (a *accessLogs) Format() awsapigateway.AccessLogFormat              { return a.format }

func (p *Platform) newAccessLogs(environment profile.Profile) *accessLogs {
	group := awslogs.NewLogGroup(p, jsii.String("AccessLogs"), &awslogs.LogGroupProps{
		Retention:     cdkx.LogRetention(environment.LogRetentionDays),
		EncryptionKey: p.logKey,
		RemovalPolicy: cdkx.Removal(environment.RetainData),
	})
	fields, err := json.Marshal(map[string]string{
		"requestId":        "$context.requestId",
		"time":             "$context.requestTime",
		"clientAddress":    "$context.identity.sourceIp",
		"userAgent":        "$context.identity.userAgent",
		"user":             "$context.authorizer.claims.sub",
		"route":            "$context.routeKey",
		"path":             "$context.path",
		"status":           "$context.status",
		"responseBytes":    "$context.responseLength",
		"latencyMillis":    "$context.responseLatency",
		"serviceStatus":    "$context.integrationStatus",
		"serviceMillis":    "$context.integrationLatency",
		"integrationError": "$context.integrationErrorMessage",
	})
	cdkx.CheckAt(p, err)
	return &accessLogs{
		destination: awsapigatewayv2.NewLogGroupLogDestination(group),
		format:      awsapigateway.AccessLogFormat_Custom(jsii.String(string(fields))),
	}
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
	cdkx.Publish(p, OutputBalancerFullName, p.balancerFullName)
	cdkx.Publish(p, OutputBalancerSecurityGroupID, p.balancerSecurityGroup.SecurityGroupId())
	cdkx.Publish(p, OutputVPCLinkID, p.vpcLink.VpcLinkId())
	cdkx.Publish(p, OutputAPIID, p.api.ApiId())
	cdkx.Publish(p, OutputAPIEndpoint, p.api.ApiEndpoint())
	cdkx.Publish(p, OutputPreflightIntegrationID, p.preflightID)
	cdkx.Publish(p, OutputEventBusName, p.eventBus.EventBusName())
	cdkx.Publish(p, OutputEventBusARN, p.eventBus.EventBusArn())
	if p.logKey != nil {
		cdkx.Publish(p, OutputLogKeyARN, p.logKey.KeyArn())
	}
}

// Import gives the platform that ref names to another stack of the same account and region, in this app or another. It
// defines no resource and asks AWS nothing; the platform need not exist until the importing stack is deployed. It
// panics when ref is wrong.
func Import(scope constructs.Construct, ref Ref) *Platform {
	const id = "Platform"
	environment := profile.Of(scope)
	ref = ref.withDefaults(environment)
	cdkx.Check(scope, id, ref.Validate())
	cdkx.Check(scope, id, cdkx.CheckOtherStack("Platform.StackName", ref.StackName, scope))

	p := &Platform{ref: ref}
	constructs.NewConstruct_Override(p, scope, jsii.String(id))
	p.vpc = p.importVPC()
	p.cluster = awsecs.Cluster_FromClusterAttributes(p, jsii.String("Cluster"), &awsecs.ClusterAttributes{
		Vpc:         p.vpc,
		ClusterName: ref.read(OutputClusterName),
	})
	p.balancerFullName = ref.read(OutputBalancerFullName)
	// The group is the platform's: a service opens its own group to the balancer, never the other way round.
	p.balancerSecurityGroup = awsec2.SecurityGroup_FromSecurityGroupId(p, jsii.String("BalancerSecurityGroup"),
		ref.read(OutputBalancerSecurityGroupID), &awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(false)})
	p.listener = awselasticloadbalancingv2.ApplicationListener_FromApplicationListenerAttributes(p, jsii.String("Listener"),
		&awselasticloadbalancingv2.ApplicationListenerAttributes{
			ListenerArn:   ref.read(OutputListenerARN),
			SecurityGroup: p.balancerSecurityGroup,
		})
	p.vpcLink = awsapigatewayv2.VpcLink_FromVpcLinkAttributes(p, jsii.String("VpcLink"), &awsapigatewayv2.VpcLinkAttributes{
		Vpc:       p.vpc,
		VpcLinkId: ref.read(OutputVPCLinkID),
	})
	p.api = awsapigatewayv2.HttpApi_FromHttpApiAttributes(p, jsii.String("Api"), &awsapigatewayv2.HttpApiAttributes{
		HttpApiId:   ref.read(OutputAPIID),
		ApiEndpoint: ref.read(OutputAPIEndpoint),
	})
	p.preflightID = ref.read(OutputPreflightIntegrationID)
	p.eventBus = awsevents.EventBus_FromEventBusAttributes(p, jsii.String("Bus"), &awsevents.EventBusAttributes{
		EventBusName:   ref.read(OutputEventBusName),
		EventBusArn:    ref.read(OutputEventBusARN),
		EventBusPolicy: jsii.String(""),
	})
	if environment.EncryptLogs {
		p.logKey = awskms.Key_FromKeyArn(p, jsii.String("LogKey"), ref.read(OutputLogKeyARN))
	}
	return p
}

func (p *Platform) importVPC() awsec2.IVpc {
	var zones, subnets []*string
	for n := 1; n <= p.ref.Zones; n++ {
		zones = append(zones, p.ref.read(numbered(OutputZone, n)))
		subnets = append(subnets, p.ref.read(numbered(OutputPrivateSubnetID, n)))
	}
	vpc := awsec2.Vpc_FromVpcAttributes(p, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:             p.ref.read(OutputVPCID),
		AvailabilityZones: &zones,
		PrivateSubnetIds:  &subnets,
	})
	// Nothing that uses the platform adds a route, so the contract does without the ids of its route tables.
	awscdk.Annotations_Of(vpc).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:noSubnetRouteTableId"),
		jsii.String(fmt.Sprintf("the route tables are those of stack %s", p.ref.StackName)))
	return vpc
}
