package platform

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/ambient"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Import makes the platform that ref refers to available in another stack of the same account and region, in this app
// or another. It defines no resources and makes no calls to AWS; the platform need not exist until the importing stack
// is deployed. It panics with one error that lists everything that is wrong with ref.
func Import(scope constructs.Construct, ref Ref) *Platform {
	problem.MustHaveScope(scope, "Platform")
	defaults := profile.Of(scope)
	ref = ref.withDefaults(defaults)
	problem.Must(scope, "Platform", errors.Join(ref.Validate(), cdkx.CheckOtherStack("Platform.StackName", ref.StackName, scope)))
	around, known := place.Of(scope).Nearest(importOf(ref.StackName)).(*Platform)
	if known && around.ref == ref && around.encryptLogs == defaults.EncryptLogs && around.accessLogs == defaults.AccessLogs {
		return around
	}
	is := func(p *Platform) bool { return p.ref.StackName == ref.StackName }
	imported := cdkx.Imported(scope, "Platform", ref.StackName, is, func(id string) *Platform {
		p := &Platform{ref: ref, encryptLogs: defaults.EncryptLogs, accessLogs: defaults.AccessLogs}
		place.Define(p, scope, id)
		place.Of(scope).Remember(importOf(ref.StackName), p)
		return p
	})
	problem.Must(scope, "Platform", ref.same(imported.ref))
	return imported
}

// importOf is the key of the import of a platform, which constructs in its scope use too.
type importOf string

// Of imports the platform of scope's environment. It panics if the environment names none.
func Of(scope constructs.Construct) *Platform {
	ref, err := named(scope)
	problem.MustAt(scope, err)
	return Import(scope, ref)
}

// CheckOf returns an error if scope's environment names no platform.
func CheckOf(scope constructs.Construct) error {
	_, err := named(scope)
	return err
}

// named returns the reference to the platform in scope's environment, which must name one.
func named(scope constructs.Construct) (Ref, error) {
	ref, err := refOf(scope)
	if err == nil && ref == (Ref{}) {
		err = errors.New(`the environment names no Platform: set it in environment.Environment, such as platform.Ref{StackName: "shop-platform"}`)
	}
	return ref, err
}

// refOf returns the reference to the platform in scope's environment. It is zero if the environment names none.
func refOf(scope constructs.Construct) (Ref, error) {
	var environment struct{ Platform Ref }
	_, err := ambient.Get(scope, &environment)
	return environment.Platform, err
}

// imported returns a part of the platform, and reads it from its contract at the first call.
func imported[T comparable](part *T, read func() T) T {
	var none T
	if *part == none {
		*part = read()
	}
	return *part
}

// VPC returns the VPC that the services run in.
func (p *Platform) VPC() awsec2.IVpc { return imported(&p.vpc, p.importVPC) }

// Cluster returns the ECS cluster that the services run in.
func (p *Platform) Cluster() awsecs.ICluster {
	return imported(&p.cluster, func() awsecs.ICluster {
		return awsecs.Cluster_FromClusterAttributes(p, jsii.String("Cluster"), &awsecs.ClusterAttributes{
			Vpc:         p.VPC(),
			ClusterName: jsii.String(p.ClusterName()),
		})
	})
}

// ClusterName returns the name of the ECS cluster.
func (p *Platform) ClusterName() string {
	return *imported(&p.clusterName, func() *string { return p.read(OutputClusterName) })
}

// NamespaceARN returns the ARN of the Service Connect namespace, in which services find each other by name.
func (p *Platform) NamespaceARN() string {
	return *imported(&p.namespaceARN, func() *string { return p.read(OutputNamespaceARN) })
}

// Listener returns the listener of the internal load balancer. It responds with 404 to what no service's rule matches.
func (p *Platform) Listener() awselasticloadbalancingv2.IApplicationListener {
	return imported(&p.listener, func() awselasticloadbalancingv2.IApplicationListener {
		return awselasticloadbalancingv2.ApplicationListener_FromApplicationListenerAttributes(p, jsii.String("Listener"),
			&awselasticloadbalancingv2.ApplicationListenerAttributes{
				ListenerArn:   jsii.String(p.ListenerARN()),
				SecurityGroup: p.LoadBalancerSecurityGroup(),
			})
	})
}

// ListenerARN returns the ARN of the listener.
func (p *Platform) ListenerARN() string {
	return *imported(&p.listenerARN, func() *string { return p.read(p.ref.listener()) })
}

// TLSServerName returns the name that the load balancer's certificate is verified for, which each integration must set. It is
// empty if the API's requests are plain HTTP.
func (p *Platform) TLSServerName() string {
	if p.tlsServerName == "" && p.ref.TLS && !p.defined {
		p.tlsServerName = *p.read(OutputTLSServerName)
	}
	return p.tlsServerName
}

// LoadBalancerFullName returns the part of the load balancer's ARN that identifies it in metrics and scaling policies.
func (p *Platform) LoadBalancerFullName() string {
	return *imported(&p.loadBalancerFullName, func() *string { return p.read(OutputLoadBalancerFullName) })
}

// LoadBalancerSecurityGroup returns the security group from which requests to a task come. It belongs to the platform:
// a service opens its own group to the load balancer, never the other way round.
func (p *Platform) LoadBalancerSecurityGroup() awsec2.ISecurityGroup {
	return imported(&p.loadBalancerSecurityGroup, func() awsec2.ISecurityGroup {
		return awsec2.SecurityGroup_FromSecurityGroupId(p, jsii.String("LoadBalancerSecurityGroup"),
			p.read(OutputLoadBalancerSecurityGroupID), &awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(false)})
	})
}

