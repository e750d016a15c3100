// Package graph is the graph of an app's services: who calls whom, who publishes what to whom, what data each has, and where it
// takes requests. It is read from the templates: each service writes a record of itself into the metadata of its stack's
// template (constructs/microservice, recordCalls and its neighbors).
package graph

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/summary"
)

// Graph is the services of an app, or of a part of it. Its JSON is what graph --json writes.
type Graph struct {
	// Environments are those of the services, sorted. There is one, unless the app has a stage for each.
	Environments []string `json:"environments"`
	// Services are sorted by name.
	Services []Service `json:"services"`
	// Events are those that the services exchange, sorted by source and type.
	Events []Event `json:"events"`
}

// Service is one service.
type Service struct {
	Name        string `json:"name"`
	Owner       string `json:"owner"`
	Environment string `json:"environment,omitempty"`
	// Stack is the stack's ID in the CDK CLI, and StackName its name in CloudFormation.
	Stack     string `json:"stack"`
	StackName string `json:"stackName"`
	// Path is that of the construct.
	Path       string     `json:"path"`
	Callable   bool       `json:"callable"`
	Routes     []Route    `json:"routes"`
	Stores     []Store    `json:"stores"`
	Calls      []Call     `json:"calls"`
	Publishes  []Exchange `json:"publishes"`
	Subscribes []Exchange `json:"subscribes"`
	Schedules  []Schedule `json:"schedules"`
}

// Route is a route of the API that leads to a service.
type Route struct {
	Method string   `json:"method"`
	Path   string   `json:"path"`
	Access string   `json:"access"` // "public", "signed in", or "IAM"
	Scopes []string `json:"scopes,omitempty"`
}

// Store is what a service uses.
type Store struct {
	Store     string   `json:"store"` // the path of its construct, or its type
	Type      string   `json:"type"`  // the Go type, such as "table.Table"
	Access    string   `json:"access"`
	Variables []string `json:"variables,omitempty"`
	Secrets   []string `json:"secrets,omitempty"`
}

// Call is a service that a service calls.
type Call struct {
	Service   string   `json:"service"`
	StackName string   `json:"stackName"`
	Variables []string `json:"variables"`
	// Here is whether the graph has the service.
	Here bool `json:"here"`
}

// Schedule is when EventBridge Scheduler runs something of a service.
type Schedule struct {
	Name       string `json:"name"`       // as its logical ID has it
	Expression string `json:"expression"` // such as "cron(0 16 * * ? *)"
	TimeZone   string `json:"timeZone,omitempty"`
	Disabled   bool   `json:"disabled,omitempty"`
}

// Exchange is an event that a service publishes or receives.
type Exchange struct {
	Source     string `json:"source"`
	DetailType string `json:"detailType"`
	// Forms are the forms of its detail: plain, outbox or both.
	Forms []Form `json:"forms"`
	// Schema is that of the detail. It is nil if no template of the graph has it.
	Schema json.RawMessage `json:"schema,omitempty"`
}

// Form is the form of an event's detail.
type Form string

// Of the plain form the detail is what the schema describes. That of an outbox has it in base64, beside an ID and a sequence.
const (
	Plain  Form = "plain"
	Outbox Form = "outbox"
)

// Event is an event with those who exchange it.
type Event struct {
	Exchange
	Environment string   `json:"environment,omitempty"`
	Publishers  []string `json:"publishers"` // one, or none if it is in another app
	Subscribers []string `json:"subscribers"`
}

// recordKey is followed by the name of a service, and is the key of its record in the metadata of a template.
const recordKey = "storefront:service:"

// publication is the type of what Publishes uses, which is no store: the record has its events.
const publication = "publication.Publication"

// record is what a service writes. Whatever it has besides, this package does not need.
type record struct {
	Path, Owner, Environment string
	Stack                    any // a text, unless the stack is a nested one
	Callable                 bool
	Uses                     []struct {
		Store, Type, Access string
		Variables, Secrets  []string
	}
	Calls []struct {
		Service, Stack string
		Variables      []string
	}
	Publishes, Subscribes []struct {
		Source, DetailType string
		Forms              []string
		Schema             json.RawMessage
	}
}

// Of returns the graph of the services in the templates of stacks.
func Of(stacks []assembly.Stack) (*Graph, error) {
	g := &Graph{Environments: []string{}, Services: []Service{}, Events: []Event{}}
	for _, stack := range stacks {
		routes := summary.Routes(stack)
		for _, template := range stack.Templates() {
			found, err := services(stack, template, routes)
			if err != nil {
				return nil, err
			}
			g.Services = append(g.Services, found...)
		}
	}
	slices.SortStableFunc(g.Services, func(a, b Service) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Environment, b.Environment), strings.Compare(a.Stack, b.Stack))
	})
	for _, s := range g.Services {
		if s.Environment != "" {
			g.Environments = append(g.Environments, s.Environment)
		}
	}
	slices.Sort(g.Environments)
	g.Environments = slices.Compact(g.Environments)
	g.connect()
	return g, nil
}

