package privilege

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// The services of AWS that assume roles of which it is known what they need.
const (
	ofTasks     = "ecs-tasks.amazonaws.com"
	ofPipes     = "pipes.amazonaws.com"
	ofScheduler = "scheduler.amazonaws.com"
	ofStates    = "states.amazonaws.com"
)

// addEvents adds, for each bus, the events that services record, and one that none records of each source.
func (l *landscape) addEvents(s *deployed.App, tasks []deployed.Task) {
	var events []deployed.Event
	for _, each := range tasks {
		record, err := deployed.ReadRecord(each.Service(), s.Stack(each.Stack).Template)
		if err != nil {
			continue // reported where its roles are
		}
		for _, known := range slices.Concat(record.Publishes, record.Subscribes) {
			events = append(events, known, deployed.Event{Source: known.Source, DetailType: probe})
		}
	}
	slices.SortFunc(events, func(a, b deployed.Event) int { return cmp.Compare(a.String(), b.String()) })
	for _, t := range l.things {
		if t.kind != bus {
			continue
		}
		for _, each := range slices.Compact(slices.Clone(events)) {
			put := t
			put.kind, put.event, put.context = event, each, map[string]string{keySource: each.Source, keyDetailType: each.DetailType}
			l.add(put)
		}
	}
}

// locateStreams completes the ARNs of streams, which end in the time at which they were enabled.
func (l *landscape) locateStreams(ctx context.Context, s *deployed.App) error {
	client := dynamodb.NewFromConfig(s.Config)
	for n, t := range l.things {
		if t.kind != stream {
			continue
		}
		described, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.physical})
		if err != nil {
			return fmt.Errorf("%s: %w", t.physical, err)
		}
		if arn := aws.ToString(described.Table.LatestStreamArn); arn != "" {
			l.things[n].arn, l.things[n].pattern = arn, arn
		}
	}
	return nil
}

// addDeclared adds what a declared use needs, of the service's own role and of the pipe of an outbox.
func (l *landscape) addDeclared(r *role, use deployed.Use, variables map[string]string, service string) error {
	if strings.TrimPrefix(use.Type, "*") == "publication.Publication" {
		return l.addPublication(r, use, variables)
	}
	if err := l.addStore(r, use, variables); err != nil || len(use.Publishes) == 0 {
		return err
	}
	return l.addOutbox(use, r.stack, service)
}

// addPublication adds what a service needs to put events on the bus that a variable names.
func (l *landscape) addPublication(r *role, use deployed.Use, variables map[string]string) error {
	for _, declared := range use.Publishes {
		known := false
		for _, t := range l.things {
			if t.kind == event && t.event == declared && slices.ContainsFunc(use.Variables, func(name string) bool { return found(t, variables[name]) }) {
				known = true
				r.need(t, putEvents)
			}
		}
		if !known {
			return fmt.Errorf("no event bus of the app in %v for %s", use.Variables, declared)
		}
	}
	return nil
}

// addOutbox finds the role of the pipe below a table, and what it needs: the table's stream and its key, the events on the bus,
// and the pipe's dead-letter queue.
func (l *landscape) addOutbox(use deployed.Use, stack, service string) error {
	at := slices.IndexFunc(l.roles, func(r *role) bool { return r.stack == stack && strings.HasPrefix(r.path, use.Store+"/Outbox/") })
	if at < 0 {
		return fmt.Errorf("no role below %s/Outbox, for the pipe that publishes %v", use.Store, use.Publishes)
	}
	r := l.roles[at]
	if r.principal != "" {
		return nil // another service writes into the same table
	}
	r.principal, r.purpose = ofPipes, "pipe role of "+service
	for _, t := range l.things {
		below := t.stack == stack && strings.HasPrefix(t.path+"/", use.Store+"/")
		switch {
		case below && t.kind == stream:
			r.need(t, readsStream...)
		case below && t.kind == key:
			r.need(t, usesKeyOfStream...)
		case below && t.kind == queue && strings.HasPrefix(t.path, use.Store+"/Outbox/"):
			r.need(t, sends...)
		case t.kind == event && slices.Contains(use.Publishes, t.event):
			r.need(t, putEvents)
		}
	}
	return nil
}
