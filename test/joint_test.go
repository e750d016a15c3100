package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// shop is an environment of the given profile.
func shop(of profile.Profile) environment.Environment {
	return environment.Environment{
		Profile:  of,
		Platform: platform.Ref{StackName: "shop-platform"},
		Identity: identity.Ref{StackName: "shop-identity"},
		Teams:    teams("checkout", "media"),
	}
}

// An environment says once what a service would otherwise say itself.
func TestTheSmallestServiceHasTwoFields(t *testing.T) {
	small := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, shop(profile.Production()))
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", microservice.Props{
			Owner: "checkout", Image: valid().Image,
		})
	}).templates["Shop"]
	whole := told(t, func(stack awscdk.Stack) {
		props := valid()
		props.Routes = nil
		microservice.New(stack, "Cart", props)
	})
	if diff := snapshot.Diff(whole, small); diff != "" {
		t.Errorf("the environment says something else than the props:\n%s", diff)
	}
}

func TestPropsComeBeforeTheEnvironment(t *testing.T) {
	template := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, shop(profile.Sandbox()))
		props := valid()
		props.Platform.StackName, props.Identity.StackName = "other-platform", "other-identity"
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
	}).templates["Shop"]
	template.Walk(func(path string, value any) {
		if strings.HasSuffix(path, "Fn::GetStackOutput.StackName") && !strings.HasPrefix(fmt.Sprint(value), "other-") {
			t.Errorf("%s reads %v", path, value)
		}
	})
}

// features adds to a service, in the given order, all that can be added to one.
func features(stack awscdk.Stack, cart *microservice.Microservice) []func() {
	items := table.New(cart, "Items", table.Props{PartitionKey: table.String("id")})
	receipts := bucket.New(cart, "Receipts", bucket.Props{})
	orders := queue.New(cart, "Orders", queue.Props{})
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Password"), nil)
	token := awsssm.StringParameter_FromSecureStringParameterAttributes(stack, jsii.String("Token"),
		&awsssm.SecureStringParameterAttributes{ParameterName: jsii.String("/shop/token")})
	return []func(){
		func() { cart.Uses(items, table.Read) },
		func() { cart.Uses(items, table.Write) },
		func() { cart.Uses(receipts, bucket.ReadWrite) },
		func() { cart.Uses(orders, queue.Consume) },
		func() {
			cart.Uses(identity.Import(cart, identity.Ref{StackName: "shop-identity"}), identity.AdministerUsers)
		},
		func() { cart.SetVariable("ZEBRA", "1") },
		func() { cart.SetVariable("APPLE", "2") },
		func() { cart.SetSecret("PASSWORD", awsecs.Secret_FromSecretsManager(secret, nil)) },
		func() { cart.SetSecret("API_TOKEN", awsecs.Secret_FromSsmParameter(token)) },
		func() { cart.AddAlarm("Zoo", rollsBack()) },
		func() { cart.AddAlarm("Ark", rollsBack()) },
		func() { cart.Track("Depth", metric.Metric{Namespace: "Shop", Name: "depth"}, 5) },
	}
}

func rollsBack() alarm.Alarm {
	return alarm.Alarm{
		ID: "Animals", Metric: metric.Metric{Namespace: "Zoo", Name: "escaped"}, Comparison: alarm.AtLeast, Threshold: 1, Pages: true, RollsBack: true,
		Meaning: "animals have escaped.", LookAt: [3]string{"the fence.", "the gate.", "the roof."},
	}
}

func TestSlowTheOrderOfWhatAServiceUsesChangesNothing(t *testing.T) {
	skipInShort(t)
	for name, flags := range map[string]map[string]any{"no flags": nil, "all flags": cdkContext(t)} {
		t.Run(name, func(t *testing.T) {
			inOrder := func(order func([]func())) snapshot.Template {
				return synthesize(t, flags, func(app awscdk.App) {
					environment.Set(app, shop(profile.Production()))
					stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
					cart := microservice.New(stack, "Cart", valid())
					all := features(stack, cart)
					order(all)
					for _, add := range all {
						add()
					}
				}).templates["Shop"]
			}
			forth := inOrder(func([]func()) {})
			for name, order := range map[string]func([]func()){
				"back":  slices.Reverse[[]func()],
				"mixed": func(all []func()) { all[0], all[3], all[7], all[10] = all[10], all[7], all[0], all[3] },
			} {
				if diff := snapshot.Diff(forth, inOrder(order)); diff != "" {
					t.Errorf("%s:\n%s", name, diff)
				}
			}
			task := forth.One(t, "AWS::ECS::TaskDefinition")
			for list, want := range map[string][]string{
				"Environment": {"APPLE", "ITEMS_TABLE_NAME", "ORDERS_QUEUE_URL", "PORT", "RECEIPTS_BUCKET_NAME", "SERVICE_NAME", "USER_POOL_CLIENT_ID", "USER_POOL_ID", "ZEBRA"},
				"Secrets":     {"API_TOKEN", "PASSWORD"},
			} {
				var got []string
				for _, entry := range task.Get("Properties.ContainerDefinitions.0." + list).([]any) {
					got = append(got, fmt.Sprint(entry.(map[string]any)["Name"]))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", list, diff)
				}
			}
			expect(t, "Shop", forth.One(t, "AWS::ECS::Service"), map[string]any{
				"DeploymentConfiguration.Alarms.AlarmNames.3": "Shop.cart.ark.animals",
				"DeploymentConfiguration.Alarms.AlarmNames.4": "Shop.cart.zoo.animals",
			})
		})
	}
}