// services returns the services whose records are in a template.
func services(stack assembly.Stack, template snapshot.Template, routes []summary.Route) ([]Service, error) {
	metadata, _ := template["Metadata"].(map[string]any)
	var found []Service
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		name, is := strings.CutPrefix(key, recordKey)
		if !is {
			continue
		}
		text, err := json.Marshal(metadata[key])
		if err != nil {
			return nil, fmt.Errorf("stack %s: metadata %s: %w", stack.ID, key, err)
		}
		var read record
		if err := json.Unmarshal(text, &read); err != nil {
			return nil, fmt.Errorf("stack %s: metadata %s: %w", stack.ID, key, err)
		}
		s := read.service(name, stack)
		for _, r := range routes {
			if r.Service == name {
				s.Routes = append(s.Routes, Route{r.Method, r.Path, r.Access, r.Scopes})
			}
		}
		slices.SortFunc(s.Routes, func(a, b Route) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
		})
		found = append(found, s)
	}
	schedule(found, template)
	return found, nil
}

// hashed matches the hash that ends a logical ID.
var hashed = regexp.MustCompile(`[0-9A-F]{8}$`)

// schedule adds the schedules of a template to its services. A schedule has no tags, and its logical ID begins with that of the
// service in which it is defined.
func schedule(services []Service, template snapshot.Template) {
	for _, resource := range template.Resources("AWS::Scheduler::Schedule") {
		of, prefix := -1, ""
		for n, s := range services {
			id := strings.NewReplacer("-", "", "_", "").Replace(s.Path[strings.LastIndex(s.Path, "/")+1:])
			if strings.HasPrefix(resource.LogicalID, id) && len(id) > len(prefix) {
				of, prefix = n, id
			}
		}
		if of < 0 {
			continue // of no service
		}
		text := func(property string) string {
			value, _ := resource.Get("Properties." + property).(string)
			return value
		}
		name := strings.TrimSuffix(hashed.ReplaceAllString(resource.LogicalID, ""), "Schedule")
		services[of].Schedules = append(services[of].Schedules, Schedule{
			Name: cmp.Or(strings.TrimPrefix(name, prefix), name), Expression: text("ScheduleExpression"),
			TimeZone: text("ScheduleExpressionTimezone"), Disabled: text("State") == "DISABLED",
		})
	}
}

func (r record) service(name string, stack assembly.Stack) Service {
	s := Service{
		Name: name, Owner: r.Owner, Environment: r.Environment, Path: r.Path, Callable: r.Callable,
		Stack: stack.ID, StackName: stack.Name,
		Routes: []Route{}, Stores: []Store{}, Calls: []Call{}, Publishes: []Exchange{}, Subscribes: []Exchange{}, Schedules: []Schedule{},
	}
	if named, is := r.Stack.(string); is {
		s.StackName = named
	}
	for _, use := range r.Uses {
		if use.Type != publication {
			s.Stores = append(s.Stores, Store(use))
		}
	}
	for _, call := range r.Calls {
		s.Calls = append(s.Calls, Call{Service: call.Service, StackName: call.Stack, Variables: call.Variables})
	}
	for _, event := range r.Publishes {
		e := Exchange{Source: event.Source, DetailType: event.DetailType, Schema: event.Schema, Forms: []Form{}}
		for _, form := range event.Forms {
			e.Forms = append(e.Forms, Form(strings.ToLower(form)))
		}
		if len(e.Forms) == 0 {
			e.Forms = []Form{Plain}
		}
		s.Publishes = append(s.Publishes, e)
	}
	for _, event := range r.Subscribes {
		s.Subscribes = append(s.Subscribes, Exchange{Source: event.Source, DetailType: event.DetailType, Schema: event.Schema, Forms: []Form{}})
	}
	return s
}

// key identifies an event in the graph.
type key struct{ environment, source, detailType string }

// connect finds the services that are called, and who exchanges which event.
func (g *Graph) connect() {
	events := map[key]*Event{}
	event := func(s *Service, e Exchange) *Event {
		id := key{s.Environment, e.Source, e.DetailType}
		if events[id] == nil {
			events[id] = &Event{Exchange: e, Environment: s.Environment, Publishers: []string{}, Subscribers: []string{}}
		}
		return events[id]
	}
	for n := range g.Services {
		s := &g.Services[n]
		for c := range s.Calls {
			s.Calls[c].Here = g.callee(s.Calls[c]) >= 0
		}
		for _, e := range s.Publishes {
			exchanged := event(s, e)
			exchanged.Exchange = e
			exchanged.Publishers = append(exchanged.Publishers, s.Name)
		}
		for _, e := range s.Subscribes {
			exchanged := event(s, e)
			exchanged.Subscribers = append(exchanged.Subscribers, s.Name)
		}
	}
	for n := range g.Services { // what a subscriber receives is what its publisher publishes
		s := &g.Services[n]
		for e := range s.Subscribes {
			if from := event(s, s.Subscribes[e]); len(from.Publishers) > 0 {
				s.Subscribes[e] = from.Exchange
			}
		}
	}
	for _, e := range events {
		g.Events = append(g.Events, *e)
	}
	slices.SortFunc(g.Events, func(a, b Event) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.DetailType, b.DetailType), strings.Compare(a.Environment, b.Environment))
	})
}

// callee is the index of the service that is called, or -1 if the graph does not have it.
func (g *Graph) callee(c Call) int {
	inStack := func(s Service) bool { return s.StackName == c.StackName }
	if n := slices.IndexFunc(g.Services, func(s Service) bool { return inStack(s) && s.Callable }); n >= 0 {
		return n
	}
	return slices.IndexFunc(g.Services, inStack)
}
