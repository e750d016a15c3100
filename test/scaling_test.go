package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// scaled synthesizes a worker with the given policy in an environment with the given profile, and what use adds to it.
func scaled(t testing.TB, of profile.Profile, policy scaling.Policy, use ...func(worker *microservice.Microservice)) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: of})
		service := worker(awscdk.NewStack(app, jsii.String("Shop"), nil), func(props *microservice.Props) { props.Scaling = policy })
		for _, add := range use {
			add(service)
		}
	}).templates["Shop"]
}

// measured is the scaling policy of the measure with the given ID.
func measured(t testing.TB, template snapshot.Template, id string) snapshot.Resource {
	t.Helper()
	var others []string
	for _, policy := range template.Resources("AWS::ApplicationAutoScaling::ScalingPolicy") {
		// Eight digits and letters are what the CDK adds.
		if name := policy.LogicalID; strings.HasSuffix(name[:len(name)-8], "Scaling"+id) {
			return policy
		}
		others = append(others, policy.LogicalID)
	}
	t.Fatalf("no scaling policy is that of %s, but %q", id, others)
	return snapshot.Resource{}
}

const customized = "TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics."

var backlog = scaling.Backlog{AcceptableDelay: time.Minute, MessageDuration: 200 * time.Millisecond}

// 60 s / 0.2 s = 300 messages for each running task, counted without Container Insights.
func TestABacklogCountsTheQueueThatTheServiceConsumes(t *testing.T) {
	template := scaled(t, profile.Sandbox(), scaling.Policy{Max: 40, Backlog: backlog}, func(worker *microservice.Microservice) {
		worker.Uses(queue.New(worker, "Audit", queue.Props{}), queue.Send)
		worker.Uses(queue.New(worker, "Orders", queue.Props{}), queue.Consume)
	})
	policies := template.Resources("AWS::ApplicationAutoScaling::ScalingPolicy")
	if len(policies) != 1 {
		t.Fatalf("there are %d scaling policies", len(policies))
	}
	expect(t, "Shop", policies[0], map[string]any{
		"PolicyType": "TargetTrackingScaling",
		"TargetTrackingScalingPolicyConfiguration.TargetValue":                   json.Number("300"),
		"TargetTrackingScalingPolicyConfiguration.ScaleInCooldown":               json.Number("300"),
		"TargetTrackingScalingPolicyConfiguration.ScaleOutCooldown":              json.Number("60"),
		"TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification": nil,
	})
	expect(t, "Shop", policies[0], map[string]any{
		customized + "0.Expression":                                        "serviceTotal / runningTasks",
		customized + "0.MetricStat":                                        nil,
		customized + "0.ReturnData":                                        true,
		customized + "1.Id":                                                "runningTasks",
		customized + "1.MetricStat.Metric.Namespace":                       "AWS/ECS",
		customized + "1.MetricStat.Metric.MetricName":                      "CPUUtilization",
		customized + "1.MetricStat.Stat":                                   "SampleCount",
		customized + "1.ReturnData":                                        false,
		customized + "1.MetricStat.Metric.Dimensions.0.Name":               "ClusterName",
		customized + "1.MetricStat.Metric.Dimensions.1.Name":               "ServiceName",
		customized + "1.MetricStat.Metric.Dimensions.1.Value.Fn::GetAtt.1": "Name",
		customized + "2.Id":                                                "serviceTotal",
		customized + "2.MetricStat.Metric.Namespace":                       "AWS/SQS",
		customized + "2.MetricStat.Metric.MetricName":                      "ApproximateNumberOfMessagesVisible",
		customized + "2.MetricStat.Stat":                                   "Maximum",
		customized + "2.ReturnData":                                        false,
		customized + "3":                                                   nil,
	})
	expect(t, "Shop", policies[0], map[string]any{
		customized + "1.MetricStat.Metric.Dimensions.0.Value.Fn::GetStackOutput.OutputName": "ClusterName",
	})
	from := fmt.Sprint(policies[0].Get("Properties." + customized + "2.MetricStat.Metric.Dimensions.0.Value.Fn::GetAtt.0"))
	if !strings.HasPrefix(from, "WorkerOrdersQueue") {
		t.Errorf("the messages of %s are counted", from)
	}
}

