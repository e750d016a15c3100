package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/stacks"
)

// alarmsOf are a template's alarms of both kinds.
func alarmsOf(template interface {
	Resources(resourceType string) []snapshot.Resource
},
) []snapshot.Resource {
	return append(template.Resources("AWS::CloudWatch::Alarm"), template.Resources("AWS::CloudWatch::CompositeAlarm")...)
}

func TestSlowEveryAlarmReachesItsOwner(t *testing.T) {
	skipInShort(t)
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		alarms := alarmsOf(template)
		services := template.Resources("AWS::ECS::Service")
		if env.Profile.Alarms && stack == "Platform" {
			return // see TestAlarmsOnWhatTheAPIRefuses
		}
		if !env.Profile.Alarms || len(services) == 0 {
			if len(alarms) > 0 {
				t.Errorf("%s has the alarm %s", stack, alarms[0].LogicalID)
			}
			return
		}
		if pages := template.Resources("AWS::CloudWatch::CompositeAlarm"); len(pages) != len(services) {
			t.Errorf("%s has %d composite alarms, want one for each of %d services", stack, len(pages), len(services))
		}
		owner := tagsOf(services[0])["owner"]
		for _, alarm := range alarms {
			output := strings.ToUpper(owner[:1]) + owner[1:] + "InformTopicArn"
			if alarm.Type == "AWS::CloudWatch::CompositeAlarm" {
				output = strings.ToUpper(owner[:1]) + owner[1:] + "PageTopicArn"
			}
			for _, actions := range []string{"AlarmActions", "OKActions"} {
				expect(t, stack, alarm, map[string]any{
					actions + ".0.Fn::GetStackOutput.StackName":  "storefront-" + env.Name + "-teams",
					actions + ".0.Fn::GetStackOutput.OutputName": output,
					actions + ".1": nil,
				})
			}
			if tags := tagsOf(alarm); tags["owner"] != owner || tags["service"] != serviceOf(stack, alarm) || tags["environment"] != env.Name {
				t.Errorf("%s: the tags of %s are %v", stack, alarm.LogicalID, tags)
			}
			description := fmt.Sprint(alarm.Get("Properties.AlarmDescription"))
			for _, part := range []string{serviceOf(stack, alarm) + ": ", "Look at: 1. ", " 2. ", " 3. ", "Owner: " + owner} {
				if !strings.Contains(description, part) {
					t.Errorf("%s: the description of %s lacks %q: %s", stack, alarm.LogicalID, part, description)
				}
			}
			if missing := alarm.Get("Properties.TreatMissingData"); alarm.Type == "AWS::CloudWatch::Alarm" && missing == nil {
				t.Errorf("%s: %s does not say what missing data means", stack, alarm.LogicalID)
			}
		}
	})
}

// A service's share of CloudFormation's 500 resources in production.
func TestProductionStacksStaySmall(t *testing.T) {
	for _, service := range stacks.Storefront().Services {
		if got := len(environments(t)["production"].templates[service.ID].Resources("")); got > 64 {
			t.Errorf("%s has %d resources in production, more than 64", service.ID, got)
		}
	}
}

// ECS looks for the alarms by name when it makes the service: they are there before it, and know nothing of it.
func TestADeploymentIsRolledBackByItsAlarms(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		for _, service := range template.Resources("AWS::ECS::Service") {
			found := map[string]snapshot.Resource{}
			for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
				if name, ok := alarm.Get("Properties.AlarmName").(string); ok {
					found[name] = alarm
				}
			}
			names, _ := service.Get("Properties.DeploymentConfiguration.Alarms.AlarmNames").([]any)
			if !routed(service) {
				if len(names) > 0 {
					t.Errorf("%s: a deployment of %s, which has no requests, is watched by %v", stack, service.LogicalID, names)
				}
				continue
			}
			if want := map[bool]int{true: 3}[env.Profile.Alarms]; len(names) != want || len(found) != want {
				t.Errorf("%s: a deployment is watched by %v, and %d alarms have a name, want %d", stack, names, len(found), want)
			}
			if !env.Profile.Alarms {
				continue
			}
			expect(t, stack, service, map[string]any{
				"DeploymentConfiguration.Alarms.Enable": true, "DeploymentConfiguration.Alarms.Rollback": true,
			})
			for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
				waits := fmt.Sprint(alarm.Get("DependsOn")) == "["+service.LogicalID+"]"
				if strings.Contains(alarm.LogicalID, "HealthyTasks") != waits {
					t.Errorf("%s: %s waits for the first start: %t", stack, alarm.LogicalID, waits)
				}
			}
			first := fmt.Sprint(service.Get("DependsOn"))
			for _, name := range names {
				alarm := found[fmt.Sprint(name)]
				if alarm.LogicalID == "" {
					t.Fatalf("%s: no alarm is named %v", stack, name)
				}
				if !strings.HasPrefix(fmt.Sprint(name), "storefront-"+env.Name+"-"+strings.ToLower(stack)+".") {
					t.Errorf("%s: the name %v is not the stack's", stack, name)
				}
				if !strings.Contains(first, alarm.LogicalID) {
					t.Errorf("%s: the service does not wait for %s", stack, alarm.LogicalID)
				}
				snapshot.Template(alarm.Raw).Walk(func(path string, value any) {
					if value == service.LogicalID {
						t.Errorf("%s: %s of %s names the service, which waits for it", stack, path, alarm.LogicalID)
					}
				})
			}
		}
	})
}

