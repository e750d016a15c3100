package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// valid is a service with one signed-in route, of which each test changes one thing.
func valid() microservice.Props {
	return microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Identity: identity.Ref{StackName: "shop-identity"},
		Owner:    "checkout",
		Image:    image.Registry("public.ecr.aws/acme/cart:1.0"),
		Routes:   []microservice.Route{{Path: "/cart/{proxy+}"}},
	}
}

// inStack synthesizes one stack of the sandbox profile and returns its template.
func inStack(t testing.TB, define func(stack awscdk.Stack)) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: profile.Sandbox()})
		define(awscdk.NewStack(app, jsii.String("Shop"), nil))
	}).templates["Shop"]
}

// cart synthesizes a service with the given props, and what use adds to it.
func cart(t testing.TB, props microservice.Props, use ...func(cart *microservice.Microservice)) snapshot.Template {
	t.Helper()
	return inStack(t, func(stack awscdk.Stack) {
		service := microservice.New(stack, "Cart", props)
		for _, add := range use {
			add(service)
		}
	})
}

func TestTheSmallestServiceIsAWorker(t *testing.T) {
	props := valid()
	props.Routes, props.Identity = nil, identity.Ref{}
	template := cart(t, props)
	for _, resourceType := range []string{
		"AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration", "AWS::ElasticLoadBalancingV2::ListenerRule",
		"AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::EC2::SecurityGroupIngress",
	} {
		if got := template.Resources(resourceType); len(got) > 0 {
			t.Errorf("a worker has a %s: %s", resourceType, got[0].LogicalID)
		}
	}
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{
		"HealthCheckGracePeriodSeconds": nil, "DesiredCount": nil,
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::TaskDefinition"), map[string]any{"ContainerDefinitions.0.HealthCheck": nil})
	expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{
		"MinCapacity": json.Number("1"), "MaxCapacity": json.Number("5"),
	})
	expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalingPolicy"), map[string]any{
		"TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType": "ECSServiceAverageCPUUtilization",
		"TargetTrackingScalingPolicyConfiguration.TargetValue":                                        json.Number("60"),
		"TargetTrackingScalingPolicyConfiguration.ScaleInCooldown":                                    json.Number("300"),
		"TargetTrackingScalingPolicyConfiguration.ScaleOutCooldown":                                   json.Number("60"),
	})
}

