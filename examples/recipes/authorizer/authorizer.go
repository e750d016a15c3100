// Package authorizer is the recipe of docs/recipes/authorizer.md: another issuer of tokens.
package authorizer

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// Define is the Identity of an app.
func Define(stack awscdk.Stack, _ app.Environment) {
	authorizer := awsapigatewayv2.NewHttpAuthorizer(stack, jsii.String("Authorizer"), &awsapigatewayv2.HttpAuthorizerProps{
		HttpApi:        platform.Of(stack).API(),
		Type:           awsapigatewayv2.HttpAuthorizerType_JWT,
		IdentitySource: jsii.Strings("$request.header.Authorization"),
		JwtIssuer:      jsii.String("https://login.example.com/"),
		JwtAudience:    jsii.Strings("shop"),
	})
	awscdk.NewCfnOutput(stack, jsii.String(identity.OutputAuthorizerID), &awscdk.CfnOutputProps{
		Value: authorizer.AuthorizerId(),
	})
}
