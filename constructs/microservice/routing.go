package microservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// The headers that the API writes into each request, over whatever the client sent.
const (
	// HeaderUserID is the caller whom the verified token names. It is absent on public routes.
	HeaderUserID = "x-user-id"
	// HeaderClientIP is the address that called the API.
	HeaderClientIP = "x-client-ip"
)

// addRoutes leads requests from the API to the tasks: route, integration, listener rule, target group.
func (m *Microservice) addRoutes(props Props) {
	m.targetGroup = m.newTargetGroup(props)
	awselasticloadbalancingv2.NewApplicationListenerRule(m, jsii.String("Rule"), &awselasticloadbalancingv2.ApplicationListenerRuleProps{
		Listener: m.platform.Listener(),
		Priority: jsii.Number(props.Priority),
		Conditions: &[]awselasticloadbalancingv2.ListenerCondition{
			awselasticloadbalancingv2.ListenerCondition_HttpHeader(jsii.String(platform.HeaderService), jsii.Strings(props.Name)),
		},
		Action: awselasticloadbalancingv2.ListenerAction_Forward(&[]awselasticloadbalancingv2.IApplicationTargetGroup{m.targetGroup}, nil),
	})
	m.targetGroup.AddTarget(m.service.LoadBalancerTarget(&awsecs.LoadBalancerTargetOptions{
		ContainerName: jsii.String(containerName),
		ContainerPort: jsii.Number(props.Port),
	}))

	all, err := endpoints(props.Routes)
	cdkx.CheckAt(m, err)
	routes := constructs.NewConstruct(m, jsii.String("Routes"))
	integrations := map[bool]awsapigatewayv2.HttpIntegration{}
	for _, e := range all {
		if integrations[e.public] == nil {
			integrations[e.public] = m.newIntegration(e.public)
		}
		newRoute(routes, m.platform.API(), e, *integrations[e.public].IntegrationId(), props.Identity)
	}
	for _, e := range preflights(all) {
		newRoute(routes, m.platform.API(), e, m.platform.PreflightIntegrationID(), props.Identity)
	}
}

// newRoute defines one route of the API. It is an L1, since the L2 defines the integration inside the first route that
// uses it, and so replaces the integration when that route goes.
func newRoute(scope constructs.Construct, api awsapigatewayv2.IHttpApi, e endpoint, integrationID string, callers identity.Ref) {
	props := &awsapigatewayv2.CfnRouteProps{
		ApiId:    api.ApiId(),
		RouteKey: jsii.String(e.key()),
		Target:   jsii.String("integrations/" + integrationID),
	}
	if !e.public {
		props.AuthorizationType = jsii.String("JWT")
		props.AuthorizerId = jsii.String(callers.AuthorizerID())
	}
	awsapigatewayv2.NewCfnRoute(scope, jsii.String(e.key()), props)
}

func (m *Microservice) newTargetGroup(props Props) awselasticloadbalancingv2.ApplicationTargetGroup {
	return awselasticloadbalancingv2.NewApplicationTargetGroup(m, jsii.String("Target"), &awselasticloadbalancingv2.ApplicationTargetGroupProps{
		Vpc:                 m.platform.VPC(),
		Port:                jsii.Number(props.Port),
		Protocol:            awselasticloadbalancingv2.ApplicationProtocol_HTTP,
		TargetType:          awselasticloadbalancingv2.TargetType_IP,
		DeregistrationDelay: cdkx.Seconds(props.DeregistrationDelay),
		HealthCheck: &awselasticloadbalancingv2.HealthCheck{
			Path:                    jsii.String(props.Health.Path),
			HealthyHttpCodes:        jsii.String("200"),
			Interval:                awscdk.Duration_Seconds(jsii.Number(10)),
			Timeout:                 awscdk.Duration_Seconds(jsii.Number(5)),
			HealthyThresholdCount:   jsii.Number(2),
			UnhealthyThresholdCount: jsii.Number(3),
		},
	})
}

// newIntegration hands requests to the balancer, with the headers by which it finds the service and by which the
// service knows its caller. One integration writes the same headers for all of its routes, and cannot both write and
// remove one: public routes and signed-in ones have one each.
func (m *Microservice) newIntegration(public bool) awsapigatewayv2.HttpIntegration {
	headers := awsapigatewayv2.NewParameterMapping().
		OverwriteHeader(jsii.String(HeaderClientIP), awsapigatewayv2.MappingValue_ContextVariable(jsii.String("identity.sourceIp")))
	if public {
		return m.platform.NewIntegration(m, "Public", m.name, headers.RemoveHeader(jsii.String(HeaderUserID)))
	}
	return m.platform.NewIntegration(m, "SignedIn", m.name,
		headers.OverwriteHeader(jsii.String(HeaderUserID), awsapigatewayv2.MappingValue_ContextVariable(jsii.String("authorizer.claims.sub"))))
}