// routeKeys lists the routes that lead to a template's service, those that anybody may call marked.
func routeKeys(template snapshot.Template) []string {
	var keys []string
	for _, route := range template.Resources("AWS::ApiGatewayV2::Route") {
		key := fmt.Sprint(route.Get("Properties.RouteKey"))
		if answeredByThePlatform(route) {
			continue
		}
		if route.Get("Properties.AuthorizationType") != "JWT" {
			key += " public"
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestRoutes(t *testing.T) {
	props := valid()
	props.Routes = []microservice.Route{
		{Path: "/cart/{proxy+}", Methods: []string{"GET"}, Public: true},
		{Path: "/cart/{proxy+}"},
		{Path: "/cart", Methods: []string{"GET"}},
	}
	want := []string{"ANY /cart", "ANY /cart/{proxy+}", "GET /cart", "GET /cart/{proxy+} public"}
	if got := routeKeys(cart(t, props)); !slices.Equal(got, want) {
		t.Errorf("routes are %q, want %q", got, want)
	}
}

// A route without scopes has an empty list, since an update leaves the scopes that a template does not have.
func TestScopesOfRoutes(t *testing.T) {
	props := valid()
	props.Routes = []microservice.Route{
		{Path: "/cart/{proxy+}"},
		{Path: "/cart/admin/{proxy+}", Scopes: []string{"cart/admin", "cart/support"}},
		{Path: "/cart/offers", Methods: []string{"GET"}, Public: true},
	}
	want := map[string]any{
		"ANY /cart": []any{}, "ANY /cart/{proxy+}": []any{}, "GET /cart/offers": nil,
		"ANY /cart/admin": []any{"cart/admin", "cart/support"}, "ANY /cart/admin/{proxy+}": []any{"cart/admin", "cart/support"},
	}
	got := map[string]any{}
	for _, route := range cart(t, props).Resources("AWS::ApiGatewayV2::Route") {
		if !answeredByThePlatform(route) {
			got[fmt.Sprint(route.Get("Properties.RouteKey"))] = route.Get("Properties.AuthorizationScopes")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

func answeredByThePlatform(route snapshot.Resource) bool {
	return route.Get("Properties.Target.Fn::Join.1.1.Fn::GetStackOutput.OutputName") == "PreflightIntegrationId"
}

// A browser asks before it calls from a page of another origin, without a token, and no service should have to answer.
func TestPreflightsAreAnsweredByThePlatform(t *testing.T) {
	var asked []string
	for _, route := range cart(t, valid()).Resources("AWS::ApiGatewayV2::Route") {
		if answeredByThePlatform(route) {
			asked = append(asked, fmt.Sprint(route.Get("Properties.RouteKey")))
			expect(t, "Shop", route, map[string]any{"AuthorizationType": "NONE", "AuthorizerId": nil})
		}
	}
	slices.Sort(asked)
	if want := []string{"OPTIONS /cart", "OPTIONS /cart/{proxy+}"}; !slices.Equal(asked, want) {
		t.Errorf("the platform answers %q, want %q", asked, want)
	}

	template := inStack(t, definePlatform(func(*platform.Props) {}))
	written := template.One(t, "AWS::ApiGatewayV2::Integration").Get("Properties.RequestParameters.overwrite:header.x-microservice")
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::ListenerRule"), map[string]any{
		"Conditions.0.HttpHeaderConfig.HttpHeaderName": "x-microservice",
		"Conditions.0.HttpHeaderConfig.Values.0":       written,
		"Actions.0.FixedResponseConfig.StatusCode":     "204",
	})
}

func TestTheOrderOfRoutesDoesNotMatter(t *testing.T) {
	props := valid()
	props.Routes = []microservice.Route{{Path: "/cart/{proxy+}"}, {Path: "/basket"}}
	before := cart(t, props)
	slices.Reverse(props.Routes)
	if diff := snapshot.Diff(before, cart(t, props)); diff != "" {
		t.Errorf("the template changed with the order of its routes:\n%s", diff)
	}
}

func TestTheLastRouteLeavesTheIntegrationInPlace(t *testing.T) {
	props := valid()
	props.Routes = []microservice.Route{{Path: "/basket"}, {Path: "/cart"}}
	both := cart(t, props).One(t, "AWS::ApiGatewayV2::Integration").LogicalID
	props.Routes = props.Routes[1:]
	if one := cart(t, props).One(t, "AWS::ApiGatewayV2::Integration").LogicalID; one != both {
		t.Errorf("the integration went from %s to %s with a route", both, one)
	}
}

func TestOneRuleMatchesTheNameAlone(t *testing.T) {
	props := valid()
	props.Name, props.Priority = "basket", 7
	template := cart(t, props)
	rule := template.One(t, "AWS::ElasticLoadBalancingV2::ListenerRule")
	expect(t, "Shop", rule, map[string]any{
		"Priority": json.Number("7"),
		"Conditions.0.HttpHeaderConfig.HttpHeaderName": "x-microservice",
		"Conditions.0.HttpHeaderConfig.Values.0":       "basket",
		"Conditions.1":                                 nil,
	})
	if tags := tagsOf(template.One(t, "AWS::ECS::Service")); tags["service"] != "basket" || tags["owner"] != "checkout" {
		t.Errorf("tags are %v", tags)
	}
}

func TestEachMeasureIsAPolicy(t *testing.T) {
	props := valid()
	props.Scaling = scaling.Policy{Min: 3, Max: 9, CPUPercent: 55, MemoryPercent: 70, RequestsPerTask: 400}
	template := cart(t, props)
	expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{
		"MinCapacity": json.Number("3"), "MaxCapacity": json.Number("9"), "ServiceNamespace": "ecs",
	})
	got := map[string]any{}
	for _, policy := range template.Resources("AWS::ApplicationAutoScaling::ScalingPolicy") {
		tracking := "Properties.TargetTrackingScalingPolicyConfiguration."
		got[fmt.Sprint(policy.Get(tracking+"PredefinedMetricSpecification.PredefinedMetricType"))] = policy.Get(tracking + "TargetValue")
	}
	want := snapshot.Template{
		"ECSServiceAverageCPUUtilization":    json.Number("55"),
		"ECSServiceAverageMemoryUtilization": json.Number("70"),
		"ALBRequestCountPerTarget":           json.Number("400"),
	}
	if diff := snapshot.Diff(want, got); diff != "" {
		t.Errorf("scaling policies:\n%s", diff)
	}
}

func TestAFixedNumberOfTasksIsNotScaled(t *testing.T) {
	props := valid()
	props.Scaling = scaling.Policy{Min: 3, Max: 3}
	template := cart(t, props)
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"DesiredCount": json.Number("3")})
	if got := template.Resources("AWS::ApplicationAutoScaling::ScalableTarget"); len(got) > 0 {
		t.Errorf("%s scales a fixed number of tasks", got[0].LogicalID)
	}
}

func TestWhatTheApplicationFinds(t *testing.T) {
	props := valid()
	props.Port = 3000
	props.Environment = map[string]string{"LOG_LEVEL": "debug"}
	props.Health = microservice.Health{Path: "/ready", HealthyCodes: "200-299,401"}
	props.Command = []string{"serve", "--all"}
	template := inStack(t, func(stack awscdk.Stack) {
		secret := awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("Payments"),
			jsii.String("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/payments-AbCdEf"))
		props.Secrets = map[string]awsecs.Secret{"PAYMENTS_KEY": awsecs.Secret_FromSecretsManager(secret, jsii.String("key"))}
		microservice.New(stack, "Cart", props)
	})
	task := template.One(t, "AWS::ECS::TaskDefinition")
	container := "ContainerDefinitions.0."
	expect(t, "Shop", task, map[string]any{
		container + "PortMappings.0.ContainerPort": json.Number("3000"),
		container + "Command.1":                    "--all",
		container + "HealthCheck":                  nil, // the load balancer alone checks, which needs nothing in the image
		container + "Secrets.0.Name":               "PAYMENTS_KEY",
	})
	if got, want := environmentOf(task), "LOG_LEVEL=debug PORT=3000 SERVICE_NAME=cart"; got != want {
		t.Errorf("the environment is %s, want %s", got, want)
	}
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::TargetGroup"), map[string]any{
		"HealthCheckPath": "/ready", "Matcher.HttpCode": "200-299,401", "HealthCheckPort": nil, // that of the container
	})
	if got := actionsOn(template, "ExecutionRole"); !strings.Contains(got, "secretsmanager:GetSecretValue") {
		t.Errorf("the execution role may not read the secret: %s", got)
	}
	if got := actionsOn(template, "TaskRole"); got != "" {
		t.Errorf("the application itself may %s", got)
	}
}

