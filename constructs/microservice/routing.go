package microservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
)

// The headers that API Gateway sets in each request. It overwrites those of the client.
const (
	// HeaderUserID is the caller that the verified token identifies. It is absent on public routes.
	HeaderUserID = "x-user-id"
	// HeaderClientIP is the address of the client that called the API.
	HeaderClientIP = platform.HeaderClientIP
)

// addRoutes connects the API with the target group: route, integration, listener rule.
func (m *Microservice) addRoutes(p plan) {
	rule := m.newRule(p.Props)
	target := &awsecs.LoadBalancerTargetOptions{
		ContainerName: jsii.String(containerName),
		ContainerPort: jsii.Number(p.Port),
	}
	if len(m.targetGroups) > 1 {
		target.AlternateTarget = m.newAlternateTarget(rule)
	}
	m.targetGroups[0].AddTarget(m.service.LoadBalancerTarget(target))

	scope := place.NewConstruct(m, "Routes")
	routes := routes{scope: scope, apiID: jsii.String(m.platform.APIID())}
	integrations := map[bool]string{}
	for _, e := range p.endpoints {
		if integrations[e.public] == "" {
			integrations[e.public] = m.newIntegration(e.public, rule)
		}
		if !e.public && routes.authorizerID == nil {
			routes.authorizerID = jsii.String(identity.Import(m, p.Identity).AuthorizerID())
		}
		routes.define(e, integrations[e.public])
	}
	for _, e := range preflights(p.endpoints) {
		routes.define(e, m.platform.PreflightIntegrationID())
	}
}

// routes holds what the routes of a service have in common.
type routes struct {
	scope               constructs.Construct
	apiID, authorizerID *string
}

// define defines one route of the API. It is an L1, since the L2 defines the integration inside the first route that uses
// it, and so replaces the integration when that route goes.
func (r routes) define(e endpoint, integrationID string) {
	props := &awsapigatewayv2.CfnRouteProps{
		ApiId:    r.apiID,
		RouteKey: jsii.String(e.key()),
		Target:   jsii.String("integrations/" + integrationID),
		// Set explicitly: an update without it leaves the authorization of a route that becomes public as it was.
		AuthorizationType: jsii.String("NONE"),
	}
	if !e.public {
		props.AuthorizationType = jsii.String("JWT")
		props.AuthorizerId = r.authorizerID
	}
	route := awsapigatewayv2.NewCfnRoute(r.scope, jsii.String(e.id()), props)
	if !e.public {
		// Set explicitly, likewise: a route would keep the scopes that an update leaves out. The CDK leaves an empty list out.
		route.AddPropertyOverride(jsii.String("AuthorizationScopes"), append([]string{}, e.scopes...))
	}
}

// newTargetGroups returns two groups if ECS shifts traffic between an old and a new version. The second is defined
// wherever the profile's deployments are gradual, even if the service's own are rolling: when a service changes its
// strategy, its traffic may be on the second group, which must not be deleted then.
func (m *Microservice) newTargetGroups(p plan) []awselasticloadbalancingv2.ApplicationTargetGroup {
	groups := []awselasticloadbalancingv2.ApplicationTargetGroup{m.newTargetGroup("Target", p.Props)}
	if p.alternates() {
		groups = append(groups, m.newTargetGroup(alternateTarget, p.Props))
	}
	return groups
}

// targetGroupPort is required of a target group and has no effect, since ECS registers each task with the port of its
// container. It is the same for every service: a target group with another port is another target group.
const targetGroupPort = 80

func (m *Microservice) newTargetGroup(id string, props Props) awselasticloadbalancingv2.ApplicationTargetGroup {
	protocol, healthProtocol := props.LoadBalancing.protocols()
	return awselasticloadbalancingv2.NewApplicationTargetGroup(m, jsii.String(id), &awselasticloadbalancingv2.ApplicationTargetGroupProps{
		Vpc:                        m.platform.VPC(),
		Port:                       jsii.Number(targetGroupPort),
		Protocol:                   protocol,
		TargetType:                 awselasticloadbalancingv2.TargetType_IP,
		DeregistrationDelay:        cdkx.Seconds(m, props.DeregistrationDelay),
		LoadBalancingAlgorithmType: props.LoadBalancing.algorithm(),
		SlowStart:                  cdkx.Seconds(m, props.LoadBalancing.SlowStart),
		HealthCheck: &awselasticloadbalancingv2.HealthCheck{
			Protocol:                healthProtocol,
			Path:                    jsii.String(props.Health.Path),
			HealthyHttpCodes:        jsii.String(props.Health.HealthyCodes),
			Interval:                cdkx.Seconds(m, props.Health.Interval),
			Timeout:                 cdkx.Seconds(m, props.Health.Timeout),
			HealthyThresholdCount:   jsii.Number(props.Health.HealthyThreshold),
			UnhealthyThresholdCount: jsii.Number(props.Health.UnhealthyThreshold),
		},
	})
}

