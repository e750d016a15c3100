package cdkx

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Integration is an integration of an HTTP API with a load balancer.
type Integration struct {
	API                    awsapigatewayv2.IHttpApi
	ListenerARN, VPCLinkID *string
	// TLSServerName is the name that the certificate of an HTTPS listener is verified for. If empty, requests are plain HTTP.
	TLSServerName string
	// Headers are set by API Gateway in each request.
	Headers awsapigatewayv2.ParameterMapping
	// After is the listener rule that matches the integration's requests. When both move to another listener, the rule has
	// to be there first, else the load balancer responds with 404.
	After constructs.IDependable
}

// NewIntegration defines an integration that sends requests to a listener through a VPC link. It is separate, since the
// CDK would define it inside the first route that uses it, and so replace it when that route is removed.
func NewIntegration(scope constructs.Construct, id string, integration Integration) awsapigatewayv2.HttpIntegration {
	defined := awsapigatewayv2.NewHttpIntegration(scope, jsii.String(id), &awsapigatewayv2.HttpIntegrationProps{
		HttpApi:              integration.API,
		IntegrationType:      awsapigatewayv2.HttpIntegrationType_HTTP_PROXY,
		IntegrationUri:       integration.ListenerARN,
		Method:               awsapigatewayv2.HttpMethod_ANY,
		ConnectionType:       awsapigatewayv2.HttpConnectionType_VPC_LINK,
		ConnectionId:         integration.VPCLinkID,
		PayloadFormatVersion: awsapigatewayv2.PayloadFormatVersion_VERSION_1_0(),
		ParameterMapping:     integration.Headers,
		SecureServerName:     OptionalString(integration.TLSServerName),
	})
	defined.Node().AddDependency(integration.After)
	return defined
}
