package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/call"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// calling is an app of services that call others, by the names of these. All but those that are called by nobody are callable.
func calling(of map[string][]string, change ...func(id string, props *microservice.Props)) app.App {
	called := slices.Concat(slices.Collect(maps.Values(of))...)
	a := app.App{Name: "shop", Environments: []app.Environment{
		{Name: "sandbox", Region: "us-east-1", Zones: []string{"us-east-1a", "us-east-1b"}, Profile: profile.Sandbox()},
		{Name: "production", Region: "us-east-1", Zones: []string{"us-east-1a", "us-east-1b", "us-east-1c"}},
	}}
	for _, id := range slices.Sorted(maps.Keys(of)) {
		a.Services = append(a.Services, app.Service{ID: id, Define: func(stack awscdk.Stack, env app.Environment) {
			props := microservice.Props{
				Owner:    "checkout",
				Image:    image.ECR("shop/"+strings.ToLower(id), "1"),
				Routes:   []microservice.Route{{Path: "/" + strings.ToLower(id), Public: true}},
				Callable: slices.Contains(called, strings.ToLower(id)),
			}
			for _, c := range change {
				c(id, &props)
			}
			caller := microservice.New(stack, id, props)
			for _, name := range of[id] {
				caller.Calls(env.Service(name))
			}
		}})
	}
	return a
}

func output(stack, name string) map[string]any {
	return map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": stack, "OutputName": name}}
}