// teams are a reference to a stack of teams.
func teams(names ...string) team.Ref {
	ref := team.Ref{StackName: "shop-teams"}
	for _, name := range names {
		ref.Teams = append(ref.Teams, team.Team{Name: name, Email: name + "@example.com"})
	}
	return ref
}

// told is a stack in an app with the profile of production and three teams.
func told(t testing.TB, define func(stack awscdk.Stack)) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Teams: teams("checkout", "media", "platform")})
		define(awscdk.NewStack(app, jsii.String("Shop"), nil))
	}).templates["Shop"]
}

// toldCart is a service in such a stack.
func toldCart(t testing.TB, change func(*microservice.Props), use ...func(cart *microservice.Microservice)) snapshot.Template {
	t.Helper()
	return told(t, func(stack awscdk.Stack) {
		props := valid()
		change(&props)
		cart := microservice.New(stack, "Cart", props)
		for _, add := range use {
			add(cart)
		}
	})
}

func unchanged(*microservice.Props) {}

func usesItems(cart *microservice.Microservice) {
	cart.Uses(table.New(cart, "Items", table.Props{PartitionKey: table.String("id")}), table.ReadWrite)
}

// One of each place: before the service, beside it, and on a store. All settings are tried beside the code.
func TestAThresholdIsInOneAlarm(t *testing.T) {
	before := toldCart(t, unchanged, usesItems)
	for name, change := range map[string]func(*microservice.Alarms, *table.Alarms){
		"Errors":              func(a *microservice.Alarms, _ *table.Alarms) { a.Errors.Percent = 1 },
		"MissingTasks":        func(a *microservice.Alarms, _ *table.Alarms) { a.MissingTasks.Count = 2 },
		"OfItemsSystemErrors": func(_ *microservice.Alarms, a *table.Alarms) { a.SystemErrors.Count = 50 },
	} {
		items := table.Props{PartitionKey: table.String("id")}
		after := toldCart(t, func(props *microservice.Props) { change(&props.Alarms, &items.Alarms) }, func(cart *microservice.Microservice) {
			cart.Uses(table.New(cart, "Items", items), table.ReadWrite)
		})
		diff := snapshot.Diff(before, after)
		if diff == "" {
			t.Errorf("%s: nothing changed", name)
		}
		for line := range strings.Lines(diff) {
			path := strings.SplitN(line, ".", 3)
			if path[0] != "Resources" || !strings.Contains(path[1], "Alarms") || !strings.Contains(path[1], name) {
				t.Errorf("%s: another threshold changes %s", name, line)
			}
		}
	}
}

// Half of the tasks that a service has at the least, rounded up.
func TestHealthyTasksFollowScaling(t *testing.T) {
	for least, want := range map[int]string{2: "1", 5: "3"} {
		got := "nothing"
		for _, alarm := range alarmsOf(toldCart(t, func(props *microservice.Props) { props.Scaling.Min = least })) {
			if strings.Contains(alarm.LogicalID, "HealthyTasks") {
				got = fmt.Sprint(alarm.Get("Properties.Threshold"))
			}
		}
		if got != want {
			t.Errorf("at %d tasks the alarm waits for less than %s, want %s", least, got, want)
		}
	}
}

