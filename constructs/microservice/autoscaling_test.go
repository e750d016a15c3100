package microservice

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestValidateMeasures(t *testing.T) {
	onRequests := []scaling.StepPolicy{{Measure: scaling.Requests(), Intervals: []scaling.Interval{{Lower: 900, Change: 2}}}}
	onCPU := []scaling.StepPolicy{{Measure: scaling.CPU(), Intervals: []scaling.Interval{{Lower: 90, Change: 2}}}}
	for name, c := range map[string]struct {
		profile profile.Profile
		change  func(*Props)
		want    []string
	}{
		"production":              {profile.Production(), func(*Props) {}, nil},
		"steps on requests":       {profile.Production(), func(p *Props) { p.Scaling.Steps = onRequests }, nil},
		"requests":                {profile.Production(), func(p *Props) { p.Scaling.RequestsPerTask = 9 }, nil},
		"requests without routes": {profile.Production(), func(p *Props) { p.Routes, p.Scaling.RequestsPerTask = nil, 9 }, []string{"Scaling.RequestsPerTask needs Routes to count requests on, got 9 without any"}},
		"steps without routes":    {profile.Production(), func(p *Props) { p.Routes, p.Scaling.Steps = nil, onRequests }, []string{"Scaling.Steps[0] needs Routes to count requests on, got none"}},
		"steps of a worker":       {profile.Production(), func(p *Props) { p.Routes, p.Scaling.Steps = nil, onCPU }, nil},
		"one in sandbox":          {profile.Sandbox(), func(p *Props) { p.Scaling.Min = 1 }, nil},
		"base of sandbox":         {profile.Sandbox(), func(p *Props) { p.Scaling.Spot.OnDemandBase = 2 }, nil},
		"all at once": {
			profile.Production(),
			func(p *Props) {
				p.Routes, p.Scaling = nil, scaling.Policy{Min: 1, Spot: scaling.Spot{Percent: 1}, RequestsPerTask: 4, Steps: append(onCPU, onRequests...)}
			},
			[]string{
				"Scaling.RequestsPerTask needs Routes to count requests on, got 4 without any",
				"Scaling.Steps[1] needs Routes to count requests on, got none",
				"Scaling.Min must be at least 2, the profile's MinTasks, got 1: raise it, or state the reason in Scaling.FewerTasksBecause",
				"Scaling.Spot.OnDemandBase is missing: this profile does not use Spot, and with a Percent of 1 all tasks may be interrupted at once: set the number of tasks that are on demand first",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := Props{Routes: []Route{{Path: "/orders"}}}
			c.change(&p)
			p = p.withDefaults("Orders", environment.Environment{Profile: c.profile})
			expect.Problems(t, errors.Join(p.validateMeasures(), p.Scaling.ValidateFor(c.profile)), c.want...)
		})
	}
}

// scalable is a scalable target that has one policy.
type scalable struct {
	awsapplicationautoscaling.ScalableTarget
	policy string
}

func (s scalable) Node() constructs.Node { return children{policy: s.policy} }

type children struct {
	constructs.Node
	policy string
}

func (c children) TryFindChild(id *string) constructs.IConstruct {
	if *id == c.policy {
		return struct{ constructs.IConstruct }{}
	}
	return nil
}

func TestTrackRefuses(t *testing.T) {
	records := metric.Metric{Namespace: "AWS/Kinesis", Name: "IncomingRecords", Statistic: metric.Sum}
	scales := &Microservice{scalable: scalable{policy: "Orders"}, metrics: service.Metrics{Tasks: service.Tasks{Cluster: "shop", Service: "cart"}}}
	fixed := &Microservice{props: Props{Scaling: scaling.Policy{Min: 3, Max: 3}}}
	for name, c := range map[string]struct {
		service *Microservice
		id      string
		metric  metric.Metric
		perTask float64
		want    []string
	}{
		"fixed tasks": {fixed, "Records", records, 1, []string{"Uses of Q: Records has no effect while Scaling.Min and Max are both 3: raise Max"}},
		"an ID twice": {scales, "Orders", records, 1, []string{"Uses of Q: Orders is already used by another scaling policy of the service: choose another ID"}},
		"no metric":   {scales, "Records", metric.Metric{Namespace: "Shop"}, 1, []string{`Uses of Q: Records.Over["serviceTotal"].Name is missing: name the metric, such as IncomingRecords`}},
		"an ID of two": {
			scales, "Records",
			metric.Metric{Expression: "runningTasks", Over: map[string]metric.Metric{"runningTasks": records}},
			1,
			[]string{`Uses of Q: Records.Over["serviceTotal"].Over has the ID "runningTasks" for two metrics: choose another for one`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, c.service.track("Uses of Q", c.id, c.metric, c.perTask), c.want...)
		})
	}
}

