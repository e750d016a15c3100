// Package need computes, from the templates of a cloud assembly alone, what an account and a region must have: capacity,
// quotas, roles, zones, images and addresses.
package need

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Need is what the stacks of one region need.
type Need struct {
	Services []Service
	Images   []Image
	Roles    []Role
	// LoadBalancers have listener rules and target groups, APIs routes and integrations, by what the stacks refer to. A load
	// balancer outside of the assembly is there by each of its listeners that they refer to.
	LoadBalancers map[Place]*LoadBalancer
	APIs          map[Place]*API
	// NATGateways are numbers by zone.
	NATGateways map[string]Count
	ElasticIPs  Count
	VPCs        Count
	VPCLinks    Count
	// Zones are names of zones. Those of VPC links and of tasks are among them.
	Zones        []string
	VPCLinkZones []string
	TaskZones    []string
	// InstanceZones are the zones by instance type.
	InstanceZones map[string][]string
	// Addresses are the mailboxes that are subscribed to topics.
	Addresses []string
	// BuiltInMail is set for a user pool that sends by Cognito's own mail.
	BuiltInMail bool
	SearchTypes []SearchType
	// References are the names of the stacks whose outputs are read.
	References []string
	// Protected are the names of the stacks with resources that have deletion protection.
	Protected []string
	// DeploymentAlarms are the names of the alarms that roll deployments back.
	DeploymentAlarms []string
}

// Count is a number of resources by the stack that has them, since only those of a stack that is not deployed are new.
type Count map[string]int

// Total is the number of all stacks.
func (c Count) Total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// New is the number of the stacks that are not deployed.
func (c Count) New(deployed map[string]bool) int {
	total := 0
	for stack, n := range c {
		if !deployed[stack] {
			total += n
		}
	}
	return total
}

// Plus is the number with that of another.
func (c Count) Plus(other Count) Count {
	sum := maps.Clone(other)
	for stack, n := range c {
		sum[stack] += n
	}
	return sum
}

// LoadBalancer is what the services need of one load balancer.
type LoadBalancer struct{ Rules, TargetGroups Count }

// API is what the services need of one HTTP API.
type API struct{ Routes, Integrations Count }

// SearchType is an instance type of an OpenSearch domain.
type SearchType struct{ Engine, InstanceType string }

// Of returns what the stacks, which are those of one region, need.
func Of(stacks []assembly.Stack, in Environment) Need {
	c := collector{
		in:     in,
		stacks: map[string]assembly.Stack{},
		need: Need{
			LoadBalancers: map[Place]*LoadBalancer{}, APIs: map[Place]*API{}, NATGateways: map[string]Count{},
			ElasticIPs: Count{}, VPCs: Count{}, VPCLinks: Count{}, InstanceZones: map[string][]string{},
		},
		images: map[string]*Image{},
	}
	for _, stack := range stacks {
		c.stacks[stack.Name] = stack
	}
	for _, stack := range stacks {
		c.network(stack)
		c.services(stack)
		c.loadBalancing(stack)
		c.apis(stack)
		c.mail(stack)
		c.search(stack)
		c.roles(stack)
		c.references(stack)
		c.protection(stack)
	}
	return c.finish()
}

type collector struct {
	in     Environment
	stacks map[string]assembly.Stack // by name
	need   Need
	images map[string]*Image
}

func (c *collector) finish() Need {
	for _, key := range slices.Sorted(maps.Keys(c.images)) {
		c.need.Images = append(c.need.Images, *c.images[key])
	}
	for _, list := range []*[]string{&c.need.Zones, &c.need.VPCLinkZones, &c.need.TaskZones, &c.need.Addresses, &c.need.References, &c.need.DeploymentAlarms} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for kind, zones := range c.need.InstanceZones {
		slices.Sort(zones)
		c.need.InstanceZones[kind] = slices.Compact(zones)
	}
	slices.SortFunc(c.need.Roles, func(a, b Role) int { return a.order - b.order })
	c.need.Roles = slices.Compact(c.need.Roles)
	slices.SortFunc(c.need.SearchTypes, func(a, b SearchType) int { return strings.Compare(a.InstanceType+a.Engine, b.InstanceType+b.Engine) })
	c.need.SearchTypes = slices.Compact(c.need.SearchTypes)
	return c.need
}