// environmentOf is a container's environment in one line, in the order of names.
func environmentOf(task snapshot.Resource) string {
	var pairs []string
	variables, _ := task.Get("Properties.ContainerDefinitions.0.Environment").([]any)
	for _, variable := range variables {
		pair := variable.(map[string]any)
		value := pair["Value"]
		if reference, ok := value.(map[string]any); ok {
			value = snapshot.Template(reference).Get("Ref")
		}
		pairs = append(pairs, fmt.Sprintf("%v=%v", pair["Name"], value))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, " ")
}

// actionsOn is what the policies allow whose logical IDs contain role, in one line.
func actionsOn(template snapshot.Template, role string) string {
	var actions []string
	for _, policy := range template.Resources("AWS::IAM::Policy") {
		if !strings.Contains(policy.LogicalID, role) {
			continue
		}
		statements, _ := policy.Get("Properties.PolicyDocument.Statement").([]any)
		for _, statement := range statements {
			switch action := statement.(map[string]any)["Action"].(type) {
			case string:
				actions = append(actions, action)
			case []any:
				for _, a := range action {
					actions = append(actions, fmt.Sprint(a))
				}
			}
		}
	}
	return strings.Join(actions, " ")
}

func TestHealthByCommand(t *testing.T) {
	props := valid()
	props.Health = microservice.Health{Command: []string{"/app", "health"}}
	task := cart(t, props).One(t, "AWS::ECS::TaskDefinition")
	expect(t, "Shop", task, map[string]any{
		"ContainerDefinitions.0.HealthCheck.Command.0": "CMD",
		"ContainerDefinitions.0.HealthCheck.Command.2": "health",
	})
	props.Routes, props.Identity = nil, identity.Ref{}
	expect(t, "Shop", cart(t, props).One(t, "AWS::ECS::TaskDefinition"), map[string]any{"ContainerDefinitions.0.HealthCheck.Command.1": "/app"})
}

