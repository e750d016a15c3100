package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks"
)

// deployed is a service with a table, deployed by the strategy, in an environment of the profile. Each is synthesized once
// for all tests that only read.
func deployed(t testing.TB, of profile.Profile, strategy deployment.Strategy) snapshot.Template {
	t.Helper()
	key := fmt.Sprintf("%+v %T%+v", of, strategy, strategy)
	if known, ok := deployments[key]; ok {
		return known
	}
	deployments[key] = synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: of})
		props := valid()
		props.Deployment = strategy
		service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
		service.Uses(table.New(service, "Items", table.Props{PartitionKey: table.String("id")}), table.ReadWrite)
	}).templates["Shop"]
	return deployments[key]
}

var deployments = map[string]snapshot.Template{}

var strategies = map[string]deployment.Strategy{
	"rolling":    deployment.Rolling{},
	"canary":     deployment.Canary{Percent: 5, Bake: 7 * time.Minute},
	"linear":     deployment.Linear{StepPercent: 25, StepBake: 2 * time.Minute, Bake: 9 * time.Minute},
	"blue/green": deployment.BlueGreen{Bake: 3 * time.Minute},
}

func TestStrategies(t *testing.T) {
	number := func(n string) json.Number { return json.Number(n) }
	none := map[string]any{"Strategy": nil, "BakeTimeInMinutes": nil, "CanaryConfiguration": nil, "LinearConfiguration": nil}
	want := map[string]map[string]any{
		"rolling": {"Strategy": "ROLLING"}, // by name, since ECS keeps what an update leaves out
		"canary": {
			"Strategy": "CANARY", "BakeTimeInMinutes": number("7"),
			"CanaryConfiguration": map[string]any{"CanaryPercent": number("5"), "CanaryBakeTimeInMinutes": number("7")},
		},
		"linear": {
			"Strategy": "LINEAR", "BakeTimeInMinutes": number("9"),
			"LinearConfiguration": map[string]any{"StepPercent": number("25"), "StepBakeTimeInMinutes": number("2")},
		},
		"blue/green": {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": number("3")},
	}
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			service := deployed(t, profile.Sandbox(), strategy).One(t, "AWS::ECS::Service")
			properties := maps.Clone(none)
			maps.Copy(properties, want[name])
			for property, value := range properties {
				if diff := cmp.Diff(value, service.Get("Properties.DeploymentConfiguration."+property)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", property, diff)
				}
			}
		})
	}
}

// A strategy that replaced the service would stop it, one that replaced the table would lose its rows, and one that
// replaced a route would answer 404 on the way.
func TestSlowAStrategyReplacesNothing(t *testing.T) {
	skipInShort(t)
	for _, environment := range []profile.Profile{profile.Sandbox(), profile.Production()} {
		rolling := deployed(t, environment, deployment.Rolling{})
		for name, strategy := range strategies {
			other := deployed(t, environment, strategy)
			for _, before := range rolling.Resources("") {
				after, _ := other.Get("Resources." + before.LogicalID).(map[string]any)
				if after["Type"] != before.Type {
					t.Errorf("%s: %s (%s) is gone", name, before.LogicalID, before.Type)
				}
			}
			added := slices.DeleteFunc(resourceIDs(other), func(id string) bool {
				return rolling.Get("Resources."+id) != nil || strings.HasPrefix(id, "CartAlarmsDeployment")
			})
			if got := strings.Join(added, " "); got != "" && got != "CartAlternateTarget4EA6D7EC CartTrafficRole54DC1F78" {
				t.Errorf("%s: adds %s", name, got)
			}
		}
	}
}

