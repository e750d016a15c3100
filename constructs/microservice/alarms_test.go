package microservice

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/alarmtest"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// cart are the metrics of a service with so many target groups.
func cart(groups int) service.Metrics {
	all := []string{"targetgroup/cart/1", "targetgroup/cart/2"}
	return service.Metrics{
		Targets: service.Targets{LoadBalancer: "app/shop/1", TargetGroups: all[:groups]},
		Tasks:   service.Tasks{Cluster: "shop", Service: "cart"},
	}
}

// every are all alarms of a service of at least two tasks, in a cluster with Container Insights.
func every(settings Alarms, of service.Metrics) []alarm.Alarm {
	settings = settings.withDefaults(2)
	routed := len(of.TargetGroups) > 0
	var all []alarm.Alarm
	if routed {
		all = settings.deployment(of)
	}
	return append(all, settings.running(of, routed, true)...)
}

func TestAlarmDefaults(t *testing.T) {
	want := Alarms{
		Errors:         alarm.Share{Percent: 5, MinRequests: 10},
		TypicalLatency: alarm.Latency{Longest: time.Second, MinRequests: 10},
		SlowestLatency: alarm.Latency{Longest: 3 * time.Second, MinRequests: 100},
		HealthyTasks:   alarm.Least{Tasks: 1},
		ClientErrors:   alarm.Share{Percent: 25, MinRequests: 10},
		MissingTasks:   alarm.Events{Count: 1},
		CPU:            alarm.Utilization{Percent: 85},
		Memory:         alarm.Utilization{Percent: 90},
	}
	if diff := cmp.Diff(want, Alarms{}.withDefaults(2)); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	own := Alarms{
		Enabled: profile.On, Errors: alarm.Share{Percent: 1, MinRequests: 2}, TypicalLatency: alarm.Latency{Longest: 3 * time.Millisecond, MinRequests: 4},
		SlowestLatency: alarm.Latency{Longest: 5 * time.Millisecond, MinRequests: 6, Disable: true}, HealthyTasks: alarm.Least{Tasks: 7},
		ClientErrors: alarm.Share{Percent: 8, MinRequests: 9}, MissingTasks: alarm.Events{Count: 10}, CPU: alarm.Utilization{Percent: 11}, Memory: alarm.Utilization{Percent: 12},
	}
	if diff := cmp.Diff(own, own.withDefaults(2)); diff != "" {
		t.Errorf("nothing to be filled in (-want +got):\n%s", diff)
	}
	for minTasks, want := range map[int]int{0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 10: 5} {
		if got := (Alarms{}).withDefaults(minTasks).HealthyTasks.Tasks; got != want {
			t.Errorf("of at least %d tasks %d must be healthy, want %d", minTasks, got, want)
		}
	}
}