func TestAnAlarmCanBeDisabled(t *testing.T) {
	template := toldCart(t, func(props *microservice.Props) {
		props.Alarms.Errors.Disable = true
		props.Alarms.TypicalLatency.Disable = true
		props.Alarms.SlowestLatency.Disable = true
		props.Alarms.CPU.Disable = true
	}, usesItems)
	for _, alarm := range alarmsOf(template) {
		for _, id := range []string{"Errors1", "Latency", "AlarmsCPU", "Deployment"} {
			if strings.Contains(alarm.LogicalID, id) {
				t.Errorf("%s is there", alarm.LogicalID)
			}
		}
	}
	if got := len(alarmsOf(template)); got != 8 {
		t.Errorf("%d alarms, want 8", got)
	}
	if names := template.One(t, "AWS::ECS::Service").Get("Properties.DeploymentConfiguration.Alarms.AlarmNames.0"); names != nil {
		t.Errorf("a deployment is watched by %v", names)
	}
}

// What is left is what takes a bad version back, and tells nobody.
func TestAlarmsCanBeSwitchedOff(t *testing.T) {
	for want, strategy := range map[int]deployment.Strategy{0: deployment.Rolling{}, 3: deployment.BlueGreen{}} {
		template := toldCart(t, func(props *microservice.Props) {
			props.Alarms = microservice.Alarms{Enabled: profile.Off}
			props.Deployment = strategy
		}, usesItems)
		all := alarmsOf(template)
		if len(all) != want {
			t.Errorf("%T: %d alarms, want %d", strategy, len(all), want)
		}
		for _, alarm := range all {
			if alarm.Get("Properties.AlarmName") == nil || alarm.Get("Properties.AlarmActions") != nil {
				t.Errorf("%T: %s is there, and tells %v", strategy, alarm.LogicalID, alarm.Get("Properties.AlarmActions"))
			}
		}
	}
}

// What the sandbox does not have by itself, it has when it is asked.
func TestAlarmsInTheSandbox(t *testing.T) {
	template := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: profile.Sandbox(), Teams: teams("checkout")})
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		props := valid()
		props.Alarms.Enabled = profile.On
		microservice.New(stack, "Cart", props)
		props = valid()
		props.Routes, props.Name = nil, "quiet"
		microservice.New(stack, "Quiet", props)
	}).templates["Shop"]
	for _, alarm := range alarmsOf(template) {
		if !strings.HasPrefix(alarm.LogicalID, "CartAlarms") || strings.Contains(alarm.LogicalID, "MissingTasks") {
			t.Errorf("%s is there", alarm.LogicalID)
		}
	}
	expect(t, "Shop", template.One(t, "AWS::CloudWatch::CompositeAlarm"), map[string]any{
		"AlarmActions.0.Fn::GetStackOutput.OutputName": "CheckoutPageTopicArn",
		"AlarmActions.0.Fn::GetStackOutput.StackName":  "shop-teams",
	})
}

// followed are the alarms that the composite one follows, by the beginning of their logical IDs, in order.
func followed(t *testing.T, template snapshot.Template) []string {
	t.Helper()
	parts, _ := template.One(t, "AWS::CloudWatch::CompositeAlarm").Get("Properties.AlarmRule.Fn::Join.1").([]any)
	var ids []string
	for _, part := range parts {
		if reference, ok := part.(map[string]any); ok {
			id := fmt.Sprint(snapshot.Template(reference).Get("Fn::GetAtt.0"))
			ids = append(ids, strings.TrimPrefix(id[:len(id)-8], "CartAlarms"))
		} else if part != `ALARM("` && part != `") OR ALARM("` && part != `")` {
			t.Errorf("the rule has the part %q", part)
		}
	}
	return ids
}

func TestThePageFollowsWhatHurts(t *testing.T) {
	service := []string{"DeploymentErrors", "HealthyTasks"}
	latency := []string{"DeploymentSlowestLatency", "DeploymentTypicalLatency"}
	items := []string{"OfItemsSystemErrors", "OfItemsThrottledReads", "OfItemsThrottledWrites"}
	queue := []string{"OfMailsDeadLetters", "OfMailsQueueAge"}
	usesMails := func(cart *microservice.Microservice) { cart.Uses(mails(cart), store.Read) }
	for name, test := range map[string]struct {
		use  []func(*microservice.Microservice)
		want []string
	}{
		"no store":           {nil, slices.Concat(service, latency)},
		"a table":            {[]func(*microservice.Microservice){usesItems}, slices.Concat(service, latency, items)},
		"a queue":            {[]func(*microservice.Microservice){usesMails}, slices.Concat(service, latency, queue)},
		"table, then queue":  {[]func(*microservice.Microservice){usesItems, usesMails}, slices.Concat(service, latency, items, queue)},
		"queue, then table":  {[]func(*microservice.Microservice){usesMails, usesItems}, slices.Concat(service, latency, items, queue)},
		"one table in words": {[]func(*microservice.Microservice){usesItemsTwice}, slices.Concat(service, latency, items)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := followed(t, toldCart(t, unchanged, test.use...)); !slices.Equal(got, test.want) {
				t.Errorf("the page follows %q, want %q", got, test.want)
			}
		})
	}
}