func TestACall(t *testing.T) {
	of := calling(map[string][]string{"Cart": {"reviews"}, "Reviews": nil, "Search": nil})
	for _, env := range of.Environments {
		t.Run(env.Name, func(t *testing.T) {
			templates := storefrontInto(t, t.TempDir(), map[string]any{"env": env.Name}, of).templates
			callee := "shop-" + env.Name + "-reviews"

			// The callee: its tasks take calls at a port of their own, which only its contract tells.
			reviews := templates["Reviews"]
			tasks := reviews.One(t, "AWS::EC2::SecurityGroup").LogicalID
			expect(t, "Reviews", reviews.One(t, "AWS::ECS::Service"), map[string]any{
				"ServiceConnectConfiguration.Enabled":                                       true,
				"ServiceConnectConfiguration.Namespace":                                     output("shop-"+env.Name+"-platform", "NamespaceArn"),
				"ServiceConnectConfiguration.Services.0.PortName":                           "calls",
				"ServiceConnectConfiguration.Services.0.DiscoveryName":                      "reviews",
				"ServiceConnectConfiguration.Services.0.IngressPortOverride":                json.Number("18080"),
				"ServiceConnectConfiguration.Services.0.ClientAliases.0.DnsName":            "reviews",
				"ServiceConnectConfiguration.Services.0.ClientAliases.0.Port":               json.Number("80"),
				"ServiceConnectConfiguration.Services.0.Timeout.PerRequestTimeoutSeconds":   json.Number("10"),
				"ServiceConnectConfiguration.Services.0.Timeout.IdleTimeoutSeconds":         json.Number("300"),
				"ServiceConnectConfiguration.Services.0.Tls":                                nil,
				"ServiceConnectConfiguration.Services.1":                                    nil,
				"ServiceConnectConfiguration.LogConfiguration.LogDriver":                    "awslogs",
				"ServiceConnectConfiguration.LogConfiguration.Options.awslogs-group.Ref":    reviews.One(t, "AWS::Logs::LogGroup").LogicalID,
				"ServiceConnectConfiguration.LogConfiguration.Options.mode":                 "non-blocking",
				"ServiceConnectConfiguration.AccessLogConfiguration.Format":                 map[string]any{"sandbox": nil, "production": "JSON"}[env.Name],
				"ServiceConnectConfiguration.AccessLogConfiguration.IncludeQueryParameters": map[string]any{"sandbox": nil, "production": "DISABLED"}[env.Name],
			})
			expect(t, "Reviews", reviews.One(t, "AWS::ECS::TaskDefinition"), map[string]any{
				"ContainerDefinitions.0.PortMappings.0.Name":          "calls",
				"ContainerDefinitions.0.PortMappings.0.AppProtocol":   "http",
				"ContainerDefinitions.0.PortMappings.0.ContainerPort": json.Number("8080"),
			})
			for name, want := range map[string]any{
				"ServiceSecurityGroupId": map[string]any{"Fn::GetAtt": []any{tasks, "GroupId"}}, "ServicePort": "18080", "ServiceUrl": "http://reviews",
			} {
				if diff := cmp.Diff(want, reviews.Get("Outputs."+name+".Value")); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}

			// The caller: one rule in the group of the callee, and the URL.
			cart := templates["Cart"]
			own := cart.One(t, "AWS::EC2::SecurityGroup").LogicalID
			expect(t, "Cart", cart.One(t, "AWS::ECS::Service"), map[string]any{
				"ServiceConnectConfiguration.Enabled": true, "ServiceConnectConfiguration.Services": nil,
			})
			calls := 0
			for _, rule := range cart.Resources("AWS::EC2::SecurityGroupIngress") {
				if cmp.Equal(rule.Get("Properties.GroupId"), any(output(callee, call.OutputSecurityGroupID))) {
					calls++
					expect(t, "Cart", rule, map[string]any{
						"SourceSecurityGroupId.Fn::GetAtt.0": own, "IpProtocol": "tcp", "CidrIp": nil,
						"FromPort": output(callee, call.OutputPort), "ToPort": output(callee, call.OutputPort),
					})
					if !needs(cart, cart.One(t, "AWS::ECS::Service"))[rule.LogicalID] {
						t.Errorf("the service does not wait for the rule of its call")
					}
				}
			}
			if calls != 1 {
				t.Errorf("%d rules for the call, want 1", calls)
			}
			if got, want := environmentOf(cart.One(t, "AWS::ECS::TaskDefinition")), "REVIEWS_URL"; !strings.Contains(got, want) {
				t.Errorf("the environment of the caller has no %s: %s", want, got)
			}
			record := cart.Get("Metadata.storefront:service:cart.Calls")
			want := []any{map[string]any{"Service": "reviews", "Stack": callee, "Variables": []any{"REVIEWS_URL"}}}
			if diff := cmp.Diff(any(want), record); diff != "" {
				t.Errorf("the record of the caller (-want +got):\n%s", diff)
			}
			if reviews.Get("Metadata.storefront:service:reviews.Callable") != true {
				t.Error("the record of the callee does not have Callable")
			}

			// A service that does neither has no proxy, and publishes nothing.
			expect(t, "Search", templates["Search"].One(t, "AWS::ECS::Service"), map[string]any{
				"ServiceConnectConfiguration": map[string]any{"Enabled": false},
			})
			expect(t, "Search", templates["Search"].One(t, "AWS::ECS::TaskDefinition"), map[string]any{
				"ContainerDefinitions.0.PortMappings.0.Name": nil, "ContainerDefinitions.0.PortMappings.0.AppProtocol": nil,
			})
			for name := range templates["Search"].Outputs() {
				if strings.HasPrefix(name, "Service") {
					t.Errorf("Search publishes %s", name)
				}
			}
		})
	}
}

// A caller's template is the same in a repository of its own, which names the stack.
func TestACallFromAnotherRepositoryIsTheSame(t *testing.T) {
	of := calling(map[string][]string{"Cart": {"reviews"}, "Reviews": nil})
	whole := storefrontInto(t, t.TempDir(), nil, of).templates["Cart"]
	alone := storefrontInto(t, t.TempDir(), map[string]any{"only": "cart"}, of).templates["Cart"]
	if diff := snapshot.Diff(whole, alone); diff != "" {
		t.Errorf("with -c only=cart:\n%s", diff)
	}
	elsewhere := calling(map[string][]string{"Cart": nil})
	define := elsewhere.Services[0].Define
	elsewhere.Environments[0].Platform.StackName = "shop-sandbox-platform"
	elsewhere.Services[0].Define = func(stack awscdk.Stack, env app.Environment) {
		define(stack, env)
		stack.Node().FindChild(jsii.String("Cart")).(*microservice.Microservice).Calls(service.Ref{StackName: "shop-sandbox-reviews", Name: "reviews"})
	}
	if diff := snapshot.Diff(whole, storefrontInto(t, t.TempDir(), nil, elsewhere).templates["Cart"]); diff != "" {
		t.Errorf("in another repository:\n%s", diff)
	}
}

