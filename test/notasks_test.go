package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
)

const asleep = "nobody shops at night"

// night stops a service in the evening and starts it in the morning.
func night() scaling.Policy {
	return scaling.Policy{FewerTasksBecause: asleep, Schedules: []scaling.Schedule{
		{Name: "Evening", Expression: "cron(0 20 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Max: scaling.NoTasks},
		{Name: "Morning", Expression: "cron(0 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin"},
	}}
}

func TestAServiceThatStopsAtNight(t *testing.T) {
	const actions = "ScheduledActions."
	target := scaled(t, profile.Sandbox(), night()).One(t, "AWS::ApplicationAutoScaling::ScalableTarget")
	expect(t, "Shop", target, map[string]any{
		"MinCapacity": json.Number("1"), "MaxCapacity": json.Number("5"),
		actions + "0.ScalableTargetAction.MinCapacity": json.Number("0"),
		actions + "0.ScalableTargetAction.MaxCapacity": json.Number("0"),
		actions + "1.ScalableTargetAction.MinCapacity": json.Number("1"),
		actions + "1.ScalableTargetAction.MaxCapacity": json.Number("5"),
	})
	if got := target.Get("Metadata.FewerTasksBecause"); got != asleep {
		t.Errorf("the reason in the template is %v", got)
	}
}

func TestAServiceThatNeverRuns(t *testing.T) {
	template := scaled(t, profile.Sandbox(), scaling.Policy{Max: scaling.NoTasks, FewerTasksBecause: asleep})
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"DesiredCount": json.Number("0")})
	if got := template.Resources("AWS::ApplicationAutoScaling::ScalableTarget"); len(got) != 0 {
		t.Errorf("%s scales it", got[0].LogicalID)
	}
}

// The target on the backlog has no value without a task, so that another policy starts the first.
func TestAWorkerThatRunsOnlyWhileMessagesWait(t *testing.T) {
	worker := func(policy scaling.Policy) map[string]bool {
		policy.Max, policy.Backlog, policy.FewerTasksBecause = 40, backlog, asleep
		template := scaled(t, profile.Sandbox(), policy, func(worker *microservice.Microservice) {
			worker.Uses(queue.New(worker, "Orders", queue.Props{}), queue.Consume)
		})
		resources := map[string]bool{}
		for _, resource := range template.Resources("") {
			resources[resource.LogicalID] = true
		}
		if policy.Min != scaling.NoTasks {
			return resources
		}
		expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{"MinCapacity": json.Number("0"), "MaxCapacity": json.Number("40")})
		const steps = "StepScalingPolicyConfiguration."
		expect(t, "Shop", measured(t, template, "FirstTask"), map[string]any{
			"PolicyType": "StepScaling", steps + "AdjustmentType": "ChangeInCapacity", steps + "Cooldown": json.Number("300"),
			steps + "StepAdjustments.0.MetricIntervalLowerBound": json.Number("0"),
			steps + "StepAdjustments.0.MetricIntervalUpperBound": nil,
			steps + "StepAdjustments.0.ScalingAdjustment":        json.Number("1"),
			steps + "StepAdjustments.1":                          nil,
		})
		first := template.One(t, "AWS::CloudWatch::Alarm")
		expect(t, "Shop", first, map[string]any{
			"AlarmActions.0.Ref": measured(t, template, "FirstTask").LogicalID, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
			"Threshold": json.Number("1"), "EvaluationPeriods": json.Number("3"), "TreatMissingData": "notBreaching",
			"Metrics.0.Expression": "IF(FILL(runningTasks, 0) < 1, serviceTotal, 0)",
			"Metrics.1.Id":         "runningTasks", "Metrics.1.MetricStat.Stat": "SampleCount",
			"Metrics.2.Id": "serviceTotal", "Metrics.2.MetricStat.Metric.MetricName": "ApproximateNumberOfMessagesVisible",
		})
		return resources
	}
	some := worker(scaling.Policy{Min: 1})
	none := worker(scaling.Policy{Min: scaling.NoTasks})
	for id := range some {
		if !none[id] {
			t.Errorf("%s is not there without a minimum", id)
		}
	}
	if len(none) != len(some)+2 {
		t.Errorf("%d resources more without a minimum, want a policy and its alarm", len(none)-len(some))
	}
}