func (c *collector) network(stack assembly.Stack) {
	for _, subnet := range stack.Resources("AWS::EC2::Subnet") {
		if zone, ok := subnet.Get("Properties.AvailabilityZone").(string); ok {
			c.need.Zones = append(c.need.Zones, zone)
		}
	}
	for _, link := range stack.Resources("AWS::ApiGatewayV2::VpcLink") {
		c.need.VPCLinks[stack.Name]++
		c.need.VPCLinkZones = append(c.need.VPCLinkZones, c.zones(stack, link.Get("Properties.SubnetIds"))...)
	}
	for _, instance := range stack.Resources("AWS::EC2::Instance") {
		kind, _ := instance.Get("Properties.InstanceType").(string)
		if kind != "" {
			c.need.InstanceZones[kind] = append(c.need.InstanceZones[kind], c.instanceZones(stack, instance)...)
		}
	}
	for _, gateway := range stack.Resources("AWS::EC2::NatGateway") {
		for _, zone := range c.zones(stack, []any{gateway.Get("Properties.SubnetId")}) {
			add(c.need.NATGateways, zone, stack.Name)
		}
	}
	c.need.ElasticIPs[stack.Name] += len(stack.Resources("AWS::EC2::EIP"))
	c.need.VPCs[stack.Name] += len(stack.Resources("AWS::EC2::VPC"))
}

// instanceZones returns the zones of an instance, by name or by its subnets.
func (c *collector) instanceZones(stack assembly.Stack, instance snapshot.Resource) []string {
	if zone, ok := instance.Get("Properties.AvailabilityZone").(string); ok {
		return []string{zone}
	}
	subnets := []any{instance.Get("Properties.SubnetId")}
	interfaces, _ := instance.Get("Properties.NetworkInterfaces").([]any)
	for _, one := range interfaces {
		one, _ := one.(map[string]any)
		subnets = append(subnets, one["SubnetId"])
	}
	return c.zones(stack, subnets)
}

func add(counts map[string]Count, key, stack string) {
	if counts[key] == nil {
		counts[key] = Count{}
	}
	counts[key][stack]++
}

// zones returns the zones of subnets that the assembly defines.
func (c *collector) zones(stack assembly.Stack, subnets any) []string {
	var zones []string
	list, _ := subnets.([]any)
	for _, subnet := range list {
		place := c.follow(stack, subnet)
		for _, defined := range c.stacks[place.Stack].Resources("AWS::EC2::Subnet") {
			if zone, ok := defined.Get("Properties.AvailabilityZone").(string); ok && defined.LogicalID == place.LogicalID {
				zones = append(zones, zone)
			}
		}
	}
	return zones
}

func (c *collector) loadBalancing(stack assembly.Stack) {
	seen := map[Place]bool{}
	for _, rule := range stack.Resources("AWS::ElasticLoadBalancingV2::ListenerRule") {
		place := c.balancer(c.follow(stack, rule.Get("Properties.ListenerArn")))
		balancer := c.need.LoadBalancers[place]
		if balancer == nil {
			balancer = &LoadBalancer{Count{}, Count{}}
			c.need.LoadBalancers[place] = balancer
		}
		balancer.Rules[stack.Name]++
		for _, group := range targetGroups(rule) {
			if place := c.follow(stack, group); !seen[place] {
				seen[place] = true
				balancer.TargetGroups[stack.Name]++
			}
		}
	}
}

// balancer returns the load balancer of a listener, or the listener if the assembly does not define it.
func (c *collector) balancer(listener Place) Place {
	stack := c.stacks[listener.Stack]
	for _, defined := range stack.Resources("AWS::ElasticLoadBalancingV2::Listener") {
		if defined.LogicalID == listener.LogicalID {
			return c.follow(stack, defined.Get("Properties.LoadBalancerArn"))
		}
	}
	return listener
}

