package need

import (
	"slices"
	"strconv"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Service is an ECS service that runs on Fargate.
type Service struct {
	Stack    string // the name of its stack
	CPU      int    // of one task, in units of 1/1024 vCPU
	Min, Max int    // tasks; the highest of what is scheduled
	// Percent is the number of additional tasks that a deployment starts, in percent of the running tasks.
	Percent int

	providers []provider
}

type provider struct {
	name         string
	base, weight int
}

// Capacity is a kind of Fargate capacity, each with a quota of its own.
type Capacity string

// The kinds of capacity.
const (
	OnDemand Capacity = "FARGATE"
	Spot     Capacity = "FARGATE_SPOT"
)

// VCPU is a need of vCPUs, in units of 1/1024.
type VCPU struct {
	Minimum      int // all services at their minimum
	New          int // those of them that are not deployed
	OneDeploying int // what the largest deployment adds at the minimum
	AllDeploying int // what deployments of all services at once add
	Maximum      int // all services at their maximum
	Peak         int // what the largest deployment adds at the maximum
}

// VCPU returns the need of one kind of capacity.
func (n Need) VCPU(of Capacity, deployed map[string]bool) VCPU {
	var v VCPU
	for _, s := range n.Services {
		atMinimum := s.CPU * s.tasks(of, s.Min)
		surge := s.CPU * s.tasks(of, s.surge(s.Min))
		v.Minimum += atMinimum
		v.Maximum += s.CPU * s.tasks(of, s.Max)
		v.Peak = max(v.Peak, s.CPU*s.tasks(of, s.surge(s.Max)))
		if !deployed[s.Stack] {
			// A service's first deployment replaces nothing, so nothing runs twice.
			v.New += atMinimum
		}
		v.OneDeploying = max(v.OneDeploying, surge)
		v.AllDeploying += surge
	}
	return v
}

// surge is the number of additional tasks that a deployment starts for the given number.
func (s Service) surge(tasks int) int { return tasks * s.Percent / 100 }

// tasks is how many of a number of tasks are of one kind of capacity, at most: ECS rounds the shares by weight up for one
// kind and down for another.
func (s Service) tasks(of Capacity, number int) int {
	if len(s.providers) == 0 {
		if of == OnDemand {
			return number
		}
		return 0
	}
	rest, weights := number, 0
	for _, p := range s.providers {
		rest -= p.base
		weights += p.weight
	}
	rest = max(rest, 0)
	tasks := 0
	for _, p := range s.providers {
		if p.name != string(of) {
			continue
		}
		tasks += min(p.base, number)
		if weights > 0 {
			tasks += (rest*p.weight + weights - 1) / weights
		}
	}
	return min(tasks, number)
}

// Image is an image that tasks run, for one architecture.
type Image struct {
	Reference    string
	Architecture string // as registries write it: amd64, arm64
	// Secret is set if ECS pulls it with credentials of a secret.
	Secret bool
	// Resolved is false if the reference is not known before the deployment.
	Resolved bool
	// Cached is set for an image of a pull-through cache of ECR.
	Cached bool
}

func (c *collector) services(stack assembly.Stack) {
	tasks := map[string]snapshot.Resource{}
	for _, task := range stack.Resources("AWS::ECS::TaskDefinition") {
		tasks[task.LogicalID] = task
		c.imagesOf(stack, task)
	}
	for _, resource := range stack.Resources("AWS::ECS::Service") {
		task := tasks[c.follow(stack, resource.Get("Properties.TaskDefinition")).LogicalID]
		cpu := cpuOf(task)
		providers := providersOf(resource)
		if launch := resource.Get("Properties.LaunchType"); launch == "EC2" || launch == "EXTERNAL" || cpu == 0 {
			continue // not on Fargate, which requires the CPU
		}
		least, most := c.counts(stack, resource)
		c.need.Services = append(c.need.Services, Service{
			Stack: stack.Name, CPU: cpu, Min: least, Max: most,
			Percent: percent(resource), providers: providers,
		})
		subnets := resource.Get("Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets")
		c.need.TaskZones = append(c.need.TaskZones, c.zones(stack, subnets)...)
		names, _ := resource.Get("Properties.DeploymentConfiguration.Alarms.AlarmNames").([]any)
		for _, name := range names {
			if name, ok := c.in.text(name); ok {
				c.need.DeploymentAlarms = append(c.need.DeploymentAlarms, name)
			}
		}
	}
}

// cpuOf returns the CPU of a task in units, which a template may also have as "0.5 vCPU".
func cpuOf(task snapshot.Resource) int {
	value := task.Get("Properties.Cpu")
	if text, ok := value.(string); ok && strings.HasSuffix(strings.ToLower(text), "vcpu") {
		cores, _ := strconv.ParseFloat(strings.TrimSpace(text[:len(text)-len("vcpu")]), 64)
		return int(cores * 1024)
	}
	units, _ := number(value)
	return units
}

func providersOf(service snapshot.Resource) []provider {
	var providers []provider
	strategy, _ := service.Get("Properties.CapacityProviderStrategy").([]any)
	for _, item := range strategy {
		item, _ := item.(map[string]any)
		name, _ := item["CapacityProvider"].(string)
		base, _ := number(item["Base"])
		weight, _ := number(item["Weight"])
		providers = append(providers, provider{name, base, weight})
	}
	return providers
}

// percent is the number of additional tasks of a deployment in percent: all of them with blue/green,
// linear and canary, whatever share of the requests they get; with a rolling one what the maximum allows.
func percent(service snapshot.Resource) int {
	strategy, _ := service.Get("Properties.DeploymentConfiguration.Strategy").(string)
	if strategy != "" && strategy != "ROLLING" {
		return 100
	}
	if most, ok := number(service.Get("Properties.DeploymentConfiguration.MaximumPercent")); ok {
		return max(most-100, 0)
	}
	return 100 // ECS's default maximum is 200 %
}

// counts returns the least and the most tasks of a service: by its scaling, else its desired count.
func (c *collector) counts(stack assembly.Stack, service snapshot.Resource) (least, most int) {
	least, ok := number(service.Get("Properties.DesiredCount"))
	if !ok {
		least = 1 // CloudFormation's default
	}
	most = least
	for _, target := range stack.Resources("AWS::ApplicationAutoScaling::ScalableTarget") {
		if !refers(target.Get("Properties.ResourceId"), service.LogicalID) {
			continue
		}
		least, _ = number(target.Get("Properties.MinCapacity"))
		most, _ = number(target.Get("Properties.MaxCapacity"))
		actions, _ := target.Get("Properties.ScheduledActions").([]any)
		for _, action := range actions {
			action, _ := action.(map[string]any)
			change, _ := action["ScalableTargetAction"].(map[string]any)
			if n, ok := number(change["MinCapacity"]); ok {
				least = max(least, n)
			}
			if n, ok := number(change["MaxCapacity"]); ok {
				most = max(most, n)
			}
		}
	}
	return least, max(least, most)
}

// refers reports whether a value has a reference to a resource in it.
func refers(value any, logicalID string) bool {
	switch value := value.(type) {
	case map[string]any:
		if attribute, ok := value["Fn::GetAtt"].([]any); ok && len(attribute) > 0 && attribute[0] == logicalID {
			return true
		}
		if value["Ref"] == logicalID {
			return true
		}
		for _, child := range value {
			if refers(child, logicalID) {
				return true
			}
		}
	case []any:
		for _, child := range value {
			if refers(child, logicalID) {
				return true
			}
		}
	}
	return false
}

func (c *collector) imagesOf(stack assembly.Stack, task snapshot.Resource) {
	cached := c.cached(stack)
	architecture := "amd64"
	if task.Get("Properties.RuntimePlatform.CpuArchitecture") == "ARM64" {
		architecture = "arm64"
	}
	containers, _ := task.Get("Properties.ContainerDefinitions").([]any)
	for _, container := range containers {
		container, _ := container.(map[string]any)
		reference, ok := c.in.text(container["Image"])
		if ok && strings.Contains(reference, builtRepository) {
			continue // the CDK CLI builds and pushes it before it deploys
		}
		if !ok {
			name, _ := container["Name"].(string)
			reference = task.LogicalID + "/" + name
		}
		c.images[reference+" "+architecture] = &Image{
			Reference: reference, Architecture: architecture, Secret: container["RepositoryCredentials"] != nil, Resolved: ok,
			Cached: slices.Contains(cached, repository(reference)),
		}
	}
}

// repository returns the repository of an image of ECR, without registry, tag and digest.
func repository(reference string) string {
	_, path, _ := strings.Cut(reference, "/")
	path, _, _ = strings.Cut(path, "@")
	path, _, _ = strings.Cut(path, ":")
	return path
}

// cached returns the repositories of ECR that cache another registry: those into which the tasks of a stack may import.
func (c *collector) cached(stack assembly.Stack) []string {
	var repositories []string
	for _, policy := range stack.Resources("AWS::IAM::Policy") {
		statements, _ := policy.Get("Properties.PolicyDocument.Statement").([]any)
		for _, statement := range statements {
			statement, _ := statement.(map[string]any)
			actions, ok := statement["Action"].([]any)
			if !ok {
				actions = []any{statement["Action"]}
			}
			if !slices.Contains(actions, any("ecr:BatchImportUpstreamImage")) {
				continue
			}
			resources, ok := statement["Resource"].([]any)
			if !ok {
				resources = []any{statement["Resource"]}
			}
			for _, resource := range resources {
				arn, _ := c.in.text(resource)
				if _, repository, ok := strings.Cut(arn, ":repository/"); ok {
					repositories = append(repositories, repository)
				}
			}
		}
	}
	return repositories
}

// builtRepository is in the name of the repository of the bootstrap stack.
const builtRepository = "-container-assets-"
