package service

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Service is a microservice as features beside it use it: a scope for what they define, a grantee, a security group to
// open, and the few things that a feature adds to a service. The order of calls does not change the template.
type Service interface {
	constructs.Construct
	awsiam.IGrantable
	awsec2.IConnectable

	// Name returns the name of the service, which is unique in its environment.
	Name() string
	// Owner returns the team that owns the service.
	Owner() string
	// Metrics returns the service's CloudWatch metrics: of its requests and its tasks.
	Metrics() Metrics
	// Task returns what a feature needs to run a task of the service, beside those that ECS runs for it.
	Task() Task
	// SetVariable sets an environment variable of the application. The value may be a CDK token. It panics if the name
	// is malformed, reserved, or already set to another value.
	SetVariable(name, value string)
	// SetSecret sets an environment variable of the application that ECS reads from Secrets Manager or Systems Manager
	// when a task starts. It panics like SetVariable, and if the secret is nil.
	SetSecret(name string, secret awsecs.Secret)
	// AddAlarm defines an alarm. If the service has no alarms, only those with RollsBack are defined, in a gradual
	// deployment. The group is the construct ID of the feature that defines it. AddAlarm panics if the alarm is
	// invalid, or if the group already has another one with the same ID.
	AddAlarm(group string, a alarm.Alarm)
	// Track keeps a metric at a value for each running task, by a target tracking policy with the given ID. The metric
	// must measure the work of the whole service. Track panics if the metric or the value is invalid, the ID is already
	// used, or the service's number of tasks is fixed.
	Track(id string, m metric.Metric, perTask float64)
}

// Task is how to run a task of a service: the same containers with the same roles, in the same network. What runs it sets the
// command. The proxy of Service Connect is not among them, since ECS adds it to the tasks of services only.
type Task struct {
	// Definition is the service's task definition. A deployment defines a new revision of it.
	Definition awsecs.FargateTaskDefinition
	// Container is the name of the application's container.
	Container string
	// Cluster is the platform's cluster.
	Cluster awsecs.ICluster
	// SubnetIDs are the IDs of the subnets of the service's tasks.
	SubnetIDs []string
	// SecurityGroup is that of the service's tasks.
	SecurityGroup awsec2.ISecurityGroup
	// Service is the ECS service. What depends on it is created or updated after the service's deployment has succeeded, and is not
	// if it is rolled back; on what it depends, the deployment waits for.
	Service constructs.IConstruct
}