// Where deployments are gradual, a change of strategy touches the service alone: its requests may be with either target
// group, and a rule written anew would send them to the first.
func TestInProductionAStrategyChangesTheServiceAlone(t *testing.T) {
	rolling := deployed(t, profile.Production(), deployment.Rolling{})
	service := rolling.One(t, "AWS::ECS::Service")
	if service.Get("Properties.LoadBalancers.0.AdvancedConfiguration") == nil {
		t.Errorf("%s forgets the target group that may have its requests", service.LogicalID)
	}
	for name, strategy := range strategies {
		diff := snapshot.Diff(rolling, deployed(t, profile.Production(), strategy))
		for line := range strings.Lines(diff) {
			if !strings.HasPrefix(line, "Resources."+service.LogicalID+".Properties.DeploymentConfiguration.") {
				t.Errorf("%s changes %s", name, line)
			}
		}
	}
}

func TestECSMayMoveTheRequestsOfThisServiceAlone(t *testing.T) {
	template := deployed(t, profile.Sandbox(), deployment.Canary{})
	var role snapshot.Resource
	for _, candidate := range template.Resources("AWS::IAM::Role") {
		if strings.HasPrefix(candidate.LogicalID, "CartTrafficRole") {
			role = candidate
		}
	}
	groups := []any{map[string]any{"Ref": "CartTargetE0AA8E45"}, map[string]any{"Ref": "CartAlternateTarget4EA6D7EC"}}
	want := []any{
		statement("*", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
			"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"),
		statement(groups, "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
		statement(map[string]any{"Ref": "CartRule24A80A16"}, "elasticloadbalancing:ModifyRule"),
	}
	if diff := cmp.Diff(want, role.Get("Properties.Policies.0.PolicyDocument.Statement")); diff != "" {
		t.Errorf("what ECS may do (-want +got):\n%s", diff)
	}
	expect(t, "Shop", role, map[string]any{"AssumeRolePolicyDocument.Statement.0.Principal.Service": "ecs.amazonaws.com"})
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{
		"LoadBalancers.0.TargetGroupArn":                                groups[0],
		"LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn": groups[1],
		"LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule":  map[string]any{"Ref": "CartRule24A80A16"},
		"LoadBalancers.0.AdvancedConfiguration.RoleArn":                 map[string]any{"Fn::GetAtt": []any{role.LogicalID, "Arn"}},
	})
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::ListenerRule"), map[string]any{
		"Actions.0.ForwardConfig.TargetGroups": []any{
			map[string]any{"TargetGroupArn": groups[0], "Weight": json.Number("100")},
			map[string]any{"TargetGroupArn": groups[1], "Weight": json.Number("0")},
		},
	})
}

// statement allows actions, which a template has as a string if there is one.
func statement(resource any, actions ...string) map[string]any {
	var action any = actions[0]
	if len(actions) > 1 {
		list := make([]any, len(actions))
		for n := range actions {
			list[n] = actions[n]
		}
		action = list
	}
	return map[string]any{"Effect": "Allow", "Action": action, "Resource": resource}
}

// Both target groups must take and lose tasks in the same way, else a version behaves by which of them it got.
func TestTheTargetGroupsAreAlike(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		groups := template.Resources("AWS::ElasticLoadBalancingV2::TargetGroup")
		want := map[bool]int{false: 1, true: 2}[env.Profile.CanaryPercent > 0]
		if len(template.Resources("AWS::ECS::Service")) == 0 {
			want = 0
		}
		if len(groups) != want {
			t.Fatalf("%s: %d target groups, want %d", stack, len(groups), want)
		}
		for n := 1; n < len(groups); n++ {
			if diff := cmp.Diff(groups[0].Raw, groups[n].Raw); diff != "" {
				t.Errorf("%s: %s differs from %s:\n%s", stack, groups[n].LogicalID, groups[0].LogicalID, diff)
			}
		}
	})
}

