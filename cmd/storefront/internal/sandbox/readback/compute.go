package readback

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

func readCluster(q *query, r resource) properties {
	p := shapeOf(only(q, ask(q, q.ecs.DescribeClusters, &ecs.DescribeClustersInput{
		Clusters: []string{r.PhysicalID},
		Include:  []ecstypes.ClusterField{ecstypes.ClusterFieldConfigurations, ecstypes.ClusterFieldSettings, ecstypes.ClusterFieldTags},
	}).Clusters))
	rename(p, "Settings", "ClusterSettings")
	return renameTags(p)
}

// renameTags gives the tags of ECS, whose keys are in lower case, the form of a template.
func renameTags(p properties) properties {
	renameIn(p["Tags"], "key", "Key")
	renameIn(p["Tags"], "value", "Value")
	return p
}

func readService(q *query, r resource) properties {
	service := only(q, ask(q, q.ecs.DescribeServices, &ecs.DescribeServicesInput{
		Cluster: r.in("Cluster"), Services: []string{r.PhysicalID}, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	}).Services)
	p := shapeOf(service)
	rename(p, "ClusterArn", "Cluster")
	// These properties belong to a deployment; the template has those of the current one.
	for _, deployment := range service.Deployments {
		if aws.ToString(deployment.Status) == "PRIMARY" {
			put(p, "ServiceConnectConfiguration", deployment.ServiceConnectConfiguration)
			put(p, "VolumeConfigurations", deployment.VolumeConfigurations)
		}
	}
	return renameTags(p)
}

func readTaskDefinition(q *query, r resource) properties {
	out := ask(q, q.ecs.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &r.PhysicalID, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	p := shapeOf(of(out.TaskDefinition))
	put(p, "Tags", out.Tags)
	return renameTags(p)
}

func readLoadBalancer(q *query, r resource) properties {
	p := shapeOf(only(q, ask(q, q.loadBalancers.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{r.PhysicalID}}).LoadBalancers))
	rename(p, "LoadBalancerName", "Name")
	p["Subnets"] = pick(p["AvailabilityZones"], "SubnetId")
	put(p, "LoadBalancerAttributes", ask(q, q.loadBalancers.DescribeLoadBalancerAttributes, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &r.PhysicalID}).Attributes)
	return q.tagged(r, p)
}

// tagged adds the tags of a load balancer or of a part of one.
func (q *query) tagged(r resource, p properties) properties {
	put(p, "Tags", only(q, ask(q, q.loadBalancers.DescribeTags, &elb.DescribeTagsInput{ResourceArns: []string{r.PhysicalID}}).TagDescriptions).Tags)
	return p
}

func readListener(q *query, r resource) properties {
	return q.tagged(r, shapeOf(only(q, ask(q, q.loadBalancers.DescribeListeners, &elb.DescribeListenersInput{ListenerArns: []string{r.PhysicalID}}).Listeners)))
}

func readListenerRule(q *query, r resource) properties {
	rule := only(q, ask(q, q.loadBalancers.DescribeRules, &elb.DescribeRulesInput{RuleArns: []string{r.PhysicalID}}).Rules)
	p := shapeOf(rule)
	p["ListenerArn"] = listenerOf(aws.ToString(rule.RuleArn))
	conditions, _ := p["Conditions"].([]any)
	for i, condition := range rule.Conditions {
		if len(condition.Values) == 0 { // the older form, empty or left out beside the newer one
			delete(conditions[i].(properties), "Values")
		}
	}
	return q.tagged(r, p)
}

// listenerOf returns the ARN of the listener of a rule, which is the rule's without its last part.
func listenerOf(rule string) string {
	return strings.Replace(rule[:max(0, strings.LastIndex(rule, "/"))], ":listener-rule/", ":listener/", 1)
}

func readTargetGroup(q *query, r resource) properties {
	p := shapeOf(only(q, ask(q, q.loadBalancers.DescribeTargetGroups, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{r.PhysicalID}}).TargetGroups))
	rename(p, "TargetGroupName", "Name")
	put(p, "TargetGroupAttributes", ask(q, q.loadBalancers.DescribeTargetGroupAttributes, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &r.PhysicalID}).Attributes)
	return q.tagged(r, p)
}

// where returns the elements of a list that match.
func where[T any](list []T, match func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(element T) bool { return !match(element) })
}
