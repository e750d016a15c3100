package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// createOnly returns the properties that CloudFormation cannot change in place, by type, from the schemas of the resource
// providers. A task definition has none here: each of its changes is a new revision, which ECS deploys.
func createOnly(t *testing.T) map[string][]string {
	t.Helper()
	properties := map[string][]string{}
	for line := range strings.Lines(string(read(t, "../cmd/storefront/internal/preflight/changes", "schema.txt"))) {
		fields := strings.Fields(line)
		properties[fields[0]] = nil
		for _, field := range fields[1:] {
			if kind, names, _ := strings.Cut(field, "="); kind == "replaces" || kind == "may-replace" {
				properties[fields[0]] = append(properties[fields[0]], strings.Split(names, ",")...)
			}
		}
	}
	properties["AWS::ECS::TaskDefinition"] = nil
	return properties
}

// replaced lists the resources of before that after deletes or replaces.
func replaced(t *testing.T, before, after snapshot.Template) []string {
	t.Helper()
	var all []string
	schemas := createOnly(t)
	for _, resource := range before.Resources("") {
		now, there := after.Get("Resources." + resource.LogicalID).(map[string]any)
		if !there || now["Type"] != resource.Type {
			all = append(all, resource.LogicalID+" is gone")
			continue
		}
		properties, _ := now["Properties"].(map[string]any)
		names, known := schemas[resource.Type]
		if !known {
			t.Errorf("%s: no schema of %s", resource.LogicalID, resource.Type)
		}
		for _, name := range names {
			if diff := cmp.Diff(resource.Get("Properties."+name), properties[name]); diff != "" {
				all = append(all, fmt.Sprintf("%s is replaced by its %s", resource.LogicalID, name))
			}
		}
	}
	return all
}