// mailbox is a user's own store, called by its name, whose messages the service receives.
type mailbox struct {
	name        string
	maxDuration time.Duration
}

func (m mailbox) Bind(store.Consumer, store.Access) (store.Binding, error) {
	return store.Binding{Backlog: store.Backlog{
		Metric:      metric.Metric{Namespace: "Mail", Name: "waiting", Dimensions: map[string]string{"Box": m.name}},
		MaxDuration: m.maxDuration,
	}}, nil
}

func TestABacklogCountsAQueueOfTheUsersOwn(t *testing.T) {
	template := scaled(t, profile.Sandbox(), scaling.Policy{Max: 40, Backlog: backlog}, func(worker *microservice.Microservice) {
		letters := mailbox{name: "letters"}
		worker.Uses(letters, store.Read)
		worker.Uses(letters, store.ReadWrite) // the same queue again
	})
	expect(t, "Shop", measured(t, template, "Backlog"), map[string]any{
		customized + "2.Id":                                   "serviceTotal",
		customized + "2.MetricStat.Metric.Namespace":          "Mail",
		customized + "2.MetricStat.Metric.Dimensions.0.Value": "letters",
	})
}

func TestAMetricIsHeldForEachRunningTask(t *testing.T) {
	template := scaled(t, profile.Sandbox(), scaling.Policy{MemoryPercent: 70, Metrics: []scaling.Measure{{
		ID: "Records", PerTask: 1000.5, Metric: metric.Metric{
			Namespace: "AWS/Kinesis", Name: "IncomingRecords", Statistic: "Sum",
			Dimensions: map[string]string{"StreamName": "orders", "Shard": "1"},
		},
	}}})
	if got := len(template.Resources("AWS::ApplicationAutoScaling::ScalingPolicy")); got != 2 {
		t.Errorf("there are %d scaling policies, want one for memory and one for records", got)
	}
	expect(t, "Shop", measured(t, template, "Records"), map[string]any{
		"TargetTrackingScalingPolicyConfiguration.TargetValue": json.Number("1000.5"),
		customized + "2.Id":                                   "serviceTotal",
		customized + "2.MetricStat.Metric.Namespace":          "AWS/Kinesis",
		customized + "2.MetricStat.Metric.MetricName":         "IncomingRecords",
		customized + "2.MetricStat.Metric.Dimensions.0.Name":  "Shard",
		customized + "2.MetricStat.Metric.Dimensions.1.Name":  "StreamName",
		customized + "2.MetricStat.Metric.Dimensions.1.Value": "orders",
		customized + "2.MetricStat.Stat":                      "Sum",
		customized + "1.MetricStat.Stat":                      "SampleCount",
		customized + "0.Expression":                           "serviceTotal / runningTasks",
	})
}

