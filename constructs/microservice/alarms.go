package microservice

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Alarms set when the owner of a service is notified. Each zero field is a sound default, and each alarm can be
// disabled. The alarms on what the service uses are set in the props of the store.
type Alarms struct {
	// Enabled sets whether the service has alarms. If zero, the profile's: on in production.
	Enabled profile.Choice

	// Errors pages when requests fail: 5xx responses, and failed connections to tasks. If zero, above 5 % of at least
	// 10 requests a minute. It rolls a deployment back.
	Errors alarm.Share
	// TypicalLatency pages on the median latency of requests. If zero, above 1s of at least 10 requests a minute. It
	// rolls a deployment back.
	TypicalLatency alarm.Latency
	// SlowestLatency pages on the 99th percentile of latency. If zero, above 3s of at least 100 requests a minute. It
	// rolls a deployment back.
	SlowestLatency alarm.Latency
	// HealthyTasks pages when the load balancer has too few healthy targets. If zero, below half of the smallest
	// minimum of Scaling, rounded up: with two tasks, below one. It is not defined if that minimum is none, since a
	// service that has no tasks at night would page every night.
	HealthyTasks alarm.Least
	// ClientErrors informs when many requests are rejected: 4xx responses. If zero, above 25 % of at least 10 requests
	// a minute.
	ClientErrors alarm.Share
	// MissingTasks informs when fewer tasks run than the desired count, and pages if the service has no routes, or may have
	// no tasks, and so no HealthyTasks. If zero, 1; at most the largest maximum of Scaling. It is defined if the profile
	// has ContainerInsights.
	MissingTasks alarm.Events
	// CPU informs when scaling does not keep up. If zero, above 85 % utilization on average of all tasks.
	CPU alarm.Utilization
	// Memory informs before tasks are stopped because they run out of memory. If zero, above 90 % utilization in the
	// task with the highest.
	Memory alarm.Utilization
}

// withDefaults returns the alarms with every zero setting replaced by its default, for a service of at least minTasks
// tasks.
func (a Alarms) withDefaults(minTasks int) Alarms {
	a.Errors = a.Errors.WithDefaults(5, 10)
	a.TypicalLatency = a.TypicalLatency.WithDefaults(time.Second, 10)
	// With fewer than a hundred requests, the 99th percentile is the latency of a single request.
	a.SlowestLatency = a.SlowestLatency.WithDefaults(3*time.Second, 100)
	a.HealthyTasks = a.HealthyTasks.WithDefaults((minTasks + 1) / 2)
	a.ClientErrors = a.ClientErrors.WithDefaults(25, 10)
	a.MissingTasks = a.MissingTasks.WithDefaults(1)
	a.CPU = a.CPU.WithDefaults(85)
	a.Memory = a.Memory.WithDefaults(90)
	return a
}

// validate returns one error that lists every problem with the alarms of a service of so many tasks, or nil. It expects the
// defaults.
func (a Alarms) validate(minTasks, maxTasks int) error {
	return errors.Join(
		a.Enabled.Check("Alarms.Enabled"),
		a.Errors.Check("Alarms.Errors"),
		a.TypicalLatency.Check("Alarms.TypicalLatency"),
		a.SlowestLatency.Check("Alarms.SlowestLatency"),
		a.HealthyTasks.Check("Alarms.HealthyTasks", minTasks),
		a.ClientErrors.Check("Alarms.ClientErrors"),
		a.validateMissing(maxTasks),
		a.CPU.Check("Alarms.CPU"),
		a.Memory.Check("Alarms.Memory"),
	)
}

// validateMissing rejects a number of missing tasks that cannot be reached.
func (a Alarms) validateMissing(maxTasks int) error {
	if most := max(1, maxTasks); a.MissingTasks.Count > most {
		return fmt.Errorf("Alarms.MissingTasks.Count must be at most %d, the largest maximum of Scaling, as no more can be missing, got %d", most, a.MissingTasks.Count)
	}
	return a.MissingTasks.Check("Alarms.MissingTasks")
}