// A volume of the task would be root's, and the default user could not write to it.
func TestTheDiskIsWhereTheUserMayWrite(t *testing.T) {
	props := valid()
	props.Size, props.WritableRootFilesystem = microservice.Size{EphemeralStorageGiB: 40}, true
	task := cart(t, props).One(t, "AWS::ECS::TaskDefinition")
	expect(t, "Shop", task, map[string]any{
		"ContainerDefinitions.0.User": "65532:65532", "ContainerDefinitions.0.ReadonlyRootFilesystem": false,
		"ContainerDefinitions.0.MountPoints": nil, "ContainerDefinitions.0.LinuxParameters.Tmpfs": nil, "Volumes": nil,
		"EphemeralStorage.SizeInGiB": json.Number("40"),
	})
}

func TestWhatHasToBeAskedFor(t *testing.T) {
	props := valid()
	props.User = "root"
	props.WritableRootFilesystem = true
	props.Architecture = microservice.X86_64
	props.Size = microservice.Size{EphemeralStorageGiB: 40}
	expect(t, "Shop", cart(t, props).One(t, "AWS::ECS::TaskDefinition"), map[string]any{
		"ContainerDefinitions.0.User":                   "root",
		"ContainerDefinitions.0.ReadonlyRootFilesystem": false,
		"RuntimePlatform.CpuArchitecture":               "X86_64",
		"EphemeralStorage.SizeInGiB":                    json.Number("40"),
		"Memory":                                        "512",
	})
}

func TestImages(t *testing.T) {
	props := valid()
	props.Image = image.ECR("acme/cart", "1.4.2")
	template := cart(t, props)
	if got := actionsOn(template, "ExecutionRole"); !strings.Contains(got, "ecr:BatchGetImage") {
		t.Errorf("the execution role may not pull from the repository: %s", got)
	}
	reference := fmt.Sprint(template.One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.Image"))
	if !strings.Contains(reference, "/acme/cart:1.4.2") {
		t.Errorf("the image is %s", reference)
	}

	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	props.Image = image.Build(folder)
	reference = fmt.Sprint(cart(t, props).Normalize().One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.Image"))
	if !strings.Contains(reference, "cdk-hnb659fds-container-assets-") || !strings.Contains(reference, ":<asset-hash>") {
		t.Errorf("the image is %s", reference)
	}
}

func TestAStoreIsGrantedAndNamed(t *testing.T) {
	read := "dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:DescribeTable dynamodb:GetItem dynamodb:Query dynamodb:Scan"
	write := "dynamodb:BatchWriteItem dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:DescribeTable dynamodb:PutItem dynamodb:UpdateItem"
	indexed := table.Props{
		PartitionKey: table.String("id"),
		Indexes:      []table.Index{{Name: "by-owner", PartitionKey: table.String("owner")}},
	}
	for name, test := range map[string]struct {
		use         func(cart *microservice.Microservice)
		actions     string
		environment string
	}{
		"table, read": {
			func(cart *microservice.Microservice) { cart.Uses(table.New(cart, "Items", indexed), table.Read) },
			read, "ITEMS_TABLE_NAME",
		},
		"table, write": {
			func(cart *microservice.Microservice) { cart.Uses(table.New(cart, "OldItems", indexed), table.Write) },
			write, "OLD_ITEMS_TABLE_NAME",
		},
		"bucket, read": {
			func(cart *microservice.Microservice) {
				cart.Uses(bucket.New(cart, "Receipts", bucket.Props{}), bucket.Read)
			},
			"s3:ListBucket s3:GetObject s3:GetObjectVersion", "RECEIPTS_BUCKET_NAME",
		},
		"bucket, write": {
			func(cart *microservice.Microservice) {
				cart.Uses(bucket.New(cart, "Receipts", bucket.Props{}), bucket.Write)
			},
			"s3:AbortMultipartUpload s3:DeleteObject s3:ListMultipartUploadParts s3:PutObject", "RECEIPTS_BUCKET_NAME",
		},
		"search domain, read": {
			func(cart *microservice.Microservice) {
				cart.Uses(searchdomain.New(cart, "Index", searchdomain.Props{VPC: cart.Platform().VPC()}), searchdomain.Read)
			},
			"es:ESHttpGet es:ESHttpHead", "INDEX_DOMAIN_URL",
		},
	} {
		t.Run(name, func(t *testing.T) {
			template := cart(t, valid(), test.use)
			if got := actionsOn(template, "TaskRole"); got != test.actions {
				t.Errorf("the application may %s, want %s", got, test.actions)
			}
			if got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition")); !strings.Contains(" "+got, " "+test.environment+"=") {
				t.Errorf("the environment is %s, without %s", got, test.environment)
			}
		})
	}
}

func TestATableIsGrantedWithItsIndexesAndNothingElse(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.Uses(table.New(cart, "Items", table.Props{
			PartitionKey: table.String("id"),
			Indexes:      []table.Index{{Name: "by-owner", PartitionKey: table.String("owner")}},
		}), table.ReadWrite)
	})
	items := map[string]any{"Fn::GetAtt": []any{template.One(t, "AWS::DynamoDB::GlobalTable").LogicalID, "Arn"}}
	want := snapshot.Template{"Resource": []any{
		items,
		map[string]any{"Fn::Join": []any{"", []any{items, "/index/*"}}},
	}}
	for _, policy := range template.Resources("AWS::IAM::Policy") {
		if !strings.Contains(policy.LogicalID, "TaskRole") {
			continue
		}
		statements := policy.Get("Properties.PolicyDocument.Statement").([]any)
		got := snapshot.Template{"Resource": statements[0].(map[string]any)["Resource"]}
		if diff := snapshot.Diff(want, got); diff != "" || len(statements) != 1 {
			t.Errorf("%d statements, on\n%s", len(statements), diff)
		}
	}
}