// What the user adds or overrides by the CDK's own means is there, and the last word.
func TestEscapeHatchesOutliveTheOrder(t *testing.T) {
	template := cart(t, valid(), usesItems, func(cart *microservice.Microservice) {
		cart.Container().AddEnvironment(jsii.String("BY_HAND"), jsii.String("1"))
		cart.TaskDefinition().AddContainer(jsii.String("proxy"), &awsecs.ContainerDefinitionOptions{
			Image:       awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/acme/proxy:1"), nil),
			Environment: &map[string]*string{"B": jsii.String("2"), "A": jsii.String("1")},
		})
		task := cart.TaskDefinition().Node().DefaultChild().(awsecs.CfnTaskDefinition)
		task.AddPropertyOverride(jsii.String("ContainerDefinitions.0.Privileged"), true)
		task.AddPropertyOverride(jsii.String("ContainerDefinitions.0.Environment.0.Value"), "2")
	})
	task := template.One(t, "AWS::ECS::TaskDefinition")
	expect(t, "Shop", task, map[string]any{
		"ContainerDefinitions.0.Environment.0":      map[string]any{"Name": "BY_HAND", "Value": "2"},
		"ContainerDefinitions.0.Environment.1.Name": "ITEMS_TABLE_NAME",
		"ContainerDefinitions.0.Privileged":         true,
		"ContainerDefinitions.1.Environment.0.Name": "A",
	})
}