// validateRouted rejects settings that apply to requests, which a worker never receives. It expects no defaults.
func (a Alarms) validateRouted(routed bool) error {
	if routed {
		return nil
	}
	var set []string
	note := func(name string, isSet bool) {
		if isSet {
			set = append(set, "Alarms."+name)
		}
	}
	note("Errors", a.Errors != alarm.Share{})
	note("TypicalLatency", a.TypicalLatency != alarm.Latency{})
	note("SlowestLatency", a.SlowestLatency != alarm.Latency{})
	note("HealthyTasks", a.HealthyTasks != alarm.Least{})
	note("ClientErrors", a.ClientErrors != alarm.Share{})
	if len(set) == 0 {
		return nil
	}
	return fmt.Errorf("%s must not be set without Routes: the load balancer sends the service no requests", strings.Join(set, ", "))
}

// deployment returns the alarms that roll a deployment back. They read only the metrics of the load balancer's target
// groups, and never those of the service, since ECS looks them up when it creates the service. Two of the last four
// datapoints must be breaching, so that a single one rolls nothing back, and a canary that is baked for five minutes is
// stopped. Not two of three: with two groups the newest datapoints count as not breaching until the load balancer has
// published them, which may take two minutes.
//
// The load balancer does not publish zeros: a minute without requests is not breaching.
func (a Alarms) deployment(m service.Metrics) []alarm.Alarm {
	var all []alarm.Alarm
	add := func(disabled bool, defined alarm.Alarm) {
		if disabled {
			return
		}
		defined.Comparison, defined.Datapoints, defined.Periods, defined.Missing = alarm.Above, 2, 4, alarm.NotBreaching
		defined.Pages, defined.RollsBack = true, true
		all = append(all, defined)
	}
	add(a.Errors.Disable, alarm.Alarm{
		ID: "Errors", Metric: m.Failed(a.Errors.MinRequests), Threshold: a.Errors.Percent,
		Meaning: fmt.Sprintf("more than %g %% of requests to a target group fail. Customers get errors.", a.Errors.Percent),
		LookAt:  [3]string{alarm.LookAtDeployment, "the newest errors in the service's log group.", alarm.LookAtDependencies},
	})
	add(a.TypicalLatency.Disable, alarm.Alarm{
		ID: "TypicalLatency", Metric: m.Latency(50, a.TypicalLatency.MinRequests), Threshold: a.TypicalLatency.Longest.Seconds(),
		Meaning: fmt.Sprintf("half of the requests take longer than %s. Many customers notice.", cdkx.Words(a.TypicalLatency.Longest)),
		LookAt:  [3]string{alarm.LookAtDeployment, "CPU utilization and the number of tasks: is Scaling.Max reached?", alarm.LookAtDependencies},
	})
	add(a.SlowestLatency.Disable, alarm.Alarm{
		ID: "SlowestLatency", Metric: m.Latency(99, a.SlowestLatency.MinRequests), Threshold: a.SlowestLatency.Longest.Seconds(),
		Meaning: fmt.Sprintf("1 %% of requests take longer than %s. Some customers notice.", cdkx.Words(a.SlowestLatency.Longest)),
		LookAt:  [3]string{alarm.LookAtDeployment, "which routes are slow, in the API's access logs.", alarm.LookAtDependencies},
	})
	return all
}

// missingTasks is the ID of the alarm that requires Container Insights.
const missingTasks = "MissingTasks"

// healthyTasks is the ID of the alarm that is defined after the service.
const healthyTasks = "HealthyTasks"