func TestValidateAlarms(t *testing.T) {
	const (
		enabled  = "Alarms.Enabled must be profile.On or profile.Off, or 0 for the profile's, got "
		typical  = "Alarms.TypicalLatency.Longest must be a multiple of 1ms, less than 30s, got "
		slowest  = "Alarms.SlowestLatency.Longest must be a multiple of 1ms, less than 30s, got "
		healthy  = "Alarms.HealthyTasks.Tasks must be from 1 to 2, the smallest minimum of Scaling, got "
		errors   = "Alarms.Errors.Percent must be more than 0 and less than 100, got "
		rejected = "Alarms.ClientErrors.Percent must be more than 0 and less than 100, got "
		cpu      = "Alarms.CPU.Percent must be more than 0 and less than 100, got "
	)
	for name, c := range map[string]struct {
		alarms Alarms
		want   []string
	}{
		"nothing":                            {Alarms{}, nil},
		"a share of little":                  {Alarms{Errors: alarm.Share{Percent: 0.1}}, nil},
		"a share of nearly all":              {Alarms{Errors: alarm.Share{Percent: 99.9}}, nil},
		"on":                                 {Alarms{Enabled: profile.On}, nil},
		"off":                                {Alarms{Enabled: profile.Off}, nil},
		"a choice that is none":              {Alarms{Enabled: 3}, []string{enabled + "3"}},
		"a choice below":                     {Alarms{Enabled: -1}, []string{enabled + "-1"}},
		"share of the wrong sign":            {Alarms{Errors: alarm.Share{Percent: -5}}, []string{errors + "-5"}},
		"share of all":                       {Alarms{ClientErrors: alarm.Share{Percent: 100}}, []string{rejected + "100"}},
		"share of no number":                 {Alarms{Errors: alarm.Share{Percent: math.NaN()}}, []string{errors + "NaN"}},
		"fewer requests than none":           {Alarms{Errors: alarm.Share{MinRequests: -1}}, []string{"Alarms.Errors.MinRequests must be from 1 to 1000000000, got -1"}},
		"shortest latency":                   {Alarms{TypicalLatency: alarm.Latency{Longest: time.Millisecond}}, nil},
		"longest latency":                    {Alarms{SlowestLatency: alarm.Latency{Longest: 29999 * time.Millisecond}}, nil},
		"latency of the wrong sign":          {Alarms{TypicalLatency: alarm.Latency{Longest: -time.Second}}, []string{typical + "-1s"}},
		"latency too fine":                   {Alarms{TypicalLatency: alarm.Latency{Longest: 1500 * time.Microsecond}}, []string{typical + "1.5ms"}},
		"latency after the end":              {Alarms{SlowestLatency: alarm.Latency{Longest: 30 * time.Second}}, []string{slowest + "30s"}},
		"latency of no requests":             {Alarms{SlowestLatency: alarm.Latency{MinRequests: -9}}, []string{"Alarms.SlowestLatency.MinRequests must be from 1 to 1000000000, got -9"}},
		"all tasks":                          {Alarms{HealthyTasks: alarm.Least{Tasks: 2}}, nil},
		"more tasks than run":                {Alarms{HealthyTasks: alarm.Least{Tasks: 3}}, []string{healthy + "3"}},
		"tasks of the wrong sign":            {Alarms{HealthyTasks: alarm.Least{Tasks: -1}}, []string{healthy + "-1"}},
		"as many missing tasks as there are": {Alarms{MissingTasks: alarm.Events{Count: 10}}, nil},
		"more missing tasks than there can be": {
			Alarms{MissingTasks: alarm.Events{Count: 11}},
			[]string{"Alarms.MissingTasks.Count must be at most 10, the largest maximum of Scaling, as no more can be missing, got 11"},
		},
		"missing tasks":      {Alarms{MissingTasks: alarm.Events{Count: -1}}, []string{"Alarms.MissingTasks.Count must be from 1 to 1000000000, got -1"}},
		"processors":         {Alarms{CPU: alarm.Utilization{Percent: 101}}, []string{cpu + "101"}},
		"memory":             {Alarms{Memory: alarm.Utilization{Percent: -0.5}}, []string{"Alarms.Memory.Percent must be more than 0 and less than 100, got -0.5"}},
		"disabled and wrong": {Alarms{CPU: alarm.Utilization{Percent: -1, Disable: true}}, []string{cpu + "-1"}},
		"everything": {
			Alarms{
				Enabled: 9, Errors: alarm.Share{Percent: -1, MinRequests: -2}, TypicalLatency: alarm.Latency{Longest: -3, MinRequests: -4},
				SlowestLatency: alarm.Latency{Longest: -5, MinRequests: -6}, HealthyTasks: alarm.Least{Tasks: -7},
				ClientErrors: alarm.Share{Percent: -8, MinRequests: -9}, MissingTasks: alarm.Events{Count: -10}, CPU: alarm.Utilization{Percent: -11}, Memory: alarm.Utilization{Percent: -12},
			},
			[]string{
				enabled + "9", errors + "-1", "Alarms.Errors.MinRequests must be from 1 to 1000000000, got -2",
				typical + "-3ns", "Alarms.TypicalLatency.MinRequests must be from 1 to 1000000000, got -4",
				slowest + "-5ns", "Alarms.SlowestLatency.MinRequests must be from 1 to 1000000000, got -6", healthy + "-7",
				rejected + "-8", "Alarms.ClientErrors.MinRequests must be from 1 to 1000000000, got -9",
				"Alarms.MissingTasks.Count must be from 1 to 1000000000, got -10", cpu + "-11", "Alarms.Memory.Percent must be more than 0 and less than 100, got -12",
			},
		},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.alarms.withDefaults(2).validate(2, 10), c.want...) })
	}
}