// An alarm of a feature rolls deployments back, and what the user overrides is kept.
func TestDeploymentAlarmsOfTheUserAreKept(t *testing.T) {
	template := toldCart(t, func(props *microservice.Props) { props.Routes = nil }, func(cart *microservice.Microservice) {
		cart.AddAlarm("Zoo", rollsBack())
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{
		"DeploymentConfiguration.Alarms": map[string]any{"AlarmNames": []any{"Shop.cart.zoo.animals"}, "Enable": true, "Rollback": true},
	})
	template = toldCart(t, unchanged, func(cart *microservice.Microservice) {
		service := cart.FargateService().Node().DefaultChild().(awsecs.CfnService)
		service.AddPropertyOverride(jsii.String("DeploymentConfiguration.Alarms.Rollback"), false)
		cart.AddAlarm("Zoo", rollsBack())
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{
		"DeploymentConfiguration.Alarms.AlarmNames.3": "Shop.cart.zoo.animals",
		"DeploymentConfiguration.Alarms.Enable":       true,
		"DeploymentConfiguration.Alarms.Rollback":     false,
	})
}

// Fewer tasks at night are as many as there should be.
func TestHealthyTasksFollowSchedules(t *testing.T) {
	night := valid()
	night.Scaling = scaling.Policy{
		Min: 6, Max: 10, RequestsPerTask: 400, Schedules: []scaling.Schedule{
			{Name: "Night", Expression: "cron(0 22 * * ? *)", Min: 2, Max: 4}, {Name: "Day", Expression: "cron(0 6 * * ? *)", Min: 6, Max: 10},
		},
	}
	for _, found := range toldCart(t, func(props *microservice.Props) { props.Scaling = night.Scaling }).Resources("AWS::CloudWatch::Alarm") {
		if strings.Contains(found.LogicalID, "HealthyTasks") {
			expect(t, "Shop", found, map[string]any{"Threshold": json.Number("1")})
			return
		}
	}
	t.Error("no alarm waits for healthy tasks")
}

// A stack that defines teams has their topics itself.
func TestTeamsAreTheirStacksOwn(t *testing.T) {
	synthesize(t, nil, func(app awscdk.App) {
		stack := awscdk.NewStack(app, jsii.String("Teams"), nil)
		defined := team.New(stack, "Teams", team.Props{Teams: teams("checkout").Teams})
		page, published := defined.PageTopicARN("checkout"), stack.Node().FindChild(jsii.String("Teams")).Node().FindChild(jsii.String("CheckoutPageTopicArn"))
		if diff := cmp.Diff(stack.Resolve(published.(awscdk.CfnOutput).Value()), stack.Resolve(page)); diff != "" {
			t.Errorf("the topic is not the one that is published (-want +got):\n%s", diff)
		}
		panics(t, func() { defined.InformTopicARN("nobody") },
			`Teams/Teams: Owner must be a team that stack Teams defines (checkout), so that its alarms can notify it, got "nobody": name one of them, or add it to the teams`)
		for contract, imported := range map[string]func(){
			"Teams":    func() { team.Import(stack, defined.Ref()) },
			"Identity": func() { identity.Import(stack, identity.Ref{StackName: "Teams"}) },
			"Platform": func() { platform.Import(stack, platform.Ref{StackName: "Teams"}) },
		} {
			panics(t, imported, "Teams/"+contract+": "+contract+`.StackName must be another stack than the one that reads it, got "Teams" for both: give each its own stack`)
		}
		own := awscdk.NewStack(app, jsii.String("Own"), nil)
		definePlatform(func(*platform.Props) {})(own)
		panics(t, func() { platform.Import(own, platform.Ref{StackName: "Own"}) },
			`Own/Platform: Platform.StackName must be another stack than the one that reads it, got "Own" for both: give each its own stack`)
		other := awscdk.NewStack(app, jsii.String("Shop"), nil)
		if first := team.Import(other, defined.Ref()); team.Import(other, defined.Ref()) != first {
			t.Error("teams are imported anew each time")
		}
		panics(t, func() { team.Import(other, team.Ref{StackName: "Teams"}) }, "Shop/Teams: Teams.Teams must be the same in all imports of Teams, got 1 and 0 teams")
	})
}

// A New that fails leaves neither its name, its routes and its priority taken, nor half a service.
func TestAServiceThatFailedCanBeDefinedAgain(t *testing.T) {
	templates := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, shop(profile.Sandbox()))
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		attempt := func(change func(*microservice.Props)) (failed bool) {
			defer func() { failed = recover() != nil }()
			props := valid()
			change(&props)
			microservice.New(stack, "Cart", props)
			return false
		}
		if !attempt(func(p *microservice.Props) { p.Port = -1 }) {
			t.Error("a port that is none was taken")
		}
		// What the CDK alone finds, half way through.
		if !attempt(func(p *microservice.Props) {
			p.Sidecars = []microservice.Sidecar{{Name: "proxy", Image: image.Registry("public.ecr.aws/acme/proxy:1"), Command: []string{"a"}, MemoryMiB: 6}}
			p.Secrets = map[string]awsecs.Secret{"BROKEN": brokenSecret{}}
		}) {
			t.Error("a secret that is none was taken")
		}
		if attempt(func(*microservice.Props) {}) {
			t.Error("the valid service cannot be defined")
		}
		if !attempt(func(*microservice.Props) {}) {
			t.Error("a second service of the same name, routes and priority was taken")
		}
	}).templates
	whole := cart(t, valid())
	if diff := snapshot.Diff(whole, templates["Shop"]); diff != "" {
		t.Errorf("what failed is still there:\n%s", diff)
	}
}

// brokenSecret is no secret of the CDK's.
type brokenSecret struct{ awsecs.Secret }

func TestTwoStagesHaveAnEnvironmentEach(t *testing.T) {
	var rules []string
	dir := t.TempDir()
	err := trySynthesize(dir, nil, func(app awscdk.App) {
		for name, of := range map[string]profile.Profile{"Sandbox": profile.Sandbox(), "Production": profile.Production()} {
			stage := awscdk.NewStage(app, jsii.String(name), nil)
			env := shop(of)
			env.Name = strings.ToLower(name)
			environment.Set(stage, env)
			stack := awscdk.NewStack(stage, jsii.String("Shop"), nil)
			// The same name, route and priority on a platform of the same name: each stage has its own.
			cart := microservice.New(stack, "Cart", microservice.Props{Owner: "checkout", Image: valid().Image, Routes: valid().Routes})
			usesItems(cart)
			if got := environment.Of(cart); got.Name != env.Name || got.Profile != of {
				t.Errorf("%s: the environment is %+v", name, got)
			}
			rules = append(rules, *cart.Node().Path())
		}
	})
	if err != nil || len(rules) != 2 {
		t.Fatalf("%d stages: %v", len(rules), err)
	}
	templates, err := snapshot.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(templates) != 2 {
		t.Errorf("the stages have %q", slices.Sorted(maps.Keys(templates)))
	}
	for id, template := range templates {
		stage, days := "Sandbox", json.Number("7")
		if strings.HasPrefix(id, "Production") {
			stage, days = "Production", "90"
		}
		expect(t, stage, template.One(t, "AWS::Logs::LogGroup"), map[string]any{"RetentionInDays": days})
		if got := template.Get("Metadata.storefront:service:cart.Environment"); got != strings.ToLower(stage) {
			t.Errorf("%s records the environment %v", stage, got)
		}
	}
}