func TestScaleBy(t *testing.T) {
	waiting := func(queue string) metric.Metric {
		return metric.Metric{Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Dimensions: map[string]string{"QueueName": queue}}
	}
	orders := store.Backlog{Metric: waiting("orders"), MaxDuration: time.Minute}
	target := scaling.Backlog{AcceptableDelay: 10 * time.Minute, MessageDuration: time.Minute}
	for name, c := range map[string]struct {
		target scaling.Backlog
		known  store.Backlog
		used   store.Backlog
		want   []string
	}{
		"no target":            {scaling.Backlog{}, store.Backlog{}, orders, nil},
		"no backlog":           {target, store.Backlog{}, store.Backlog{}, nil},
		"the same once more":   {target, orders, orders, nil},
		"a second queue":       {target, orders, store.Backlog{Metric: waiting("mails")}, []string{"Uses of Q: Scaling.Backlog supports one queue, and the service already consumes another: consume each with its own service"}},
		"too short a time":     {target, store.Backlog{}, store.Backlog{Metric: waiting("orders"), MaxDuration: 59 * time.Second}, []string{"Uses of Q: a message takes 1m0s (Scaling.Backlog.MessageDuration), and becomes visible to another task after 59s: raise the queue's VisibilityTimeout"}},
		"an alarm too early":   {target, store.Backlog{}, store.Backlog{Metric: waiting("orders"), AlarmAge: 10 * time.Minute}, []string{"Uses of Q: messages may wait for 10m0s (Scaling.Backlog.AcceptableDelay), and an alarm notifies when one has waited for 10m0s: raise Alarms.QueueAge of the queue above the delay"}},
		"an alarm that is not": {target, store.Backlog{}, store.Backlog{Metric: waiting("orders"), AlarmAge: 11 * time.Minute}, []string{"Uses of Q: Backlog has no effect while Scaling.Min and Max are both 2: raise Max"}},
		"a time that just is":  {target, store.Backlog{}, orders, []string{"Uses of Q: Backlog has no effect while Scaling.Min and Max are both 2: raise Max"}},
		"no time is known":     {target, store.Backlog{}, store.Backlog{Metric: waiting("orders")}, []string{"Uses of Q: Backlog has no effect while Scaling.Min and Max are both 2: raise Max"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := &Microservice{props: Props{Scaling: scaling.Policy{Min: 2, Max: 2, Backlog: c.target}}, backlog: c.known}
			expect.Problems(t, m.scaleBy("Uses of Q", c.used), c.want...)
			if m.backlog.Metric.Name != c.known.Metric.Name {
				t.Errorf("the service is scaled by %+v", m.backlog)
			}
		})
	}
}

// A measure of the service's own is one of its metrics.
func TestMeasured(t *testing.T) {
	m := &Microservice{metrics: cart(2)}
	records := metric.Metric{Namespace: "AWS/Kinesis", Name: "IncomingRecords", Statistic: metric.Sum}
	for name, c := range map[string]struct {
		measure scaling.Measure
		want    metric.Metric
	}{
		"CPU":      {scaling.CPU(), m.metrics.CPU()},
		"memory":   {scaling.Memory(), m.metrics.AverageMemory()},
		"requests": {scaling.Requests(), m.metrics.RequestsPerTask()},
		"another":  {scaling.Measure{ID: "Records", Metric: records}, records},
	} {
		if diff := cmp.Diff(c.want, m.measured(c.measure)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