// paths returns which services can connect to which, from the security groups of all stacks alone. It fails the test for a source
// that it does not know, and for a group of tasks that lets in addresses.
func paths(t *testing.T, prefix string, templates map[string]snapshot.Template) map[string][]string {
	t.Helper()
	names := map[string]string{} // of stacks by their names in CloudFormation
	groups := map[string]bool{}  // of tasks
	for stack, template := range templates {
		names[prefix+strings.ToLower(stack)] = stack
		for _, of := range template.Resources("AWS::ECS::Service") {
			groups[stack+"."+fmt.Sprint(of.Get("Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0.Fn::GetAtt.0"))] = true
		}
	}
	resolve := func(stack string, value any) string {
		if id := (snapshot.Resource{Raw: map[string]any{"V": value}}).Get("V.Fn::GetAtt.0"); id != nil {
			return stack + "." + fmt.Sprint(id)
		}
		read := snapshot.Resource{Raw: map[string]any{"V": value}}
		from := names[fmt.Sprint(read.Get("V.Fn::GetStackOutput.StackName"))]
		return from + "." + fmt.Sprint(templates[from].Get(fmt.Sprintf("Outputs.%v.Value.Fn::GetAtt.0", read.Get("V.Fn::GetStackOutput.OutputName"))))
	}
	found := map[string][]string{}
	let := func(stack, group string, rule snapshot.Resource, path string) {
		if !groups[group] {
			return
		}
		source := resolve(stack, rule.Get(path+"SourceSecurityGroupId"))
		to, _, _ := strings.Cut(group, ".")
		from, _, known := strings.Cut(source, ".")
		if !known || rule.Get(path+"CidrIp") != nil || rule.Get(path+"SourcePrefixListId") != nil || strings.HasSuffix(source, ".<nil>") {
			t.Errorf("%s: %s lets in %v", stack, rule.LogicalID, rule.Raw)
		}
		if groups[source] { // the load balancer is none of them
			found[from] = append(found[from], to)
		}
	}
	for stack, template := range templates {
		for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
			let(stack, resolve(stack, rule.Get("Properties.GroupId")), rule, "Properties.")
		}
		for _, group := range template.Resources("AWS::EC2::SecurityGroup") {
			inline, _ := group.Get("Properties.SecurityGroupIngress").([]any)
			for n := range inline {
				let(stack, stack+"."+group.LogicalID, group, fmt.Sprintf("Properties.SecurityGroupIngress.%d.", n))
			}
		}
	}
	for _, to := range found {
		slices.Sort(to)
	}
	return found
}

// declared returns which services call which, from the records in the templates.
func declared(prefix string, templates map[string]snapshot.Template) map[string][]string {
	byName := map[string]string{}
	for stack := range templates {
		byName[prefix+strings.ToLower(stack)] = stack
	}
	calls := map[string][]string{}
	for stack, template := range templates {
		metadata, _ := template["Metadata"].(map[string]any)
		for _, record := range metadata {
			made, _ := snapshot.Resource{Raw: map[string]any{"R": record}}.Get("R.Calls").([]any)
			for _, one := range made {
				calls[stack] = append(calls[stack], byName[fmt.Sprint(one.(map[string]any)["Stack"])])
			}
		}
		slices.Sort(calls[stack])
	}
	return calls
}