// Within one account and region a name is taken, whatever the stage.
func TestStagesOfOneAccountShareAPlatform(t *testing.T) {
	err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
		for _, name := range []string{"Blue", "Green"} {
			stage := awscdk.NewStage(app, jsii.String(name), &awscdk.StageProps{
				Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-central-1")},
			})
			environment.Set(stage, shop(profile.Sandbox()))
			microservice.New(awscdk.NewStack(stage, jsii.String("Shop"), nil), "Cart", valid())
		}
	})
	if err == nil || !strings.Contains(err.Error(), `Green/Shop/Cart: Name "cart" is already used by Blue/Shop/Cart: set Name to another`) {
		t.Errorf("got %v", err)
	}
}

func TestAContractCanBeImportedOften(t *testing.T) {
	template := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, shop(profile.Sandbox()))
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		first, second := platform.Of(stack), platform.Import(stack, platform.Ref{StackName: "shop-platform"})
		other := platform.Import(stack, platform.Ref{StackName: "other-platform", Zones: 3})
		if first != second || first == other || first.VPC() != second.VPC() {
			t.Error("a platform is imported anew each time")
		}
		if known := identity.Of(stack); identity.Of(stack) != known {
			t.Error("an identity is imported anew each time")
		}
		microservice.New(stack, "Cart", valid())
		props := valid()
		props.Name, props.Routes = "basket", []microservice.Route{{Path: "/basket"}}
		microservice.New(stack, "Basket", props)
		if zones := len(*other.VPC().PrivateSubnets()); zones != 3 {
			t.Errorf("the other platform has %d zones", zones)
		}
	}).templates["Shop"]
	if got := len(template.Outputs()); got != 1 {
		t.Errorf("%d outputs, want the one that holds the stack to what it believes of the logs", got)
	}
}

// Who believes otherwise than the platform reads an output that is not there, and so fails to deploy.
func TestSlowWhoIsWrongAboutThePlatformDoesNotDeploy(t *testing.T) {
	skipInShort(t)
	published := func(of profile.Profile) map[string]any {
		return synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, environment.Environment{Profile: of})
			definePlatform(func(*platform.Props) {})(awscdk.NewStack(app, jsii.String("Shop"), nil))
		}).templates["Shop"].Outputs()
	}
	read := func(of profile.Profile) map[string]bool {
		names := map[string]bool{}
		synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, shop(of))
			microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
		}).templates["Shop"].Walk(func(path string, value any) {
			if strings.HasSuffix(path, "Fn::GetStackOutput.OutputName") {
				names[fmt.Sprint(value)] = true
			}
		})
		return names
	}
	encrypted := profile.Sandbox()
	encrypted.EncryptLogs = true
	counted := profile.Sandbox()
	counted.ContainerInsights, counted.Alarms = true, true
	for _, test := range []struct {
		platform, reader profile.Profile
		deploys          bool
	}{
		{profile.Sandbox(), profile.Sandbox(), true},
		{encrypted, encrypted, true},
		{profile.Sandbox(), encrypted, false},
		{encrypted, profile.Sandbox(), false},
		{counted, counted, true},
		{counted, profile.Sandbox(), true}, // which has no alarm on what it does not expect
		{profile.Sandbox(), counted, false},
	} {
		there, missing := published(test.platform), ""
		for name := range read(test.reader) {
			if _, ok := there[name]; !ok && slices.Contains([]string{"LogKeyArn", "LogsHaveNoKey", "ContainerInsights"}, name) {
				missing = name
			}
		}
		if deploys := missing == ""; deploys != test.deploys {
			t.Errorf("platform %+v, reader %+v: %q is missing", test.platform, test.reader, missing)
		}
	}
}

