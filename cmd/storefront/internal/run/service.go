package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// service is a service that runs.
type service struct {
	supervisor *Supervisor
	mutex      sync.Mutex // of one deployment at a time
	numbered   int
	retiring   sync.WaitGroup

	shown  sync.Mutex // of what others read
	of     Service
	slots  []*slot
	next   []*slot // of a deployment under way
	failed bool    // whether its last deployment has
}

// Outcome is what came of the deployment of a service.
type Outcome struct {
	Service  string `json:"service"`
	Version  string `json:"version"`
	Tasks    int    `json:"tasks"`
	Changed  bool   `json:"changed"` // whether tasks were started or stopped
	ReadyMS  int64  `json:"readyMs"` // of the slowest task
	Problem  string `json:"problem,omitempty"`
	Previous bool   `json:"previous,omitempty"` // whether the tasks of the version before go on
}

// deploy starts new tasks after the migrations, and stops the old ones when the new ones are healthy. If they are not, the old ones
// go on. Where there are none, the new ones are tried further, unless a migration has failed.
func (s *service) deploy(ctx context.Context, to Service, migrations []func() error) Outcome {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	outcome := Outcome{Service: to.Name, Version: to.Program.Version, Tasks: to.Desired}
	if err := s.supervisor.claim(ctx, to.Groups, s.slots); err != nil {
		outcome.Problem = err.Error()
		return outcome
	}
	kept, old := s.slots, []*slot(nil)
	if s.differs(to) {
		kept, old = nil, s.slots
		for _, migrate := range migrations {
			if err := migrate(); err != nil {
				return s.refuse(to, err, outcome)
			}
		}
	}
	if to.MaximumPercent <= 100 && len(old) > 0 { // no two versions at once
		s.retire(old)
		s.retiring.Wait()
		old = nil
		outcome.Changed = true
	}
	if len(kept) > to.Desired {
		s.retire(kept[to.Desired:])
		kept = slices.Clone(kept[:to.Desired])
		outcome.Changed = true
	}
	var started []*slot
	for n := len(kept); n < to.Desired; n++ {
		s.numbered++
		started = append(started, newSlot(s.supervisor, to, fmt.Sprintf("%s.%d", to.Name, s.numbered)))
	}
	outcome.Changed = outcome.Changed || len(started) > 0 || len(old) > 0
	s.show(s.of, s.slots, started)
	err := s.waitFor(ctx, slices.Concat(kept, started), &outcome)
	s.fail(err)
	if err != nil {
		outcome.Problem = err.Error()
	}
	if err != nil && slices.ContainsFunc(old, func(each *slot) bool { return each.status().State == healthy }) {
		s.retire(started)
		s.show(s.of, old, nil)
		outcome.Previous = true
		return outcome
	}
	s.retire(old)
	s.show(to, slices.Concat(kept, started), nil)
	return outcome
}

// differs reports whether the tasks that run are not those of a version.
func (s *service) differs(to Service) bool {
	s.shown.Lock()
	defer s.shown.Unlock()
	return s.failed || s.of.fingerprint() != to.fingerprint()
}

// version is what runs.
func (s *service) version() Service {
	s.shown.Lock()
	defer s.shown.Unlock()
	return s.of
}

func (s *service) fail(err error) {
	s.shown.Lock()
	defer s.shown.Unlock()
	s.failed = err != nil
}

// refuse leaves the tasks that run, if there are any, since a migration has failed.
func (s *service) refuse(to Service, err error, outcome Outcome) Outcome {
	s.fail(err)
	outcome.Problem, outcome.Previous = err.Error(), len(s.slots) > 0
	if !outcome.Previous {
		s.show(to, nil, nil)
	}
	return outcome
}

func (s *service) show(of Service, slots, next []*slot) {
	s.shown.Lock()
	defer s.shown.Unlock()
	s.of, s.slots, s.next = of, slots, next
}

func (s *service) waitFor(ctx context.Context, slots []*slot, outcome *Outcome) error {
	var problems []error
	for _, each := range slots {
		if err := each.wait(ctx); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", each.name, err))
		}
		outcome.ReadyMS = max(outcome.ReadyMS, each.status().ReadyMS)
	}
	return errors.Join(problems...)
}

// retire drains and stops tasks in the background. It returns when none of them gets new requests.
func (s *service) retire(slots []*slot) {
	for _, each := range slots {
		each.cancel()
		s.retiring.Go(func() { <-each.ended })
	}
	for _, each := range slots {
		each.left()
	}
}

// stop stops all tasks, and returns when they have ended.
func (s *service) stop() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.retire(s.slots)
	s.retiring.Wait()
}

// end stops all tasks of a service that the plan has no more.
func (s *service) end() error {
	s.stop()
	return s.supervisor.leave(s.of.Groups)
}

// ServiceStatus is how a service is.
type ServiceStatus struct {
	Name    string       `json:"name"`
	Stack   string       `json:"stack"`
	Version string       `json:"version"`
	Desired int          `json:"desired"`
	Calls   []string     `json:"calls"` // the services that it may call
	Tasks   []TaskStatus `json:"tasks"`
	// Requests are those to its routes that the front has passed on, and those of other services.
	Requests int `json:"requests"`
	// Called are the requests that it has sent to other services, by their name.
	Called map[string]int `json:"called"`
	// Jobs are the tasks of its schedules and migrations.
	Jobs []JobStatus `json:"jobs"`
}

func (s *service) status() ServiceStatus {
	s.shown.Lock()
	defer s.shown.Unlock()
	of := ServiceStatus{Name: s.of.Name, Stack: s.of.Stack, Version: s.of.Program.Version, Desired: s.of.Desired, Calls: []string{}, Tasks: []TaskStatus{}}
	for _, each := range slices.Concat(s.slots, s.next) {
		of.Tasks = append(of.Tasks, each.status())
	}
	return of
}
