package microservice

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// serviceLinkedRole is Application Auto Scaling's own for ECS. It makes the role when it is first needed.
const serviceLinkedRole = "arn:%s:iam::%s:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"

// addScaling defines the target and its policies, rather than have the service do it: the service would take the
// balancer's name out of the listener's ARN, which cannot be done to another stack's output.
func (m *Microservice) addScaling(policy scaling.Policy) {
	stack := awscdk.Stack_Of(m)
	role := awsiam.Role_FromRoleArn(m, jsii.String("ScalingRole"),
		jsii.String(fmt.Sprintf(serviceLinkedRole, *stack.Partition(), *stack.Account())), nil)
	m.scalable = awsapplicationautoscaling.NewScalableTarget(m, jsii.String("Scaling"), &awsapplicationautoscaling.ScalableTargetProps{
		ServiceNamespace:  awsapplicationautoscaling.ServiceNamespace_ECS,
		ScalableDimension: jsii.String("ecs:service:DesiredCount"),
		ResourceId:        jsii.String(fmt.Sprintf("service/%s/%s", *m.platform.Cluster().ClusterName(), *m.service.ServiceName())),
		MinCapacity:       jsii.Number(policy.Min),
		MaxCapacity:       jsii.Number(policy.Max),
		Role:              role,
	})
	m.hold(policy, "CPU", policy.CPUPercent, awsapplicationautoscaling.PredefinedMetric_ECS_SERVICE_AVERAGE_CPU_UTILIZATION, nil)
	m.hold(policy, "Memory", policy.MemoryPercent, awsapplicationautoscaling.PredefinedMetric_ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION, nil)
	if policy.RequestsPerTask > 0 {
		label := fmt.Sprintf("%s/%s", m.platform.BalancerFullName(), *m.targetGroups[0].TargetGroupFullName())
		m.hold(policy, "Requests", policy.RequestsPerTask, awsapplicationautoscaling.PredefinedMetric_ALB_REQUEST_COUNT_PER_TARGET, jsii.String(label))
	}
}

// hold keeps a metric at a value, unless the value is zero.
func (m *Microservice) hold(policy scaling.Policy, id string, value int, metric awsapplicationautoscaling.PredefinedMetric, label *string) {
	if value == 0 {
		return
	}
	m.scalable.ScaleToTrackMetric(jsii.String(id), &awsapplicationautoscaling.BasicTargetTrackingScalingPolicyProps{
		PredefinedMetric: metric,
		ResourceLabel:    label,
		TargetValue:      jsii.Number(value),
		ScaleInCooldown:  cdkx.Seconds(policy.ScaleInCooldown),
		ScaleOutCooldown: cdkx.Seconds(policy.ScaleOutCooldown),
	})
}