// What features of a user's own do wrong is said like all else.
func TestWhatIsWrongWithWhatIsAdded(t *testing.T) {
	var nothing *table.Table
	for name, test := range map[string]struct {
		add  func(stack awscdk.Stack, cart *microservice.Microservice)
		want string
	}{
		"no store":             {func(_ awscdk.Stack, cart *microservice.Microservice) { cart.Uses(nil, store.Read) }, "Uses must name a store, got nil"},
		"a table that is none": {func(_ awscdk.Stack, cart *microservice.Microservice) { cart.Uses(nothing, store.Read) }, "Uses must name a store, got a nil *table.Table: define it first"},
		"a reserved variable":  {func(_ awscdk.Stack, cart *microservice.Microservice) { cart.SetVariable("PORT", "1") }, "SetVariable must not set PORT, which is reserved: set Props.Port"},
		"a malformed variable": {func(_ awscdk.Stack, cart *microservice.Microservice) { cart.SetVariable("1A", "1") }, `SetVariable must have names of letters, digits and underscores that do not start with a digit, got "1A"`},
		"a variable set already": {func(_ awscdk.Stack, cart *microservice.Microservice) {
			cart.SetVariable("A", "1")
			cart.SetVariable("A", "1")
			cart.SetVariable("A", "2")
		}, "SetVariable: the environment variable A is already set: change the ID of the store, or the name of the variable"},
		"no secret":          {func(_ awscdk.Stack, cart *microservice.Microservice) { cart.SetSecret("PASSWORD", nil) }, "SetSecret: the secret PASSWORD is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter"},
		"an alarm of nobody": {func(_ awscdk.Stack, cart *microservice.Microservice) { cart.AddAlarm("", rollsBack()) }, `AddAlarm: Alarm "Animals" must have a group: the construct ID of the store or feature that defines it`},
		"an alarm of nothing": {
			func(_ awscdk.Stack, cart *microservice.Microservice) {
				broken := rollsBack()
				broken.Metric, broken.LookAt[2] = metric.Metric{}, ""
				cart.AddAlarm("Zoo", broken)
			},
			"AddAlarm: Alarm.Metric is missing: give a Namespace and a Name, or an Expression; a service without routes has no metrics of requests\n" +
				"AddAlarm: Alarm.LookAt[2] is missing: name the first three things to look at",
		},
		"an alarm that is a circle": {
			func(_ awscdk.Stack, cart *microservice.Microservice) {
				circle := rollsBack()
				circle.Metric = cart.Metrics().CPU()
				cart.AddAlarm("Zoo", circle)
			},
			`AddAlarm: Alarm "Animals" must not roll back, since its metric names the service, which is deployed after such an alarm: remove RollsBack`,
		},
		"two alarms of one ID": {
			func(_ awscdk.Stack, cart *microservice.Microservice) {
				cart.AddAlarm("Zoo", rollsBack())
				cart.AddAlarm("Zoo", rollsBack()) // the same again
				other := rollsBack()
				other.Threshold = 7
				cart.AddAlarm("Zoo", other)
			},
			`AddAlarm: Alarm.ID "Animals" is already used by another alarm of Zoo: choose another, or another group`,
		},
		"a metric that is tracked already": {
			func(_ awscdk.Stack, cart *microservice.Microservice) {
				cart.Track("Depth", metric.Metric{Namespace: "Shop", Name: "depth"}, 5)
				cart.Track("Depth", metric.Metric{Namespace: "Shop", Name: "depth"}, 5)
			},
			"Track: Depth is already used by another scaling policy of the service: choose another ID",
		},
		"a metric that is none": {
			func(_ awscdk.Stack, cart *microservice.Microservice) {
				cart.Track("depth", metric.Metric{Name: "depth"}, 0)
			},
			"Track.ID must be letters and digits, starting with a capital letter, at most 32, got \"depth\"\n" +
				"Track.Metric.Namespace is missing: name the metric's, such as AWS/Kinesis\n" +
				"Track.PerTask must be more than 0 and at most 2.3485425827738332e+108, the value to hold for each running task, got 0",
		},
		"a metric that means two things": {
			func(_ awscdk.Stack, cart *microservice.Microservice) {
				cart.Track("Depth", metric.Metric{Expression: "runningTasks + 1", Over: map[string]metric.Metric{"runningTasks": {Namespace: "Shop", Name: "depth"}}}, 5)
			},
			`Track: Depth.Over["serviceTotal"].Over has the ID "runningTasks" for two metrics: choose another for one`,
		},
		"a store of a nested stack": {
			func(stack awscdk.Stack, cart *microservice.Microservice) {
				nested := awscdk.NewNestedStack(stack, jsii.String("Nested"), nil)
				cart.Uses(table.New(nested, "Items", table.Props{PartitionKey: table.String("id")}), table.Read)
			},
			"Uses of Shop/Nested/Items: it is in stack Shop/Nested and not in Shop: define it there, call the service that owns it, or react to its events",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
				environment.Set(app, shop(profile.Production()))
				stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
				test.add(stack, microservice.New(stack, "Cart", valid()))
			})
			if want := "Shop/Cart: " + strings.ReplaceAll(test.want, "\n", "\nShop/Cart: "); err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
		})
	}
}