func TestAlarmsOfAWorker(t *testing.T) {
	const routes = " must not be set without Routes: the load balancer sends the service no requests"
	requests := Alarms{
		Errors: alarm.Share{Percent: 1}, TypicalLatency: alarm.Latency{MinRequests: 1}, SlowestLatency: alarm.Latency{Disable: true},
		HealthyTasks: alarm.Least{Tasks: 1}, ClientErrors: alarm.Share{MinRequests: 1},
	}
	for name, c := range map[string]struct {
		alarms Alarms
		routed bool
		want   []string
	}{
		"nothing":               {Alarms{}, false, nil},
		"nothing, with routes":  {Alarms{}, true, nil},
		"requests, with routes": {requests, true, nil},
		"requests": {requests, false, []string{
			"Alarms.Errors, Alarms.TypicalLatency, Alarms.SlowestLatency, Alarms.HealthyTasks, Alarms.ClientErrors" + routes,
		}},
		"one":       {Alarms{ClientErrors: alarm.Share{Disable: true}}, false, []string{"Alarms.ClientErrors" + routes}},
		"its tasks": {Alarms{Enabled: profile.On, MissingTasks: alarm.Events{Count: 2}, CPU: alarm.Utilization{Percent: 50}, Memory: alarm.Utilization{Disable: true}}, false, nil},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.alarms.validateRouted(c.routed), c.want...) })
	}
}

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	alarmtest.Documented(t, "Of a service", every(Alarms{}, cart(1)), every(Alarms{}, cart(2)))
}

// What a service costs in alarms is in docs/alarms.md and docs/resources-and-cost.md, too.
func TestWhatAlarmsCost(t *testing.T) {
	for groups, want := range map[int]float64{1: 1.40, 2: 2.40} {
		if got := float64(alarmtest.Metrics(every(Alarms{}, cart(groups)))) / 10; got != want {
			t.Errorf("alarms of a service with %d target groups cost %.2f USD, want %.2f", groups, got, want)
		}
	}
}

func TestEveryAlarm(t *testing.T) {
	for groups := range 3 {
		alarmtest.Check(t, every(Alarms{}, cart(groups))...)
	}
}

func TestWhatAlarmsMean(t *testing.T) {
	const memory = "a task has used more than 90 % of its memory for 15 minutes. At 100 % it is stopped, and its requests fail."
	const cpu = "average CPU utilization has been above 85 % for 15 minutes. If it lasts, responses will be slow."
	meanings := func(settings Alarms, groups int) map[string]string {
		all := map[string]string{}
		for _, a := range every(settings, cart(groups)) {
			all[a.ID] = a.Meaning
		}
		return all
	}
	settings := Alarms{HealthyTasks: alarm.Least{Tasks: 2}, TypicalLatency: alarm.Latency{Longest: 1500 * time.Millisecond}, Errors: alarm.Share{Percent: 0.5}}
	if diff := cmp.Diff(map[string]string{
		"Errors":         "more than 0.5 % of requests to a target group fail. Customers get errors.",
		"TypicalLatency": "half of the requests take longer than 1.5s. Many customers notice.",
		"SlowestLatency": "1 % of requests take longer than 3s. Some customers notice.",
		"HealthyTasks":   "fewer than 2 of its tasks are healthy. Customers get errors, or soon will.",
		"ClientErrors":   "more than 25 % of requests get a 4xx response. A client is faulty, or someone is probing the API.",
		"MissingTasks":   "the service has run 1 or more tasks too few for ten minutes. The other tasks have a higher load.",
		"CPU":            cpu,
		"Memory":         memory,
	}, meanings(settings, 2)); diff != "" {
		t.Errorf("with routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{
		"MissingTasks": "the service has run 3 or more tasks too few for ten minutes. Its work is delayed or not done.",
		"CPU":          cpu,
		"Memory":       memory,
	}, meanings(Alarms{MissingTasks: alarm.Events{Count: 3}}, 0)); diff != "" {
		t.Errorf("of a worker (-want +got):\n%s", diff)
	}
	if got, want := meanings(Alarms{}, 1)["HealthyTasks"], "none of its tasks is healthy. Customers get errors, or soon will."; got != want {
		t.Errorf("HealthyTasks of one means %q, want %q", got, want)
	}
}

// Names are of the stack, the service and the alarm. CloudWatch takes 255 characters.
func TestTheLongestNamesFit(t *testing.T) {
	longest := 0
	for _, a := range every(Alarms{}, cart(2)) {
		if a.RollsBack {
			longest = max(longest, len(strings.Repeat("n", 128)+"-"+strings.Repeat("s", 63)+"-"+cdkx.Kebab(a.ID)))
		}
	}
	if longest != 208 {
		t.Errorf("the longest name has %d characters, want 208", longest)
	}
}

