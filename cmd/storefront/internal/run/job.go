package run

import (
	"cmp"
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
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// Jobs returns the tasks that the state machines of an app run, as schedules and migrations have them, sorted by name.
func Jobs(ctx context.Context, app *deployed.App, services []Service) ([]Job, error) {
	client := scheduler.NewFromConfig(app.Config)
	var all []Job
	for _, stack := range app.Stacks {
		starts, err := schedules(ctx, client, app, stack)
		if err != nil {
			return nil, err
		}
		for _, resource := range stack.Template.Resources("AWS::StepFunctions::StateMachine") {
			resolved, err := app.Resolve(ctx, stack, resource.Get("Properties.DefinitionString"))
			if err != nil {
				return nil, err
			}
			text, _ := resolved.(string)
			job, err := jobOf(text, services)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", stack.Name, resource.LogicalID, err)
			}
			if job == nil {
				continue
			}
			job.Name = job.Service + "/" + jobName(resource.LogicalID, job.Service)
			if start, ok := starts[stack.Resources[resource.LogicalID].PhysicalID]; ok {
				job.Schedule = &start.Schedule
				if job.Before = after(stack, start.condition, services); job.Before != nil {
					job.Schedule = nil
				}
			}
			all = append(all, *job)
		}
	}
	slices.SortFunc(all, func(a, b Job) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// start is a schedule, and the wait condition of CloudFormation that what it starts signals, if that is a migration.
type start struct {
	Schedule
	condition string
}

// schedules reads the schedules of a stack, by the ARN of the state machine that they start.
func schedules(ctx context.Context, client *scheduler.Client, app *deployed.App, stack *deployed.Stack) (map[string]start, error) {
	all := map[string]start{}
	for _, resource := range stack.Template.Resources("AWS::Scheduler::Schedule") {
		group, err := app.Resolve(ctx, stack, resource.Get("Properties.GroupName"))
		if err != nil {
			return nil, err
		}
		input := &scheduler.GetScheduleInput{Name: aws.String(stack.Resources[resource.LogicalID].PhysicalID)}
		if name, ok := group.(string); ok {
			input.GroupName = &name
		}
		got, err := client.GetSchedule(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: read the schedule: %w", stack.Name, resource.LogicalID, err)
		}
		if got.Target == nil {
			continue
		}
		s := start{Schedule: Schedule{
			Expression: aws.ToString(got.ScheduleExpression), TimeZone: aws.ToString(got.ScheduleExpressionTimezone),
			Created: aws.ToTime(got.CreationDate), Disabled: got.State == types.ScheduleStateDisabled,
		}}
		var sent struct{ WaitCondition string }
		if json.Unmarshal([]byte(aws.ToString(got.Target.Input)), &sent) == nil {
			s.condition = sent.WaitCondition
		}
		if _, err := s.Next(time.Now()); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", stack.Name, resource.LogicalID, err)
		}
		all[aws.ToString(got.Target.Arn)] = s
	}
	return all, nil
}

// after are the services of a stack that CloudFormation deploys after a wait condition.
func after(stack *deployed.Stack, condition string, services []Service) []string {
	var names []string
	for _, resource := range stack.Template.Resources("AWS::ECS::Service") {
		needs, several := resource.Get("DependsOn").([]any)
		if !several {
			needs = []any{resource.Get("DependsOn")}
		}
		n := slices.IndexFunc(services, func(s Service) bool { return s.ARN == stack.Resources[resource.LogicalID].PhysicalID })
		if n >= 0 && condition != "" && slices.Contains(needs, any(condition)) {
			names = append(names, services[n].Name)
		}
	}
	return names
}

// ended matches what the CDK adds to the logical ID of a state machine.
var ended = regexp.MustCompile(`StateMachine[0-9A-F]{8}$`)

// jobName is the ID of a schedule or migration in its service, of the logical ID of its state machine: rebuild for
// RecommendationsRebuildStateMachine6B5711C7.
func jobName(logicalID, service string) string {
	name := strings.ToLower(ended.ReplaceAllString(logicalID, ""))
	if short, ok := strings.CutPrefix(name, strings.ReplaceAll(service, "-", "")); ok && short != "" {
		return short
	}
	return name
}

// jobOf returns the first task of ECS that a state machine runs and waits for, or nil.
func jobOf(definition string, services []Service) (*Job, error) {
	var machine struct {
		States map[string]struct {
			Resource       string
			TimeoutSeconds int
			Arguments      struct {
				TaskDefinition string
				Overrides      struct {
					ContainerOverrides []struct {
						Name        string
						Command     []string
						Environment []struct{ Name, Value string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(definition), &machine); err != nil {
		return nil, fmt.Errorf("read the state machine: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(machine.States)) {
		state := machine.States[name]
		if !strings.HasSuffix(state.Resource, ":states:::ecs:runTask.sync") {
			continue
		}
		n := slices.IndexFunc(services, func(s Service) bool { return s.Task.Definition == state.Arguments.TaskDefinition })
		if n < 0 {
			continue
		}
		_, overlaps := machine.States["Overlap"]
		job := &Job{
			Service: services[n].Name, Environment: map[string]string{}, Timeout: time.Duration(state.TimeoutSeconds) * time.Second, Alone: overlaps,
		}
		for _, container := range state.Arguments.Overrides.ContainerOverrides {
			if container.Name != services[n].Task.Container {
				continue
			}
			job.Command = container.Command
			for _, variable := range container.Environment {
				job.Environment[variable.Name] = variable.Value
			}
		}
		return job, nil
	}
	return nil, nil
}

// JobOutcome is how a run of a job ended.
type JobOutcome struct {
	Began  time.Time `json:"began"`
	Task   string    `json:"task"`
	Status int       `json:"exitStatus"`
	MS     int64     `json:"ms"`
}

// JobStatus is when a job runs next, and how its last run ended.
type JobStatus struct {
	Name string      `json:"name"`
	Next *time.Time  `json:"next,omitempty"` // if it has a time
	Last *JobOutcome `json:"last,omitempty"`
}

// jobs are the runs of the jobs.
type jobs struct {
	mutex    sync.Mutex
	number   int
	underWay map[string]int
	last     map[string]JobOutcome
	seen     map[string]time.Time // until when the times of a schedule have been seen
	all      sync.WaitGroup
}

func newJobs() *jobs {
	return &jobs{underWay: map[string]int{}, last: map[string]JobOutcome{}, seen: map[string]time.Time{}}
}

// find returns a job, and its service as it runs.
func (s *Supervisor) find(name string) (Job, Service, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	n := slices.IndexFunc(s.plan.Jobs, func(j Job) bool { return j.Name == name })
	if n < 0 {
		var known []string
		for _, job := range s.plan.Jobs {
			known = append(known, job.Name)
		}
		if len(known) == 0 {
			return Job{}, Service{}, fmt.Errorf("there is no task %q: the app has no schedules and no migrations", name)
		}
		return Job{}, Service{}, fmt.Errorf("there is no task %q: write one of %s", name, strings.Join(known, ", "))
	}
	job := s.plan.Jobs[n]
	running := s.services[job.Service]
	if running == nil {
		return Job{}, Service{}, fmt.Errorf("%s has no program in this repository", job.Service)
	}
	of := running.version()
	if len(of.Program.Command) == 0 {
		return Job{}, Service{}, fmt.Errorf("%s does not run yet", job.Service)
	}
	return job, of, nil
}

// job runs a task now, and returns when it has ended.
func (s *Supervisor) job(ctx context.Context, name string) (JobOutcome, error) {
	job, of, err := s.find(name)
	if err != nil {
		return JobOutcome{}, err
	}
	return s.run(ctx, job, of, time.Now())
}

var errStopping = errors.New("the supervisor is being stopped")

// run runs the task of a job for a time.
func (s *Supervisor) run(ctx context.Context, job Job, of Service, due time.Time) (JobOutcome, error) {
	s.jobs.mutex.Lock()
	select {
	case <-s.stopping:
		s.jobs.mutex.Unlock()
		return JobOutcome{}, errStopping
	default:
	}
	s.jobs.number++
	number := s.jobs.number
	task := fmt.Sprintf("%s.%s.%d", job.Service, strings.TrimPrefix(job.Name, job.Service+"/"), number)
	s.jobs.underWay[job.Name]++
	s.jobs.all.Add(1)
	s.jobs.mutex.Unlock()
	defer s.jobs.all.Done()
	outcome, err := s.runTask(ctx, job, of, task, variables(job, due, number))
	s.jobs.mutex.Lock()
	defer s.jobs.mutex.Unlock()
	s.jobs.underWay[job.Name]--
	if err == nil {
		s.jobs.last[job.Name] = outcome
	}
	return outcome, err
}

func (s *Supervisor) runTask(ctx context.Context, job Job, of Service, task string, variables []string) (JobOutcome, error) {
	began := time.Now()
	p, cleanUp, err := s.start(ctx, of, task, job.Command, variables)
	if err != nil {
		return JobOutcome{}, err
	}
	defer cleanUp()
	var late <-chan time.Time
	if job.Timeout > 0 {
		late = time.After(job.Timeout)
	}
	select {
	case <-p.exited:
	case name := <-p.beside.ended:
		p.stop(of.Task.StopTimeout)
		return JobOutcome{}, fmt.Errorf("the essential container %s of %s ended", name, task)
	case <-late:
		p.stop(of.Task.StopTimeout)
		return JobOutcome{}, fmt.Errorf("%s took longer than %s", task, job.Timeout)
	case <-ctx.Done():
		p.stop(of.Task.StopTimeout)
		return JobOutcome{}, context.Cause(ctx)
	case <-s.stopping:
		p.stop(of.Task.StopTimeout)
		return JobOutcome{}, errStopping
	}
	return JobOutcome{began, task, p.command.ProcessState.ExitCode(), time.Since(began).Milliseconds()}, nil
}

func variables(job Job, due time.Time, number int) []string {
	var environ []string
	for key, value := range job.Environment {
		environ = append(environ, key+"="+evaluated(value, due, number))
	}
	return environ
}

// watch makes the clock look at the schedules of a plan: at the times since its deployment began, for one that is new.
func (s *Supervisor) watch(plan Plan) {
	s.jobs.mutex.Lock()
	defer s.jobs.mutex.Unlock()
	before := s.jobs.seen
	s.jobs.seen = map[string]time.Time{}
	for _, job := range plan.Jobs {
		if job.Schedule == nil {
			continue
		}
		key := job.identity()
		s.jobs.seen[key] = plan.Began
		if seen, known := before[key]; known {
			s.jobs.seen[key] = seen
		}
	}
}

// identity differs between a schedule and one that has replaced it.
func (j Job) identity() string { return fmt.Sprintf("%s %d", j.Name, j.Schedule.Created.UnixNano()) }

// tick is how often the clock looks.
const tick = time.Second

// keepTime runs the tasks of schedules at their times, until everything is stopped.
func (s *Supervisor) keepTime() {
	for {
		select {
		case <-s.stopping:
			return
		case now := <-time.After(tick):
			s.mutex.Lock()
			all := slices.Clone(s.plan.Jobs)
			s.mutex.Unlock()
			for _, job := range all {
				if due := s.jobs.due(job, now); !due.IsZero() {
					go s.inTime(job, due)
				}
			}
		}
	}
}

// due is the time of a schedule that has come, or zero.
func (j *jobs) due(job Job, now time.Time) time.Time {
	if job.Schedule == nil {
		return time.Time{}
	}
	j.mutex.Lock()
	defer j.mutex.Unlock()
	seen, watched := j.seen[job.identity()]
	if !watched {
		return time.Time{}
	}
	next, err := job.Schedule.Next(seen)
	if err != nil || next.IsZero() || next.After(now) {
		return time.Time{}
	}
	j.seen[job.identity()] = now
	return next
}

// inTime runs a task whose time has come.
func (s *Supervisor) inTime(job Job, due time.Time) {
	_, of, err := s.find(job.Name)
	if err != nil {
		return // its service has gone
	}
	s.jobs.mutex.Lock()
	overlaps := job.Alone && s.jobs.underWay[job.Name] > 0
	s.jobs.mutex.Unlock()
	say := func(format string, args ...any) {
		s.log.line(strings.ReplaceAll(job.Name, "/", "."), "[storefront] "+fmt.Sprintf(format, args...))
	}
	if overlaps {
		say("left out at its time, since an earlier run is under way")
		return
	}
	outcome, err := s.run(context.Background(), job, of, due)
	if err != nil {
		say("%s", err)
		return
	}
	say("%s ended with status %d after %d ms", outcome.Task, outcome.Status, outcome.MS)
}

// of are the jobs of a service.
func (j *jobs) of(plan Plan, service string) []JobStatus {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	all := []JobStatus{}
	for _, job := range plan.Jobs {
		if job.Service != service {
			continue
		}
		status := JobStatus{Name: job.Name}
		if job.Schedule != nil {
			if next, err := job.Schedule.Next(time.Now()); err == nil && !next.IsZero() {
				status.Next = &next
			}
		}
		if last, ok := j.last[job.Name]; ok {
			status.Last = &last
		}
		all = append(all, status)
	}
	return all
}

// migrations returns, by service, what must succeed before tasks of its new version start: the migrations of services that change.
func (s *Supervisor) migrations(ctx context.Context, plan Plan) map[string][]func() error {
	all := map[string][]func() error{}
	for _, job := range plan.Jobs {
		n := slices.IndexFunc(plan.Services, func(each Service) bool { return each.Name == job.Service })
		if len(job.Before) == 0 || n < 0 || !s.services[job.Service].differs(plan.Services[n]) {
			continue
		}
		migrate := sync.OnceValue(func() error {
			outcome, err := s.run(ctx, job, plan.Services[n], time.Now())
			if err == nil && outcome.Status != 0 {
				err = fmt.Errorf("it ended with status %d", outcome.Status)
			}
			if err != nil {
				return fmt.Errorf("migration %s: %w", job.Name, err)
			}
			return nil
		})
		for _, name := range job.Before {
			all[name] = append(all[name], migrate)
		}
	}
	return all
}

// evaluated is the value of a variable that Step Functions evaluates: of the run, or its time.
func evaluated(value string, now time.Time, number int) string {
	switch {
	case !strings.HasPrefix(value, "{%"):
		return value
	case strings.Contains(value, "scheduledTime"), strings.Contains(value, "StartTime"):
		return now.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("local-%d-%d", now.Unix(), number)
}
