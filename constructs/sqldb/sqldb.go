package sqldb

import (
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// The access that a microservice can have to a database. [ReadWrite] is that of its owner, who also defines the schema. [Read] is
// that of the database user reader, who has the permissions that the owner grants.
const (
	Read      = store.Read
	ReadWrite = store.ReadWrite
)

const (
	engine = "aurora-postgresql"
	port   = 5432
	owner  = "app"
	reader = "reader"
	zones  = 2
)

// Database is an Aurora PostgreSQL database that one microservice owns.
type Database struct {
	constructs.Construct
	id            string
	props         Props
	cluster       awsrds.CfnDBCluster
	instances     []awsrds.CfnDBInstance // the writer, and then the readers
	securityGroup awsec2.SecurityGroup
}

var (
	_ store.Store         = (*Database)(nil)
	_ awsec2.IConnectable = (*Database)(nil)
)

// New defines a database. It panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Database {
	problem.MustScope(scope, id)
	defaults := profile.Of(scope)
	props = props.withDefaults(defaults)
	problem.Must(scope, id, errors.Join(props.validate(), platform.CheckVPC(scope, props.VPC, zones, "the database"), cdkx.CheckKeyStack("EncryptionKey", props.EncryptionKey, scope)))
	props.VPC = platform.VPCOr(scope, props.VPC)
	retain := props.Retain.Or(defaults.RetainData)

	d := &Database{id: id, props: props}
	place.Define(d, scope, id)
	d.securityGroup = awsec2.NewSecurityGroup(d, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              props.VPC,
		Description:      jsii.String("Allows connections from the services that use the database"),
		AllowAllOutbound: jsii.Bool(false),
	})
	// A database that is retained needs its security group, its subnets and its parameters, which cannot be deleted before it.
	removal := cdkx.Removal(retain)
	d.securityGroup.ApplyRemovalPolicy(removal)
	d.newCluster(defaults, retain, removal)
	d.newInstances(removal)
	return d
}

// newCluster defines the cluster, by name: so its log group can be defined before RDS defines one that keeps logs for ever, and
// CloudFormation refuses each change for which it would replace the database by an empty one, whose name is that of the old one.
func (d *Database) newCluster(defaults profile.Profile, retain bool, removal awscdk.RemovalPolicy) {
	p := d.props
	name := cdkx.UniqueName(d, "")
	scaling := &awsrds.CfnDBCluster_ServerlessV2ScalingConfigurationProperty{
		MinCapacity: jsii.Number(p.MinCapacity), MaxCapacity: jsii.Number(p.MaxCapacity),
	}
	if p.Pause == profile.On {
		scaling.SecondsUntilAutoPause = jsii.Number(p.PauseAfter.Seconds())
	}
	props := &awsrds.CfnDBClusterProps{
		DbClusterIdentifier: name,
		Engine:              jsii.String(engine),
		EngineVersion:       jsii.String(p.Version),
		DatabaseName:        jsii.String(p.Name),
		Port:                jsii.Number(port),
		MasterUsername:      jsii.String(owner),
		// Nobody has a password: the owner and all others sign a token with their role.
		MasterUserAuthenticationType:     jsii.String("iam-db-auth"),
		EnableIamDatabaseAuthentication:  jsii.Bool(true),
		ServerlessV2ScalingConfiguration: scaling,
		DbSubnetGroupName:                d.newSubnets(removal).Ref(),
		VpcSecurityGroupIds:              &[]any{d.securityGroup.SecurityGroupId()},
		DbClusterParameterGroupName:      d.newParameters(removal).Ref(),
		StorageEncrypted:                 jsii.Bool(true),
		BackupRetentionPeriod:            jsii.Number(p.BackupDays),
		CopyTagsToSnapshot:               jsii.Bool(true),
		DeletionProtection:               jsii.Bool(retain && defaults.DeletionProtection),
	}
	if key := cdkx.DataKey(d, p.EncryptionKey, defaults.EncryptData, retain); key != nil {
		props.KmsKeyId = key.KeyArn()
	}
	if defaults.RedundantStores { // for 7 days, which cost nothing
		props.PerformanceInsightsEnabled = jsii.Bool(true)
		props.PerformanceInsightsRetentionPeriod = jsii.Number(7)
		props.DatabaseInsightsMode = jsii.String("standard")
		props.PerformanceInsightsKmsKeyId = keyID(props.KmsKeyId)
	}
	logs := p.Logs.Or(defaults.SearchLogs)
	if logs {
		props.EnableCloudwatchLogsExports = jsii.Strings("postgresql")
	}
	d.cluster = awsrds.NewCfnDBCluster(d, jsii.String("Cluster"), props)
	d.cluster.ApplyRemovalPolicy(removal, nil)
	if logs {
		d.cluster.Node().AddDependency(d.newLogs(name, defaults))
	}
}

func keyID(key any) *string {
	id, _ := key.(*string)
	return id
}

