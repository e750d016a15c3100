package readback

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
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