func TestAFixedNumberOfTasksTracksNothing(t *testing.T) {
	err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
		environment.Set(app, shop(profile.Production()))
		props := valid()
		props.Scaling = scaling.Policy{Min: 2, Max: 2}
		cart := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
		cart.Track("Depth", metric.Metric{Namespace: "Shop", Name: "depth"}, 5)
	})
	if want := "Shop/Cart: Track: Depth has no effect while Scaling.Min and Max are both 2: raise Max"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Where a service has no alarms, what it uses brings none, and still may not be wrong.
func TestWithoutAlarmsNothingBringsAny(t *testing.T) {
	template := cart(t, valid(), usesItems, func(cart *microservice.Microservice) { cart.AddAlarm("Zoo", rollsBack()) })
	if alarms := alarmsOf(template); len(alarms) > 0 {
		t.Errorf("%s is there", alarms[0].LogicalID)
	}
}

// A metric is the same wherever it is rendered.
func TestAMetricIsRenderedAlike(t *testing.T) {
	share := service.Metrics{Targets: service.Targets{LoadBalancer: "app/shop/1", TargetGroups: []string{"targetgroup/a/1", "targetgroup/b/2"}}}.Failed(10)
	template := inStack(t, func(stack awscdk.Stack) {
		props := &awscloudwatch.CfnAlarmProps{ComparisonOperator: jsii.String("GreaterThanThreshold"), EvaluationPeriods: jsii.Number(1), Threshold: jsii.Number(5)}
		render.Alarm(share, props)
		awscloudwatch.NewCfnAlarm(stack, jsii.String("Alarm"), props)
		awscloudwatch.NewDashboard(stack, jsii.String("Board"), nil).AddWidgets(awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
			Left: render.Graph(share, service.Targets{}.Requests(), share),
			Right: render.Graph(metric.Metric{
				Expression: "2 * orders", Over: map[string]metric.Metric{"orders": {Namespace: "Shop", Name: "orders"}}, Period: 10 * time.Minute,
			}, service.Targets{LoadBalancer: "app/shop/1", TargetGroups: []string{"targetgroup/a/1", "targetgroup/b/2"}}.Latency(99, 10)),
		}))
	})
	queries := template.One(t, "AWS::CloudWatch::Alarm").Get("Properties.Metrics").([]any)
	if len(queries) != len(share.Queries()) {
		t.Errorf("%d queries, want %d", len(queries), len(share.Queries()))
	}
	board := fmt.Sprint(template.One(t, "AWS::CloudWatch::Dashboard").Get("Properties.DashboardBody"))
	ids := map[string]bool{}
	for _, found := range regexp.MustCompile(`MAX\(\[FILL\((group1_[0-9a-f]{8}_[12]), 0\), FILL\(group2_[0-9a-f]{8}_[12], 0\)\]\)`).FindAllStringSubmatch(board, -1) {
		ids[found[1]] = true
	}
	if strings.Count(board, `"period":600`) != 2 {
		t.Errorf("the dashboard does not draw orders every ten minutes: %s", board)
	}
	if len(ids) != 3 || strings.Count(board, "HTTPCode_Target_5XX_Count") != 4 || strings.Contains(board, `["",""`) {
		t.Errorf("the dashboard draws %v: %s", ids, board)
	}
}

func TestWhatAServiceUsesIsRecorded(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		usesItemsTwice(cart)
		cart.Uses(identity.Import(cart, valid().Identity), identity.AdministerUsers)
		if got := cart.Used(); len(got) != 3 || got[0].Access != identity.AdministerUsers || got[1].Access != table.Read {
			t.Errorf("the service uses %+v", got)
		}
	})
	want := map[string]any{
		"Path": "Shop/Cart", "Stack": "Shop", "Owner": "checkout",
		"Uses": []any{
			map[string]any{"Store": "Shop/Cart/Identity", "Type": "identity.Identity", "Access": "AdministerUsers", "Variables": []any{"USER_POOL_CLIENT_ID", "USER_POOL_ID"}},
			map[string]any{"Store": "Shop/Cart/Items", "Type": "table.Table", "Access": "Read", "Variables": []any{"ITEMS_TABLE_NAME"}},
			map[string]any{"Store": "Shop/Cart/Items", "Type": "table.Table", "Access": "Write", "Variables": []any{"ITEMS_TABLE_NAME"}},
		},
	}
	if diff := cmp.Diff(want, template.Get("Metadata.storefront:service:cart")); diff != "" {
		t.Errorf("the record (-want +got):\n%s", diff)
	}
}