func TestADomainIsReachedByWhoUsesItAlone(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.Uses(searchdomain.New(cart, "Index", searchdomain.Props{VPC: cart.Platform().VPC()}), searchdomain.ReadWrite)
	})
	found := 0
	for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
		if strings.Contains(rule.LogicalID, "CartIndexSecurityGroup") {
			found++
			expect(t, "Shop", rule, map[string]any{"FromPort": json.Number("443"), "ToPort": json.Number("443"), "CidrIp": nil})
			if got := fmt.Sprint(rule.Get("Properties.SourceSecurityGroupId.Fn::GetAtt.0")); !strings.HasPrefix(got, "CartSecurityGroup") {
				t.Errorf("%s lets %s in", rule.LogicalID, got)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d rules lead to the domain, want one", found)
	}
}

// parameter is a store of a user's own, as the documentation of package store shows one.
type parameter struct{ awsssm.IStringParameter }

func (p parameter) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != store.Read {
		return store.Binding{}, store.Unsupported(access, store.Read)
	}
	p.GrantRead(consumer)
	return store.Binding{Environment: map[string]string{"FEATURES_PARAMETER": *p.ParameterName()}}, nil
}

func TestAStoreOfOnesOwn(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		features := awsssm.StringParameter_FromStringParameterName(cart, jsii.String("Features"), jsii.String("/shop/features"))
		cart.Uses(parameter{features}, store.Read)
	})
	if got := actionsOn(template, "TaskRole"); !strings.Contains(got, "ssm:GetParameter") {
		t.Errorf("the application may %s", got)
	}
	if got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition")); !strings.Contains(got, "FEATURES_PARAMETER=/shop/features") {
		t.Errorf("the environment is %s", got)
	}
}

func TestAMicroserviceIsAGranteeAndAConnectable(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		topic := awssns.NewTopic(cart, jsii.String("Receipts"), nil)
		topic.GrantPublish(cart)
		other := awsec2.NewSecurityGroup(cart, jsii.String("Other"), &awsec2.SecurityGroupProps{Vpc: cart.Platform().VPC()})
		other.Connections().AllowFrom(cart, awsec2.Port_Tcp(jsii.Number(5432)), nil)
	})
	if got := actionsOn(template, "TaskRole"); got != "sns:Publish" {
		t.Errorf("the application may %s, want sns:Publish", got)
	}
	found := slices.ContainsFunc(template.Resources("AWS::EC2::SecurityGroupIngress"), func(rule snapshot.Resource) bool {
		return rule.Get("Properties.FromPort") == json.Number("5432")
	})
	if !found {
		t.Error("the network is not open to the tasks")
	}
}