func TestStepsHaveAPolicyAndAnAlarmForEachWay(t *testing.T) {
	props := valid()
	props.Scaling = scaling.Policy{CPUPercent: 60, Steps: []scaling.StepPolicy{
		{Measure: scaling.CPU(), Minutes: 2, Intervals: []scaling.Interval{
			{Upper: 10, Change: -2}, {Lower: 10, Upper: 20, Change: -1}, {Lower: 20, Upper: 80}, {Lower: 80, Upper: 95, Change: 2}, {Lower: 95, Change: 6},
		}},
		{Measure: scaling.Requests(), Intervals: []scaling.Interval{{Lower: 900, Change: 4}}},
		{Measure: scaling.Measure{ID: "Depth", Metric: metric.Metric{Namespace: "Shop", Name: "depth", Statistic: "p90"}}, Intervals: []scaling.Interval{{Lower: 5, Change: 1}}},
	}}
	template := cart(t, props)

	const steps = "StepScalingPolicyConfiguration."
	expect(t, "Shop", measured(t, template, "CPUStepsOut"), map[string]any{
		"PolicyType":             "StepScaling",
		steps + "AdjustmentType": "ChangeInCapacity",
		steps + "Cooldown":       json.Number("60"),
		steps + "StepAdjustments.0.MetricIntervalLowerBound": json.Number("0"),
		steps + "StepAdjustments.0.MetricIntervalUpperBound": json.Number("15"),
		steps + "StepAdjustments.0.ScalingAdjustment":        json.Number("2"),
		steps + "StepAdjustments.1.MetricIntervalLowerBound": json.Number("15"),
		steps + "StepAdjustments.1.MetricIntervalUpperBound": nil,
		steps + "StepAdjustments.1.ScalingAdjustment":        json.Number("6"),
		steps + "StepAdjustments.2":                          nil,
	})
	expect(t, "Shop", measured(t, template, "CPUStepsIn"), map[string]any{
		steps + "Cooldown": json.Number("300"),
		steps + "StepAdjustments.0.MetricIntervalLowerBound": nil,
		steps + "StepAdjustments.0.MetricIntervalUpperBound": json.Number("-10"),
		steps + "StepAdjustments.0.ScalingAdjustment":        json.Number("-2"),
		steps + "StepAdjustments.1.MetricIntervalLowerBound": json.Number("-10"),
		steps + "StepAdjustments.1.MetricIntervalUpperBound": json.Number("0"),
		steps + "StepAdjustments.1.ScalingAdjustment":        json.Number("-1"),
		steps + "StepAdjustments.2":                          nil,
	})

	alarms := map[string]snapshot.Resource{}
	for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
		action := fmt.Sprint(alarm.Get("Properties.AlarmActions.0.Ref"))
		alarms[strings.TrimPrefix(action[:len(action)-8], "CartScaling")] = alarm
		if tags := tagsOf(alarm); tags["owner"] != "checkout" {
			t.Errorf("the alarm %s is tagged %v", alarm.LogicalID, tags)
		}
	}
	expect(t, "Shop", alarms["CPUStepsOut"], map[string]any{
		"AlarmDescription":   "Starts tasks of cart while CPU is at or above 80: part of scaling, no action required",
		"ComparisonOperator": "GreaterThanOrEqualToThreshold",
		"Threshold":          json.Number("80"),
		"EvaluationPeriods":  json.Number("2"),
		"TreatMissingData":   "notBreaching",
		"MetricName":         "CPUUtilization",
		"Statistic":          "Average",
		"Period":             json.Number("60"),
	})
	expect(t, "Shop", alarms["CPUStepsIn"], map[string]any{
		"AlarmDescription":   "Stops tasks of cart while CPU is below 20: part of scaling, no action required",
		"ComparisonOperator": "LessThanThreshold",
		"Threshold":          json.Number("20"),
	})
	expect(t, "Shop", alarms["RequestsStepsOut"], map[string]any{
		"EvaluationPeriods": json.Number("1"),
		"Namespace":         "AWS/ApplicationELB",
		"MetricName":        "RequestCountPerTarget",
		"Dimensions.0.Value.Fn::GetStackOutput.OutputName": "LoadBalancerFullName",
		"Dimensions.1.Value.Fn::GetAtt.1":                  "TargetGroupFullName",
		"Statistic":                                        "Sum",
	})
	expect(t, "Shop", alarms["DepthStepsOut"], map[string]any{
		"MetricName": "depth", "Dimensions": nil, "ExtendedStatistic": "p90", "Statistic": nil,
	})
	if len(alarms) != 4 {
		t.Errorf("there are %d alarms, want 4", len(alarms))
	}
}

