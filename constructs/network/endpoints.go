package network

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Endpoint is an interface endpoint of the VPC: a private address, in each zone, of one AWS service. Its value is the part of
// the service's name after com.amazonaws and the region, such as "ecr.api", so that any service with AWS PrivateLink can
// be one. It costs about 7.30 USD a month in each zone, and 0.01 USD a GB.
//
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
type Endpoint string

// The endpoints that services of this library can require. S3 and DynamoDB have gateway endpoints, in every network.
const (
	ECRAPI         Endpoint = "ecr.api"        // images
	ECRDocker      Endpoint = "ecr.dkr"        // images
	Logs           Endpoint = "logs"           // logs of the tasks
	SecretsManager Endpoint = "secretsmanager" // secrets
	SSM            Endpoint = "ssm"            // secrets in Parameter Store
	KMS            Endpoint = "kms"            // applications that encrypt
	STS            Endpoint = "sts"            // applications that assume a role
	SSMMessages    Endpoint = "ssmmessages"    // a service with Exec
	SQS            Endpoint = "sqs"            // a service that uses a queue
	SNS            Endpoint = "sns"            // applications that publish to a topic
	EventBridge    Endpoint = "events"         // applications that send events
	CloudWatch     Endpoint = "monitoring"     // applications that publish metrics
	Cognito        Endpoint = "cognito-idp"    // a service that uses the identity
)

// TaskEndpoints returns the endpoints without which tasks do not start, or cannot read secrets or assume roles: ECRAPI,
// ECRDocker, Logs, SecretsManager, SSM, KMS and STS. Append what the applications call.
func TaskEndpoints() []Endpoint {
	return []Endpoint{ECRAPI, ECRDocker, Logs, SecretsManager, SSM, KMS, STS}
}

// startEndpoints are those that every task calls before its containers start.
var startEndpoints = []Endpoint{ECRAPI, ECRDocker, Logs}

var endpointName = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)

func (p Props) validateEndpoints() error {
	var problems []error
	seen := map[Endpoint]bool{}
	for n, endpoint := range p.Endpoints {
		switch {
		case endpoint == "s3" || endpoint == "dynamodb":
			problems = append(problems, fmt.Errorf("Endpoints[%d] must not be %q, for which the network has a gateway endpoint, which is free: remove it", n, endpoint))
		case !endpointName.MatchString(string(endpoint)):
			problems = append(problems, fmt.Errorf("Endpoints[%d] must be a service's name after com.amazonaws and the region, such as %q, got %q", n, ECRAPI, endpoint))
		case seen[endpoint]:
			problems = append(problems, fmt.Errorf("Endpoints must have each endpoint once, got %q twice", endpoint))
		}
		seen[endpoint] = true
	}
	var missing []string
	for _, endpoint := range startEndpoints {
		if p.NAT == NoNAT && !slices.Contains(p.Endpoints, endpoint) {
			missing = append(missing, string(endpoint))
		}
	}
	if len(missing) > 0 {
		problems = append(problems, fmt.Errorf("NoNAT requires the Endpoints %s, without which no task starts: set Endpoints to network.TaskEndpoints(), got %q", strings.Join(missing, ", "), p.Endpoints))
	}
	return errors.Join(problems...)
}

// addEndpoints defines the endpoints in the private subnets of all zones. Their private DNS names are the public ones of the
// services, so that no application is configured for them.
func (n *Network) addEndpoints(props Props) {
	group := awsec2.NewSecurityGroup(n, jsii.String("EndpointSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              n.vpc,
		Description:      jsii.String("Lets the VPC call AWS services through interface endpoints"),
		AllowAllOutbound: jsii.Bool(false),
	})
	group.AddIngressRule(awsec2.Peer_Ipv4(jsii.String(props.CIDR)), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("HTTPS from the VPC"), nil)
	for _, endpoint := range props.Endpoints {
		id := cdkx.Pascal(strings.ReplaceAll(string(endpoint), ".", "-"))
		n.vpc.AddInterfaceEndpoint(jsii.String(id), &awsec2.InterfaceVpcEndpointOptions{
			Service:        awsec2.NewInterfaceVpcEndpointAwsService(jsii.String(string(endpoint)), nil, nil, nil),
			SecurityGroups: &[]awsec2.ISecurityGroup{group},
			Subnets:        &awsec2.SubnetSelection{SubnetGroupName: jsii.String("Private")},
			Open:           jsii.Bool(false),
		})
	}
}
