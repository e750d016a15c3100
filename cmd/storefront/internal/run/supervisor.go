package run

import (
	"cmp"
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Supervisor runs the tasks of an app, and what they have around them.
type Supervisor struct {
	dir       string
	config    aws.Config
	emulator  *url.URL
	balancer  *elasticloadbalancingv2.Client
	addresses *addresses
	log       *Log
	vendor    *vendor
	calls     *calls
	front     *front
	forward   forward
	origin    origin
	jobs      *jobs
	stopping  chan struct{} // closed when everything is stopped, so that nothing drains

	mutex    sync.Mutex
	plan     Plan
	services map[string]*service
	gone     []*service   // that the plan has no more
	running  map[int]bool // process IDs
	closing  []func()
}

// Options says where a supervisor runs.
type Options struct {
	Root     string // of the repository
	Dir      string // of its files
	Config   aws.Config
	Emulator string       // which one it is
	Endpoint string       // of the emulator
	Client   *http.Client // that trusts it
	Port     string       // of the front; if empty, 8080 if it is free
}

// preferred is the port of the front.
const preferred = "8080"

// Start starts a supervisor that runs nothing yet, and writes its state to a file.
func Start(o Options) (*Supervisor, *State, error) {
	log, err := newLog(LogOf(o.Dir))
	if err != nil {
		return nil, nil, err
	}
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, nil, err
	}
	s := &Supervisor{
		dir: o.Dir, config: o.Config, emulator: endpoint, balancer: elasticloadbalancingv2.NewFromConfig(o.Config), addresses: newAddresses(o.Root), log: log,
		vendor: &vendor{client: sts.NewFromConfig(o.Config), grants: map[string]*grant{}}, calls: newCalls(), jobs: newJobs(),
		stopping: make(chan struct{}), services: map[string]*service{}, running: map[int]bool{},
	}
	emulator := toEmulator(o.Client)
	s.front = newFront(emulator, http.HandlerFunc(s.serveStatus))
	state := &State{PID: os.Getpid(), Token: rand.Text(), Tool: toolVersion(), Emulator: o.Emulator}
	control := http.NewServeMux()
	control.Handle(credentialsPath, s.vendor)
	control.Handle("/", s.control(state.Token))
	if state.Control, err = s.serve("", control); err != nil {
		return nil, nil, err
	}
	s.vendor.url = state.Control
	if s.calls.url, err = s.serve("", s.calls); err != nil {
		return nil, nil, err
	}
	if s.forward.url, err = s.serve("", newForward(endpoint, emulator, &s.origin)); err != nil {
		return nil, nil, err
	}
	state.Endpoint = s.forward.url
	if state.Front, err = s.serve(cmp.Or(o.Port, preferred), s.front); err != nil && o.Port == "" {
		state.Front, err = s.serve("", s.front)
	}
	if err != nil {
		return nil, nil, taken(err)
	}
	s.origin.port = state.Front[strings.LastIndex(state.Front, ":")+1:]
	go s.keepTime()
	return s, state, state.write(o.Dir)
}

func (s *Supervisor) serve(port string, handler http.Handler) (string, error) {
	at, closing, err := serve(cmp.Or(port, "0"), handler)
	if err == nil {
		s.closing = append(s.closing, closing)
	}
	return at, err
}

// Apply makes what runs what a plan says, and returns when all new tasks are healthy or have failed.
func (s *Supervisor) Apply(ctx context.Context, plan Plan) []Outcome {
	s.mutex.Lock()
	s.plan = plan
	var gone []*service
	for name, running := range s.services {
		if !slices.ContainsFunc(plan.Services, func(each Service) bool { return each.Name == name }) {
			gone = append(gone, running)
			delete(s.services, name)
			s.gone = append(s.gone, running)
		}
	}
	var deployments []func() Outcome
	for _, each := range plan.Services {
		if s.services[each.Name] == nil {
			s.services[each.Name] = &service{supervisor: s}
		}
	}
	migrations := s.migrations(ctx, plan)
	for _, each := range plan.Services {
		running := s.services[each.Name]
		deployments = append(deployments, func() Outcome { return running.deploy(ctx, each, migrations[each.Name]) })
	}
	s.mutex.Unlock()
	s.calls.set(plan.Services)
	s.front.set(plan.Front)
	s.origin.admit(plan.Front.Origins)
	for _, each := range gone {
		go func() {
			if err := each.end(); err != nil {
				s.log.line(each.of.Name, "[storefront] "+err.Error())
			}
		}()
	}
	outcomes := make([]Outcome, len(deployments))
	var all sync.WaitGroup
	for n, deploy := range deployments {
		all.Go(func() { outcomes[n] = deploy() })
	}
	all.Wait()
	s.watch(plan)
	return outcomes
}

// Status is how all services are.
func (s *Supervisor) Status() []ServiceStatus {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	requests, called := s.front.count(), s.calls.count()
	all := []ServiceStatus{}
	for _, name := range slices.Sorted(maps.Keys(s.services)) {
		status := s.services[name].status()
		status.Name, status.Requests, status.Called, status.Jobs = name, requests[name], map[string]int{}, s.jobs.of(s.plan, name)
		for edge, count := range called {
			if edge.callee == name {
				status.Requests += count
			}
			if edge.caller == name {
				status.Called[edge.callee] = count
			}
		}
		for _, other := range s.plan.Services {
			for _, alias := range other.Aliases {
				if slices.Contains(alias.Callers, name) && !slices.Contains(status.Calls, other.Name) {
					status.Calls = append(status.Calls, other.Name)
				}
			}
		}
		all = append(all, status)
	}
	return all
}

// Stop stops all tasks without draining them, and everything else.
func (s *Supervisor) Stop() {
	s.jobs.mutex.Lock() // no run begins after it
	close(s.stopping)
	s.jobs.mutex.Unlock()
	s.mutex.Lock()
	services := append(slices.Collect(maps.Values(s.services)), s.gone...)
	s.mutex.Unlock()
	var all sync.WaitGroup
	for _, each := range services {
		all.Go(each.stop)
	}
	all.Wait()
	s.jobs.all.Wait()
	for _, closing := range s.closing {
		closing()
	}
	_ = os.Remove(stateOf(s.dir))
	_ = os.Remove(processesOf(s.dir))
}

// remember writes the process groups that run to a file, so that they can be ended if the supervisor was killed.
func (s *Supervisor) remember(pid int) { s.note(func() { s.running[pid] = true }) }

func (s *Supervisor) forget(pid int) { s.note(func() { delete(s.running, pid) }) }

func (s *Supervisor) note(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
	_ = writeProcesses(s.dir, slices.Sorted(maps.Keys(s.running)))
}

// LogOf is the file with what the tasks of a folder have written.
func LogOf(dir string) string       { return filepath.Join(dir, "tasks.log") }
func stateOf(dir string) string     { return filepath.Join(dir, "state.json") }
func processesOf(dir string) string { return filepath.Join(dir, "processes.json") }
