package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// The states of a task.
const (
	starting = "starting"
	healthy  = "healthy"
	draining = "draining" // gets no new requests, and will be stopped
	waiting  = "waiting"  // to be started again after it has died
)

// slot keeps one task of a service running until it is canceled: it starts it again when it dies or is not healthy any more, after
// a delay that doubles.
type slot struct {
	supervisor *Supervisor
	of         Service
	name       string // its service and a number
	cancel     context.CancelFunc
	ended      chan struct{}

	mutex    sync.Mutex
	now      TaskStatus
	failures int // since it was healthy
	changed  chan struct{}
}

// TaskStatus is how a task is.
type TaskStatus struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	Address  string `json:"address,omitempty"`
	Port     int    `json:"port,omitempty"`
	PID      int    `json:"pid,omitempty"`
	ReadyMS  int64  `json:"readyMs,omitempty"` // how long it took from its start until it was healthy
	Restarts int    `json:"restarts"`
	Problem  string `json:"problem,omitempty"` // of its last end, or of its last check before it was healthy
}

func newSlot(s *Supervisor, of Service, name string) *slot {
	ctx, cancel := context.WithCancel(context.Background())
	n := &slot{
		supervisor: s, of: of, name: name, cancel: cancel, ended: make(chan struct{}),
		now: TaskStatus{Name: name, State: starting}, changed: make(chan struct{}),
	}
	go n.keep(ctx)
	return n
}

func (n *slot) status() TaskStatus {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.now
}

// set changes the status, and wakes those who wait for it.
func (n *slot) set(change func(*TaskStatus)) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	change(&n.now)
	close(n.changed)
	n.changed = make(chan struct{})
}

// tries is how often a new task may die before its deployment has failed.
const tries = 3

// wait returns when the task is healthy, or an error when it has died too often, or was not healthy in time.
func (n *slot) wait(ctx context.Context) error {
	for {
		n.mutex.Lock()
		now, failures, changed := n.now, n.failures, n.changed
		n.mutex.Unlock()
		switch {
		case now.State == healthy:
			return nil
		case failures >= tries:
			return errors.New(now.Problem)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}

// left returns when a canceled task gets no new requests.
func (n *slot) left() {
	for {
		n.mutex.Lock()
		state, changed := n.now.State, n.changed
		n.mutex.Unlock()
		if state == draining {
			return
		}
		select {
		case <-n.ended:
			return
		case <-changed:
		}
	}
}

// The delays before a task that has died is started again.
const (
	shortest = 200 * time.Millisecond
	longestB = 30 * time.Second
	forgets  = 10 * time.Second // in which a healthy task makes the delay short again
)

func (n *slot) keep(ctx context.Context) {
	defer close(n.ended)
	delay := shortest
	for {
		began := time.Now()
		err := n.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > forgets && n.status().State == healthy {
			delay = shortest
		}
		n.supervisor.log.line(n.name, "[storefront] "+err.Error()+"; starts again in "+delay.String())
		n.mutex.Lock()
		n.failures++
		if errors.As(err, &lateError{}) {
			n.failures = tries
		}
		n.mutex.Unlock()
		n.set(func(s *TaskStatus) { s.State, s.Problem, s.PID, s.Restarts = waiting, err.Error(), 0, s.Restarts+1 })
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
		delay = min(2*delay, longestB)
		n.set(func(s *TaskStatus) { s.State = starting })
	}
}

// lateError is that of a task which was not healthy in time.
type lateError struct{ error }

// process is a task that runs.
type process struct {
	command *exec.Cmd
	exited  chan struct{}
	address string
	port    int
	beside  *sidecars // nil for one of these
}

// once runs the task until it ends, and returns why. If ctx is canceled, it drains and stops the task first.
func (n *slot) once(ctx context.Context) error {
	began := time.Now()
	p, cleanUp, err := n.start(ctx)
	if err != nil {
		return err
	}
	defer cleanUp()
	defer p.stop(n.of.Task.StopTimeout)
	n.set(func(s *TaskStatus) {
		s.State, s.Address, s.Port, s.PID = starting, p.address, p.port, p.command.Process.Pid
	})
	if err := n.becomesHealthy(ctx, p); err != nil {
		return err
	}
	if err := n.register(ctx, p); err != nil {
		return errors.Join(err, n.deregister(p))
	}
	took := time.Since(began)
	n.supervisor.log.line(n.name, fmt.Sprintf("[storefront] healthy at %s:%d after %d ms", p.address, p.port, took.Milliseconds()))
	n.mutex.Lock()
	n.failures = 0
	n.mutex.Unlock()
	n.set(func(s *TaskStatus) { s.State, s.Problem, s.ReadyMS = healthy, "", took.Milliseconds() })
	why := n.staysHealthy(ctx, p)
	if err := n.deregister(p); err != nil {
		n.supervisor.log.line(n.name, "[storefront] deregister: "+err.Error())
	}
	if ctx.Err() != nil {
		n.set(func(s *TaskStatus) { s.State = draining })
		n.drain(p)
	}
	return why
}

func (n *slot) becomesHealthy(ctx context.Context, p *process) error {
	patience := max(n.of.Grace, 30*time.Second)
	late, inRow, needed := time.After(patience), 0, 1
	if len(n.of.Groups) > 0 {
		needed = n.of.Groups[0].Healthy
	} else if !n.of.asked() {
		needed = int(settled / impatience)
	}
	for {
		err := check(ctx, n.of, p.address, p.port)
		if err == nil {
			inRow++
		} else {
			inRow = 0
			n.set(func(s *TaskStatus) { s.Problem = err.Error() })
		}
		if inRow >= needed {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.exited:
			return fmt.Errorf("it ended before it was healthy: %s", p.command.ProcessState)
		case name := <-p.beside.ended:
			return fmt.Errorf("its essential container %s ended before it was healthy", name)
		case <-late:
			return lateError{fmt.Errorf("it was not healthy within %s: %w", patience, err)}
		case <-time.After(impatience):
		}
	}
}

// staysHealthy returns why a healthy task is to get no requests any more.
func (n *slot) staysHealthy(ctx context.Context, p *process) error {
	interval, allowed := 10*time.Second, 3
	if len(n.of.Groups) > 0 {
		interval, allowed = n.of.Groups[0].Interval, n.of.Groups[0].Unhealthy
	}
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.exited:
			return fmt.Errorf("it ended: %s", p.command.ProcessState)
		case name := <-p.beside.ended:
			return fmt.Errorf("its essential container %s ended", name)
		case <-time.After(interval):
		}
		if err := check(ctx, n.of, p.address, p.port); err == nil {
			failed = 0
		} else if failed++; failed >= allowed && ctx.Err() == nil {
			return fmt.Errorf("it is not healthy any more: %w", err)
		}
	}
}