// What Props do not say, the constructs beneath do: each of them is there, and is the one in the template.
func TestWhatIsBeneathCanBeChanged(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.TaskDefinition().AddContainer(jsii.String("proxy"), &awsecs.ContainerDefinitionOptions{
			Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/acme/proxy:7"), nil),
		})
		cart.Container().AddEnvironment(jsii.String("NAME"), jsii.String(cart.Name()))
		cart.FargateService().EnableDeploymentAlarms(jsii.Strings("shop-errors"), nil)
		cart.SecurityGroup().AddIngressRule(awsec2.Peer_Ipv4(jsii.String("10.9.0.0/16")), awsec2.Port_Tcp(jsii.Number(9090)), nil, nil)
		cart.TargetGroups()[0].SetAttribute(jsii.String("slow_start.duration_seconds"), jsii.String("60"))
		cart.LogGroup().AddStream(jsii.String("Audit"), nil)
		cart.ScalableTarget().ScaleOnSchedule(jsii.String("Morning"), &awsapplicationautoscaling.ScalingSchedule{
			Schedule: awsapplicationautoscaling.Schedule_Expression(jsii.String("cron(0 7 * * ? *)")), MinCapacity: jsii.Number(3),
		})
	})
	task := template.One(t, "AWS::ECS::TaskDefinition")
	expect(t, "Shop", task, map[string]any{"ContainerDefinitions.1.Name": "proxy"})
	if got := environmentOf(task); !strings.Contains(got, "NAME=cart") {
		t.Errorf("the environment is %s", got)
	}
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"DeploymentConfiguration.Alarms.AlarmNames.0": "shop-errors"})
	expect(t, "Shop", template.One(t, "AWS::EC2::SecurityGroup"), map[string]any{"SecurityGroupIngress.0.FromPort": json.Number("9090")})
	if got := attribute(t, template.One(t, "AWS::ElasticLoadBalancingV2::TargetGroup"), "TargetGroupAttributes", "slow_start.duration_seconds"); got != "60" {
		t.Errorf("the slow start is %s", got)
	}
	template.One(t, "AWS::Logs::LogStream")
	expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{
		"ScheduledActions.0.ScalableTargetAction.MinCapacity": json.Number("3"),
	})
}

func TestAWorkerHasNoTargetGroup(t *testing.T) {
	props := valid()
	props.Routes, props.Scaling = nil, scaling.Policy{Min: 1, Max: 1}
	cart(t, props, func(cart *microservice.Microservice) {
		if len(cart.TargetGroups()) > 0 || cart.ScalableTarget() != nil {
			t.Error("a worker of a fixed size has a target group or a scalable target")
		}
	})
}

func TestAProfileOfOnesOwn(t *testing.T) {
	custom := profile.Sandbox()
	custom.MinTasks, custom.RetainData, custom.LogRetentionDays = 4, true, 30
	template := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: custom})
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		service := microservice.New(stack, "Cart", valid())
		table.New(service, "Items", table.Props{PartitionKey: table.String("id")})
		table.New(service, "Cache", table.Props{PartitionKey: table.String("id"), Retain: profile.Off})
	}).templates["Shop"]
	expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{"MinCapacity": json.Number("4")})
	expect(t, "Shop", template.One(t, "AWS::Logs::LogGroup"), map[string]any{"RetentionInDays": json.Number("30")})
	for _, resource := range template.Resources("AWS::DynamoDB::GlobalTable") {
		want := "RetainExceptOnCreate"
		if strings.HasPrefix(resource.LogicalID, "CartCache") {
			want = "Delete"
		}
		if got := resource.Get("DeletionPolicy"); got != want {
			t.Errorf("DeletionPolicy of %s is %v, want %s", resource.LogicalID, got, want)
		}
	}
}

// Whoever forgets to choose a profile loses no data.
func TestWithoutAProfileItIsProduction(t *testing.T) {
	template := synthesize(t, nil, func(app awscdk.App) {
		service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
		table.New(service, "Items", table.Props{PartitionKey: table.String("id")})
	}).templates["Shop"]
	if got := template.One(t, "AWS::DynamoDB::GlobalTable").Get("DeletionPolicy"); got != "RetainExceptOnCreate" {
		t.Errorf("DeletionPolicy is %v, want RetainExceptOnCreate", got)
	}
	expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{"MinCapacity": json.Number("2")})
}
