package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/run"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

// seed fills a new sandbox with the program that the repository has for it, if it has one, and then runs the tasks of the schedules
// once, which otherwise would come in the night. It returns what the program has printed, also if that was in an earlier run.
func (p place) seed(ctx context.Context, t *target.Target, s *run.State, plan run.Plan, program run.Program) (string, error) {
	done := filepath.Join(p.run, "seeded") // a new emulator has none
	said, err := os.ReadFile(done)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return string(said), err
	}
	if len(program.Command) == 0 {
		return "", nil
	}
	defer progress.New(p.problems).Begin("filling it; it can be used already at %s", s.Front)()
	cache := p.Cache("run", "seed")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	command := p.Command(ctx, program.Command[0], program.Command[1:]...)
	command.Env = slices.Concat(withoutTarget(command.Env), t.Emulator.Settings(t.Config.Region), variablesOf(plan.Services), program.Environ, []string{
		"AWS_ENDPOINT_URL=" + s.Endpoint, "AWS_MAX_ATTEMPTS=3", "SHOP_URL=" + s.Front, "SEED_CACHE=" + cache,
	})
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := project.Run(command); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("fill it: %w: %s", err, strings.TrimPrefix(strings.TrimSpace(problems.String()), "seed: "))
	}
	for _, job := range plan.Jobs {
		if job.Schedule == nil || job.Schedule.Disabled {
			continue
		}
		outcome, err := s.Job(ctx, job.Name)
		if err != nil {
			return "", err
		}
		if outcome.Status != 0 {
			return "", fmt.Errorf("%s ended with status %d: %s run logs --service %s shows why", job.Name, outcome.Status, called(), job.Service)
		}
	}
	return out.String(), os.WriteFile(done, out.Bytes(), 0o600)
}

// variablesOf are the variables of the services' tasks, each with the name of its service before it: CATALOG_PRODUCTS_TABLE_NAME.
func variablesOf(services []run.Service) []string {
	var all []string
	for _, s := range services {
		prefix := strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_")) + "_"
		for name, value := range s.Task.Environment {
			all = append(all, prefix+name+"="+value)
		}
	}
	return all
}

// withoutTarget removes the variables that say which AWS a program calls.
func withoutTarget(environ []string) []string {
	return slices.DeleteFunc(environ, func(entry string) bool { return strings.HasPrefix(entry, "AWS_") })
}
