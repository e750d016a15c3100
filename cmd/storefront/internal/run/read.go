package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// Read returns the services of a deployed app, without their programs, sorted by name.
func Read(ctx context.Context, app *deployed.App) ([]Service, error) {
	r := reader{ecs.NewFromConfig(app.Config), elasticloadbalancingv2.NewFromConfig(app.Config), ec2.NewFromConfig(app.Config)}
	var all []Service
	for _, stack := range app.Stacks {
		for _, resource := range stack.Template.Resources("AWS::ECS::Service") {
			s, err := r.service(ctx, stack.Resources[resource.LogicalID].PhysicalID)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", stack.Name, resource.LogicalID, err)
			}
			s.Stack = stack.Name
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Service) int { return cmp.Compare(a.Name, b.Name) })
	for n := 1; n < len(all); n++ {
		if all[n].Name == all[n-1].Name {
			return nil, fmt.Errorf("%s and %s both have a service %q: give one of them another name", all[n-1].Stack, all[n].Stack, all[n].Name)
		}
	}
	return all, r.callers(ctx, all)
}

type reader struct {
	ecs *ecs.Client
	elb *elasticloadbalancingv2.Client
	ec2 *ec2.Client
}

func (r reader) service(ctx context.Context, arn string) (Service, error) {
	parts := strings.Split(arn, "/")
	if len(parts) != 3 {
		return Service{}, fmt.Errorf("want the ARN of a service with its cluster, got %q", arn)
	}
	described, err := r.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &parts[1], Services: []string{arn}})
	if err != nil {
		return Service{}, fmt.Errorf("read the service: %w", err)
	}
	if len(described.Services) != 1 {
		return Service{}, fmt.Errorf("ECS has no service %s", arn)
	}
	from := described.Services[0]
	s := Service{ARN: arn, Desired: int(from.DesiredCount), MaximumPercent: 200, Grace: time.Duration(aws.ToInt32(from.HealthCheckGracePeriodSeconds)) * time.Second}
	if from.DeploymentConfiguration != nil && from.DeploymentConfiguration.MaximumPercent != nil {
		s.MaximumPercent = int(*from.DeploymentConfiguration.MaximumPercent)
	}
	if from.NetworkConfiguration != nil && from.NetworkConfiguration.AwsvpcConfiguration != nil {
		s.SecurityGroups = from.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups
	}
	if err := r.task(ctx, aws.ToString(from.TaskDefinition), from.LoadBalancers, &s); err != nil {
		return Service{}, err
	}
	for _, balanced := range from.LoadBalancers {
		group, err := r.group(ctx, aws.ToString(balanced.TargetGroupArn))
		if err != nil {
			return Service{}, err
		}
		group.Port = int(aws.ToInt32(balanced.ContainerPort))
		s.Groups = append(s.Groups, group)
	}
	for _, deployment := range from.Deployments {
		if aws.ToString(deployment.Status) == "PRIMARY" {
			s.connect(deployment.ServiceConnectConfiguration)
		}
	}
	return s, nil
}

// task reads the task definition: the container that the load balancer sends requests to, or else the first one without which the
// task ends.
func (r reader) task(ctx context.Context, arn string, balancers []types.LoadBalancer, s *Service) error {
	described, err := r.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil {
		return fmt.Errorf("read the task definition: %w", err)
	}
	definition := described.TaskDefinition
	s.Name = deployed.Task{Definition: definition}.Service()
	application := slices.IndexFunc(definition.ContainerDefinitions, func(c types.ContainerDefinition) bool {
		if len(balancers) > 0 {
			return aws.ToString(c.Name) == aws.ToString(balancers[0].ContainerName)
		}
		return c.Essential == nil || *c.Essential
	})
	if application < 0 {
		return fmt.Errorf("%s has no container for the application", arn)
	}
	app := definition.ContainerDefinitions[application]
	s.Task = container(definition, app)
	for n, c := range definition.ContainerDefinitions {
		if n == application {
			continue
		}
		sidecar := Sidecar{Task: container(definition, c), Essential: c.Essential == nil || *c.Essential}
		for _, needs := range app.DependsOn {
			if aws.ToString(needs.ContainerName) == sidecar.Container {
				sidecar.Awaited = string(needs.Condition)
			}
		}
		s.Task.Sidecars = append(s.Task.Sidecars, sidecar)
	}
	return nil
}