// newRule forwards requests with the service's name in the header to the first target group. ECS changes the weights of
// the two with each gradual deployment, outside CloudFormation. So the rule must not change without need: any change
// resets these weights.
func (m *Microservice) newRule(props Props) awselasticloadbalancingv2.ApplicationListenerRule {
	var action awselasticloadbalancingv2.ListenerAction
	if len(m.targetGroups) == 1 {
		action = awselasticloadbalancingv2.ListenerAction_Forward(&[]awselasticloadbalancingv2.IApplicationTargetGroup{m.targetGroups[0]}, nil)
	} else {
		action = awselasticloadbalancingv2.ListenerAction_WeightedForward(&[]*awselasticloadbalancingv2.WeightedTargetGroup{
			{TargetGroup: m.targetGroups[0], Weight: jsii.Number(100)},
			{TargetGroup: m.targetGroups[1], Weight: jsii.Number(0)},
		}, nil)
	}
	return awselasticloadbalancingv2.NewApplicationListenerRule(m, jsii.String("Rule"), &awselasticloadbalancingv2.ApplicationListenerRuleProps{
		Listener: m.platform.Listener(),
		Priority: jsii.Number(props.Priority),
		Conditions: &[]awselasticloadbalancingv2.ListenerCondition{
			awselasticloadbalancingv2.ListenerCondition_HttpHeader(jsii.String(platform.HeaderService), jsii.Strings(props.Name)),
		},
		Action: action,
	})
}

// ecsItself is the key of the principal that an app shares.
type ecsItself struct{}

// newAlternateTarget lets ECS shift traffic between the target groups with a role that is limited to this service's
// rule and target groups. The CDK's default is a managed policy for every load balancer of the account.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
func (m *Microservice) newAlternateTarget(rule awselasticloadbalancingv2.ApplicationListenerRule) awsecs.AlternateTarget {
	allow := func(resources any, actions ...string) any {
		return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resources}
	}
	role := awsiam.NewRole(m, jsii.String(trafficRole), &awsiam.RoleProps{
		Description: jsii.String("Lets ECS shift traffic from one version of " + m.Name() + " to the next"),
		AssumedBy: place.Shared(m, ecsItself{}, func() awsiam.IPrincipal {
			return awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil)
		}),
		// In the role, and not in a separate policy, since both must exist when the service is created.
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Traffic": awsiam.PolicyDocument_FromJson(map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{
				// These read, and do not support resource-level permissions.
				allow("*", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
					"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"),
				allow([]*string{m.targetGroups[0].TargetGroupArn(), m.targetGroups[1].TargetGroupArn()},
					"elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
				allow(rule.ListenerRuleArn(), "elasticloadbalancing:ModifyRule"),
			},
		})},
	})
	return awsecs.NewAlternateTarget(jsii.String("Alternate"), &awsecs.AlternateTargetProps{
		AlternateTargetGroup: m.targetGroups[1],
		ProductionListener:   awsecs.ListenerRuleConfiguration_ApplicationListenerRule(rule),
		Role:                 role,
	})
}

// newIntegration sends requests to the load balancer, with the headers that the listener rule matches and that identify
// the caller, and returns the ID of the integration. One integration sets the same headers for all of its routes, and cannot both
// set and remove one: public and signed-in routes have one each. It is an L1, with the logical ID of the L2.
func (m *Microservice) newIntegration(public bool, rule constructs.IDependable) string {
	id := "SignedIn"
	headers := map[string]*string{
		"overwrite:header." + HeaderClientIP:         jsii.String("$context.identity.sourceIp"),
		"overwrite:header." + platform.HeaderService: jsii.String(m.Name()),
		"overwrite:header." + HeaderUserID:           jsii.String("$context.authorizer.claims.sub"),
	}
	if public {
		id = "Public"
		delete(headers, "overwrite:header."+HeaderUserID)
		headers["remove:header."+HeaderUserID] = jsii.String("")
	}
	props := &awsapigatewayv2.CfnIntegrationProps{
		ApiId:                jsii.String(m.platform.APIID()),
		IntegrationType:      jsii.String("HTTP_PROXY"),
		IntegrationUri:       jsii.String(m.platform.ListenerARN()),
		IntegrationMethod:    jsii.String("ANY"),
		ConnectionType:       jsii.String("VPC_LINK"),
		ConnectionId:         jsii.String(m.platform.VPCLinkID()),
		PayloadFormatVersion: jsii.String("1.0"),
		RequestParameters:    headers,
	}
	if name := m.platform.TLSServerName(); name != "" {
		props.TlsConfig = &awsapigatewayv2.CfnIntegration_TlsConfigProperty{ServerNameToVerify: jsii.String(name)}
	}
	scope := place.NewConstruct(m, id)
	integration := awsapigatewayv2.NewCfnIntegration(scope, jsii.String("Resource"), props)
	// When both move to another listener, the rule has to be there first, else the load balancer responds with 404.
	place.Of(scope).Node().AddDependency(rule)
	return *integration.Ref()
}