func TestHooks(t *testing.T) {
	props := valid()
	props.Deployment = deployment.BlueGreen{}
	template := inStack(t, func(stack awscdk.Stack) {
		check := awslambda.Function_FromFunctionAttributes(stack, jsii.String("Check"), &awslambda.FunctionAttributes{
			FunctionArn:     jsii.String("arn:aws:lambda:us-east-1:111122223333:function:check"),
			SkipPermissions: jsii.Bool(true),
		})
		props.DeploymentHooks = []awsecs.IDeploymentLifecycleHookTarget{
			awsecs.NewDeploymentLifecycleLambdaTarget(check, jsii.String("Check"), &awsecs.DeploymentLifecycleLambdaTargetProps{
				LifecycleStages: &[]awsecs.DeploymentLifecycleStage{awsecs.DeploymentLifecycleStage_POST_SCALE_UP},
			}),
		}
		microservice.New(stack, "Cart", props)
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{
		"DeploymentConfiguration.LifecycleHooks.0.HookTargetArn":     "arn:aws:lambda:us-east-1:111122223333:function:check",
		"DeploymentConfiguration.LifecycleHooks.0.LifecycleStages.0": "POST_SCALE_UP",
	})
}

func TestLoadBalancing(t *testing.T) {
	pair := func(key, value string) any { return map[string]any{"Key": key, "Value": value} }
	always := []any{pair("deregistration_delay.timeout_seconds", "20"), pair("stickiness.enabled", "false")}
	// The defaults are written, too: a target group keeps the attributes that an update leaves out.
	balanced := func(algorithm, slowStart string) []any {
		return []any{pair("load_balancing.algorithm.type", algorithm), pair("slow_start.duration_seconds", slowStart)}
	}
	cases := map[string]struct {
		balancing microservice.LoadBalancing
		want      []any
	}{
		"one after the other": {microservice.LoadBalancing{}, balanced("round_robin", "0")},
		"fewest requests":     {microservice.LoadBalancing{LeastOutstandingRequests: true}, balanced("least_outstanding_requests", "0")},
		"slow start":          {microservice.LoadBalancing{SlowStart: time.Minute}, balanced("round_robin", "60")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := valid()
			props.LoadBalancing, props.Deployment = c.balancing, deployment.Canary{}
			for _, group := range cart(t, props).Resources("AWS::ElasticLoadBalancingV2::TargetGroup") {
				attributes, _ := group.Get("Properties.TargetGroupAttributes").([]any)
				byKey := cmpopts.SortSlices(func(a, b any) bool { return a.(map[string]any)["Key"].(string) < b.(map[string]any)["Key"].(string) })
				if diff := cmp.Diff(slices.Concat(always, c.want), attributes, byKey); diff != "" {
					t.Errorf("attributes of %s (-want +got):\n%s", group.LogicalID, diff)
				}
			}
		})
	}
}

func TestHealthTimings(t *testing.T) {
	props := valid()
	props.Health = microservice.Health{
		Interval: 20 * time.Second, Timeout: 7 * time.Second, HealthyThreshold: 4, UnhealthyThreshold: 6, StartPeriod: time.Minute,
		Command: []string{"/app", "health"},
	}
	template := cart(t, props)
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::TargetGroup"), map[string]any{
		"HealthCheckIntervalSeconds": json.Number("20"), "HealthCheckTimeoutSeconds": json.Number("7"),
		"HealthyThresholdCount": json.Number("4"), "UnhealthyThresholdCount": json.Number("6"),
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::TaskDefinition"), map[string]any{
		"ContainerDefinitions.0.HealthCheck.Interval": json.Number("20"), "ContainerDefinitions.0.HealthCheck.Timeout": json.Number("7"),
		"ContainerDefinitions.0.HealthCheck.Retries": json.Number("6"), "ContainerDefinitions.0.HealthCheck.StartPeriod": json.Number("60"),
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"HealthCheckGracePeriodSeconds": json.Number("60")})
}

