// Package domainname is the recipe of docs/recipes/domain-name.md: a domain name for the API.
package domainname

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// Define gives the API of the environment's platform a domain name, in a stack of its own.
func Define(stack awscdk.Stack, _ app.Environment) {
	DefineName(stack, platform.Of(stack))
}

// DefineName gives the API of a platform the name api.shop.example.com.
func DefineName(stack awscdk.Stack, shared *platform.Platform) {
	domain := awsapigatewayv2.NewDomainName(stack, jsii.String("Domain"), &awsapigatewayv2.DomainNameProps{
		DomainName: jsii.String("api.shop.example.com"),
		Certificate: awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"),
			jsii.String("arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")),
	})
	awsapigatewayv2.NewApiMapping(stack, jsii.String("Mapping"), &awsapigatewayv2.ApiMappingProps{
		Api:        shared.API(),
		Stage:      shared.Stage(),
		DomainName: domain,
	})

	zone := awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z0123456789ABCDEFGHIJ"),
		ZoneName:     jsii.String("shop.example.com"),
	})
	awsroute53.NewARecord(stack, jsii.String("Alias"), &awsroute53.ARecordProps{
		Zone:       zone,
		RecordName: jsii.String("api"),
		Target: awsroute53.RecordTarget_FromAlias(
			awsroute53targets.NewApiGatewayv2DomainProperties(domain.RegionalDomainName(), domain.RegionalHostedZoneId())),
	})
}

// DefinePlatform is the Platform of an app whose API has no other name.
func DefinePlatform(stack awscdk.Stack, env app.Environment) {
	app.NewPlatform(stack, env, platform.Props{DisableExecuteAPIEndpoint: true})
}