// A service that is changed keeps what takes its requests: with every change of its props, CloudFormation updates in
// place what is there. Only what is listed goes.
func TestSlowAChangeOfAServiceReplacesNothingThatTakesRequests(t *testing.T) {
	skipInShort(t)
	route := func(path string) []microservice.Route { return []microservice.Route{{Path: path}} }
	type props = microservice.Props
	plain := map[string]snapshot.Template{
		"sandbox": servedBy(t, profile.Sandbox(), valid()), "production": servedBy(t, profile.Production(), valid()),
	}
	for name, c := range map[string]struct {
		before, after func(*props)
		// gone are the beginnings of the lines about what goes, which needs a reason each.
		gone []string
	}{
		// The load balancer reaches new tasks at the new port before the old rule goes with the last old task.
		"port":                       {nil, func(p *props) { p.Port = 9000 }, []string{"CartSecurityGroupfrom"}},
		"health path":                {nil, func(p *props) { p.Health.Path = "/ready" }, nil},
		"health check":               {nil, func(p *props) { p.Health.Interval, p.Health.UnhealthyThreshold = 20*time.Second, 2 }, nil},
		"a path variable is renamed": {func(p *props) { p.Routes = route("/orders/{id}") }, func(p *props) { p.Routes = route("/orders/{orderId}") }, nil},
		"a greedy one":               {nil, func(p *props) { p.Routes = route("/cart/{rest+}") }, nil},
		"a route is added":           {nil, func(p *props) { p.Routes = append(p.Routes, route("/basket")...) }, nil},
		"a route becomes public":     {nil, func(p *props) { p.Routes[0].Public = true }, []string{"CartSignedIn"}},
		"architecture":               {nil, func(p *props) { p.Architecture = microservice.X86_64 }, nil},
		"user":                       {nil, func(p *props) { p.User = "nobody" }, nil},
		"size":                       {nil, func(p *props) { p.Size = microservice.Size{CPU: 1024} }, nil},
		"image":                      {nil, func(p *props) { p.Image = image.ECR("acme/cart", "2") }, nil},
		"owner":                      {nil, func(p *props) { p.Owner = "growth" }, nil},
		"priority":                   {nil, func(p *props) { p.Priority = 7 }, nil},
		"a shell in tasks":           {nil, func(p *props) { p.Exec, p.WritableRootFilesystem = true, true }, nil},
		"sidecar":                    {nil, func(p *props) { p.Sidecars = []microservice.Sidecar{microservice.OpenTelemetryCollector()} }, nil},
		"how tasks stop":             {nil, func(p *props) { p.DeregistrationDelay, p.StopTimeout = 60*time.Second, 90*time.Second }, nil},
		"how requests are spread":    {nil, func(p *props) { p.LoadBalancing.LeastOutstandingRequests = true }, nil},
		"on demand":                  {nil, func(p *props) { p.Scaling.Spot = scaling.Spot{Use: profile.Off} }, nil},
		"measures":                   {nil, func(p *props) { p.Scaling.RequestsPerTask = 400 }, []string{"CartScalingCPU"}},
		"a fixed number is scaled":   {func(p *props) { p.Scaling = scaling.Policy{Min: 2, Max: 2} }, func(p *props) { p.Scaling = scaling.Policy{Min: 2} }, nil},
		"scaled becomes a fixed one": {nil, func(p *props) { p.Scaling = scaling.Policy{Min: 2, Max: 2} }, []string{"CartScaling"}},
		"a worker gets routes":       {func(p *props) { p.Routes = nil }, func(p *props) { p.Routes = route("/cart") }, nil},
		"a service becomes a worker": {nil, func(p *props) { p.Routes = nil }, []string{"CartAlarms", "CartAlternateTarget", "CartRoutes", "CartRule", "CartSecurityGroupfrom", "CartSignedIn", "CartTarget", "CartTrafficRole"}},
		"all requests at once":       {nil, func(p *props) { p.Deployment = deployment.BlueGreen{} }, nil},
		"alarms change":              {nil, func(p *props) { p.Alarms.Errors.Percent = 1 }, nil},
		"a name of alarms and tags":  {nil, func(p *props) { p.Name = "basket" }, []string{"CartAlarmsDeployment"}},
		"it becomes callable":        {nil, func(p *props) { p.Callable = true }, nil},
		"it is no longer callable":   {func(p *props) { p.Callable = true }, func(p *props) { p.Callable = false }, nil},
		"timeouts of calls":          {func(p *props) { p.Callable = true }, func(p *props) { p.ServiceConnect.RequestTimeout = 3 * time.Second }, nil},
		"calls are encrypted": {func(p *props) { p.Callable = true }, func(p *props) {
			p.ServiceConnect.CertificateAuthority = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
		}, nil},
		"an own name, as it was": {nil, func(p *props) { p.Name = "cart" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			changed, found := false, map[string]bool{}
			for environment, defaults := range map[string]profile.Profile{"sandbox": profile.Sandbox(), "production": profile.Production()} {
				before, after := valid(), valid()
				was := plain[environment]
				if c.before != nil {
					c.before(&before)
					c.before(&after)
					was = servedBy(t, defaults, before)
				}
				c.after(&after)
				is := servedBy(t, defaults, after)
				changed = changed || snapshot.Diff(was, is) != ""
				for _, line := range replaced(t, was, is) {
					n := slices.IndexFunc(c.gone, func(prefix string) bool { return strings.HasPrefix(line, prefix) })
					if n < 0 {
						t.Errorf("%s: %s", environment, line)
						continue
					}
					found[c.gone[n]] = true
				}
			}
			if asItWas := strings.HasSuffix(name, "as it was"); changed == asItWas {
				t.Errorf("the templates differ: %t, want %t", changed, !asItWas)
			}
			for _, prefix := range c.gone {
				if !found[prefix] {
					t.Errorf("nothing that begins with %s goes", prefix)
				}
			}
		})
	}
}

func servedBy(t *testing.T, defaults profile.Profile, props microservice.Props) snapshot.Template {
	t.Helper()
	if props.Routes == nil {
		props.Identity = identity.Ref{}
	}
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: defaults})
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
	}).templates["Shop"]
}

// API Gateway would reject the new route before the old one is deleted, as both are of one shape.
func TestARenamedPathVariableKeepsTheRoute(t *testing.T) {
	routes := func(path string) map[string]string {
		props := valid()
		props.Routes = []microservice.Route{{Path: path, Methods: []string{"GET"}}}
		keys := map[string]string{}
		for _, route := range cart(t, props).Resources("AWS::ApiGatewayV2::Route") {
			keys[route.LogicalID] = fmt.Sprint(route.Get("Properties.RouteKey"))
		}
		return keys
	}
	before, after := routes("/orders/{id}/items/{rest+}"), routes("/orders/{orderId}/items/{item+}")
	if len(before) != 2 || len(after) != 2 {
		t.Errorf("routes are %v, then %v", before, after)
	}
	for id, key := range before {
		if after[id] == "" || after[id] == key {
			t.Errorf("%s (%s) becomes %q", id, key, after[id])
		}
	}
}