// A service pages while it has fewer healthy tasks than it must always have. That number is the smallest minimum of all
// schedules; a service that must have none at night pages when tasks are missing instead.
func TestANightWithFewTasksPagesNobody(t *testing.T) {
	few := scaling.Policy{Min: 6, FewerTasksBecause: asleep, Schedules: []scaling.Schedule{
		{Name: "Evening", Expression: "cron(0 20 ? * MON-FRI *)", Min: 2, Max: 3}, {Name: "Morning", Expression: "cron(0 7 ? * MON-FRI *)"},
	}}
	for name, c := range map[string]struct {
		policy     scaling.Policy
		healthy    any
		missing    bool
		deployment deployment.Strategy
	}{
		"six tasks":                      {scaling.Policy{Min: 6}, json.Number("3"), false, nil},
		"six tasks, and two at night":    {few, json.Number("1"), false, nil},
		"six tasks, and none at night":   {scaling.Policy{Min: 6, FewerTasksBecause: asleep, Schedules: night().Schedules}, nil, true, nil},
		"the same, deployed by rolling":  {night(), nil, true, deployment.Rolling{}},
		"none at all, until it is shown": {scaling.Policy{Max: scaling.NoTasks, FewerTasksBecause: asleep}, nil, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			template := toldCart(t, func(props *microservice.Props) { props.Scaling, props.Deployment = c.policy, c.deployment })
			var healthy any
			for _, alarm := range alarmsOf(template) {
				if id := alarm.LogicalID; id[:len(id)-8] == "CartAlarmsHealthyTasks" {
					healthy = alarm.Get("Properties.Threshold")
				}
			}
			if healthy != c.healthy {
				t.Errorf("pages below %v healthy tasks, want %v", healthy, c.healthy)
			}
			if missing := slices.Contains(followed(t, template), "MissingTasks"); missing != c.missing {
				t.Errorf("pages for missing tasks: %t, want %t", missing, c.missing)
			}
		})
	}
}

func TestAlarmsThatScalingRulesOut(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*microservice.Props)
		want   string
	}{
		"more missing tasks than there can be": {
			func(props *microservice.Props) {
				props.Scaling = scaling.Policy{Max: 4}
				props.Alarms.MissingTasks.Count = 5
			},
			"Shop/Cart: Alarms.MissingTasks.Count must be at most 4, the largest maximum of Scaling, as no more can be missing, got 5",
		},
		"healthy tasks at night": {
			func(props *microservice.Props) {
				props.Scaling = night()
				props.Alarms.HealthyTasks = alarm.Least{Tasks: 1}
			},
			"Shop/Cart: Alarms.HealthyTasks.Tasks must not be set where Scaling may have no tasks, since the alarm would page whenever it has none, got 1: remove it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
				props := valid()
				c.change(&props)
				microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			})
			if err == nil || err.Error() != c.want {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

// A composite alarm has at most 100 children and a rule of 10,240 characters, so that the alarms of 40 tables are in parts.
func TestAPageOfFortyTables(t *testing.T) {
	template := toldCart(t, func(*microservice.Props) {}, func(cart *microservice.Microservice) {
		for n := range 40 {
			cart.Uses(table.New(cart, fmt.Sprint("Items", n), table.Props{PartitionKey: table.String("id")}), table.ReadWrite)
		}
	})
	const longest = 255 + len("arn:aws-us-gov:cloudwatch:us-gov-west-1:111122223333:alarm:") + len(`ALARM("") OR `)
	followed := 0
	pages := template.Resources("AWS::CloudWatch::CompositeAlarm")
	for _, page := range pages {
		parts, _ := page.Get("Properties.AlarmRule.Fn::Join.1").([]any)
		children := len(parts) / 2
		followed += children
		if children > 100 || children*longest > 10_240 {
			t.Errorf("%s has %d children", page.LogicalID, children)
		}
		if actions := page.Get("Properties.AlarmActions"); (actions != nil) != strings.HasPrefix(page.LogicalID, "CartAlarmsPage"+page.LogicalID[len(page.LogicalID)-8:]) {
			t.Errorf("%s notifies %v", page.LogicalID, actions)
		}
	}
	if want := 4 + 3*40 + len(pages) - 1; followed != want {
		t.Errorf("%d alarms are followed, want %d", followed, want)
	}
}
