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

// Alarms say when the owner of a service is notified. Each zero field is a sound default, and each alarm can be disabled.
// What the service uses has alarms of its own, in its own props.
type Alarms struct {
	// Enabled gives the service alarms, or none. If zero, the profile's: on in production.
	Enabled profile.Choice

	// Errors pages when requests fail: 5xx answers, and tasks that cannot be connected to. If zero, above 5 % of at least
	// 10 requests a minute. It rolls a deployment back.
	Errors alarm.Share
	// TypicalLatency pages when the median request waits: half of the requests wait longer. If zero, above 1s of at least
	// 10 requests a minute. It rolls a deployment back.
	TypicalLatency alarm.Latency
	// SlowestLatency pages when one request of a hundred waits. If zero, above 3s of at least 100 requests a minute. It
	// rolls a deployment back.
	SlowestLatency alarm.Latency
	// HealthyTasks pages when the load balancer has too few tasks to send requests to. If zero, below half of Scaling.Min,
	// rounded up: at two tasks, below one.
	HealthyTasks alarm.Least
	// ClientErrors informs when many requests are rejected: 4xx answers. If zero, above 25 % of at least 10 requests a
	// minute.
	ClientErrors alarm.Share
	// MissingTasks informs when fewer tasks run than ECS should run, and pages where the service has no routes and so no
	// HealthyTasks. If zero, 1. It is there where the profile has ContainerInsights.
	MissingTasks alarm.Events
	// CPU informs when scaling does not keep up. If zero, above 85 % on average of all tasks.
	CPU alarm.Use
	// Memory informs before tasks are stopped for want of memory. If zero, above 90 % in the fullest task.
	Memory alarm.Use
}

// withDefaults returns the alarms with every zero setting replaced by its default, for a service of at least minTasks
// tasks.
func (a Alarms) withDefaults(minTasks int) Alarms {
	a.Errors = a.Errors.WithDefaults(5, 10)
	a.TypicalLatency = a.TypicalLatency.WithDefaults(time.Second, 10)
	// Of fewer than a hundred, the slowest of a hundred is the slowest of all: one request alone.
	a.SlowestLatency = a.SlowestLatency.WithDefaults(3*time.Second, 100)
	a.HealthyTasks = a.HealthyTasks.WithDefaults(max(1, (minTasks+1)/2))
	a.ClientErrors = a.ClientErrors.WithDefaults(25, 10)
	a.MissingTasks = a.MissingTasks.WithDefaults(1)
	a.CPU = a.CPU.WithDefaults(85)
	a.Memory = a.Memory.WithDefaults(90)
	return a
}

// validate returns everything that is wrong with the alarms of a service, joined, or nil. It expects the defaults.
func (a Alarms) validate(minTasks int) error {
	return errors.Join(
		a.Enabled.Check("Alarms.Enabled"),
		a.Errors.Check("Alarms.Errors"),
		a.TypicalLatency.Check("Alarms.TypicalLatency"),
		a.SlowestLatency.Check("Alarms.SlowestLatency"),
		a.HealthyTasks.Check("Alarms.HealthyTasks", minTasks),
		a.ClientErrors.Check("Alarms.ClientErrors"),
		a.MissingTasks.Check("Alarms.MissingTasks"),
		a.CPU.Check("Alarms.CPU"),
		a.Memory.Check("Alarms.Memory"),
	)
}

// validateRouted finds settings that would wait for requests which a worker never gets. It expects no defaults.
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
	return fmt.Errorf("%s must be left out without Routes: the load balancer sends the service no requests", strings.Join(set, ", "))
}

// deployment are the alarms that roll a deployment back. They speak of the load balancer's target groups alone, and never
// of the service, since ECS looks for them when it makes the service. Two of the last four minutes must be bad, so that one
// odd minute rolls nothing back, and a canary that is baked for five is stopped. Not of three: with two groups the newest
// minutes count as good until the load balancer has published them, which may take two.
//
// The load balancer counts what there is and publishes no zeros: a minute without requests is a good one.
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
		Meaning: fmt.Sprintf("more than %g %% of requests fail. Customers see errors.", a.Errors.Percent),
		LookAt:  [3]string{alarm.LookAtDeployment, "the newest errors in the service's log group.", alarm.LookAtDependencies},
	})
	add(a.TypicalLatency.Disable, alarm.Alarm{
		ID: "TypicalLatency", Metric: m.Latency(50, a.TypicalLatency.MinRequests), Threshold: a.TypicalLatency.Longest.Seconds(),
		Meaning: fmt.Sprintf("every second request waits longer than %s. All customers notice.", cdkx.Words(a.TypicalLatency.Longest)),
		LookAt:  [3]string{alarm.LookAtDeployment, "CPU and the number of tasks: is Scaling.Max reached?", alarm.LookAtDependencies},
	})
	add(a.SlowestLatency.Disable, alarm.Alarm{
		ID: "SlowestLatency", Metric: m.Latency(99, a.SlowestLatency.MinRequests), Threshold: a.SlowestLatency.Longest.Seconds(),
		Meaning: fmt.Sprintf("one request of a hundred waits longer than %s. Some customers leave.", cdkx.Words(a.SlowestLatency.Longest)),
		LookAt:  [3]string{alarm.LookAtDeployment, "which routes are slow, in the API's access logs.", alarm.LookAtDependencies},
	})
	return all
}