func usesItemsTwice(cart *microservice.Microservice) {
	items := table.New(cart, "Items", table.Props{PartitionKey: table.String("id")})
	cart.Uses(items, table.Read)
	cart.Uses(items, table.Write)
}

// A table may be called what an alarm of the service is called.
func TestAStoreCalledLikeAnAlarmIsWatched(t *testing.T) {
	service := alarmsOf(toldCart(t, unchanged))
	ids := []string{"CPU", "ClientErrors", "Deployment", "HealthyTasks", "Memory", "MissingTasks", "Page"}
	template := toldCart(t, unchanged, func(cart *microservice.Microservice) {
		for _, id := range ids {
			cart.Uses(table.New(cart, id, table.Props{PartitionKey: table.String("id")}), table.ReadWrite)
		}
	})
	if got, want := len(alarmsOf(template)), len(service)+3*len(ids); got != want {
		t.Errorf("%d alarms, want %d", got, want)
	}
	for _, alarm := range service {
		if template.Get("Resources."+alarm.LogicalID) == nil {
			t.Errorf("%s is gone", alarm.LogicalID)
		}
	}
}

// consumed is a queue as a store would bring it.
type consumed struct{ constructs.Construct }

// waiting is an alarm on the messages of a queue.
func waiting(id, queue string) alarm.Alarm {
	return alarm.Alarm{
		ID: id, Comparison: alarm.Above, Threshold: 5, Pages: true,
		Metric:  metric.Metric{Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Dimensions: map[string]string{"QueueName": queue}},
		Meaning: "messages wait.", LookAt: [3]string{"one.", "two.", "three."},
	}
}

func mails(scope constructs.Construct) consumed {
	return consumed{constructs.NewConstruct(scope, jsii.String("Mails"))}
}

func (consumed) Bind(store.Consumer, store.Access) (store.Binding, error) {
	return store.Binding{Alarms: []alarm.Alarm{waiting("QueueAge", "mails"), waiting("DeadLetters", "mails-dead")}}, nil
}

func TestAQueueIsWatched(t *testing.T) {
	template := toldCart(t, unchanged, func(cart *microservice.Microservice) {
		cart.Uses(queue.New(cart, "Mails", queue.Props{Alarms: queue.Alarms{QueueAge: alarm.Age{Oldest: 5 * time.Minute}}}), queue.Consume)
	})
	main, deadLetters := queues(t, template)
	found := 0
	for _, alarm := range alarmsOf(template) {
		switch {
		case strings.HasPrefix(alarm.LogicalID, "CartAlarmsOfMailsQueueAge"):
			found++
			expect(t, "Shop", alarm, map[string]any{
				"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage", "Statistic": "Maximum", "Period": json.Number("60"),
				"Dimensions.0.Name": "QueueName", "Dimensions.0.Value.Fn::GetAtt.0": main.LogicalID, "Threshold": json.Number("300"),
				"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
			})
		case strings.HasPrefix(alarm.LogicalID, "CartAlarmsOfMailsDeadLetters"):
			found++
			expect(t, "Shop", alarm, map[string]any{
				"Metrics.0.Id": "watched", "Metrics.0.ReturnData": true, "Metrics.0.Expression": "DIFF(FILL(waiting, 0) + FILL(received, 0))",
				"Metrics.1.Id": "received", "Metrics.1.ReturnData": false, "Metrics.2.Id": "waiting", "Metrics.2.ReturnData": false,
				"Metrics.1.MetricStat.Metric.MetricName":                      "ApproximateNumberOfMessagesNotVisible",
				"Metrics.2.MetricStat.Metric.MetricName":                      "ApproximateNumberOfMessagesVisible",
				"Metrics.1.MetricStat.Metric.Dimensions.0.Value.Fn::GetAtt.0": deadLetters.LogicalID, "Metrics.1.MetricStat.Stat": "Maximum",
				"Metrics.2.MetricStat.Metric.Dimensions.0.Value.Fn::GetAtt.0": deadLetters.LogicalID, "Metrics.2.MetricStat.Stat": "Maximum",
				"Metrics.1.MetricStat.Period": json.Number("60"), "Metrics.2.MetricStat.Period": json.Number("60"),
				"DatapointsToAlarm": json.Number("1"), "EvaluationPeriods": json.Number("15"), "MetricName": nil, "Period": nil,
			})
		}
	}
	if found != 2 {
		t.Errorf("%d alarms on the queue, want 2", found)
	}
}

