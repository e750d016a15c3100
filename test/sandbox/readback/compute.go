package readback

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func readCluster(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{
		Clusters: []string{r.PhysicalID},
		Include:  []ecstypes.ClusterField{ecstypes.ClusterFieldConfigurations, ecstypes.ClusterFieldSettings, ecstypes.ClusterFieldTags},
	})
	if err != nil {
		return nil, err
	}
	cluster, err := only(out.Clusters)
	if err != nil {
		return nil, err
	}
	p := shapeOf(cluster)
	rename(p, "Settings", "ClusterSettings")
	renameTags(p)
	return p, nil
}

// renameTags gives the tags of ECS, which spells them its own way, the form of a template.
func renameTags(p properties) {
	renameIn(p["Tags"], "key", "Key")
	renameIn(p["Tags"], "value", "Value")
}

func readCapacityProviders(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{r.PhysicalID}})
	if err != nil {
		return nil, err
	}
	cluster, err := only(out.Clusters)
	if err != nil {
		return nil, err
	}
	p := shapeOf(cluster)
	p["Cluster"] = aws.ToString(cluster.ClusterArn)
	return p, nil
}

func readService(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster:  r.in("Cluster"),
		Services: []string{r.PhysicalID},
		Include:  []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	if err != nil {
		return nil, err
	}
	service, err := only(out.Services)
	if err != nil {
		return nil, err
	}
	p := shapeOf(service)
	rename(p, "ClusterArn", "Cluster")
	renameTags(p)
	// What may differ from one deployment to the next is told of each; the template's is the one under way.
	for _, deployment := range service.Deployments {
		if aws.ToString(deployment.Status) == "PRIMARY" {
			put(p, "ServiceConnectConfiguration", deployment.ServiceConnectConfiguration)
			put(p, "VolumeConfigurations", deployment.VolumeConfigurations)
		}
	}
	return p, nil
}

func readTaskDefinition(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &r.PhysicalID,
		Include:        []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.TaskDefinition)
	put(p, "Tags", out.Tags)
	renameTags(p)
	return p, nil
}

func readScalableTarget(ctx context.Context, a *account, r resource) (properties, error) {
	// The physical ID is <resource>|<dimension>|<namespace>.
	id, namespace := r.asked["ResourceId"], scalingtypes.ServiceNamespace(*r.in("ServiceNamespace"))
	out, err := a.scaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace:  namespace,
		ResourceIds:       []string{text(id)},
		ScalableDimension: scalingtypes.ScalableDimension(*r.in("ScalableDimension")),
	})
	if err != nil {
		return nil, err
	}
	target, err := only(out.ScalableTargets)
	if err != nil {
		return nil, err
	}
	actions, err := a.scaling.DescribeScheduledActions(ctx, &applicationautoscaling.DescribeScheduledActionsInput{
		ServiceNamespace:  namespace,
		ResourceId:        target.ResourceId,
		ScalableDimension: target.ScalableDimension,
	})
	if err != nil {
		return nil, err
	}
	p := shapeOf(target)
	put(p, "ScheduledActions", actions.ScheduledActions)
	return p, nil
}

func readScalingPolicy(ctx context.Context, a *account, r resource) (properties, error) {
	// A policy is found by what it scales; a template names that by the target's ID.
	target := *r.in("ScalingTargetId")
	if target == "" {
		target = strings.Join([]string{*r.in("ResourceId"), *r.in("ScalableDimension"), *r.in("ServiceNamespace")}, "|")
	}
	parts := strings.Split(target, "|")
	if len(parts) != 3 {
		return nil, absentError("want a ScalingTargetId of the form <resource>|<dimension>|<namespace>, got " + target)
	}
	out, err := a.scaling.DescribeScalingPolicies(ctx, &applicationautoscaling.DescribeScalingPoliciesInput{
		ServiceNamespace: scalingtypes.ServiceNamespace(parts[2]),
		ResourceId:       &parts[0],
		PolicyNames:      []string{*r.in("PolicyName")},
	})
	if err != nil {
		return nil, err
	}
	policy, err := only(out.ScalingPolicies)
	if err != nil {
		return nil, err
	}
	p := shapeOf(policy)
	p["ScalingTargetId"] = strings.Join([]string{aws.ToString(policy.ResourceId), string(policy.ScalableDimension), string(policy.ServiceNamespace)}, "|")
	return p, nil
}
