package cache

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticache"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// ReadWrite is the access that a microservice can have to a cache: all commands on all keys. It does not allow changing the
// cache itself.
const ReadWrite = store.ReadWrite

const (
	engine       = "valkey"
	majorVersion = "8" // ElastiCache makes minor upgrades itself
	// Clients read from the second port, of the same host, with the command READONLY. Clients that discover the cluster connect
	// to both, and wait if one is closed.
	firstPort, lastPort = 6379, 6380
	zones               = 2
)

// Cache is an ElastiCache Serverless cache that one microservice owns.
type Cache struct {
	constructs.Construct
	id            string
	props         Props
	cache         awselasticache.CfnServerlessCache
	user          awselasticache.CfnUser
	securityGroup awsec2.SecurityGroup
}

var (
	_ store.Store         = (*Cache)(nil)
	_ awsec2.IConnectable = (*Cache)(nil)
)

// New defines a cache. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Cache {
	problem.MustScope(scope, id)
	defaults := profile.Of(scope)
	props = props.withDefaults(defaults)
	problem.Must(scope, id, errors.Join(props.validate(), platform.CheckVPC(scope, props.VPC, zones, "the cache"), cdkx.CheckKeyStack("EncryptionKey", props.EncryptionKey, scope)))
	props.VPC = platform.VPCOr(scope, props.VPC)
	retain := props.Retain.Or(defaults.RetainData)

	c := &Cache{id: id, props: props}
	place.Define(c, scope, id)
	c.securityGroup = awsec2.NewSecurityGroup(c, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              props.VPC,
		Description:      jsii.String("Allows connections from the services that use the cache"),
		AllowAllOutbound: jsii.Bool(false),
	})
	key := cdkx.DataKey(c, props.EncryptionKey, defaults.EncryptData, retain)
	group := c.newUser()
	c.newCache(key, group)
	// A cache that is retained keeps its network interfaces, which keep their security group, and its users.
	removal := cdkx.Removal(retain)
	c.securityGroup.ApplyRemovalPolicy(removal)
	c.user.ApplyRemovalPolicy(removal, nil)
	group.ApplyRemovalPolicy(removal, nil)
	c.cache.ApplyRemovalPolicy(removal, nil)
	return c
}

// newUser defines the user of the services, who authenticates with IAM, in a group, which has no other: so nobody connects
// without a token. The user group of Valkey needs no default user.
//
// Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
func (c *Cache) newUser() awselasticache.CfnUserGroup {
	name := cdkx.UniqueName(c, "")
	c.user = awselasticache.NewCfnUser(c, jsii.String("User"), &awselasticache.CfnUserProps{
		Engine:             jsii.String(engine),
		UserId:             name,
		UserName:           name, // which IAM requires to be the ID
		AccessString:       jsii.String("on ~* +@all"),
		AuthenticationMode: map[string]any{"Type": "iam"},
	})
	return awselasticache.NewCfnUserGroup(c, jsii.String("UserGroup"), &awselasticache.CfnUserGroupProps{
		Engine:      jsii.String(engine),
		UserGroupId: name,
		UserIds:     &[]*string{c.user.Ref()},
	})
}

// newCache defines the cache, with both limits: one that is removed from the template cannot be removed from the cache. It uses the
// first two subnets of all, since a change of them needs another cache, and a zone may be appended.
func (c *Cache) newCache(key awskms.IKey, group awselasticache.CfnUserGroup) {
	var subnets []any
	for _, subnet := range cdkx.PrivateSubnets(c.props.VPC)[:zones] {
		subnets = append(subnets, subnet.SubnetId())
	}
	props := &awselasticache.CfnServerlessCacheProps{
		Engine:             jsii.String(engine),
		MajorEngineVersion: jsii.String(majorVersion),
		CacheUsageLimits: &awselasticache.CfnServerlessCache_CacheUsageLimitsProperty{
			DataStorage:   &awselasticache.CfnServerlessCache_DataStorageProperty{Maximum: jsii.Number(c.props.MaxGB), Unit: jsii.String("GB")},
			EcpuPerSecond: &awselasticache.CfnServerlessCache_ECPUPerSecondProperty{Maximum: jsii.Number(c.props.MaxECPUPerSecond)},
		},
		SubnetIds:              &subnets,
		SecurityGroupIds:       &[]any{c.securityGroup.SecurityGroupId()},
		UserGroupId:            group.Ref(),
		SnapshotRetentionLimit: cdkx.OptionalNumber(c.props.SnapshotDays),
		DailySnapshotTime:      cdkx.OptionalString(c.props.SnapshotTime),
	}
	if c.props.DisableSnapshots { // of a cache that may have had some
		props.SnapshotRetentionLimit = jsii.Number(0)
	}
	variant := "cache"
	if key != nil {
		props.KmsKeyId = key.KeyArn()
		variant = "cache with a key" // which only another cache can have
	}
	props.ServerlessCacheName = cdkx.UniqueName(c, variant)
	c.cache = awselasticache.NewCfnServerlessCache(c, jsii.String("Cache"), props)
}

// Cache returns the underlying CDK cache.
func (c *Cache) Cache() awselasticache.CfnServerlessCache { return c.cache }

// User returns the underlying CDK user, as which services connect.
func (c *Cache) User() awselasticache.CfnUser { return c.user }

// Connections returns the network connections of the cache.
func (c *Cache) Connections() awsec2.Connections { return c.securityGroup.Connections() }

// Bind allows consumer to connect to the cache as its user, and sets the environment variables <ID>_HOST, <ID>_PORT, <ID>_USER and
// <ID>_NAME. It adds the alarms of Props.Alarms.
func (c *Cache) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != ReadWrite {
		return store.Binding{}, store.Unsupported(access, ReadWrite)
	}
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      consumer.GrantPrincipal(),
		Actions:      jsii.Strings("elasticache:Connect"),
		ResourceArns: &[]*string{c.cache.AttrArn(), c.user.AttrArn()},
	})
	c.Connections().AllowFrom(consumer, awsec2.Port_TcpRange(jsii.Number(firstPort), jsii.Number(lastPort)),
		jsii.String("Valkey from a service that uses the cache"))
	prefix := cdkx.ScreamingSnake(c.id)
	return store.Binding{
		Environment: map[string]string{
			prefix + "_HOST": *c.cache.AttrEndpointAddress(),
			prefix + "_PORT": *c.cache.AttrEndpointPort(),
			prefix + "_USER": *c.user.Ref(),
			prefix + "_NAME": *c.cache.Ref(),
		},
		Alarms: c.props.Alarms.on(c.id, c.Metrics()),
	}, nil
}
