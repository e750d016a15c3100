package watch

import (
	"fmt"
	"time"
)

// alarm is what CloudWatch compares and what follows from it, as a plain value.
type alarm struct {
	// id is the alarm's construct, in that of the store where there is one. A deployment finds its alarms by name.
	store, id, name string
	metric          Metric
	passed          comparison
	threshold       float64
	// datapoints of the last of must have passed the threshold, one a minute.
	datapoints, of int
	// missing is what a minute without a datapoint means.
	missing missing
	// pages has the service's composite alarm follow this one. Every alarm informs.
	pages       bool
	description string
}

type comparison string

const (
	above   comparison = "GreaterThanThreshold"
	atLeast comparison = "GreaterThanOrEqualToThreshold"
	below   comparison = "LessThanThreshold"
)

type missing string

const (
	isGood    missing = "notBreaching"
	isBad     missing = "breaching"
	isUnknown missing = "missing"
)

// subject is what the alarms speak of.
type subject struct {
	service, owner string
	settings       Alarms
}

// story is what a description says: what it means for customers, the first three things to look at, and the owner.
func (s subject) story(meaning, first, second, third string) string {
	return fmt.Sprintf("%s: %s\nLook at: 1. %s 2. %s 3. %s\nOwner: %s", s.service, meaning, first, second, third, s.owner)
}

// What several alarms send people to.
const (
	lookAtDeployment   = "the service's deployments in ECS: did it begin with one? Roll back."
	lookAtDependencies = "the alarms of its tables and queues, and the services that it calls."
	lookAtEvents       = "the service's events in ECS, and why tasks stopped."
)

// deployment are the alarms that roll a deployment back, by name: they speak of the balancer's groups alone, and never
// of the service, since ECS looks for them when it makes the service. Two of the last four minutes must be bad, so that
// one odd minute is none, and a canary that is baked for five is stopped. Not of three: with two groups the newest
// minutes count as good until the balancer has published them, which may take two.
//
// The balancer counts what there is and publishes no zeros: a minute without requests is a good one.
func (s subject) deployment(targets Targets, name func(alarm string) string) []alarm {
	set := s.settings
	var all []alarm
	add := func(disabled bool, a alarm) {
		if !disabled {
			a.passed, a.datapoints, a.of, a.missing, a.pages = above, 2, 4, isGood, true
			all = append(all, a)
		}
	}
	add(set.Errors.Disable, alarm{
		id: "Errors", name: name("errors"),
		metric: targets.Failed(set.Errors.MinRequests), threshold: set.Errors.Percent,
		description: s.story(
			fmt.Sprintf("more than %g %% of requests fail. Customers see errors.", set.Errors.Percent),
			lookAtDeployment, "the newest errors in the service's log group.", lookAtDependencies),
	})
	add(set.TypicalLatency.Disable, alarm{
		id: "TypicalLatency", name: name("typical-latency"),
		metric: targets.Latency(50, set.TypicalLatency.MinRequests), threshold: set.TypicalLatency.Longest.Seconds(),
		description: s.story(
			fmt.Sprintf("every second request waits longer than %s. All customers notice.", words(set.TypicalLatency.Longest)),
			lookAtDeployment, "CPU and the number of tasks: is Scaling.Max reached?", lookAtDependencies),
	})
	add(set.SlowestLatency.Disable, alarm{
		id: "SlowestLatency", name: name("slowest-latency"),
		metric: targets.Latency(99, set.SlowestLatency.MinRequests), threshold: set.SlowestLatency.Longest.Seconds(),
		description: s.story(
			fmt.Sprintf("one request of a hundred waits longer than %s. Some customers give up.", words(set.SlowestLatency.Longest)),
			lookAtDeployment, "which routes are slow, in the API's access logs.", lookAtDependencies),
	})
	return all
}

// balancer are the other alarms on the balancer's groups.
func (s subject) balancer(targets Targets) []alarm {
	set := s.settings
	var all []alarm
	if !set.HealthyTasks.Disable {
		all = append(all, alarm{
			id: "HealthyTasks", metric: targets.Healthy(),
			passed: below, threshold: float64(set.HealthyTasks.Tasks), datapoints: 3, of: 3,
			// The balancer says nothing of a group that no task is in: none at all is what the alarm is for.
			missing: isBad, pages: true,
			description: s.story(
				fmt.Sprintf("%s healthy. Customers get errors, or soon will.", fewer(set.HealthyTasks.Tasks)),
				lookAtEvents, "the health check: what does its path answer, and how fast?", lookAtDeployment),
		})
	}
	if !set.ClientErrors.Disable {
		all = append(all, alarm{
			id: "ClientErrors", metric: targets.Rejected(set.ClientErrors.MinRequests),
			passed: above, threshold: set.ClientErrors.Percent, datapoints: 10, of: 15,
			// As with failures: no requests, no errors.
			missing: isGood,
			description: s.story(
				fmt.Sprintf("more than %g %% of requests are answered with 4xx. A caller is broken, or somebody tries doors.", set.ClientErrors.Percent),
				"which routes and statuses, in the API's access logs.", "what changed in the callers: the shop's pages, other services.",
				"whether the requests come from few addresses."),
		})
	}
	return all
}