// healthyTasks is the ID of the alarm that waits for the service to be there.
const healthyTasks = "HealthyTasks"

// running are the other alarms on the service's requests and tasks.
func (a Alarms) running(m service.Metrics, routed, insights bool) []alarm.Alarm {
	var all []alarm.Alarm
	add := func(there bool, defined alarm.Alarm) {
		if there {
			all = append(all, defined)
		}
	}
	add(routed && !a.HealthyTasks.Disable, alarm.Alarm{
		ID: healthyTasks, Metric: m.HealthyTasks(),
		Comparison: alarm.Below, Threshold: float64(a.HealthyTasks.Tasks), Periods: 3, Pages: true,
		// The load balancer publishes nothing of a group that no task is in: none at all is what the alarm is for.
		Missing: alarm.Breaching,
		Meaning: fmt.Sprintf("%s healthy. Customers get errors, or soon will.", fewer(a.HealthyTasks.Tasks)),
		LookAt:  [3]string{alarm.LookAtEvents, "the health check: what does its path answer, and how fast?", alarm.LookAtDeployment},
	})
	add(routed && !a.ClientErrors.Disable, alarm.Alarm{
		ID: "ClientErrors", Metric: m.Rejected(a.ClientErrors.MinRequests),
		Comparison: alarm.Above, Threshold: a.ClientErrors.Percent, Datapoints: 10, Periods: 15,
		Missing: alarm.NotBreaching, // as with failures: no requests, no errors
		Meaning: fmt.Sprintf("more than %g %% of requests are answered with 4xx. A caller is broken, or someone is probing the API.", a.ClientErrors.Percent),
		LookAt: [3]string{
			"which routes and statuses, in the API's access logs.", "what changed in the callers: the shop's pages, other services.",
			"whether the requests come from few addresses.",
		},
	})
	add(insights && !a.MissingTasks.Disable, alarm.Alarm{
		ID: "MissingTasks", Metric: m.Missing(),
		Comparison: alarm.AtLeast, Threshold: float64(a.MissingTasks.Count), Periods: 10,
		// ECS publishes both numbers each minute, whatever they are: without them nothing is known of the tasks.
		Missing: alarm.MissingData,
		// Without routes nothing else says that no task runs.
		Pages: !routed,
		Meaning: fmt.Sprintf("%d or more of the tasks that should run have not run for ten minutes. %s", a.MissingTasks.Count,
			map[bool]string{true: "The others carry more load.", false: "Its work is done late, or not at all."}[routed]),
		LookAt: [3]string{
			alarm.LookAtEvents, "whether the image can be pulled, and secrets be read.", "whether Fargate has capacity in the zones.",
		},
	})
	// ECS publishes both for tasks that run: without a task nothing is overloaded, and other alarms say so.
	add(!a.CPU.Disable, alarm.Alarm{
		ID: "CPU", Metric: m.CPU(), Comparison: alarm.Above, Threshold: a.CPU.Percent, Periods: 15, Missing: alarm.NotBreaching,
		Meaning: fmt.Sprintf("its tasks have used more than %g %% CPU for a quarter of an hour. Customers will wait if it goes on.", a.CPU.Percent),
		LookAt: [3]string{
			"the number of tasks: is Scaling.Max reached?", "requests: is it the load, or does each cost more?", alarm.LookAtDeployment,
		},
	})
	add(!a.Memory.Disable, alarm.Alarm{
		ID: "Memory", Metric: m.Memory(), Comparison: alarm.Above, Threshold: a.Memory.Percent, Periods: 15, Missing: alarm.NotBreaching,
		Meaning: fmt.Sprintf("a task has used more than %g %% of its memory for a quarter of an hour. It is stopped when its memory is full, and its requests fail.", a.Memory.Percent),
		LookAt: [3]string{
			"whether memory grows from deployment to deployment: a leak.", "Size.MemoryMiB against what the application needs.", alarm.LookAtDeployment,
		},
	})
	return all
}

// fewer says how few tasks are.
func fewer(tasks int) string {
	if tasks == 1 {
		return "none of its tasks is"
	}
	return fmt.Sprintf("fewer than %d of its tasks are", tasks)
}