// What stands in a service runs on what the service runs on.
func TestWhatAServiceHasFollowsItsPlatform(t *testing.T) {
	template := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, shop(profile.Production()))
		props := valid()
		props.Platform = platform.Ref{StackName: "other-platform", Zones: 2}
		props.Identity.StackName = "other-identity"
		cart := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
		cart.Uses(searchdomain.New(cart, "Products", searchdomain.Props{}), store.Read)
		cart.Uses(identity.Of(cart), identity.AdministerUsers)
	}).templates["Shop"]
	read := 0
	template.Walk(func(path string, value any) {
		if strings.HasSuffix(path, "Fn::GetStackOutput.StackName") && value != "shop-teams" {
			read++
			if !strings.HasPrefix(fmt.Sprint(value), "other-") {
				t.Errorf("%s reads %v", path, value)
			}
		}
	})
	if read == 0 {
		t.Error("nothing is read of the platform")
	}
}

// ledger is a store whose every Bind makes its value and its secret anew.
type ledger struct {
	key  awssecretsmanager.ISecret
	host *string
}

func (l ledger) Bind(store.Consumer, store.Access) (store.Binding, error) {
	return store.Binding{
		Environment: map[string]string{"LEDGER_URL": *awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("https://"), l.host})},
		Secrets:     map[string]awsecs.Secret{"LEDGER_KEY": awsecs.Secret_FromSecretsManager(l.key, nil)},
		Alarms: []alarm.Alarm{{
			ID: "Refused", Comparison: alarm.Above, Threshold: 1, Meaning: "the ledger refuses entries.", LookAt: [3]string{"a.", "b.", "c."},
			Metric: metric.Metric{Namespace: "Shop", Name: "refused", Dimensions: map[string]string{
				"Host": *awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("host-"), l.host}),
			}},
		}},
		Backlog: store.Backlog{Metric: metric.Metric{Namespace: "Shop", Name: "entries", Dimensions: map[string]string{
			"Host": *awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("host-"), l.host}),
		}}},
	}, nil
}

func TestAStoreCanBeUsedTwice(t *testing.T) {
	worker := valid()
	worker.Scaling.Backlog = scaling.Backlog{AcceptableDelay: time.Minute, MessageDuration: time.Second}
	template := cart(t, worker, func(cart *microservice.Microservice) {
		stack := awscdk.Stack_Of(cart)
		entries := ledger{key: awssecretsmanager.NewSecret(stack, jsii.String("Key"), nil), host: stack.Region()}
		cart.Uses(entries, store.Read)
		cart.Uses(entries, store.Write)
		cart.Uses(entries, store.Write)
		if got := len(cart.Used()); got != 2 {
			t.Errorf("%d uses are recorded, want 2", got)
		}
		other := ledger{key: awssecretsmanager.NewSecret(stack, jsii.String("Other"), nil), host: stack.Account()}
		panics(t, func() { cart.Uses(other, store.Read) },
			"Shop/Cart: Uses of test.ledger: the environment variable LEDGER_URL is already set: change the ID of the store, or the name of the variable",
			"Shop/Cart: Uses of test.ledger: the environment variable LEDGER_KEY is already set: change the ID of the store, or the name of the variable")
	})
	if got := len(template.Resources("AWS::ApplicationAutoScaling::ScalingPolicy")); got == 0 {
		t.Error("nothing scales by the backlog")
	}
}

// gate is a store that is not a construct, and has an alarm.
type gate struct{ name, group string }

func (g gate) Bind(store.Consumer, store.Access) (store.Binding, error) {
	refused := rollsBack()
	refused.Metric.Dimensions = map[string]string{"Gate": g.name}
	return store.Binding{Environment: map[string]string{g.name + "_URL": "https://" + g.name}, Alarms: []alarm.Alarm{refused}, Group: g.group}, nil
}

