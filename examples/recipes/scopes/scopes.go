// Package scopes is the recipe of docs/recipes/scopes.md: scopes and roles on a route.
package scopes

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// DefineOrders defines a service that customers call with an access token, and not with an ID token.
func DefineOrders(stack awscdk.Stack, env app.Environment) {
	microservice.New(stack, "Orders", microservice.Props{
		Owner: "checkout",
		Image: env.Image("orders"),
		Routes: []microservice.Route{
			{Path: "/orders/{proxy+}", Scopes: []string{"aws.cognito.signin.user.admin"}},
		},
	})
}

// DefinePartners defines what partners' programs sign in with: a client that gets tokens with the scope stock/read, and an
// authorizer that accepts the tokens of this client alone.
func DefinePartners(stack awscdk.Stack, _ app.Environment) {
	users := identity.Of(stack).UserPool()
	read := awscognito.NewResourceServerScope(&awscognito.ResourceServerScopeProps{
		ScopeName: jsii.String("read"), ScopeDescription: jsii.String("Read the stock"),
	})
	stock := users.AddResourceServer(jsii.String("Stock"), &awscognito.UserPoolResourceServerOptions{
		Identifier: jsii.String("stock"), Scopes: &[]awscognito.ResourceServerScope{read},
	})
	users.AddDomain(jsii.String("Domain"), &awscognito.UserPoolDomainOptions{
		CognitoDomain: &awscognito.CognitoDomainOptions{DomainPrefix: jsii.String("shop-example-partners")},
	})
	client := users.AddClient(jsii.String("Warehouse"), &awscognito.UserPoolClientOptions{
		GenerateSecret: jsii.Bool(true),
		OAuth: &awscognito.OAuthSettings{
			Flows:  &awscognito.OAuthFlows{ClientCredentials: jsii.Bool(true)},
			Scopes: &[]awscognito.OAuthScope{awscognito.OAuthScope_ResourceServer(stock, read)},
		},
	})
	authorizer := awsapigatewayv2.NewHttpAuthorizer(stack, jsii.String("Authorizer"), &awsapigatewayv2.HttpAuthorizerProps{
		HttpApi:        platform.Of(stack).API(),
		Type:           awsapigatewayv2.HttpAuthorizerType_JWT,
		IdentitySource: jsii.Strings("$request.header.Authorization"),
		JwtIssuer:      jsii.String(fmt.Sprintf("https://cognito-idp.%s.%s/%s", *stack.Region(), *stack.UrlSuffix(), *users.UserPoolId())),
		JwtAudience:    &[]*string{client.UserPoolClientId()},
	})
	awscdk.NewCfnOutput(stack, jsii.String(identity.OutputAuthorizerID), &awscdk.CfnOutputProps{
		Value: authorizer.AuthorizerId(),
	})
}

// DefineStock defines a service that partners' programs call.
func DefineStock(stack awscdk.Stack, env app.Environment) {
	microservice.New(stack, "Stock", microservice.Props{
		Owner:    "warehouse",
		Image:    env.Image("stock"),
		Identity: identity.Ref{StackName: "shop-" + env.Name + "-partners"},
		Routes: []microservice.Route{
			{Path: "/stock/{proxy+}", Methods: []string{http.MethodGet}, Scopes: []string{"stock/read"}},
		},
	})
}

// DefineRoles defines a group of the user pool.
func DefineRoles(stack awscdk.Stack, _ app.Environment) {
	awscognito.NewCfnUserPoolGroup(stack, jsii.String("Support"), &awscognito.CfnUserPoolGroupProps{
		UserPoolId: identity.Of(stack).UserPool().UserPoolId(),
		GroupName:  jsii.String("support"),
	})
}