// running returns the other alarms on the service's requests and tasks.
func (a Alarms) running(m service.Metrics, routed, insights bool) []alarm.Alarm {
	var all []alarm.Alarm
	add := func(there bool, defined alarm.Alarm) {
		if there {
			all = append(all, defined)
		}
	}
	add(routed && !a.HealthyTasks.Disable && a.HealthyTasks.Tasks > 0, alarm.Alarm{
		ID: healthyTasks, Metric: m.HealthyTasks(),
		Comparison: alarm.Below, Threshold: float64(a.HealthyTasks.Tasks), Periods: 3, Pages: true,
		// The load balancer publishes nothing for a target group without tasks, which is what the alarm is for.
		Missing: alarm.Breaching,
		Meaning: fmt.Sprintf("%s healthy. Customers get errors, or soon will.", fewer(a.HealthyTasks.Tasks)),
		LookAt:  [3]string{alarm.LookAtEvents, "the health check: the status and latency of its path.", alarm.LookAtDeployment},
	})
	add(routed && !a.ClientErrors.Disable, alarm.Alarm{
		ID: "ClientErrors", Metric: m.Rejected(a.ClientErrors.MinRequests),
		Comparison: alarm.Above, Threshold: a.ClientErrors.Percent, Datapoints: 10, Periods: 15,
		Missing: alarm.NotBreaching, // no requests, no errors
		Meaning: fmt.Sprintf("more than %g %% of requests get a 4xx response. A client is faulty, or someone is probing the API.", a.ClientErrors.Percent),
		LookAt: [3]string{
			"which routes and statuses, in the API's access logs.", "what changed in its clients: web pages, other services.",
			"whether the requests come from few addresses.",
		},
	})
	add(insights && !a.MissingTasks.Disable, alarm.Alarm{
		ID: missingTasks, Metric: m.Missing(),
		Comparison: alarm.AtLeast, Threshold: float64(a.MissingTasks.Count), Periods: 10,
		// ECS publishes both metrics each minute, zeros too: without data the state of the tasks is unknown.
		Missing: alarm.MissingData,
		// No other alarm detects that no task runs, without routes or where HealthyTasks cannot be.
		Pages: !routed || a.HealthyTasks.Tasks == 0,
		Meaning: fmt.Sprintf("the service has run %d or more tasks too few for ten minutes. %s", a.MissingTasks.Count,
			map[bool]string{true: "The other tasks have a higher load.", false: "Its work is delayed or not done."}[routed]),
		LookAt: [3]string{
			alarm.LookAtEvents, "whether the image can be pulled, and secrets can be read.", "whether Fargate has capacity in the zones.",
		},
	})
	// ECS publishes both for running tasks: without one nothing is overloaded, and other alarms detect that.
	add(!a.CPU.Disable, alarm.Alarm{
		ID: "CPU", Metric: m.CPU(), Comparison: alarm.Above, Threshold: a.CPU.Percent, Periods: 15, Missing: alarm.NotBreaching,
		Meaning: fmt.Sprintf("average CPU utilization has been above %g %% for 15 minutes. If it lasts, responses will be slow.", a.CPU.Percent),
		LookAt: [3]string{
			"the number of tasks: is Scaling.Max reached?", "more requests, or more CPU time for each request.", alarm.LookAtDeployment,
		},
	})
	add(!a.Memory.Disable, alarm.Alarm{
		ID: "Memory", Metric: m.Memory(), Comparison: alarm.Above, Threshold: a.Memory.Percent, Periods: 15, Missing: alarm.NotBreaching,
		Meaning: fmt.Sprintf("a task has used more than %g %% of its memory for 15 minutes. At 100 %% it is stopped, and its requests fail.", a.Memory.Percent),
		LookAt: [3]string{
			"whether memory grows between deployments: a leak.", "Size.MemoryMiB against what the application needs.", alarm.LookAtDeployment,
		},
	})
	return all
}

// fewer describes fewer than so many tasks.
func fewer(tasks int) string {
	if tasks == 1 {
		return "none of its tasks is"
	}
	return fmt.Sprintf("fewer than %d of its tasks are", tasks)
}