// The security groups are all that keeps a service from another: whatever a call does not declare has no path.
func TestACallThatNobodyDeclaredHasNoPath(t *testing.T) {
	of := map[string][]string{"Cart": {"reviews", "photos"}, "Photos": {"search"}, "Reviews": {"search"}, "Search": {"photos"}, "Login": nil}
	want := map[string][]string{"Cart": {"Photos", "Reviews"}, "Photos": {"Search"}, "Reviews": {"Search"}, "Search": {"Photos"}}
	for _, env := range []string{"sandbox", "production"} {
		t.Run("calling/"+env, func(t *testing.T) {
			templates := storefrontInto(t, t.TempDir(), map[string]any{"env": env}, calling(of)).templates
			if diff := cmp.Diff(want, paths(t, "shop-"+env+"-", templates)); diff != "" {
				t.Errorf("paths (-declared +open):\n%s", diff)
			}
		})
	}
	for env, a := range environments(t) {
		t.Run("storefront/"+env, func(t *testing.T) {
			prefix := "storefront-" + env + "-"
			if diff := cmp.Diff(declared(prefix, a.templates), paths(t, prefix, a.templates)); diff != "" {
				t.Errorf("paths (-declared +open):\n%s", diff)
			}
		})
	}
}

// The callee comes first, since running tasks do not find a name that is newer than they are. Calls in a cycle are legal, and
// stacks in a cycle are not.
func TestSlowTheOrderOfStacksThatCall(t *testing.T) {
	skipInShort(t)
	for name, test := range map[string]struct {
		of   map[string][]string
		only string
		want map[string][]string
	}{
		"a chain":       {map[string][]string{"A": {"b"}, "B": {"c"}, "C": nil}, "", map[string][]string{"A": {"B"}, "B": {"C"}, "C": {}}},
		"each other":    {map[string][]string{"A": {"b"}, "B": {"a"}}, "", map[string][]string{"A": {"B"}, "B": {}}},
		"a cycle":       {map[string][]string{"A": {"b"}, "B": {"c"}, "C": {"a"}, "D": {"a", "c"}}, "", map[string][]string{"A": {"B"}, "B": {"C"}, "C": {}, "D": {"A", "C"}}},
		"one of a pair": {map[string][]string{"A": {"b"}, "B": {"a"}}, "a", map[string][]string{"A": {}}},
	} {
		t.Run(name, func(t *testing.T) {
			var context map[string]any
			if test.only != "" {
				context = map[string]any{"only": test.only}
			}
			got := map[string][]string{}
			for id, made := range artifacts(t, calling(test.of), context) {
				if id != "Platform" {
					got[id] = slices.DeleteFunc(append([]string{}, made.After...), func(id string) bool { return id == "Platform" })
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("stacks that come first (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACallerWithRestrictedEgress(t *testing.T) {
	restricted := func(id string, props *microservice.Props) {
		if id == "Cart" {
			props.Egress = []microservice.Peer{microservice.PeerAnyIPv4(443)}
		}
	}
	of := calling(map[string][]string{"Cart": {"reviews"}, "Reviews": nil}, restricted)
	template := storefrontInto(t, t.TempDir(), nil, of).templates["Cart"]
	rule := template.One(t, "AWS::EC2::SecurityGroupEgress")
	expect(t, "Cart", rule, map[string]any{
		"GroupId.Fn::GetAtt.0":       template.One(t, "AWS::EC2::SecurityGroup").LogicalID,
		"CidrIp":                     output("shop-sandbox-platform", "VpcCidrBlock"),
		"FromPort":                   output("shop-sandbox-reviews", call.OutputPort),
		"ToPort":                     output("shop-sandbox-reviews", call.OutputPort),
		"DestinationSecurityGroupId": nil, // else the callee could not be deleted before its callers
	})
	if !needs(template, template.One(t, "AWS::ECS::Service"))[rule.LogicalID] {
		t.Error("the service does not wait for the egress rule of its call")
	}
	open := storefrontInto(t, t.TempDir(), nil, calling(map[string][]string{"Cart": {"reviews"}, "Reviews": nil})).templates["Cart"]
	if rules := open.Resources("AWS::EC2::SecurityGroupEgress"); len(rules) > 0 {
		t.Errorf("a service that may connect anywhere has the egress rule %s", rules[0].LogicalID)
	}
}

func TestEncryptedCalls(t *testing.T) {
	const authority = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	template := cart(t, with(func(props *microservice.Props) {
		props.Callable, props.ServiceConnect = true, call.ServiceConnect{CertificateAuthority: authority, Protocol: call.GRPC}
	}))
	endpoint := template.One(t, "AWS::ECS::Service").Get("Properties.ServiceConnectConfiguration.Services.0.Tls")
	tls := snapshot.Resource{Raw: map[string]any{"Properties": endpoint}}
	expect(t, "Shop", tls, map[string]any{"IssuerCertificateAuthority.AwsPcaAuthorityArn": authority})
	role, ok := template.Get("Resources." + fmt.Sprint(tls.Get("Properties.RoleArn.Fn::GetAtt.0"))).(map[string]any)
	if !ok {
		t.Fatalf("no role issues the certificates: %v", endpoint)
	}
	statements, _ := snapshot.Resource{Raw: role}.Get("Properties.Policies.0.PolicyDocument.Statement").([]any)
	issues := false
	for _, statement := range statements {
		of := snapshot.Resource{Raw: statement.(map[string]any)}
		if strings.Contains(fmt.Sprint(of.Get("Action")), "acm-pca:") && of.Get("Resource") != authority {
			t.Errorf("the role may use %v", of.Get("Resource"))
		}
		issues = issues || of.Get("Action") == "acm-pca:IssueCertificate"
	}
	if !issues {
		t.Errorf("the role may not issue certificates: %v", statements)
	}
	expect(t, "Shop", template.One(t, "AWS::ECS::TaskDefinition"), map[string]any{"ContainerDefinitions.0.PortMappings.0.AppProtocol": "grpc"})
}

// with is valid props with one change.
func with(change func(*microservice.Props)) microservice.Props {
	props := valid()
	change(&props)
	return props
}

func TestCallsOfAServiceThatAreWrong(t *testing.T) {
	reviews := service.Ref{StackName: "shop-reviews", Name: "reviews"}
	const where = "Shop/Cart: Calls of "
	for name, test := range map[string]struct {
		call func(cart *microservice.Microservice)
		want string
	}{
		"of no service": {func(*microservice.Microservice) { (*microservice.Microservice)(nil).Calls(reviews) }, "Calls: the service is nil: call it on what microservice.New returned"},
		"no name":       {func(cart *microservice.Microservice) { cart.Calls(service.Ref{StackName: "a"}) }, `Shop/Cart: Calls: Name must be lower-case letters, digits and hyphens between them, starting with a letter, got ""`},
		"no stack":      {func(cart *microservice.Microservice) { cart.Calls(service.Ref{Name: "a"}) }, `Shop/Cart: Calls: StackName is missing: name the stack that publishes the contract`},
		"a name over the limit": {func(cart *microservice.Microservice) {
			cart.Calls(service.Ref{StackName: "a", Name: strings.Repeat("a", 64)})
		}, `Shop/Cart: Calls: Name must be at most 63 characters, as it becomes a DNS label, got 64: "` + strings.Repeat("a", 64) + `"`},
		"itself": {func(cart *microservice.Microservice) { cart.Calls(service.Ref{StackName: "Shop", Name: "cart"}) }, where + "cart: it is in stack Shop, as the caller is: a service does not call itself, and calls another one in a stack of its own"},
		"twice":  {func(cart *microservice.Microservice) { cart.Calls(reviews); cart.Calls(reviews) }, where + "reviews: the service calls that of stack shop-reviews already: remove one of the two"},
		"two of one name": {func(cart *microservice.Microservice) {
			cart.Calls(reviews)
			cart.Calls(service.Ref{StackName: "other", Name: "reviews"})
		}, where + "reviews: the service calls another one of that name already: set Name of the reference to a different one"},
		"a variable that is there": {func(cart *microservice.Microservice) { cart.SetVariable("REVIEWS_URL", "x"); cart.Calls(reviews) }, where + "reviews: the environment variable REVIEWS_URL is already set: remove it, or set Name of the reference to a different one"},
	} {
		t.Run(name, func(t *testing.T) {
			cart(t, valid(), func(cart *microservice.Microservice) {
				panics(t, func() { test.call(cart) }, test.want)
			})
		})
	}
}

// What a caller cannot reach is found where one app defines both.
func TestCallsOfServicesThatCannotAnswer(t *testing.T) {
	type defined struct {
		environment, platform string
		props                 func(*microservice.Props)
	}
	for name, test := range map[string]struct {
		callee defined
		want   string
	}{
		"not callable":        {defined{"production", "shop-platform", func(p *microservice.Props) { p.Callable = false }}, "Calls of reviews: Reviews/Reviews takes no calls: set Callable in its props"},
		"a worker":            {defined{"production", "shop-platform", func(p *microservice.Props) { p.Callable, p.Routes, p.Identity = false, nil, identity.Ref{} }}, "Calls of reviews: Reviews/Reviews takes no calls: set Callable in its props"},
		"another environment": {defined{"sandbox", "shop-platform", nil}, `Calls of reviews: Reviews/Reviews is of the environment "sandbox", and this service of "production": call the service of the same environment`},
		"another platform": {
			defined{"production", "other-platform", nil},
			"Calls of reviews: Reviews/Reviews is on the platform other-platform, and this service on shop-platform, and a name is found on its own platform only: use the API, or define both on one",
		},
		"a worker that is called":  {defined{"production", "shop-platform", func(p *microservice.Props) { p.Routes, p.Identity = nil, identity.Ref{} }}, ""},
		"a service that is called": {defined{"production", "shop-platform", nil}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
				define := func(id string, of defined, props microservice.Props) *microservice.Microservice {
					stack := awscdk.NewStack(app, jsii.String(id), nil)
					environment.Set(stack, environment.Environment{Name: of.environment})
					props.Platform = platform.Ref{StackName: of.platform}
					if of.props != nil {
						of.props(&props)
					}
					return microservice.New(stack, id, props)
				}
				cart := define("Cart", defined{"production", "shop-platform", nil}, valid())
				cart.Calls(service.Ref{StackName: "Reviews", Name: "reviews"}) // before that is defined: the order has no effect
				define("Reviews", test.callee, with(func(p *microservice.Props) {
					p.Callable, p.Routes = true, []microservice.Route{{Path: "/reviews"}}
				}))
			})
			if got := fmt.Sprint(err); test.want == "" && err != nil || !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestOneServiceOfAStackIsCallable(t *testing.T) {
	callable := func(path string) microservice.Props {
		return with(func(p *microservice.Props) { p.Callable, p.Routes = true, []microservice.Route{{Path: path}} })
	}
	inStack(t, func(stack awscdk.Stack) {
		microservice.New(stack, "Cart", callable("/cart"))
		panics(t, func() { microservice.New(stack, "Basket", callable("/basket")) },
			"Shop/Basket: Callable must be set in one service of a stack, and is in Shop/Cart: define this one in a stack of its own")
	})
}

// A running service becomes callable, and starts to call, in place: CloudFormation updates the service, and ECS deploys it. What
// turns Service Connect off again must be in the template, since ECS keeps what an update leaves out.
func TestACallThatIsAddedOrRemovedReplacesNothing(t *testing.T) {
	calls := func(t *testing.T, of map[string][]string, env string) map[string]snapshot.Template {
		t.Helper()
		return storefrontInto(t, t.TempDir(), map[string]any{"env": env}, calling(of)).templates
	}
	for _, env := range []string{"sandbox", "production"} {
		t.Run(env, func(t *testing.T) {
			without := calls(t, map[string][]string{"Cart": nil, "Reviews": nil}, env)
			made := calls(t, map[string][]string{"Cart": {"reviews"}, "Reviews": nil}, env)
			for _, stack := range []string{"Cart", "Reviews"} {
				if got := replaced(t, without[stack], made[stack]); len(got) > 0 {
					t.Errorf("added to %s: %v", stack, got)
				}
				gone := replaced(t, made[stack], without[stack])
				if stack == "Cart" && len(gone) == 1 && strings.HasPrefix(gone[0], "CartCallsreviews") {
					gone = nil // the rule, after the last task that calls has stopped
				}
				if len(gone) > 0 {
					t.Errorf("removed from %s: %v", stack, gone)
				}
				expect(t, stack, without[stack].One(t, "AWS::ECS::Service"), map[string]any{"ServiceConnectConfiguration": map[string]any{"Enabled": false}})
				expect(t, stack, made[stack].One(t, "AWS::ECS::Service"), map[string]any{"ServiceConnectConfiguration.Enabled": true})
			}
		})
	}
}