// drain leaves a task without new requests the time that its target group gives it for those it has.
func (n *slot) drain(p *process) {
	longest := time.Duration(0)
	for _, group := range n.of.Groups {
		longest = max(longest, group.Drain)
	}
	select {
	case <-time.After(longest):
	case <-p.exited:
	case <-n.supervisor.stopping:
	}
}

func (n *slot) register(ctx context.Context, p *process) error {
	for _, group := range n.of.Groups {
		_, err := n.supervisor.balancer.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: &group.ARN, Targets: p.target()})
		if err != nil {
			return fmt.Errorf("register the task in its target group: %w", err)
		}
	}
	n.supervisor.calls.add(n.of.Name, p.endpoint())
	return nil
}

func (n *slot) deregister(p *process) error {
	n.supervisor.calls.remove(n.of.Name, p.endpoint())
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var problems []error
	for _, group := range n.of.Groups {
		_, err := n.supervisor.balancer.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: &group.ARN, Targets: p.target()})
		if gone := new(types.TargetGroupNotFoundException); !errors.As(err, &gone) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func (p *process) target() []types.TargetDescription {
	return []types.TargetDescription{{Id: &p.address, Port: aws.Int32(int32(p.port))}} //nolint:gosec // it is a port
}

func (p *process) endpoint() string { return p.address + ":" + strconv.Itoa(p.port) }

// start starts the process of a task.
func (n *slot) start(ctx context.Context) (*process, func(), error) {
	return n.supervisor.start(ctx, n.of, n.name, n.of.Task.Command, nil)
}

// start starts the containers of a task of a service, the application with a command and more variables. The returned function
// stops those beside it.
func (s *Supervisor) start(ctx context.Context, of Service, name string, arguments []string, more []string) (*process, func(), error) {
	address, port, err := s.addresses.take(of.Task.Port)
	if err != nil {
		return nil, nil, err
	}
	beside, err := s.sidecars(ctx, &of, name, address)
	if err != nil {
		return nil, nil, err
	}
	p, cleanUp, err := s.container(ctx, of, name, address, port, arguments, more)
	if err != nil {
		beside.stop()
		return nil, nil, err
	}
	p.beside = beside
	return p, func() { cleanUp(); beside.stop() }, nil
}

// container starts the process of a container.
func (s *Supervisor) container(ctx context.Context, of Service, name, address string, port int, arguments []string, more []string) (*process, func(), error) {
	hidden, err := secrets(ctx, s.config, of.Task)
	if err != nil {
		return nil, nil, err
	}
	p := &process{exited: make(chan struct{}), address: address, port: port}
	folder := filepath.Join(s.dir, "tasks", name)
	if err := os.MkdirAll(filepath.Join(folder, "tmp"), 0o700); err != nil {
		return nil, nil, err
	}
	environ := s.environ(of, name, folder, p)
	words := slices.Concat(of.Program.Command, arguments)
	p.command = exec.Command(words[0], words[1:]...)
	p.command.Dir = folder
	p.command.Env = slices.Concat(environ, hidden, more)
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, input, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	p.command.Stdout, p.command.Stderr = input, input
	err = p.command.Start()
	_ = input.Close()
	if err != nil {
		_ = output.Close()
		return nil, nil, fmt.Errorf("start %s: %w", words[0], err)
	}
	s.remember(p.command.Process.Pid)
	read := make(chan struct{})
	go func() { defer close(read); s.log.copy(name, output) }()
	go func() {
		_ = p.command.Wait()
		s.forget(p.command.Process.Pid)
		close(p.exited)
	}()
	return p, func() {
		_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL) // what is left of its process group
		select {
		case <-read:
		case <-time.After(time.Second):
		}
		_ = output.Close()
		s.vendor.withdraw(name)
		s.calls.withdraw(name)
		_ = os.RemoveAll(folder)
	}, nil
}

// stop asks a process to end, and kills it if it does not.
func (p *process) stop(timeout time.Duration) {
	select {
	case <-p.exited:
		return
	default:
	}
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(timeout):
		_ = p.command.Process.Kill()
		<-p.exited
	}
}