// Whatever flags the app has set, since the CDK's own switch goes by them.
func TestExecIsAllowedNoMoreThanItNeeds(t *testing.T) {
	for name, context := range map[string]map[string]any{"no flags": nil, "all flags": cdkContext(t)} {
		t.Run(name, func(t *testing.T) {
			template := synthesize(t, context, func(app awscdk.App) {
				environment.Set(app, environment.Environment{Profile: profile.Sandbox()})
				props := valid()
				props.Exec, props.WritableRootFilesystem = true, true
				microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			}).templates["Shop"]
			expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"EnableExecuteCommand": true})
			want := "logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents logs:DescribeLogGroups " +
				"ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel"
			if got := actionsOn(template, "TaskRole"); got != want {
				t.Errorf("the application may %s\nwant %s", got, want)
			}
			for _, policy := range template.Resources("AWS::IAM::Policy") {
				for n, allowed := range policy.Get("Properties.PolicyDocument.Statement").([]any) {
					actions, _ := json.Marshal(allowed.(map[string]any)["Action"])
					wide := allowed.(map[string]any)["Resource"] == "*"
					if wide == strings.Contains(string(actions), "logs:PutLogEvents") {
						t.Errorf("statement %d of %s allows %s: on all resources is %t", n, policy.LogicalID, actions, wide)
					}
				}
			}
		})
	}
}

func TestASidecarStartsFirstAndStopsLast(t *testing.T) {
	props := valid()
	props.Size = microservice.Size{CPU: 512, MemoryMiB: 1024}
	template := inStack(t, func(stack awscdk.Stack) {
		props.Sidecars = []microservice.Sidecar{
			microservice.OpenTelemetryCollector(),
			{Name: "proxy", Image: props.Image, Essential: true, User: "1000", Command: []string{"serve"}},
		}
		microservice.New(stack, "Cart", props)
	})
	task := template.One(t, "AWS::ECS::TaskDefinition")
	expect(t, "Shop", task, map[string]any{
		"ContainerDefinitions.0.Name": "app",
		"ContainerDefinitions.0.DependsOn": []any{
			map[string]any{"ContainerName": "collector", "Condition": "HEALTHY"},
			map[string]any{"ContainerName": "proxy", "Condition": "START"},
		},
		"ContainerDefinitions.1.Name":                                   "collector",
		"ContainerDefinitions.1.Essential":                              false,
		"ContainerDefinitions.1.Memory":                                 json.Number("128"),
		"ContainerDefinitions.1.HealthCheck.Command":                    []any{"CMD", "/healthcheck"},
		"ContainerDefinitions.1.ReadonlyRootFilesystem":                 true,
		"ContainerDefinitions.1.LogConfiguration.Options.awslogs-group": task.Get("Properties.ContainerDefinitions.0.LogConfiguration.Options.awslogs-group"),
		"ContainerDefinitions.2.Name":                                   "proxy",
		"ContainerDefinitions.2.Essential":                              true,
		"ContainerDefinitions.2.User":                                   "1000",
		"ContainerDefinitions.2.Command":                                []any{"serve"},
		"ContainerDefinitions.2.HealthCheck":                            nil,
		"ContainerDefinitions.2.Memory":                                 nil,
	})
	for _, variable := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"} {
		if got := environmentOf(task); !strings.Contains(got, variable) {
			t.Errorf("the application's environment is %s, without %s", got, variable)
		}
	}
	if got, want := actionsOn(template, "TaskRole"), "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments"; got != want {
		t.Errorf("the task may %s, want %s", got, want)
	}
	// The load balancer still finds the application, which is not the last container.
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"LoadBalancers.0.ContainerName": "app"})
}