// tasks are the alarms on a service's running copies. Without routes nobody else says that none runs, so that then it
// pages.
func (s subject) tasks(tasks Tasks, insights, routed bool) []alarm {
	set := s.settings
	var all []alarm
	if insights && !set.MissingTasks.Disable {
		meaning := "The others carry more load."
		if !routed {
			meaning = "Its work is done late, or not at all."
		}
		all = append(all, alarm{
			id: "MissingTasks", metric: tasks.Missing(),
			passed: atLeast, threshold: float64(set.MissingTasks.Count), datapoints: 10, of: 10,
			// ECS publishes both numbers each minute, whatever they are: without them nothing is known of the tasks.
			missing: isUnknown, pages: !routed,
			description: s.story(
				fmt.Sprintf("%d or more of the tasks that it should have do not run, for ten minutes. %s", set.MissingTasks.Count, meaning),
				lookAtEvents, "whether the image can be pulled, and secrets be read.", "whether Fargate has capacity in the zones."),
		})
	}
	// ECS publishes both uses for tasks that run: without a task nothing is overloaded, and other alarms say so.
	if !set.CPU.Disable {
		all = append(all, alarm{
			id: "CPU", metric: tasks.CPU(), passed: above, threshold: set.CPU.Percent, datapoints: 15, of: 15, missing: isGood,
			description: s.story(
				fmt.Sprintf("its tasks use more than %g %% CPU, for a quarter of an hour. Customers will wait if it goes on.", set.CPU.Percent),
				"the number of tasks: is Scaling.Max reached?", "requests: is it the load, or does each cost more?", lookAtDeployment),
		})
	}
	if !set.Memory.Disable {
		all = append(all, alarm{
			id: "Memory", metric: tasks.Memory(), passed: above, threshold: set.Memory.Percent, datapoints: 15, of: 15, missing: isGood,
			description: s.story(
				fmt.Sprintf("a task uses more than %g %% of its memory, for a quarter of an hour. It is killed when it is full, with the requests in it.", set.Memory.Percent),
				"whether memory grows from deployment to deployment: a leak.", "Size.MemoryMiB against what the application needs.", lookAtDeployment),
		})
	}
	return all
}

// table are the alarms on a table that the service owns, called id. DynamoDB publishes these numbers only when there is
// something to count: without them nothing was refused and nothing failed.
func (s subject) table(id string, table Table) []alarm {
	set := s.settings
	var all []alarm
	add := func(setting Events, a alarm) {
		if !setting.Disable {
			a.passed, a.threshold, a.datapoints, a.of, a.missing, a.pages = atLeast, float64(setting.Count), 3, 5, isGood, true
			all = append(all, a)
		}
	}
	add(set.ThrottledReads, alarm{
		store: id, id: "ThrottledReads", metric: table.ThrottledReads(),
		description: s.story(
			fmt.Sprintf("the table %s refuses %d or more reads a minute. Customers wait, then see errors.", id, set.ThrottledReads.Count),
			"whether one key gets most of the reads.", "the table's capacity and its highest throughput, if any are set.", "the account's DynamoDB quotas."),
	})
	add(set.ThrottledWrites, alarm{
		store: id, id: "ThrottledWrites", metric: table.ThrottledWrites(),
		description: s.story(
			fmt.Sprintf("the table %s refuses %d or more writes a minute. What customers do may be lost.", id, set.ThrottledWrites.Count),
			"whether one key, of the table or of an index, gets most of the writes.", "the capacity of the table and its indexes, if it is set.", "the account's DynamoDB quotas."),
	})
	add(set.SystemErrors, alarm{
		store: id, id: "SystemErrors", metric: table.SystemErrors(),
		description: s.story(
			fmt.Sprintf("DynamoDB itself fails %d or more requests a minute to the table %s. Customers may see errors.", set.SystemErrors.Count, id),
			"the AWS Health Dashboard, for DynamoDB in this region.", "whether the application tries again, and with growing pauses.", "the alarms of other services: is it all tables?"),
	})
	return all
}

// queue are the alarms on a queue that the service consumes, called id. SQS stops to publish numbers of a queue that
// nobody used for six hours: nothing waits in it.
func (s subject) queue(id string, queue, deadLetters Queue) []alarm {
	set := s.settings
	var all []alarm
	if !set.QueueAge.Disable {
		all = append(all, alarm{
			store: id, id: "QueueAge", metric: queue.Age(), passed: above, threshold: set.QueueAge.Oldest.Seconds(), datapoints: 3, of: 3,
			missing: isGood, pages: true,
			description: s.story(
				fmt.Sprintf("messages wait longer than %s in the queue %s. What customers asked for is late.", words(set.QueueAge.Oldest), id),
				"whether the consuming tasks run, and their newest errors.", "the number of tasks: is Scaling.Max reached?", "whether one message is received again and again."),
		})
	}
	if deadLetters != "" && !set.DeadLetters.Disable {
		all = append(all, alarm{
			store: id, id: "DeadLetters", metric: deadLetters.Added(), passed: atLeast, threshold: float64(set.DeadLetters.Count), datapoints: 1, of: 15,
			missing: isGood, pages: true,
			description: s.story(
				fmt.Sprintf("%d or more messages of the queue %s were given up in a minute of the last quarter of an hour. What customers asked for is not done.", set.DeadLetters.Count, id),
				"a message in the dead-letter queue, and the errors of when it was tried.", lookAtDeployment, "once it is mended, start a redrive: the messages wait there until then."),
		})
	}
	return all
}

// summary is what the composite alarm says. It names no threshold, so that a change of one changes one alarm.
func (s subject) summary() string {
	return s.story("customers are hurt: requests fail or wait, data is refused, or work is not done.",
		"which of its alarms are in alarm: each says what it means and where to look.", lookAtDeployment, "the newest errors in the service's log group.")
}

// fewer says how few tasks are.
func fewer(tasks int) string {
	if tasks == 1 {
		return "none of its tasks is"
	}
	return fmt.Sprintf("fewer than %d of its tasks are", tasks)
}

// words is a duration without the zeros that Go puts behind it: 10m0s is 10m.
func words(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	default:
		return d.String()
	}
}
