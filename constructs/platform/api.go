package platform

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

func (p *Platform) newAPI(props Props, defaults profile.Profile) awsapigatewayv2.HttpApi {
	api := awsapigatewayv2.NewHttpApi(p, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName:            awscdk.Stack_Of(p).StackName(),
		CorsPreflight:      props.CORS.preflight(),
		CreateDefaultStage: jsii.Bool(false),
		// nil if it is not set, so that the template of an API with the endpoint does not have the property.
		DisableExecuteApiEndpoint: cdkx.OptionalBool(props.DisableExecuteAPIEndpoint),
	})
	stage := &awsapigatewayv2.HttpStageProps{
		HttpApi:    api,
		StageName:  jsii.String(stageName),
		AutoDeploy: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(props.Throttle.RatePerSecond),
			BurstLimit: jsii.Number(props.Throttle.Burst),
		},
	}
	if p.accessLogs {
		stage.AccessLogSettings = p.newAccessLogs(props, defaults)
	}
	p.stage = awsapigatewayv2.NewHttpStage(p, jsii.String("Stage"), stage)
	return api
}

// newPreflight routes CORS preflight requests to the load balancer, which responds to them instead of a service. API
// Gateway adds the CORS headers.
func (p *Platform) newPreflight() awsapigatewayv2.HttpIntegration {
	rule := awselasticloadbalancingv2.NewApplicationListenerRule(p, jsii.String("PreflightRule"), &awselasticloadbalancingv2.ApplicationListenerRuleProps{
		Listener: p.listener,
		Priority: jsii.Number(maxRulePriority),
		Conditions: &[]awselasticloadbalancingv2.ListenerCondition{
			awselasticloadbalancingv2.ListenerCondition_HttpHeader(jsii.String(HeaderService), jsii.Strings(preflight)),
		},
		Action: awselasticloadbalancingv2.ListenerAction_FixedResponse(jsii.Number(204), nil),
	})
	return cdkx.NewIntegration(p, "Preflight", cdkx.Integration{
		API: p.api, ListenerARN: p.listener.ListenerArn(), VPCLinkID: p.vpcLink.VpcLinkId(), TLSServerName: p.TLSServerName(),
		Headers: awsapigatewayv2.NewParameterMapping().
			OverwriteHeader(jsii.String(HeaderClientIP), awsapigatewayv2.MappingValue_ContextVariable(jsii.String("identity.sourceIp"))).
			OverwriteHeader(jsii.String(HeaderService), awsapigatewayv2.MappingValue_Custom(jsii.String(preflight))),
		After: rule,
	})
}

func (c CORS) preflight() *awsapigatewayv2.CorsPreflightOptions {
	if len(c.AllowOrigins) == 0 {
		return nil
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(c.AllowOrigins...),
		// By name: with credentials, browsers do not treat "*" as a wildcard.
		AllowMethods: &[]awsapigatewayv2.CorsHttpMethod{
			awsapigatewayv2.CorsHttpMethod_GET, awsapigatewayv2.CorsHttpMethod_HEAD, awsapigatewayv2.CorsHttpMethod_POST,
			awsapigatewayv2.CorsHttpMethod_PUT, awsapigatewayv2.CorsHttpMethod_PATCH, awsapigatewayv2.CorsHttpMethod_DELETE,
		},
		AllowHeaders:     jsii.Strings(c.AllowHeaders...),
		ExposeHeaders:    cdkx.OptionalStrings(c.ExposeHeaders),
		MaxAge:           c.maxAge(),
		AllowCredentials: jsii.Bool(c.AllowCredentials),
	}
}

// maxAge returns nil for zero, so that browsers apply their own default.
func (c CORS) maxAge() awscdk.Duration {
	if c.MaxAge == 0 {
		return nil
	}
	return awscdk.Duration_Seconds(jsii.Number(c.MaxAge.Seconds()))
}

// accessLogs is the CDK's awsapigatewayv2.IAccessLogSettings.
type accessLogs struct {
	destination awsapigatewayv2.IAccessLogDestination
	format      awsapigateway.AccessLogFormat
}

func (a *accessLogs) Destination() awsapigatewayv2.IAccessLogDestination { return a.destination }
func (a *accessLogs) Format() awsapigateway.AccessLogFormat              { return a.format }

func (p *Platform) newAccessLogs(props Props, defaults profile.Profile) *accessLogs {
	group := awslogs.NewLogGroup(p, jsii.String("AccessLogs"), &awslogs.LogGroupProps{
		Retention:     cdkx.LogRetention(defaults.LogRetentionDays),
		EncryptionKey: p.logKey,
		RemovalPolicy: cdkx.Removal(defaults.RetainData),
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
	problem.MustAt(p, err)
	p.addRefusalAlarms(group, props, defaults)
	return &accessLogs{
		destination: awsapigatewayv2.NewLogGroupLogDestination(group),
		format:      awsapigateway.AccessLogFormat_Custom(jsii.String(string(fields))),
	}
}
