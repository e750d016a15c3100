package searchdomain

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsopensearchservice"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// The access that a microservice can have to a domain's indexes and documents, over HTTPS. None of it allows changing
// the domain itself.
const (
	Read      = store.Read
	Write     = store.Write
	ReadWrite = store.ReadWrite
)

// Domain is an OpenSearch Service domain that one microservice owns.
type Domain struct {
	constructs.Construct
	id     string
	domain awsopensearchservice.Domain
}

var _ store.Store = (*Domain)(nil)

// New defines a domain. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Domain {
	problem.MustScope(scope, id)
	defaults := profile.Of(scope)
	props = props.withDefaults(defaults)
	problem.Must(scope, id, errors.Join(props.validate(), platform.CheckVPC(scope, props.VPC, 1, "the domain"), cdkx.CheckKeyStack("EncryptionKey", props.EncryptionKey, scope)))
	props.VPC = platform.VPCOr(scope, props.VPC)

	d := &Domain{id: id}
	place.Define(d, scope, id)
	securityGroup := awsec2.NewSecurityGroup(d, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              props.VPC,
		Description:      jsii.String("Allows HTTPS from the services that use the domain"),
		AllowAllOutbound: jsii.Bool(false),
	})
	retain := props.Retain.Or(defaults.RetainData)
	removal := cdkx.Removal(retain)
	// A domain that is retained keeps its network interfaces, which keep their group. The rules of the group are
	// deleted with the stack all the same: they would keep the groups of the services that use the domain.
	//
	// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
	securityGroup.ApplyRemovalPolicy(removal)
	capacity, zones, subnets := layout(props, defaults)
	d.domain = awsopensearchservice.NewDomain(d, jsii.String("Domain"), &awsopensearchservice.DomainProps{
		Version:        awsopensearchservice.EngineVersion_OPENSEARCH_3_3(),
		Vpc:            props.VPC,
		VpcSubnets:     &[]*awsec2.SubnetSelection{{Subnets: &subnets}},
		SecurityGroups: &[]awsec2.ISecurityGroup{securityGroup},
		Capacity:       capacity,
		ZoneAwareness:  zones,
		Ebs:            &awsopensearchservice.EbsOptions{VolumeType: awsec2.EbsDeviceVolumeType_GP3, VolumeSize: jsii.Number(props.VolumeGiB)},
		EncryptionAtRest: &awsopensearchservice.EncryptionAtRestOptions{
			Enabled: jsii.Bool(true), KmsKey: cdkx.DataKey(d, props.EncryptionKey, defaults.EncryptData, retain),
		},
		NodeToNodeEncryption: jsii.Bool(true),
		EnforceHttps:         jsii.Bool(true),
		TlsSecurityPolicy:    awsopensearchservice.TLSSecurityPolicy_TLS_1_2_PFS,
		RemovalPolicy:        removal,
	})
	if props.Logs.Or(defaults.SearchLogs) {
		d.publishLogs(defaults)
	}
	return d
}

// Domain returns the underlying CDK domain.
func (d *Domain) Domain() awsopensearchservice.Domain { return d.domain }

// Bind grants consumer [Read], [Write] or [ReadWrite] access to the domain's documents over HTTPS, and sets the
// environment variable <ID>_DOMAIN_URL.
func (d *Domain) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	switch access {
	case Read:
		d.domain.GrantRead(consumer.GrantPrincipal())
	case Write:
		d.domain.GrantWrite(consumer.GrantPrincipal())
	case ReadWrite:
		d.domain.GrantReadWrite(consumer.GrantPrincipal())
	default:
		return store.Binding{}, store.Unsupported(access, Read, Write, ReadWrite)
	}
	d.domain.Connections().AllowFrom(consumer, awsec2.Port_Tcp(jsii.Number(443)), jsii.String("HTTPS from a service that uses the domain"))
	return store.Binding{Environment: map[string]string{
		cdkx.ScreamingSnake(d.id) + "_DOMAIN_URL": "https://" + *d.domain.DomainEndpoint(),
	}}, nil
}

// layout returns the capacity, zone awareness and subnets of the domain. If the profile has RedundantStores, there is a
// data node in each zone, up to the three that OpenSearch Service supports, and dedicated master nodes, which
// elect a leader when a zone fails. Otherwise there is one node in the first subnet.
func layout(props Props, defaults profile.Profile) (
	*awsopensearchservice.CapacityConfig, *awsopensearchservice.ZoneAwarenessConfig, []awsec2.ISubnet,
) {
	subnets := cdkx.PrivateSubnets(props.VPC)
	capacity := &awsopensearchservice.CapacityConfig{
		DataNodeInstanceType:      jsii.String(props.InstanceType),
		DataNodes:                 jsii.Number(1),
		MultiAzWithStandbyEnabled: jsii.Bool(false),
	}
	nodes := min(len(subnets), 3)
	if !defaults.RedundantStores || nodes < 2 {
		return capacity, nil, subnets[:1]
	}
	capacity.DataNodes = jsii.Number(nodes)
	capacity.MasterNodes = jsii.Number(3)
	capacity.MasterNodeInstanceType = jsii.String(standardInstance)
	zones := &awsopensearchservice.ZoneAwarenessConfig{Enabled: jsii.Bool(true), AvailabilityZoneCount: jsii.Number(nodes)}
	return capacity, zones, subnets[:nodes]
}
