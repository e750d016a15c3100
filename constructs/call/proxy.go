package call

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// portName is the name of the application's port in its task definition, by which Service Connect finds it.
const portName = "calls"

// urlPort is the port of the URL in the tasks of callers.
const urlPort = 80

// CertificateRole is the construct ID of the role with which ECS issues the certificates of a service.
const CertificateRole = "CertificateRole"

// Proxy configures the Service Connect proxy that ECS adds to each task of a service.
type Proxy struct {
	// Service is the service.
	Service awsecs.CfnService
	// NamespaceARN is the ARN of the namespace in which services find each other.
	NamespaceARN string
	// LogGroup is that of the service. The proxy writes its own errors there.
	LogGroup awslogs.ILogGroup
	// Region is that of the log group.
	Region string
	// AccessLogs has the proxy log each request, without its query parameters, which may have what is secret.
	AccessLogs bool
}

// Off turns Service Connect off, explicitly: ECS keeps the proxy and the endpoint of a service whose update leaves them out.
//
// Measured in https://github.com/kayac/ecspresso/pull/856.
func Off(service awsecs.CfnService) {
	service.SetServiceConnectConfiguration(&awsecs.CfnService_ServiceConnectConfigurationProperty{Enabled: jsii.Bool(false)})
}

// Connect lets the tasks call services.
func (p Proxy) Connect() { p.Service.SetServiceConnectConfiguration(p.configuration()) }

// Serve lets the tasks call services, and be called at http://<name>. It defines a role in scope if there is TLS.
func (p Proxy) Serve(scope constructs.Construct, name string, settings ServiceConnect) {
	endpoint := &awsecs.CfnService_ServiceConnectServiceProperty{
		PortName:            jsii.String(portName),
		DiscoveryName:       jsii.String(name),
		IngressPortOverride: jsii.Number(ProxyPort),
		ClientAliases: &[]any{&awsecs.CfnService_ServiceConnectClientAliasProperty{
			DnsName: jsii.String(name), Port: jsii.Number(urlPort),
		}},
		Timeout: &awsecs.CfnService_TimeoutConfigurationProperty{
			IdleTimeoutSeconds:       jsii.Number(settings.IdleTimeout.Seconds()),
			PerRequestTimeoutSeconds: jsii.Number(settings.RequestTimeout.Seconds()),
		},
	}
	if settings.CertificateAuthority != "" {
		endpoint.Tls = &awsecs.CfnService_ServiceConnectTlsConfigurationProperty{
			IssuerCertificateAuthority: &awsecs.CfnService_ServiceConnectTlsCertificateAuthorityProperty{
				AwsPcaAuthorityArn: jsii.String(settings.CertificateAuthority),
			},
			RoleArn: newCertificateRole(scope, settings.CertificateAuthority).RoleArn(),
		}
	}
	configuration := p.configuration()
	configuration.Services = &[]any{endpoint}
	p.Service.SetServiceConnectConfiguration(configuration)
}

func (p Proxy) configuration() *awsecs.CfnService_ServiceConnectConfigurationProperty {
	configuration := &awsecs.CfnService_ServiceConnectConfigurationProperty{
		Enabled:   jsii.Bool(true),
		Namespace: jsii.String(p.NamespaceARN),
		LogConfiguration: &awsecs.CfnService_LogConfigurationProperty{
			LogDriver: jsii.String("awslogs"),
			Options: &map[string]*string{
				"awslogs-group":         p.LogGroup.LogGroupName(),
				"awslogs-region":        jsii.String(p.Region),
				"awslogs-stream-prefix": jsii.String("proxy"),
				"max-buffer-size":       jsii.String("25m"), // as the application's output
				"mode":                  jsii.String("non-blocking"),
			},
		},
	}
	if p.AccessLogs {
		configuration.AccessLogConfiguration = &awsecs.CfnService_ServiceConnectAccessLogConfigurationProperty{
			Format: jsii.String("JSON"), IncludeQueryParameters: jsii.String("DISABLED"),
		}
	}
	return configuration
}

// PortMapping returns the mapping of the application's port, which Service Connect finds by name.
func PortMapping(port int, protocol Protocol) *awsecs.PortMapping {
	return &awsecs.PortMapping{ContainerPort: jsii.Number(port), Name: jsii.String(portName), AppProtocol: protocol.app()}
}

func (p Protocol) app() awsecs.AppProtocol {
	switch p {
	case GRPC:
		return awsecs.AppProtocol_Grpc()
	case HTTP2:
		return awsecs.AppProtocol_Http2()
	default:
		return awsecs.AppProtocol_Http()
	}
}

// newCertificateRole defines the role with which ECS issues certificates of one authority, and keeps them in secrets of its own.
// The managed policy of AWS has the same statements for all authorities with the tag.
//
// Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity.html
func newCertificateRole(scope constructs.Construct, authority string) awsiam.Role {
	stack := awscdk.Stack_Of(scope)
	partition, region, account := *stack.Partition(), *stack.Region(), *stack.Account()
	secrets := fmt.Sprintf("arn:%s:secretsmanager:%s:%s:secret:ecs-sc!*", partition, region, account)
	allow := func(resource string, conditions map[string]any, actions ...string) awsiam.PolicyStatement {
		statement := &awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resource)}
		if conditions != nil {
			statement.Conditions = &conditions
		}
		return awsiam.NewPolicyStatement(statement)
	}
	created := map[string]any{
		"ArnLike":      map[string]string{"aws:RequestTag/AmazonECSCreated": fmt.Sprintf("arn:%s:ecs:%s:%s:service/*/*", partition, region, account)},
		"StringEquals": map[string]string{"aws:RequestTag/AmazonECSManaged": "true"},
	}
	owned := map[string]any{"StringEquals": map[string]string{"aws:ResourceTag/aws:secretsmanager:owningService": "ecs-sc"}}
	managed := map[string]any{"StringEquals": map[string]string{"aws:ResourceTag/AmazonECSManaged": "true"}}
	endEntity := map[string]any{"StringEquals": map[string]string{
		"aws:ResourceTag/AmazonECSManaged": "true",
		"acm-pca:TemplateArn":              fmt.Sprintf("arn:%s:acm-pca:::template/EndEntityCertificate/V1", partition),
	}}
	return awsiam.NewRole(scope, jsii.String(CertificateRole), &awsiam.RoleProps{
		Description: jsii.String("Lets ECS issue and rotate the certificates of Service Connect"),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil),
		// In the role, and not in a separate policy, since both must exist when the service is created.
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Certificates": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
			Statements: &[]awsiam.PolicyStatement{
				allow(secrets, created, "secretsmanager:CreateSecret", "secretsmanager:TagResource"),
				allow(secrets, owned, "secretsmanager:DeleteSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
					"secretsmanager:RotateSecret", "secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"),
				allow(secrets, nil, "secretsmanager:DescribeSecret"), // before it has the tag
				allow(authority, managed, "acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate", "acm-pca:GetCertificateAuthorityCertificate"),
				allow(authority, endEntity, "acm-pca:IssueCertificate"),
			},
		})},
	})
}