// Nobody but ECS says whether a worker runs, so that then it pages.
func TestAWorkerIsWatched(t *testing.T) {
	template := toldCart(t, func(props *microservice.Props) { props.Routes, props.Identity = nil, identity.Ref{} })
	if got, want := followed(t, template), []string{"MissingTasks"}; !slices.Equal(got, want) {
		t.Errorf("the page follows %q, want %q", got, want)
	}
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"DeploymentConfiguration.Alarms.AlarmNames.0": nil})
	if got := len(alarmsOf(template)); got != 4 {
		t.Errorf("%d alarms, want 4", got)
	}
}

// With a gradual deployment either of two groups may be live, and the alarms that roll it back are there in every
// environment, and no others.
func TestAGradualDeploymentIsWatched(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		props := valid()
		props.Deployment = deployment.BlueGreen{}
		cart := microservice.New(stack, "Cart", props)
		usesItems(cart)
		cart.Uses(mails(cart), store.Read)
	})
	alarms := alarmsOf(template)
	if len(alarms) != 3 {
		t.Fatalf("%d alarms, want the deployment's three", len(alarms))
	}
	blue, green := "CartTarget", "CartAlternateTarget"
	for _, alarm := range alarms {
		expect(t, "Shop", alarm, map[string]any{
			"AlarmActions": nil, "OKActions": nil, "DatapointsToAlarm": json.Number("2"), "EvaluationPeriods": json.Number("4"),
			"Metrics.0.Expression": "MAX([FILL(group1, 0), FILL(group2, 0)])", "Metrics.0.ReturnData": true,
		})
		groups := map[string]bool{}
		returned := 0
		for n := range alarm.Get("Properties.Metrics").([]any) {
			metric := fmt.Sprintf("Properties.Metrics.%d.", n)
			group := fmt.Sprint(alarm.Get(metric + "MetricStat.Metric.Dimensions.1.Value.Fn::GetAtt.0"))
			groups[group[:max(len(group)-8, 0)]] = true
			if alarm.Get(metric+"ReturnData") == true {
				returned++
			}
		}
		if !groups[blue] || !groups[green] || returned != 1 {
			t.Errorf("%s is on the groups %v, and returns %d metrics", alarm.LogicalID, groups, returned)
		}
	}
	names := template.One(t, "AWS::ECS::Service").Get("Properties.DeploymentConfiguration.Alarms.AlarmNames")
	if got, want := fmt.Sprint(names), "[Shop.cart.errors Shop.cart.typical-latency Shop.cart.slowest-latency]"; got != want {
		t.Errorf("a deployment is watched by %s, want %s", got, want)
	}
}