// VPCLink returns the VPC link between the API and the load balancer.
func (p *Platform) VPCLink() awsapigatewayv2.IVpcLink {
	return imported(&p.vpcLink, func() awsapigatewayv2.IVpcLink {
		return awsapigatewayv2.VpcLink_FromVpcLinkAttributes(p, jsii.String("VpcLink"), &awsapigatewayv2.VpcLinkAttributes{
			Vpc:       p.VPC(),
			VpcLinkId: jsii.String(p.VPCLinkID()),
		})
	})
}

// VPCLinkID returns the ID of the VPC link.
func (p *Platform) VPCLinkID() string {
	return *imported(&p.vpcLinkID, func() *string { return p.read(OutputVPCLinkID) })
}

// API returns the HTTP API to which services add their routes.
func (p *Platform) API() awsapigatewayv2.IHttpApi {
	return imported(&p.api, func() awsapigatewayv2.IHttpApi {
		return awsapigatewayv2.HttpApi_FromHttpApiAttributes(p, jsii.String("Api"), &awsapigatewayv2.HttpApiAttributes{
			HttpApiId:   jsii.String(p.APIID()),
			ApiEndpoint: p.read(OutputAPIEndpoint),
		})
	})
}

// APIID returns the ID of the HTTP API.
func (p *Platform) APIID() string {
	return *imported(&p.apiID, func() *string { return p.read(OutputAPIID) })
}

// Stage returns the API's one stage, to which a custom domain name is mapped.
func (p *Platform) Stage() awsapigatewayv2.IHttpStage {
	return imported(&p.stage, func() awsapigatewayv2.IHttpStage {
		return awsapigatewayv2.HttpStage_FromHttpStageAttributes(p, jsii.String("Stage"), &awsapigatewayv2.HttpStageAttributes{
			Api: p.API(), StageName: jsii.String(stageName),
		})
	})
}

// PreflightIntegrationID returns the ID of the integration that responds to CORS preflight requests. It requires its
// own route beside each route for all methods, which would otherwise require a token that browsers do not send with a
// preflight.
func (p *Platform) PreflightIntegrationID() string {
	return *imported(&p.preflightID, func() *string { return p.read(OutputPreflightIntegrationID) })
}

// EventBus returns the event bus to which services publish.
func (p *Platform) EventBus() awsevents.IEventBus {
	return imported(&p.eventBus, func() awsevents.IEventBus {
		return awsevents.EventBus_FromEventBusAttributes(p, jsii.String("Bus"), &awsevents.EventBusAttributes{
			EventBusName:   p.read(OutputEventBusName),
			EventBusArn:    p.read(OutputEventBusARN),
			EventBusPolicy: jsii.String(""),
		})
	})
}

// LogKey returns the key that encrypts the services' logs. It is nil if logs are not encrypted with the environment's
// own key. If EncryptLogs differs from the platform's profile, the importing stack fails to deploy: the output does not
// exist.
func (p *Platform) LogKey() awskms.IKey {
	switch {
	case p.logKey != nil || p.defined:
	case p.encryptLogs:
		p.logKey = awskms.Key_FromKeyArn(p, jsii.String("LogKey"), p.read(OutputLogKeyARN))
	default:
		p.require(OutputLogsHaveNoKey)
	}
	return p.logKey
}

// LogBucket returns the bucket for access logs of load balancers and buckets. It is nil where there are no access logs. If
// AccessLogs of the importing stack's profile is on and the platform has none, the importing stack fails to deploy: the
// output does not exist.
func (p *Platform) LogBucket() awss3.IBucket {
	if p.logBucket == nil && !p.defined && p.accessLogs {
		p.logBucket = awss3.Bucket_FromBucketName(p, jsii.String("LogBucket"), p.read(OutputLogBucketName))
	}
	return p.logBucket
}

// RequireContainerInsights fails the deployment of the importing stack if the platform's cluster has no Container Insights,
// without which an alarm on their metrics would never have data.
func (p *Platform) RequireContainerInsights() {
	if !p.defined {
		p.require(OutputContainerInsights)
	}
}

// require adds an output to the stack that reads one of the platform's, which exists only if something is so.
func (p *Platform) require(output string) {
	stack := place.Of(p).Stack()
	name := cdkx.Pascal(p.ref.StackName) + output
	place.Shared(stack.CDK, required{stack.Path(), name}, func() bool {
		cdkx.Publish(stack.CDK, name, p.read(output))
		return true
	})
}

// required is the key of an output that a stack has.
type required struct{ stack, name string }

func (p *Platform) importVPC() awsec2.IVpc {
	var zones, subnets []*string
	for n := 1; n <= p.ref.Zones; n++ {
		zones = append(zones, p.read(numbered(OutputZone, n)))
		subnets = append(subnets, p.read(numbered(OutputPrivateSubnetID, n)))
	}
	vpc := awsec2.Vpc_FromVpcAttributes(p, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:             p.read(OutputVPCID),
		VpcCidrBlock:      p.read(OutputVPCCIDRBlock),
		AvailabilityZones: &zones,
		PrivateSubnetIds:  &subnets,
	})
	// Nothing that uses the platform adds a route, so the contract has no IDs of its route tables.
	awscdk.Annotations_Of(vpc).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:noSubnetRouteTableId"),
		jsii.String(fmt.Sprintf("the route tables are those of stack %s", p.ref.StackName)))
	return vpc
}
