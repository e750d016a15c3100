package platform_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

func ExampleNew() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Platform"), nil)
	net := network.New(stack, "Network", network.Props{Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}})
	platform.New(stack, "Platform", platform.Props{
		VPC:  net.VPC(),
		CORS: platform.CORS{AllowOrigins: []string{"https://shop.example.com"}},
	})
}

// Other workloads than microservices can use the platform too, in any app of its account and region.
func ExampleImport() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Reports"), nil)
	shared := platform.Import(stack, platform.Ref{StackName: "shop-platform"})
	awsrds.NewSubnetGroup(stack, jsii.String("Subnets"), &awsrds.SubnetGroupProps{
		Description: jsii.String("The platform's private subnets"),
		Vpc:         shared.VPC(),
	})
}

// The services of this platform set TLS in the platform.Ref of their environment.
func ExampleTLS() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Platform"), nil)
	net := network.New(stack, "Network", network.Props{Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}})
	platform.New(stack, "Platform", platform.Props{
		VPC: net.VPC(),
		TLS: platform.TLS{
			Certificate: awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"),
				jsii.String("arn:aws:acm:eu-central-1:111122223333:certificate/4f2b1c9e-5b1c-4a3c-9d57-0c7d3e6a1b2f")),
			ServerName: "internal.shop.example.com",
		},
	})
}

// Nobody has signed in who calls /login, so one client must not take the route from the others.
func ExampleRateLimit() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Platform"), nil)
	net := network.New(stack, "Network", network.Props{Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}})
	platform.New(stack, "Platform", platform.Props{
		VPC:        net.VPC(),
		RateLimits: []platform.RateLimit{{Path: "/login", Requests: 100}},
	})
}

// Anything may publish events on the environment's bus, or react to them, here by a queue.
func ExamplePlatform_EventBus() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Imports"), nil)
	shared := platform.Import(stack, platform.Ref{StackName: "shop-platform"})
	awsevents.NewRule(stack, jsii.String("CheckedOut"), &awsevents.RuleProps{
		EventBus:     shared.EventBus(),
		EventPattern: &awsevents.EventPattern{DetailType: jsii.Strings("CheckedOut")},
		Targets:      &[]awsevents.IRuleTarget{awseventstargets.NewSqsQueue(awssqs.NewQueue(stack, jsii.String("Orders"), nil), nil)},
	})
}

// A service of Amazon ECS that another construct defines joins the Service Connect namespace by its ARN.
func ExamplePlatform_NamespaceARN() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Legacy"), nil)
	shared := platform.Import(stack, platform.Ref{StackName: "shop-platform"})
	task := awsecs.NewFargateTaskDefinition(stack, jsii.String("Task"), nil)
	task.AddContainer(jsii.String("app"), &awsecs.ContainerDefinitionOptions{Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/acme/legacy:1.4.2"), nil)})
	awsecs.NewFargateService(stack, jsii.String("Service"), &awsecs.FargateServiceProps{
		Cluster:                     shared.Cluster(),
		TaskDefinition:              task,
		ServiceConnectConfiguration: &awsecs.ServiceConnectProps{Namespace: jsii.String(shared.NamespaceARN())},
	})
}

// A domain name in a stack of its own can change without the platform.
func ExamplePlatform_Stage() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Domain"), nil)
	shared := platform.Import(stack, platform.Ref{StackName: "shop-platform"})
	domain := awsapigatewayv2.NewDomainName(stack, jsii.String("Name"), &awsapigatewayv2.DomainNameProps{
		DomainName: jsii.String("api.shop.example.com"),
		Certificate: awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"),
			jsii.String("arn:aws:acm:eu-central-1:111122223333:certificate/4f2b1c9e-5b1c-4a3c-9d57-0c7d3e6a1b2f")),
	})
	awsapigatewayv2.NewApiMapping(stack, jsii.String("Mapping"), &awsapigatewayv2.ApiMappingProps{
		Api: shared.API(), Stage: shared.Stage(), DomainName: domain,
	})
}