// newSubnets defines the subnets of the instances, to which a zone can be added later.
func (d *Database) newSubnets(removal awscdk.RemovalPolicy) awsrds.CfnDBSubnetGroup {
	var subnets []any
	for _, subnet := range cdkx.PrivateSubnets(d.props.VPC) {
		subnets = append(subnets, subnet.SubnetId())
	}
	group := awsrds.NewCfnDBSubnetGroup(d, jsii.String("Subnets"), &awsrds.CfnDBSubnetGroupProps{
		DbSubnetGroupDescription: jsii.String("Private subnets of the database"),
		SubnetIds:                &subnets,
	})
	group.ApplyRemovalPolicy(removal, nil)
	return group
}

func (d *Database) newParameters(removal awscdk.RemovalPolicy) awsrds.CfnDBClusterParameterGroup {
	major, _ := d.props.release()
	parameters := map[string]string{forceSSL: "1"}
	maps.Copy(parameters, d.props.Parameters)
	group := awsrds.NewCfnDBClusterParameterGroup(d, jsii.String("Parameters"), &awsrds.CfnDBClusterParameterGroupProps{
		Description: jsii.String("Parameters of the database"),
		Family:      jsii.String(engine + strconv.Itoa(major)),
		Parameters:  parameters,
	})
	group.ApplyRemovalPolicy(removal, nil)
	return group
}

// newLogs defines the log group to which RDS exports the log of the cluster with the given name.
func (d *Database) newLogs(cluster *string, defaults profile.Profile) awslogs.LogGroup {
	var key awskms.IKey
	if platform.CheckOf(d) == nil {
		key = platform.Of(d).LogKey()
	}
	return awslogs.NewLogGroup(d, jsii.String("Logs"), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/rds/cluster/" + *cluster + "/postgresql"),
		Retention:     cdkx.LogRetention(defaults.LogRetentionDays),
		EncryptionKey: key,
		RemovalPolicy: cdkx.Removal(defaults.RetainData),
	})
}

// newInstances defines the writer, and then the readers, of which RDS places each in another zone. The first reader has the
// capacity that the writer has, so that it can replace it at once.
func (d *Database) newInstances(removal awscdk.RemovalPolicy) {
	for n := range d.props.Readers + 1 {
		id, tier := "Writer", 0
		if n > 0 {
			id, tier = fmt.Sprintf("Reader%d", n), n
		}
		instance := awsrds.NewCfnDBInstance(d, jsii.String(id), &awsrds.CfnDBInstanceProps{
			DbClusterIdentifier: d.cluster.Ref(),
			DbInstanceClass:     jsii.String("db.serverless"),
			Engine:              jsii.String(engine),
			PromotionTier:       jsii.Number(tier),
			PubliclyAccessible:  jsii.Bool(false),
		})
		instance.ApplyRemovalPolicy(removal, nil)
		if n > 0 {
			instance.Node().AddDependency(d.instances[0]) // whichever is first is the writer
		}
		d.instances = append(d.instances, instance)
	}
}

// Cluster returns the underlying CDK cluster.
func (d *Database) Cluster() awsrds.CfnDBCluster { return d.cluster }

// Connections returns the network connections of the database.
func (d *Database) Connections() awsec2.Connections { return d.securityGroup.Connections() }

// Bind allows consumer to connect to the database as the user of the access, and sets the environment variables <ID>_HOST,
// <ID>_PORT, <ID>_NAME and <ID>_USER. With [ReadWrite] the host is the writer, and <ID>_READER_HOST are the readers, which are the
// writer where there are none; with [Read] the host are the readers. It adds the alarms of Props.Alarms.
func (d *Database) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	prefix := cdkx.ScreamingSnake(d.id)
	environment := map[string]string{prefix + "_NAME": d.props.Name}
	// The port is that of an instance, so that no task starts before there is one that it can connect to.
	instance := d.instances[0]
	switch access {
	case ReadWrite:
		environment[prefix+"_HOST"] = *d.cluster.AttrEndpointAddress()
		environment[prefix+"_READER_HOST"] = *d.cluster.AttrReadEndpointAddress()
		environment[prefix+"_USER"] = owner
	case Read:
		environment[prefix+"_HOST"] = *d.cluster.AttrReadEndpointAddress()
		environment[prefix+"_USER"] = reader
		instance = d.instances[min(1, d.props.Readers)]
	default:
		return store.Binding{}, store.Unsupported(access, Read, ReadWrite)
	}
	environment[prefix+"_PORT"] = *instance.AttrEndpointPort()
	stack := awscdk.Stack_Of(d)
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: consumer.GrantPrincipal(),
		Actions: jsii.Strings("rds-db:connect"),
		ResourceArns: jsii.Strings(fmt.Sprintf("arn:%s:rds-db:%s:%s:dbuser:%s/%s", *stack.Partition(), *stack.Region(), *stack.Account(),
			*d.cluster.AttrDbClusterResourceId(), environment[prefix+"_USER"])),
	})
	d.Connections().AllowFrom(consumer, awsec2.Port_Tcp(jsii.Number(port)), jsii.String("PostgreSQL from a service that uses the database"))
	return store.Binding{Environment: environment, Alarms: d.props.Alarms.on(d.id, d.Metrics(), d.props.Readers)}, nil
}
