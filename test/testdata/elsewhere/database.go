package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// database is a custom PostgreSQL database.
type database struct{ awsrds.DatabaseInstance }

var _ store.Store = database{}

func newDatabase(scope constructs.Construct, id string) database {
	return database{awsrds.NewDatabaseInstance(scope, jsii.String(id), &awsrds.DatabaseInstanceProps{
		Vpc:              platform.Of(scope).VPC(),
		Engine:           awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{Version: awsrds.PostgresEngineVersion_VER_17()}),
		Credentials:      awsrds.Credentials_FromGeneratedSecret(jsii.String("reports"), nil),
		StorageEncrypted: jsii.Bool(true),
	})}
}

// Bind lets consumer connect, sets the address and the password, and adds an alarm on the connections.
func (d database) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != store.ReadWrite {
		return store.Binding{}, store.Unsupported(access, store.ReadWrite)
	}
	d.Connections().AllowFrom(consumer, awsec2.Port_Tcp(jsii.Number(5432)), nil)
	return store.Binding{
		Environment: map[string]string{"LEDGER_HOST": *d.DbInstanceEndpointAddress()},
		Secrets:     map[string]awsecs.Secret{"LEDGER_PASSWORD": awsecs.Secret_FromSecretsManager(d.Secret(), jsii.String("password"))},
		Alarms: []alarm.Alarm{{
			ID: "Connections",
			Metric: metric.Metric{
				Namespace: "AWS/RDS", Name: "DatabaseConnections", Statistic: metric.Maximum,
				Dimensions: map[string]string{"DBInstanceIdentifier": *d.InstanceIdentifier()},
			},
			Comparison: alarm.Above, Threshold: 80, Periods: 5, Missing: alarm.NotBreaching, Pages: true, RollsBack: true,
			Meaning: "the ledger runs out of connections. Reports will fail.",
			LookAt:  [3]string{"the number of tasks.", "the size of each task's connection pool.", "long transactions."},
		}},
	}, nil
}