func container(definition *types.TaskDefinition, c types.ContainerDefinition) Task {
	t := Task{
		Definition: aws.ToString(definition.TaskDefinitionArn), Container: aws.ToString(c.Name), Image: aws.ToString(c.Image),
		TaskRole: aws.ToString(definition.TaskRoleArn), ExecutionRole: aws.ToString(definition.ExecutionRoleArn),
		Environment: map[string]string{}, Secrets: map[string]string{}, StopTimeout: 30 * time.Second,
	}
	// The entry point of the image is the program itself, so what follows the first word of another one are arguments.
	if len(c.EntryPoint) > 0 {
		t.Command = append(t.Command, c.EntryPoint[1:]...)
	}
	t.Command = append(t.Command, c.Command...)
	for _, variable := range c.Environment {
		t.Environment[aws.ToString(variable.Name)] = aws.ToString(variable.Value)
	}
	for _, secret := range c.Secrets {
		t.Secrets[aws.ToString(secret.Name)] = aws.ToString(secret.ValueFrom)
	}
	if c.StopTimeout != nil {
		t.StopTimeout = time.Duration(*c.StopTimeout) * time.Second
	}
	if len(c.PortMappings) > 0 {
		t.Port = int(aws.ToInt32(c.PortMappings[0].ContainerPort))
	}
	return t
}

const drainAttribute = "deregistration_delay.timeout_seconds"

func (r reader) group(ctx context.Context, arn string) (Group, error) {
	described, err := r.elb.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil {
		return Group{}, fmt.Errorf("read the target group: %w", err)
	}
	if len(described.TargetGroups) != 1 {
		return Group{}, fmt.Errorf("the load balancer has no target group %s", arn)
	}
	from := described.TargetGroups[0]
	group := Group{
		ARN: arn, Path: cmp.Or(aws.ToString(from.HealthCheckPath), "/"), Matcher: "200",
		Interval: seconds(from.HealthCheckIntervalSeconds, 30), Timeout: seconds(from.HealthCheckTimeoutSeconds, 5),
		Healthy: int(cmp.Or(aws.ToInt32(from.HealthyThresholdCount), 5)), Unhealthy: int(cmp.Or(aws.ToInt32(from.UnhealthyThresholdCount), 2)),
		Drain: 300 * time.Second,
	}
	if from.Matcher != nil {
		group.Matcher = cmp.Or(aws.ToString(from.Matcher.HttpCode), group.Matcher)
	}
	attributes, err := r.elb.DescribeTargetGroupAttributes(ctx, &elasticloadbalancingv2.DescribeTargetGroupAttributesInput{TargetGroupArn: &arn})
	if err != nil {
		return Group{}, fmt.Errorf("read the attributes of the target group: %w", err)
	}
	for _, attribute := range attributes.Attributes {
		if aws.ToString(attribute.Key) == drainAttribute {
			count, err := strconv.Atoi(aws.ToString(attribute.Value))
			if err != nil {
				return Group{}, fmt.Errorf("target group %s: %s: want a number, got %q", arn, drainAttribute, aws.ToString(attribute.Value))
			}
			group.Drain = time.Duration(count) * time.Second
		}
	}
	return group, nil
}

func seconds(count *int32, otherwise int32) time.Duration {
	return time.Duration(cmp.Or(aws.ToInt32(count), otherwise)) * time.Second
}

// connect reads the configuration of Service Connect. A request has 15 seconds where none are given.
func (s *Service) connect(from *types.ServiceConnectConfiguration) {
	if from == nil || !from.Enabled {
		return
	}
	s.Namespace = aws.ToString(from.Namespace)
	for _, each := range from.Services {
		timeout := 15 * time.Second
		if each.Timeout != nil && each.Timeout.PerRequestTimeoutSeconds != nil {
			timeout = time.Duration(*each.Timeout.PerRequestTimeoutSeconds) * time.Second
		}
		for _, alias := range each.ClientAliases {
			name := cmp.Or(aws.ToString(alias.DnsName), aws.ToString(each.DiscoveryName))
			s.Aliases = append(s.Aliases, Alias{Name: name, Port: int(aws.ToInt32(alias.Port)), Timeout: timeout})
		}
	}
}

// callers finds which services may call the others: those in the same namespace whose security group may reach that of the called
// one, on any port but the one of the load balancer.
func (r reader) callers(ctx context.Context, all []Service) error {
	for n := range all {
		if len(all[n].Aliases) == 0 || len(all[n].SecurityGroups) == 0 {
			continue
		}
		described, err := r.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: all[n].SecurityGroups})
		if err != nil {
			return fmt.Errorf("%s: read the security group: %w", all[n].Name, err)
		}
		var admitted []string
		for _, group := range described.SecurityGroups {
			admitted = append(admitted, sources(group)...)
		}
		var callers []string
		for _, caller := range all {
			if caller.Namespace == all[n].Namespace && slices.ContainsFunc(caller.SecurityGroups, func(id string) bool { return slices.Contains(admitted, id) }) {
				callers = append(callers, caller.Name)
			}
		}
		for a := range all[n].Aliases {
			all[n].Aliases[a].Callers = callers
		}
	}
	return nil
}

// sources are the security groups from which a group admits requests.
func sources(group ec2types.SecurityGroup) []string {
	var found []string
	for _, permission := range group.IpPermissions {
		for _, pair := range permission.UserIdGroupPairs {
			found = append(found, aws.ToString(pair.GroupId))
		}
	}
	return found
}