func TestSchedules(t *testing.T) {
	template := scaled(t, profile.Production(), scaling.Policy{Min: 3, Max: 3, Schedules: []scaling.Schedule{
		{Name: "Lunch", Expression: "cron(30 11 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 8, Max: 12},
		{Name: "AfterLunch", Expression: "cron(0 14 ? * MON-FRI *)"},
	}})
	const actions = "ScheduledActions."
	expect(t, "Shop", template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{
		"MinCapacity": json.Number("3"), "MaxCapacity": json.Number("3"),
		actions + "0.ScheduledActionName":              "Lunch",
		actions + "0.Schedule":                         "cron(30 11 ? * MON-FRI *)",
		actions + "0.Timezone":                         "Europe/Berlin",
		actions + "0.ScalableTargetAction.MinCapacity": json.Number("8"),
		actions + "0.ScalableTargetAction.MaxCapacity": json.Number("12"),
		actions + "1.ScheduledActionName":              "AfterLunch",
		actions + "1.Timezone":                         nil,
		actions + "1.ScalableTargetAction.MinCapacity": json.Number("3"),
		actions + "1.ScalableTargetAction.MaxCapacity": json.Number("3"),
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::Service"), map[string]any{"DesiredCount": nil})
}

func TestCapacity(t *testing.T) {
	const strategy = "CapacityProviderStrategy."
	for name, c := range map[string]struct {
		of   profile.Profile
		spot scaling.Spot
		want map[string]any
	}{
		"the sandbox's": {profile.Sandbox(), scaling.Spot{}, map[string]any{
			strategy + "0.CapacityProvider": "FARGATE", strategy + "0.Base": json.Number("1"), strategy + "0.Weight": json.Number("0"),
			strategy + "1.CapacityProvider": "FARGATE_SPOT", strategy + "1.Weight": json.Number("1"),
		}},
		"none in the sandbox": {profile.Sandbox(), scaling.Spot{Use: profile.Off}, map[string]any{
			strategy + "0.CapacityProvider": "FARGATE", strategy + "0.Base": nil, strategy + "1": nil,
		}},
		"a share in production": {profile.Production(), scaling.Spot{Percent: 75, OnDemandBase: 2}, map[string]any{
			strategy + "0.CapacityProvider": "FARGATE", strategy + "0.Base": json.Number("2"), strategy + "0.Weight": json.Number("1"),
			strategy + "1.CapacityProvider": "FARGATE_SPOT", strategy + "1.Base": nil, strategy + "1.Weight": json.Number("3"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, "Shop", scaled(t, c.of, scaling.Policy{Spot: c.spot}).One(t, "AWS::ECS::Service"), c.want)
		})
	}
}

// Whoever reads the template sees why fewer tasks run than the profile asks for, where the number stands.
func TestTheReasonForFewerTasksIsInTheTemplate(t *testing.T) {
	const reason = "the upstream allows one connection"
	one := scaling.Policy{Min: 1, Max: 4, FewerTasksBecause: reason}
	fixed := scaling.Policy{Min: 1, Max: 1, FewerTasksBecause: reason}
	for name, c := range map[string]struct {
		of           profile.Profile
		policy       scaling.Policy
		resourceType string
		want         any
	}{
		"scaled in production": {profile.Production(), one, "AWS::ApplicationAutoScaling::ScalableTarget", reason},
		"fixed in production":  {profile.Production(), fixed, "AWS::ECS::Service", reason},
		"scaled in sandbox":    {profile.Sandbox(), one, "AWS::ApplicationAutoScaling::ScalableTarget", nil},
		"fixed in sandbox":     {profile.Sandbox(), fixed, "AWS::ECS::Service", nil},
	} {
		t.Run(name, func(t *testing.T) {
			resource := scaled(t, c.of, c.policy).One(t, c.resourceType)
			if got := resource.Get("Metadata.FewerTasksBecause"); got != c.want {
				t.Errorf("the metadata of %s say %v, want %v", resource.LogicalID, got, c.want)
			}
		})
	}
}

func TestScalingThatCannotBe(t *testing.T) {
	const raise = ": raise it, or state the reason in Scaling.FewerTasksBecause"
	policy := func(policy scaling.Policy) func(awscdk.Stack) {
		return func(stack awscdk.Stack) { worker(stack, func(props *microservice.Props) { props.Scaling = policy }) }
	}
	consuming := func(stores ...store.Store) func(awscdk.Stack) {
		return func(stack awscdk.Stack) {
			service := worker(stack, func(props *microservice.Props) { props.Scaling = scaling.Policy{Backlog: backlog} })
			for _, used := range stores {
				service.Uses(used, store.Read)
			}
		}
	}
	for name, c := range map[string]struct {
		define func(awscdk.Stack)
		want   []string
	}{
		"a backlog without a queue": {policy(scaling.Policy{Backlog: backlog}), []string{
			"Shop/Worker: Scaling.Backlog requires a store with a backlog that the service uses, got none: add one, such as a queue, by worker.Uses(orders, queue.Consume)",
		}},
		"a backlog with a queue that is only sent to": {
			func(stack awscdk.Stack) {
				service := worker(stack, func(props *microservice.Props) { props.Scaling = scaling.Policy{Backlog: backlog} })
				service.Uses(queue.New(service, "Orders", queue.Props{}), queue.Send)
			},
			[]string{
				"Shop/Worker: Scaling.Backlog requires a store with a backlog that the service uses, got none: add one, such as a queue, by worker.Uses(orders, queue.Consume)",
			},
		},
		"a backlog with two queues": {consuming(mailbox{name: "a"}, mailbox{name: "b"}), []string{
			"Shop/Worker: Uses of test.mailbox: Scaling.Backlog supports one queue, and the service already consumes another: consume each with its own service",
		}},
		"a queue that gives messages away too early": {
			consuming(mailbox{"a", 100 * time.Millisecond}),
			[]string{"Shop/Worker: Uses of test.mailbox: a message takes 200ms (Scaling.Backlog.MessageDuration), and becomes visible to another task after 100ms: raise the queue's VisibilityTimeout"},
		},
		"a queue whose alarm is earlier than the acceptable delay": {
			func(stack awscdk.Stack) {
				service := worker(stack, func(props *microservice.Props) { props.Scaling = scaling.Policy{Backlog: backlog} })
				service.Uses(queue.New(service, "Orders", queue.Props{Alarms: queue.Alarms{QueueAge: alarm.Age{Oldest: time.Minute}}}), queue.Consume)
			},
			[]string{"Shop/Worker: Uses of Shop/Worker/Orders: messages may wait for 1m0s (Scaling.Backlog.AcceptableDelay), and an alarm notifies when one has waited for 1m0s: raise Alarms.QueueAge of the queue above the delay"},
		},
		"an access that a queue does not know": {
			func(stack awscdk.Stack) {
				service := worker(stack, func(*microservice.Props) {})
				service.Uses(queue.New(service, "Orders", queue.Props{}), store.Read)
			},
			[]string{`Shop/Worker: Uses of Shop/Worker/Orders: access must be Send or Consume or SendAndConsume, got "Read"`},
		},
		"a queue": {
			func(stack awscdk.Stack) { queue.New(stack, "Orders", queue.Props{MaxReceiveCount: -1}) },
			[]string{"Shop/Orders: MaxReceiveCount must be from 1 to 1000, got -1"},
		},
		"fewer tasks than production's": {policy(scaling.Policy{Min: 1}), []string{
			"Shop/Worker: Scaling.Min must be at least 2, the profile's MinTasks, got 1" + raise,
		}},
		"production on Spot alone": {policy(scaling.Policy{Spot: scaling.Spot{Percent: 50}}), []string{
			"Shop/Worker: Scaling.Spot.OnDemandBase is missing: this profile does not use Spot, and with a Percent of 50 all tasks may be interrupted at once: set the number of tasks that are on demand first",
		}},
		"steps on requests that nobody makes": {
			policy(scaling.Policy{Steps: []scaling.StepPolicy{{Measure: scaling.Requests(), Intervals: []scaling.Interval{{Lower: 1, Change: 1}}}}}),
			[]string{"Shop/Worker: Scaling.Steps[0] needs Routes to count requests on, got none"},
		},
		"much at once": {
			policy(scaling.Policy{Min: 1, RequestsPerTask: 5, Schedules: []scaling.Schedule{
				{Name: "Lunch", Expression: "cron(30 25 ? * MON-FRI *)", TimeZone: "Europe/Atlantis", Min: 2},
			}}),
			[]string{
				`Shop/Worker: Scaling.Schedules[0].Expression column 9: hours must be from 0 to 23, not "25", got "cron(30 25 ? * MON-FRI *)"`,
				`Shop/Worker: Scaling.Schedules[0].TimeZone must be a time zone by its IANA name, such as Europe/Berlin, or empty for UTC, got "Europe/Atlantis"`,
				"Shop/Worker: Scaling.RequestsPerTask needs Routes to count requests on, got 5 without any",
				"Shop/Worker: Scaling.Min must be at least 2, the profile's MinTasks, got 1" + raise,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) { c.define(awscdk.NewStack(app, jsii.String("Shop"), nil)) })
			if err == nil {
				t.Fatal("nothing was found wrong")
			}
			if want := strings.Join(c.want, "\n"); err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
		})
	}
}

// A measure more or less leaves the logical IDs of the others alone.
func TestMeasuresDoNotMoveEachOther(t *testing.T) {
	ids := func(policy scaling.Policy) (all []string) {
		for _, resource := range scaled(t, profile.Sandbox(), policy).Resources("") {
			all = append(all, resource.LogicalID)
		}
		return all
	}
	records := scaling.Measure{ID: "Records", Metric: metric.Metric{Namespace: "Shop", Name: "records"}, PerTask: 5}
	after := ids(scaling.Policy{
		CPUPercent: 50, Metrics: []scaling.Measure{{ID: "Letters", Metric: metric.Metric{Namespace: "Shop", Name: "letters"}, PerTask: 5}, records},
		Steps:     []scaling.StepPolicy{{Measure: scaling.CPU(), Intervals: []scaling.Interval{{Lower: 90, Change: 3}}}},
		Schedules: []scaling.Schedule{{Name: "Lunch", Expression: "cron(30 11 * * ? *)", Min: 2}},
	})
	for _, id := range ids(scaling.Policy{CPUPercent: 50, Metrics: []scaling.Measure{records}}) {
		if !slices.Contains(after, id) {
			t.Errorf("%s has moved", id)
		}
	}
}

// With a gradual deployment requests move between two target groups. The policy counts those of both, and stays the same
// resource.
func TestRequestsAreCountedWhicheverTargetGroupIsLive(t *testing.T) {
	props := valid()
	props.Scaling = scaling.Policy{RequestsPerTask: 400}
	props.Deployment = deployment.Rolling{}
	one := measured(t, cart(t, props), "Requests")
	expect(t, "Shop", one, map[string]any{
		customized + "0": nil,
		"TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType": "ALBRequestCountPerTarget",
	})

	props.Deployment = deployment.Canary{}
	template := cart(t, props)
	both := measured(t, template, "Requests")
	expect(t, "Shop", both, map[string]any{
		"PolicyName": one.Get("Properties.PolicyName"),
		"TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification": nil,
		"TargetTrackingScalingPolicyConfiguration.TargetValue":                   json.Number("400"),
		customized + "1.MetricStat.Metric.MetricName":                            "RequestCountPerTarget",
		customized + "1.MetricStat.Stat":                                         "Sum",
		customized + "2.MetricStat.Metric.MetricName":                            "RequestCountPerTarget",
		customized + "0.Expression":                                              "SUM([group1, group2])",
		customized + "0.ReturnData":                                              true,
	})
	if both.LogicalID != one.LogicalID {
		t.Errorf("%s is replaced by %s", one.LogicalID, both.LogicalID)
	}
	counted := map[any]bool{}
	for _, query := range []string{"1", "2"} {
		counted[both.Get("Properties."+customized+query+".MetricStat.Metric.Dimensions.1.Value.Fn::GetAtt.0")] = true
	}
	for _, group := range template.Resources("AWS::ElasticLoadBalancingV2::TargetGroup") {
		if !counted[group.LogicalID] {
			t.Errorf("the requests of %s are not counted, but those of %v", group.LogicalID, counted)
		}
	}
}
