package events

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// service is one service of the app, and how its events leave and reach it.
type service struct {
	stack, name string
	role        string // the ARN of its task role
	config      aws.Config

	puts       map[string][]deployed.Event // that it puts on a bus, by the bus
	writes     map[string][]deployed.Event // that it writes into the outbox of a table, by the table
	subscribes map[string][]deployed.Event // that it receives, by the name of the queue
}

// landscape is the services, queues and buses of an app.
type landscape struct {
	services []*service
	queues   map[string]string // names by URL
	buses    []string
	events   []deployed.Event // that are published or subscribed to, sorted
	notRun   []string
}

func survey(ctx context.Context, s *deployed.App) (*landscape, error) {
	land := &landscape{queues: map[string]string{}}
	for _, stack := range s.Stacks {
		for _, queue := range stack.Template.Resources("AWS::SQS::Queue") {
			if url := stack.Resources[queue.LogicalID].PhysicalID; url != "" {
				land.queues[url] = nameOf(url)
			}
		}
		for _, bus := range stack.Template.Resources("AWS::Events::EventBus") {
			if name := stack.Resources[bus.LogicalID].PhysicalID; name != "" {
				land.buses = append(land.buses, name)
			}
		}
	}
	tasks, err := deployed.Tasks(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, task := range tasks {
		record, err := deployed.ReadRecord(task.Service(), s.Stack(task.Stack).Template)
		if err != nil {
			land.notRun = append(land.notRun, fmt.Sprintf("the events of %s of %s: %v", task.LogicalID, task.Stack, err))
			continue
		}
		land.add(task, record)
	}
	slices.SortFunc(land.events, func(a, b deployed.Event) int { return cmp.Compare(a.String(), b.String()) })
	land.events = slices.Compact(land.events)
	return land, nil
}

// add adds the service of a task.
func (l *landscape) add(task deployed.Task, record deployed.Record) {
	of := &service{
		stack: task.Stack, name: task.Service(), role: aws.ToString(task.Definition.TaskRoleArn),
		puts: map[string][]deployed.Event{}, writes: map[string][]deployed.Event{}, subscribes: map[string][]deployed.Event{},
	}
	if slices.ContainsFunc(l.services, func(other *service) bool { return other.stack == of.stack && other.name == of.name }) {
		return // another task of the same service
	}
	l.services = append(l.services, of)
	l.events = slices.Concat(l.events, record.Publishes, record.Subscribes)
	variables, found := task.Variables(), map[deployed.Event]bool{}
	for _, use := range record.Uses {
		for verb, into := range map[string]map[string][]deployed.Event{"_BUS_NAME": of.puts, "_TABLE_NAME": of.writes, "_QUEUE_URL": of.subscribes} {
			events := use.Publishes
			if verb == "_QUEUE_URL" {
				events = use.Subscribes
			}
			for _, name := range use.Variables {
				if strings.HasSuffix(name, verb) && variables[name] != "" && len(events) > 0 {
					where := nameOf(variables[name])
					into[where] = append(into[where], events...)
					for _, event := range events {
						found[event] = true
					}
				}
			}
		}
	}
	for _, event := range slices.Concat(record.Publishes, record.Subscribes) {
		if !found[event] {
			l.notRun = append(l.notRun, fmt.Sprintf("%s of %s: its record names no bus, table or queue of it by a variable", event, of.name))
		}
	}
}

// nameOf returns the name of a queue, of which a variable or a physical ID may be the URL; other names are as they are.
func nameOf(urlOrName string) string { return urlOrName[strings.LastIndex(urlOrName, "/")+1:] }

// puts reports whether the role of a service may put an event on a bus by itself.
func (s *service) mayPut(bus string, event deployed.Event) bool {
	return slices.Contains(s.puts[bus], event)
}

// subscribers returns the queues at which an event must arrive, sorted.
func (l *landscape) subscribers(event deployed.Event) []string {
	queues := map[string]bool{}
	for _, each := range l.services {
		for queue, events := range each.subscribes {
			if slices.Contains(events, event) {
				queues[queue] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(queues))
}

// published reports whether a service of the app publishes an event.
func (l *landscape) published(event deployed.Event) bool {
	for _, each := range l.services {
		for _, by := range []map[string][]deployed.Event{each.puts, each.writes} {
			for _, events := range by {
				if slices.Contains(events, event) {
					return true
				}
			}
		}
	}
	return false
}
