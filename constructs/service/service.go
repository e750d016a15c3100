package service

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Service is a microservice as the features beside it see it: a scope for what they define, a grantee, a security group to
// open, and the few things that a feature adds to a service. Their order never matters: the template is the same.
type Service interface {
	constructs.Construct
	awsiam.IGrantable
	awsec2.IConnectable

	// Name is what the service is called in its environment.
	Name() string
	// Owner is the team that answers for it.
	Owner() string
	// Metrics are what CloudWatch knows of its requests and tasks.
	Metrics() Metrics
	// SetVariable gives the application an environment variable. The value may be a CDK token. It panics when the name is
	// malformed, reserved, or set to something else.
	SetVariable(name, value string)
	// SetSecret gives the application an environment variable that ECS reads from Secrets Manager or Systems Manager when
	// a task starts. It panics like SetVariable, and when the secret is nil.
	SetSecret(name string, secret awsecs.Secret)
	// AddAlarm puts an alarm on the service's page, where the service has alarms. The group is the construct ID of the
	// feature that brings it. It panics when the alarm is invalid, or the group has another one of the same ID.
	AddAlarm(group string, a alarm.Alarm)
	// Track keeps a metric at a value for each running task, by a scaling policy called id. The metric must count the work
	// of the whole service. It panics when the metric or the value is invalid, the ID is taken, or the service's number of
	// tasks is fixed.
	Track(id string, m metric.Metric, perTask float64)
}