// targetGroups returns the references to target groups in a rule's actions.
func targetGroups(rule snapshot.Resource) []any {
	var groups []any
	actions, _ := rule.Get("Properties.Actions").([]any)
	for _, action := range actions {
		action, _ := action.(map[string]any)
		if group := action["TargetGroupArn"]; group != nil {
			groups = append(groups, group)
		}
		forward, _ := action["ForwardConfig"].(map[string]any)
		weighted, _ := forward["TargetGroups"].([]any)
		for _, group := range weighted {
			group, _ := group.(map[string]any)
			groups = append(groups, group["TargetGroupArn"])
		}
	}
	return groups
}

func (c *collector) apis(stack assembly.Stack) {
	of := func(r snapshot.Resource) *API {
		place := c.follow(stack, r.Get("Properties.ApiId"))
		if c.need.APIs[place] == nil {
			c.need.APIs[place] = &API{Count{}, Count{}}
		}
		return c.need.APIs[place]
	}
	for _, route := range stack.Resources("AWS::ApiGatewayV2::Route") {
		of(route).Routes[stack.Name]++
	}
	for _, integration := range stack.Resources("AWS::ApiGatewayV2::Integration") {
		of(integration).Integrations[stack.Name]++
	}
}

func (c *collector) mail(stack assembly.Stack) {
	for _, subscription := range stack.Resources("AWS::SNS::Subscription") {
		protocol, _ := subscription.Get("Properties.Protocol").(string)
		address, ok := subscription.Get("Properties.Endpoint").(string)
		if ok && (protocol == "email" || protocol == "email-json") {
			c.need.Addresses = append(c.need.Addresses, address)
		}
	}
	for _, pool := range stack.Resources("AWS::Cognito::UserPool") {
		if pool.Get("Properties.EmailConfiguration.EmailSendingAccount") != "DEVELOPER" {
			c.need.BuiltInMail = true
		}
	}
}

func (c *collector) search(stack assembly.Stack) {
	for _, domain := range stack.Resources("AWS::OpenSearchService::Domain") {
		engine, _ := domain.Get("Properties.EngineVersion").(string)
		for _, key := range []string{"InstanceType", "DedicatedMasterType", "WarmType"} {
			if kind, ok := domain.Get("Properties.ClusterConfig." + key).(string); ok {
				c.need.SearchTypes = append(c.need.SearchTypes, SearchType{engine, kind})
			}
		}
	}
}

func (c *collector) references(stack assembly.Stack) {
	for _, template := range append([]snapshot.Template{stack.Template}, stack.Nested...) {
		template.Walk(func(_ string, value any) {
			if producer, _ := assembly.OutputOf(value); producer != "" {
				c.need.References = append(c.need.References, producer)
			}
		})
	}
}

func (c *collector) protection(stack assembly.Stack) {
	protected := slices.ContainsFunc(stack.Resources("AWS::DynamoDB::GlobalTable"), func(table snapshot.Resource) bool {
		return table.Get("Properties.Replicas.0.DeletionProtectionEnabled") == true
	}) || slices.ContainsFunc(stack.Resources("AWS::Cognito::UserPool"), func(pool snapshot.Resource) bool {
		return pool.Get("Properties.DeletionProtection") == "ACTIVE"
	}) || slices.ContainsFunc(stack.Resources("AWS::RDS::DBCluster"), func(cluster snapshot.Resource) bool {
		return cluster.Get("Properties.DeletionProtection") == true
	}) || slices.ContainsFunc(stack.Resources("AWS::ElasticLoadBalancingV2::LoadBalancer"), func(balancer snapshot.Resource) bool {
		attributes, _ := balancer.Get("Properties.LoadBalancerAttributes").([]any)
		return slices.ContainsFunc(attributes, func(attribute any) bool {
			pair, _ := attribute.(map[string]any)
			return pair["Key"] == "deletion_protection.enabled" && pair["Value"] == "true"
		})
	})
	if protected {
		c.need.Protected = append(c.need.Protected, stack.Name)
	}
}

// number returns a number of a template, which may be text.
func number(value any) (int, bool) {
	switch value := value.(type) {
	case json.Number:
		n, err := strconv.Atoi(value.String())
		return n, err == nil
	case string:
		n, err := strconv.Atoi(value)
		return n, err == nil
	}
	return 0, false
}