// notices are what the CDK's command line prints of an assembly.
func notices(t *testing.T, a assembly) []string {
	t.Helper()
	var manifest struct {
		Artifacts map[string]struct {
			Metadata map[string][]struct{ Type, Data any }
		}
	}
	if err := json.Unmarshal(read(t, a.dir, "manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	var found []string
	for name, artifact := range manifest.Artifacts {
		entries := artifact.Metadata
		if len(entries) == 0 {
			entries = metadataOf(t, a, name)
		}
		for path, all := range entries {
			for _, entry := range all {
				if entry.Type == "aws:cdk:info" || entry.Type == "aws:cdk:warning" {
					found = append(found, fmt.Sprintf("%s: %v", path, entry.Data))
				}
			}
		}
	}
	return found
}

// metadataOf is a stack's, which newer versions of the CDK keep in a file of its own.
func metadataOf(t *testing.T, a assembly, artifact string) map[string][]struct{ Type, Data any } {
	t.Helper()
	var entries map[string][]struct{ Type, Data any }
	file := artifact + ".metadata.json"
	if !exists(a.dir, file) {
		return nil
	}
	if err := json.Unmarshal(read(t, a.dir, file), &entries); err != nil {
		t.Fatal(err)
	}
	return entries
}

// Whoever says nothing of teams has alarms all the same, which notify nobody, and a notice says so once.
func TestWithoutTeamsNobodyIsNotified(t *testing.T) {
	define := func(set func(awscdk.App), flags map[string]any) assembly {
		return synthesize(t, flags, func(app awscdk.App) {
			set(app)
			for _, id := range []string{"Cart", "Mailer"} {
				props := valid()
				props.Routes, props.Identity = nil, identity.Ref{}
				stack := awscdk.NewStack(app, jsii.String(id), nil)
				func() { // an attempt that fails half way through is no notice
					defer func() { _ = recover() }()
					broken := props
					broken.Scaling.Metrics = []scaling.Measure{{ID: "Depth", PerTask: 5, Metric: metric.Metric{
						Expression: "runningTasks", Over: map[string]metric.Metric{"runningTasks": {Namespace: "Shop", Name: "depth"}},
					}}}
					microservice.New(stack, id+"Service", broken)
					t.Error("a metric of two meanings was taken")
				}()
				microservice.New(stack, id+"Service", props)
			}
		})
	}
	define(func(awscdk.App) {}, cdkContext(t)) // with which warnings are errors
	a := define(func(awscdk.App) {}, nil)
	const want = "/Cart/CartService: the alarms of this app's services notify no one: name the teams in the environment, and define them with team.New where package app does not, or set Alarms of the profile to false [ack: storefront:nobodyIsNotified]"
	if got := notices(t, a); !slices.Equal(got, []string{want}) {
		t.Errorf("the notices are %q, want %q", got, want)
	}
	for stack, template := range a.templates {
		if len(alarmsOf(template)) == 0 {
			t.Errorf("%s has no alarms", stack)
		}
		for _, alarm := range alarmsOf(template) {
			expect(t, stack, alarm, map[string]any{"AlarmActions": nil, "OKActions": nil, "ActionsEnabled": nil})
		}
	}
	for name, set := range map[string]func(awscdk.App){
		"teams": func(app awscdk.App) {
			environment.Set(app, environment.Environment{Teams: teams("checkout")})
		},
		"no alarms": func(app awscdk.App) { environment.Set(app, environment.Environment{Profile: profile.Sandbox()}) },
	} {
		if got := notices(t, define(set, nil)); len(got) > 0 {
			t.Errorf("with %s: %q", name, got)
		}
	}
}

// The alarms that a gradual deployment is watched by are there for ECS, and nobody is missed who would be told.
func TestAGradualDeploymentWithoutAlarmsIsNoNews(t *testing.T) {
	a := synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: profile.Sandbox()})
		props := valid()
		props.Deployment = deployment.BlueGreen{}
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
	})
	if got := len(alarmsOf(a.templates["Shop"])); got != 3 {
		t.Errorf("%d alarms, want 3", got)
	}
	if got := notices(t, a); len(got) > 0 {
		t.Errorf("the notices are %q", got)
	}
}

func TestWhatIsWrongWithAlarms(t *testing.T) {
	for name, test := range map[string]struct {
		define func(app awscdk.App)
		want   string
	}{
		"an owner that the environment does not know": {
			func(app awscdk.App) {
				environment.Set(app, environment.Environment{Teams: teams("media", "platform")})
				microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
			},
			`Shop/Cart: Owner must be a team that stack shop-teams defines (media, platform), so that its alarms can notify it, got "checkout": name one of them, or add it to the teams`,
		},
		"a service in the stack of the teams": {
			func(app awscdk.App) {
				environment.Set(app, environment.Environment{Teams: team.Ref{StackName: "Shop"}})
				microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
			},
			`Shop/Cart: Teams.StackName must be another stack than the one that reads it, got "Shop" for both: give each its own stack`,
		},
		"a threshold of the wrong sign": {
			func(app awscdk.App) {
				props := valid()
				props.Alarms.Errors.Percent = -5
				props.Alarms.HealthyTasks.Tasks = 3
				microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			},
			"Shop/Cart: Alarms.Errors.Percent must be more than 0 and less than 100, got -5\n" +
				"Shop/Cart: Alarms.HealthyTasks.Tasks must be from 1 to 2, the smallest minimum of Scaling, got 3",
		},
		"a share of a worker": {
			func(app awscdk.App) {
				props := valid()
				props.Routes, props.Identity = nil, identity.Ref{}
				props.Alarms.Errors.Percent = 5
				microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			},
			"Shop/Cart: Alarms.Errors must not be set without Routes: the load balancer sends the service no requests",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, test.define)
			if err == nil || err.Error() != test.want {
				t.Errorf("got\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}