// A deployment looks for its alarms when the service is made. So they speak of the load balancer alone: anything of the
// service would be a circle.
func TestDeploymentAlarmsSpeakOfTheLoadBalancerAlone(t *testing.T) {
	var ids []string
	for _, a := range every(Alarms{}, cart(2)) {
		if !a.RollsBack {
			continue
		}
		ids = append(ids, a.ID)
		for _, query := range a.Metric.Queries() {
			if query.Metric.Expression == "" && query.Metric.Namespace != "AWS/ApplicationELB" {
				t.Errorf("%s is on %s", a.ID, query.Metric.Namespace)
			}
		}
		if a.Datapoints != 2 || a.Periods > 4 {
			t.Errorf("%s waits for %d of %d minutes: it must be done within the five of a canary, and not by a single one", a.ID, a.Datapoints, a.Periods)
		}
	}
	if diff := cmp.Diff([]string{"Errors", "TypicalLatency", "SlowestLatency"}, ids); diff != "" {
		t.Errorf("alarms of a deployment (-want +got):\n%s", diff)
	}
}

// Each alarm is on the metric that it is called after, with its own settings.
func TestWhatAlarmsAreOn(t *testing.T) {
	of := cart(2)
	settings := Alarms{
		Errors: alarm.Share{MinRequests: 1}, TypicalLatency: alarm.Latency{MinRequests: 2}, SlowestLatency: alarm.Latency{MinRequests: 3},
		ClientErrors: alarm.Share{MinRequests: 4},
	}
	want := map[string]any{
		"Errors": of.Failed(1), "TypicalLatency": of.Latency(50, 2), "SlowestLatency": of.Latency(99, 3), "HealthyTasks": of.HealthyTasks(),
		"ClientErrors": of.Rejected(4), "MissingTasks": of.Missing(), "CPU": of.CPU(), "Memory": of.Memory(),
	}
	got := map[string]any{}
	for _, a := range every(settings, of) {
		got[a.ID] = a.Metric
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func TestWhatPages(t *testing.T) {
	if diff := cmp.Diff([]string{"Errors", "TypicalLatency", "SlowestLatency", "HealthyTasks"}, alarmtest.Paging(every(Alarms{}, cart(1)))); diff != "" {
		t.Errorf("of a service with routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"MissingTasks"}, alarmtest.Paging(every(Alarms{}, cart(0)))); diff != "" {
		t.Errorf("of a worker (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotThereHasNoAlarm(t *testing.T) {
	defaults := Alarms{}.withDefaults(2)
	if diff := cmp.Diff([]string{"MissingTasks", "CPU", "Memory"}, alarmtest.IDs(defaults.running(cart(0), false, true))); diff != "" {
		t.Errorf("of a worker (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"HealthyTasks", "ClientErrors", "CPU", "Memory"}, alarmtest.IDs(defaults.running(cart(1), true, false))); diff != "" {
		t.Errorf("without Container Insights (-want +got):\n%s", diff)
	}
}

func TestEachSettingIsOfOneAlarm(t *testing.T) {
	all := func(settings Alarms) []alarm.Alarm { return every(settings, cart(2)) }
	alarmtest.EachSettingIsOfOneAlarm(t, all, map[string]struct{ Change, Disable func(*Alarms) }{
		"Errors":         {func(a *Alarms) { a.Errors.Percent = 1 }, func(a *Alarms) { a.Errors.Disable = true }},
		"TypicalLatency": {func(a *Alarms) { a.TypicalLatency.Longest = time.Minute / 10 }, func(a *Alarms) { a.TypicalLatency.Disable = true }},
		"SlowestLatency": {func(a *Alarms) { a.SlowestLatency.MinRequests = 7 }, func(a *Alarms) { a.SlowestLatency.Disable = true }},
		"HealthyTasks":   {func(a *Alarms) { a.HealthyTasks.Tasks = 2 }, func(a *Alarms) { a.HealthyTasks.Disable = true }},
		"ClientErrors":   {func(a *Alarms) { a.ClientErrors.Percent = 50.5 }, func(a *Alarms) { a.ClientErrors.Disable = true }},
		"MissingTasks":   {func(a *Alarms) { a.MissingTasks.Count = 3 }, func(a *Alarms) { a.MissingTasks.Disable = true }},
		"CPU":            {func(a *Alarms) { a.CPU.Percent = 70 }, func(a *Alarms) { a.CPU.Disable = true }},
		"Memory":         {func(a *Alarms) { a.Memory.Percent = 95 }, func(a *Alarms) { a.Memory.Disable = true }},
	})
}

func TestFewer(t *testing.T) {
	for tasks, want := range map[int]string{1: "none of its tasks is", 2: "fewer than 2 of its tasks are"} {
		if got := fewer(tasks); got != want {
			t.Errorf("%d: got %s, want %s", tasks, got, want)
		}
	}
}