// An alarm's name and logical ID say whose it is, and stay as they are when a variable is added or renamed.
func TestAlarmsAreNamedByTheirStore(t *testing.T) {
	template := toldCart(t, unchanged, func(cart *microservice.Microservice) {
		cart.Uses(gate{"EAST", ""}, store.Read)
		cart.Uses(gate{"WEST", "WestGate"}, store.Read)
		panics(t, func() { cart.Uses(gate{"SOUTH", ""}, store.Read) },
			`Shop/Cart: Uses of test.gate: Alarm.ID "Animals" is already used by another alarm of Gate: choose another, or another group`)
	})
	names := map[string]string{}
	for _, found := range alarmsOf(template) {
		if strings.Contains(found.LogicalID, "Animals") {
			names[found.LogicalID[:len(found.LogicalID)-8]] = fmt.Sprint(found.Get("Properties.AlarmName"))
		}
	}
	want := map[string]string{
		"CartAlarmsOfGateAnimals":     "Shop.cart.gate.animals",
		"CartAlarmsOfWestGateAnimals": "Shop.cart.west-gate.animals",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
}

// A rule has at most 10,240 characters and 100 children, and a service may use more tables than fit into one.
func TestAPageOfManyAlarms(t *testing.T) {
	template := toldCart(t, unchanged, func(cart *microservice.Microservice) {
		for n := range 20 {
			cart.Uses(table.New(cart, fmt.Sprint("Items", n), table.Props{PartitionKey: table.String("id")}), table.Read)
		}
	})
	rules := map[string]string{}
	for _, page := range template.Resources("AWS::CloudWatch::CompositeAlarm") {
		rules[page.LogicalID[:len(page.LogicalID)-8]] = fmt.Sprint(page.Get("Properties.AlarmRule"))
		if notifies := page.Get("Properties.AlarmActions") != nil; notifies != strings.HasSuffix(page.LogicalID[:len(page.LogicalID)-8], "Page") {
			t.Errorf("%s notifies: %t", page.LogicalID, notifies)
		}
	}
	for n, want := range map[string]int{"CartAlarmsPage": 3, "CartAlarmsPage1": 30, "CartAlarmsPage2": 30, "CartAlarmsPage3": 4} {
		if got := strings.Count(rules[n], `ALARM("`); got != want {
			t.Errorf("%s follows %d, want %d", n, got, want)
		}
	}
	all := rules["CartAlarmsPage1"] + rules["CartAlarmsPage2"] + rules["CartAlarmsPage3"]
	for _, found := range alarmsOf(template) {
		pages := strings.Contains(found.LogicalID, "AlarmsOf") || strings.Contains(found.LogicalID, "Deployment") || strings.Contains(found.LogicalID, "HealthyTasks")
		if got := strings.Count(all, found.LogicalID); got != map[bool]int{true: 1}[pages] {
			t.Errorf("%s is in %d rules, and pages: %t", found.LogicalID, got, pages)
		}
	}
}

// An alarm that a deployment waits for cannot speak of the service in any way: CloudFormation would have to make each first.
func TestARollbackAlarmCannotNameTheService(t *testing.T) {
	cart(t, valid(), func(cart *microservice.Microservice) {
		for _, value := range []string{cart.Metrics().Service, "x/" + cart.Metrics().Service, *cart.FargateService().ServiceArn()} {
			own := rollsBack()
			own.Metric.Dimensions = map[string]string{"Service": value}
			panics(t, func() { cart.AddAlarm("Zoo", own) },
				`Shop/Cart: AddAlarm: Alarm "Animals" must not roll back, since its metric names the service, which is deployed after such an alarm: remove RollsBack`)
		}
		cart.AddAlarm("Zoo", rollsBack())
	})
}

// In the repository of one team nobody lists the teams, and an owner must still be the name of one.
func TestAnOwnerIsATeam(t *testing.T) {
	for owner, want := range map[string][]string{
		"checkout": nil,
		"Checkout": {`Shop/Cart: Owner must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "Checkout"`},
	} {
		synthesize(t, nil, func(app awscdk.App) {
			env := shop(profile.Sandbox())
			env.Teams.Teams = nil
			environment.Set(app, env)
			props := valid()
			props.Owner = owner
			stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
			panics(t, func() { microservice.New(stack, "Cart", props) }, want...)
		})
	}
}

// panics reports when f does not panic with exactly the given errors, one to a line, or panics although none is given.
func panics(t *testing.T, f func(), want ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		got := ""
		if err := recover(); err != nil {
			got = fmt.Sprint(err)
		}
		if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
			t.Errorf("errors (-want +got):\n%s", diff)
		}
	}()
	f()
}