// The application writes files that a sidecar reads. A volume is defined once, whoever mounts it, and a folder in memory is there
// in each container with a read-only root filesystem.
func TestContainersShareAVolume(t *testing.T) {
	props := valid()
	props.Size.EphemeralStorageGiB = 50
	props.Mounts = []microservice.Mount{{Volume: "logs", Path: "/var/log/app"}}
	props.Sidecars = []microservice.Sidecar{
		{Name: "shipper", Image: props.Image, Mounts: []microservice.Mount{{Volume: "logs", Path: "/logs", ReadOnly: true}, {Volume: "state", Path: "/var/state"}}},
		{Name: "agent", Image: props.Image, WritableRootFilesystem: true},
	}
	tmpfs := []any{map[string]any{"ContainerPath": "/tmp", "Size": json.Number("64")}}
	task := cart(t, props).One(t, "AWS::ECS::TaskDefinition")
	expect(t, "Shop", task, map[string]any{
		"Volumes":                    []any{map[string]any{"Name": "logs"}, map[string]any{"Name": "state"}},
		"EphemeralStorage.SizeInGiB": json.Number("50"),
		"ContainerDefinitions.0.MountPoints": []any{
			map[string]any{"SourceVolume": "logs", "ContainerPath": "/var/log/app", "ReadOnly": false},
		},
		"ContainerDefinitions.0.ReadonlyRootFilesystem": true,
		"ContainerDefinitions.0.LinuxParameters.Tmpfs":  tmpfs,
		"ContainerDefinitions.1.MountPoints": []any{
			map[string]any{"SourceVolume": "logs", "ContainerPath": "/logs", "ReadOnly": true},
			map[string]any{"SourceVolume": "state", "ContainerPath": "/var/state", "ReadOnly": false},
		},
		"ContainerDefinitions.1.ReadonlyRootFilesystem": true,
		"ContainerDefinitions.1.LinuxParameters.Tmpfs":  tmpfs,
		"ContainerDefinitions.2.MountPoints":            nil,
		"ContainerDefinitions.2.ReadonlyRootFilesystem": false,
		"ContainerDefinitions.2.LinuxParameters":        nil,
	})
}

// Two images of one kind define the same children, and must not do so in one place.
func TestSidecarsFromTheSameKindOfSource(t *testing.T) {
	props := valid()
	props.Image = image.ECR("acme/cart", "1")
	props.Sidecars = []microservice.Sidecar{{Name: "proxy", Image: image.ECR("acme/proxy", "1")}, {Name: "agent", Image: image.ECR("acme/agent", "1")}}
	containers := cart(t, props).One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions").([]any)
	if len(containers) != 3 {
		t.Errorf("the task has %d containers, want 3", len(containers))
	}
}

func TestContainerInsights(t *testing.T) {
	for _, env := range stacks.Storefront().Environments {
		want := map[bool]string{false: "disabled", true: "enabled"}[env.Profile.ContainerInsights]
		expect(t, "Platform", environments(t)[env.Name].templates["Platform"].One(t, "AWS::ECS::Cluster"), map[string]any{
			"ClusterSettings": []any{map[string]any{"Name": "containerInsights", "Value": want}},
		})
	}
}

// Fargate spreads tasks over the zones of the subnets that it is given.
func TestEveryServiceIsInEachZone(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		for _, service := range template.Resources("AWS::ECS::Service") {
			subnets, _ := service.Get("Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets").([]any)
			zones := map[any]bool{}
			for _, subnet := range subnets {
				zones[snapshot.Template(subnet.(map[string]any)).Get("Fn::GetStackOutput.OutputName")] = true
			}
			if len(zones) != len(env.Zones) || zones[nil] {
				t.Errorf("%s: %s is in the subnets %v, want one in each of %d zones", stack, service.LogicalID, subnets, len(env.Zones))
			}
		}
	})
}

func TestAWorkerIsDeployedRolling(t *testing.T) {
	template := synthesize(t, nil, func(app awscdk.App) {
		props := valid()
		props.Routes, props.Identity = nil, identity.Ref{}
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
	}).templates["Shop"]
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{
		"DeploymentConfiguration.Strategy": "ROLLING", "DeploymentConfiguration.DeploymentCircuitBreaker.Rollback": true,
	})
}

func resourceIDs(template snapshot.Template) []string {
	var ids []string
	for _, resource := range template.Resources("") {
		ids = append(ids, resource.LogicalID)
	}
	return ids
}