func TestRoutesThatDifferHaveDifferentIDs(t *testing.T) {
	props := valid()
	for _, path := range []string{"/a/b", "/a--b", "/a-b", "/a", "/a/{id}", "/a/{id}/b", "/a/b/{rest+}", "/"} {
		props.Routes = append(props.Routes, microservice.Route{Path: path, Methods: []string{"GET", "POST"}})
	}
	want := 2 + 2 + 2*8 // cart and its preflight requests, and /a/b/{rest+} implies a route that is there
	if got := len(cart(t, props).Resources("AWS::ApiGatewayV2::Route")); got != want {
		t.Errorf("%d routes, want %d", got, want)
	}
}

// An update leaves what a template does not say as it is, so that a service which becomes a worker would keep its load
// balancer, a public route its authorizer.
func TestDefaultsThatAnUpdateWouldLeaveAreWritten(t *testing.T) {
	props := valid()
	props.Routes, props.Identity = nil, identity.Ref{}
	balancers, written := cart(t, props).One(t, "AWS::ECS::Service").Get("Properties.LoadBalancers").([]any)
	if !written || len(balancers) > 0 {
		t.Errorf("a worker has the load balancers %v (%t), want an empty list", balancers, written)
	}
	props = valid()
	props.Routes[0].Public = true
	for _, route := range cart(t, props).Resources("AWS::ApiGatewayV2::Route") {
		expect(t, "Shop", route, map[string]any{"AuthorizationType": "NONE", "AuthorizerId": nil})
	}
}

// Else the first tasks of a service find that they may not pull their image, and an update removes what the tasks need
// that still run.
func TestWhatTasksNeedIsThereBeforeTheService(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, service := range template.Resources("AWS::ECS::Service") {
			before := needs(template.Template, service)
			task := template.Get("Resources." + fmt.Sprint(service.Get("Properties.TaskDefinition.Ref")))
			roles := map[string]bool{}
			for _, path := range []string{"ExecutionRoleArn", "TaskRoleArn"} {
				roles[fmt.Sprint(snapshot.Resource{Raw: task.(map[string]any)}.Get("Properties."+path+".Fn::GetAtt.0"))] = true
			}
			if traffic := service.Get("Properties.LoadBalancers.0.AdvancedConfiguration.RoleArn.Fn::GetAtt.0"); traffic != nil {
				roles[fmt.Sprint(traffic)] = true
				template.saw("role that shifts traffic")
			}
			for role := range roles {
				if !before[role] {
					t.Errorf("%s: %s does not wait for %s", stack, service.LogicalID, role)
				}
			}
			for _, policy := range template.Resources("AWS::IAM::Policy") {
				if roles[fmt.Sprint(policy.Get("Properties.Roles.0.Ref"))] && !before[policy.LogicalID] {
					t.Errorf("%s: %s does not wait for the policy %s", stack, service.LogicalID, policy.LogicalID)
				}
			}
			group := fmt.Sprint(service.Get("Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0.Fn::GetAtt.0"))
			for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
				if rule.Get("Properties.GroupId.Fn::GetAtt.0") == group && !before[rule.LogicalID] {
					t.Errorf("%s: %s does not wait for the rule %s", stack, service.LogicalID, rule.LogicalID)
				}
			}
		}
	})
}

// needs returns the logical IDs of all that CloudFormation creates before a resource.
func needs(template snapshot.Template, resource snapshot.Resource) map[string]bool {
	found := map[string]bool{}
	var visit func(raw map[string]any)
	add := func(id any) {
		name := fmt.Sprint(id)
		if raw, ok := template.Get("Resources." + name).(map[string]any); ok && !found[name] {
			found[name] = true
			visit(raw)
		}
	}
	visit = func(raw map[string]any) {
		snapshot.Template(raw).Walk(func(path string, value any) {
			if strings.HasSuffix(path, ".Ref") || strings.HasSuffix(path, ".Fn::GetAtt.0") || strings.HasPrefix(path, "DependsOn") {
				add(value)
			}
		})
	}
	visit(resource.Raw)
	return found
}
