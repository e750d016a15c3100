// Package database is the recipe of docs/recipes/database.md: an Aurora MySQL database, as a store of a team's own.
package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// Define defines a service with a database.
func Define(stack awscdk.Stack, env app.Environment) {
	orders := microservice.New(stack, "Orders", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("orders"),
		Routes: []microservice.Route{{Path: "/orders/{proxy+}"}},
	})
	orders.Uses(New(orders, "Database"), store.ReadWrite)
}

// Database is an Aurora MySQL cluster that scales with its load.
type Database struct{ awsrds.DatabaseCluster }

var _ store.Store = Database{}

// New defines a database in the private subnets of the environment's platform.
func New(scope constructs.Construct, id string) Database {
	defaults := environment.Of(scope).Profile
	props := &awsrds.DatabaseClusterProps{
		Engine: awsrds.DatabaseClusterEngine_AuroraMysql(&awsrds.AuroraMysqlClusterEngineProps{
			Version: awsrds.AuroraMysqlEngineVersion_VER_3_10_3(),
		}),
		Vpc:                      platform.Of(scope).VPC(),
		Writer:                   awsrds.ClusterInstance_ServerlessV2(jsii.String("Writer"), nil),
		ServerlessV2MinCapacity:  jsii.Number(0.5),
		ServerlessV2MaxCapacity:  jsii.Number(8),
		DefaultDatabaseName:      jsii.String("app"),
		Credentials:              awsrds.Credentials_FromUsername(jsii.String("app"), nil),
		ManageMasterUserPassword: jsii.Bool(true),
		StorageEncrypted:         jsii.Bool(true),
		Backup:                   &awsrds.BackupProps{Retention: awscdk.Duration_Days(jsii.Number(7))},
		DeletionProtection:       jsii.Bool(defaults.DeletionProtection),
		RemovalPolicy:            awscdk.RemovalPolicy_DESTROY,
	}
	if defaults.RetainData {
		props.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	if defaults.RedundantStores {
		props.Readers = &[]awsrds.IClusterInstance{awsrds.ClusterInstance_ServerlessV2(jsii.String("Reader"),
			&awsrds.ServerlessV2ClusterInstanceProps{ScaleWithWriter: jsii.Bool(true)})}
	}
	return Database{awsrds.NewDatabaseCluster(scope, jsii.String(id), props)}
}

// Bind lets consumer connect and read the password, and adds an alarm on the database's capacity.
func (d Database) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != store.ReadWrite {
		return store.Binding{}, store.Unsupported(access, store.ReadWrite)
	}
	d.Connections().AllowDefaultPortFrom(consumer, nil)
	d.Secret().GrantRead(consumer, nil)
	return store.Binding{
		Environment: map[string]string{
			"DATABASE_HOST":       *d.ClusterEndpoint().Hostname(),
			"DATABASE_NAME":       "app",
			"DATABASE_SECRET_ARN": *d.Secret().SecretArn(),
		},
		Alarms: []alarm.Alarm{{
			ID: "Capacity",
			Metric: metric.Metric{
				Namespace: "AWS/RDS", Name: "ACUUtilization", Statistic: metric.Maximum,
				Dimensions: map[string]string{"DBClusterIdentifier": *d.ClusterIdentifier()},
			},
			Comparison: alarm.Above, Threshold: 90, Periods: 10, Missing: alarm.NotBreaching, Pages: true,
			Meaning: "the database is at its maximum capacity. Requests will be slow.",
			LookAt:  [3]string{"the slowest queries, in CloudWatch Database Insights.", "the number of connections.", "ServerlessV2MaxCapacity."},
		}},
	}, nil
}
