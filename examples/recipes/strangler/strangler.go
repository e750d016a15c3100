// Package strangler is the recipe of docs/recipes/strangler.md: services in front of an old system, which gets every request
// that no service has a route for.
package strangler

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// old is the address of the old system.
const old = "https://old.shop.example.com"

// Define sends what no service has a route for to the old system, in a stack of its own.
func Define(stack awscdk.Stack, _ app.Environment) {
	shared := platform.Of(stack)
	anonymous := awsapigatewayv2.NewHttpIntegration(stack, jsii.String("Old"), &awsapigatewayv2.HttpIntegrationProps{
		HttpApi:              shared.API(),
		IntegrationType:      awsapigatewayv2.HttpIntegrationType_HTTP_PROXY,
		IntegrationUri:       jsii.String(old),
		Method:               awsapigatewayv2.HttpMethod_ANY,
		PayloadFormatVersion: awsapigatewayv2.PayloadFormatVersion_VERSION_1_0(),
		ParameterMapping:     clientAddress().RemoveHeader(jsii.String(microservice.HeaderUserID)),
	})
	route(stack, "Rest", "$default", anonymous)
	definePreflights(stack, "/", "/{proxy+}")
	defineAccount(stack)
}

// clientAddress overwrites the header with the client's address, as services get it.
func clientAddress() awsapigatewayv2.ParameterMapping {
	return awsapigatewayv2.NewParameterMapping().OverwriteHeader(jsii.String(microservice.HeaderClientIP),
		awsapigatewayv2.MappingValue_ContextVariable(jsii.String("identity.sourceIp")))
}

// route defines a public route to an integration.
func route(scope constructs.Construct, id, key string, to awsapigatewayv2.HttpIntegration) awsapigatewayv2.CfnRoute {
	return awsapigatewayv2.NewCfnRoute(scope, jsii.String(id), &awsapigatewayv2.CfnRouteProps{
		ApiId:             platform.Of(scope).API().ApiId(),
		RouteKey:          jsii.String(key),
		Target:            jsii.String("integrations/" + *to.IntegrationId()),
		AuthorizationType: jsii.String("NONE"),
	})
}

// definePreflights keeps CORS preflight requests from the old system, also those to the routes of services.
func definePreflights(stack awscdk.Stack, paths ...string) {
	shared := platform.Of(stack)
	for _, path := range paths {
		awsapigatewayv2.NewCfnRoute(stack, jsii.String("Preflight "+path), &awsapigatewayv2.CfnRouteProps{
			ApiId:             shared.API().ApiId(),
			RouteKey:          jsii.String("OPTIONS " + path),
			Target:            jsii.String("integrations/" + shared.PreflightIntegrationID()),
			AuthorizationType: jsii.String("NONE"),
		})
	}
}

// defineAccount gives the old system the verified caller, for the paths below /account.
func defineAccount(stack awscdk.Stack) {
	signedIn := awsapigatewayv2.NewHttpIntegration(stack, jsii.String("OldAccount"), &awsapigatewayv2.HttpIntegrationProps{
		HttpApi:              platform.Of(stack).API(),
		IntegrationType:      awsapigatewayv2.HttpIntegrationType_HTTP_PROXY,
		IntegrationUri:       jsii.String(old + "/account/{proxy}"),
		Method:               awsapigatewayv2.HttpMethod_ANY,
		PayloadFormatVersion: awsapigatewayv2.PayloadFormatVersion_VERSION_1_0(),
		ParameterMapping: clientAddress().OverwriteHeader(jsii.String(microservice.HeaderUserID),
			awsapigatewayv2.MappingValue_ContextVariable(jsii.String("authorizer.claims.sub"))),
	})
	account := route(stack, "Account", "ANY /account/{proxy+}", signedIn)
	account.SetAuthorizationType(jsii.String("JWT"))
	account.SetAuthorizerId(jsii.String(identity.Of(stack).AuthorizerID()))
	definePreflights(stack, "/account/{proxy+}")
}

// DefineInVPC is Define for an old system behind an internal load balancer in the platform's VPC.
func DefineInVPC(stack awscdk.Stack, _ app.Environment) {
	shared := platform.Of(stack)
	anonymous := awsapigatewayv2.NewHttpIntegration(stack, jsii.String("Old"), &awsapigatewayv2.HttpIntegrationProps{
		HttpApi:         shared.API(),
		IntegrationType: awsapigatewayv2.HttpIntegrationType_HTTP_PROXY,
		IntegrationUri: jsii.String("arn:aws:elasticloadbalancing:eu-central-1:111122223333:" +
			"listener/app/old/0a1b2c3d4e5f6071/8293a4b5c6d7e8f9"),
		Method:               awsapigatewayv2.HttpMethod_ANY,
		ConnectionType:       awsapigatewayv2.HttpConnectionType_VPC_LINK,
		ConnectionId:         shared.VPCLink().VpcLinkId(),
		PayloadFormatVersion: awsapigatewayv2.PayloadFormatVersion_VERSION_1_0(),
		ParameterMapping:     clientAddress().RemoveHeader(jsii.String(microservice.HeaderUserID)),
	})
	route(stack, "Rest", "$default", anonymous)
	definePreflights(stack, "/", "/{proxy+}")
}
