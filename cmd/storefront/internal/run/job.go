package run

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// Jobs returns the tasks that the state machines of an app run, as schedules and migrations have them, sorted by name.
func Jobs(ctx context.Context, app *deployed.App, services []Service) ([]Job, error) {
	var all []Job
	for _, stack := range app.Stacks {
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
			all = append(all, *job)
		}
	}
	slices.SortFunc(all, func(a, b Job) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
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
			Resource  string
			Arguments struct {
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
		job := &Job{Service: services[n].Name, Environment: map[string]string{}}
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

// JobOutcome is how a job ended.
type JobOutcome struct {
	Task   string `json:"task"`
	Status int    `json:"exitStatus"`
	MS     int64  `json:"ms"`
}

// job runs a task and returns when it has ended.
func (s *Supervisor) job(ctx context.Context, name string) (JobOutcome, error) {
	s.mutex.Lock()
	s.jobs++
	number := s.jobs
	n := slices.IndexFunc(s.plan.Jobs, func(j Job) bool { return j.Name == name })
	var known []string
	for _, job := range s.plan.Jobs {
		known = append(known, job.Name)
	}
	var job Job
	var of Service
	if n >= 0 {
		job = s.plan.Jobs[n]
		for _, each := range s.plan.Services {
			if each.Name == job.Service {
				of = each
			}
		}
	}
	s.mutex.Unlock()
	switch {
	case n < 0 && len(known) == 0:
		return JobOutcome{}, fmt.Errorf("there is no task %q: the app has no schedules and no migrations", name)
	case n < 0:
		return JobOutcome{}, fmt.Errorf("there is no task %q: write one of %s", name, strings.Join(known, ", "))
	case len(of.Program.Command) == 0:
		return JobOutcome{}, fmt.Errorf("%s has no program in this repository", job.Service)
	}
	now := time.Now()
	var environ []string
	for key, value := range job.Environment {
		environ = append(environ, key+"="+evaluated(value, now, number))
	}
	task := fmt.Sprintf("%s.%s.%d", job.Service, strings.TrimPrefix(job.Name, job.Service+"/"), number)
	p, cleanUp, err := s.start(ctx, of, task, job.Command, environ)
	if err != nil {
		return JobOutcome{}, err
	}
	defer cleanUp()
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.stop(of.Task.StopTimeout)
	case <-s.stopping:
		p.stop(of.Task.StopTimeout)
	}
	return JobOutcome{task, p.command.ProcessState.ExitCode(), time.Since(now).Milliseconds()}, nil
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
