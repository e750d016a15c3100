package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// Target is what differs between an emulator and an account.
type Target struct {
	// AssumesRoles is whether the check can assume the roles of tasks, which trust only ECS. On AWS it cannot.
	AssumesRoles bool
}

// Finding is an event that did not arrive where it is declared, or arrived elsewhere.
type Finding struct {
	Stack     string // of the publisher; empty if it is not of the app
	What      string
	Want, Got string
}

func (f Finding) String() string {
	where := f.Stack
	if where == "" {
		where = "event bus"
	}
	return fmt.Sprintf("%s: %s: want %s, got %s", where, f.What, f.Want, f.Got)
}

// Report is the result of a check.
type Report struct {
	Services int
	Puts     int // events that were put on a bus
	Items    int // events that were written into an outbox
	Refused  int // events that a role must not put
	Arrived  int // messages, each an event in the queue of a subscriber
	Findings []Finding
	NotRun   []string // what was not checked, and why
}

func (r Report) String() string {
	return fmt.Sprintf("%d events put and %d written into outboxes, %d messages arrived; %d events tried by roles that do not declare them; %d findings",
		r.Puts, r.Items, r.Arrived, r.Refused, len(r.Findings))
}

// run is one run of the check.
type run struct {
	land     *landscape
	config   aws.Config // with the credentials of the check
	mark     string
	sent     int
	parcels  []*parcel
	mutex    sync.Mutex // of the next two
	arrived  map[*parcel][]arrival
	foreign  map[string][]types.Message // of others, by the URL of the queue
	outboxes []*outbox
	report   Report
}

func (r *run) find(p *parcel, want, got string) {
	r.report.Findings = append(r.report.Findings, Finding{p.stack, p.how, want, got})
}

// Check sends the events of an app, and reads all its queues.
func Check(ctx context.Context, s *deployed.App, target Target) (report Report, err error) {
	land, err := survey(ctx, s)
	if err != nil {
		return Report{}, err
	}
	r := &run{
		land: land, config: s.Config, mark: fmt.Sprintf("sandbox-events-%d", time.Now().UnixNano()),
		arrived: map[*parcel][]arrival{}, foreign: map[string][]types.Message{}, report: Report{Services: len(land.services), NotRun: land.notRun},
	}
	switch {
	case len(land.events) == 0 && len(land.buses) == 0:
		r.report.NotRun = append(r.report.NotRun, "events: the app has no event bus, and no service publishes or subscribes")
		return r.report, nil
	case !target.AssumesRoles:
		r.report.NotRun = append(r.report.NotRun, "events: the roles of publishers trust only ECS, so the check cannot assume them, and tasks would receive what it sends")
		return r.report, nil
	}
	for _, each := range land.services {
		if each.config, err = deployed.Assume(ctx, s.Config, each.role, "sandbox-events"); err != nil {
			return Report{}, fmt.Errorf("%s: assume the task role of %s: %w", each.stack, each.name, err)
		}
	}
	defer func() {
		for _, box := range r.outboxes {
			err = errors.Join(err, box.empty(context.WithoutCancel(ctx)))
		}
	}()
	// What must not arrive is sent first, and so has arrived when the rest has.
	for _, step := range []func(context.Context) error{r.trespass, r.strange, r.publish, r.receive} {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	r.judge()
	return r.report, nil
}

// judge compares what has arrived with what was sent.
func (r *run) judge() {
	for _, p := range r.parcels {
		if want, got := at(p.want), at(r.queuesOf(p)); want != got {
			r.find(p, want, got)
		}
		ids := map[string]bool{}
		for _, each := range r.arrived[p] {
			id, problem := p.compare(each.body)
			if problem != "" {
				r.find(p, "the event as it was sent at "+each.queue, problem)
			}
			ids[id] = true
			r.report.Arrived++
		}
		if len(ids) > 1 {
			r.find(p, "one id", strings.Join(slices.Sorted(maps.Keys(ids)), ", "))
		}
	}
}

func at(queues []string) string {
	if len(queues) == 0 {
		return "at no queue"
	}
	return "at " + strings.Join(queues, ", ")
}

var digits = regexp.MustCompile(`^\d+$`)

// compare returns the id by which a subscriber recognizes an event that is delivered again, and what differs from what was sent.
func (p *parcel) compare(body string) (id, problem string) {
	var event delivered
	if err := json.Unmarshal([]byte(body), &event); err != nil {
		return "", fmt.Sprintf("%v: %.300s", err, body)
	}
	got := deployed.Event{Source: event.Source, DetailType: event.DetailType}
	switch {
	case got != p.event:
		return event.ID, got.String()
	case !p.item && event.ID != p.id:
		return event.ID, fmt.Sprintf("the id %s, not %s", event.ID, p.id)
	case !p.item:
		return event.ID, differ(p.detail, string(event.Detail))
	}
	var detail wrapped
	if err := json.Unmarshal(event.Detail, &detail); err != nil || detail.Outbox == nil {
		return event.ID, fmt.Sprintf("a detail without an outbox: %.300s", event.Detail)
	}
	if detail.Outbox.ID == "" || !digits.MatchString(detail.Outbox.Sequence) {
		return detail.Outbox.ID, fmt.Sprintf("the id %q and the sequence %q", detail.Outbox.ID, detail.Outbox.Sequence)
	}
	return detail.Outbox.ID, differ(p.detail, plain(body))
}

// differ returns how two JSON texts differ, or nothing.
func differ(want, got string) string {
	var a, b any
	if err := errors.Join(json.Unmarshal([]byte(want), &a), json.Unmarshal([]byte(got), &b)); err != nil {
		return fmt.Sprintf("%v: %.300s", err, got)
	}
	if !cmp.Equal(a, b) {
		return fmt.Sprintf("the detail %.300s", got)
	}
	return ""
}
