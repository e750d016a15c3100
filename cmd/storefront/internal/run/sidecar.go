package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// sidecars are the containers that run beside an application. All have the address of the task.
type sidecars struct {
	ended chan string // the name of an essential one that has ended
	stops []func()
}

// completion is how long ECS waits for a container that ends before the application starts.
const completion = 3 * time.Minute

// sidecars starts the containers beside the application of a service, and returns when the application may start.
func (s *Supervisor) sidecars(ctx context.Context, of *Service, name, address string) (*sidecars, error) {
	all := &sidecars{ended: make(chan string, len(of.Task.Sidecars))}
	if len(of.Task.Sidecars) > 0 {
		of.Task.Environment = s.here(of.Task.Environment, address)
	}
	awaited := map[string]*process{}
	for _, sidecar := range of.Task.Sidecars {
		completes := sidecar.completes()
		if s.addresses.one && !completes {
			// All tasks have one address, on which only one of them could have the port.
			s.log.line(name, "[storefront] not run, since this system has one loopback address: "+sidecar.Container)
			continue
		}
		beside := *of
		beside.Task, beside.Program = sidecar.Task, sidecar.Program
		beside.Task.Environment = s.here(sidecar.Environment, address)
		p, cleanUp, err := s.container(ctx, beside, name+"."+sidecar.Container, address, sidecar.Port, sidecar.Command, nil)
		if err != nil {
			all.stop()
			return nil, fmt.Errorf("container %s: %w", sidecar.Container, err)
		}
		all.stops = append(all.stops, func() { p.stop(sidecar.StopTimeout); cleanUp() })
		if completes {
			awaited[sidecar.Container] = p
			continue
		}
		go func() {
			<-p.exited
			s.log.line(name+"."+sidecar.Container, fmt.Sprintf("[storefront] it ended: %s", p.command.ProcessState))
			if sidecar.Essential {
				all.ended <- sidecar.Container
			}
		}()
	}
	late := time.After(completion)
	for _, sidecar := range of.Task.Sidecars {
		p, ok := awaited[sidecar.Container]
		if !ok {
			continue
		}
		if err := s.complete(ctx, p, sidecar, late); err != nil {
			all.stop()
			return nil, fmt.Errorf("container %s, for which the application waits: %w", sidecar.Container, err)
		}
	}
	return all, nil
}

// completes reports whether the application starts when the container has ended.
func (s Sidecar) completes() bool {
	return slices.Contains([]types.ContainerCondition{types.ContainerConditionSuccess, types.ContainerConditionComplete}, types.ContainerCondition(s.Awaited))
}

func (s *Supervisor) complete(ctx context.Context, p *process, of Sidecar, late <-chan time.Time) error {
	select {
	case <-p.exited:
	case <-late:
		return fmt.Errorf("it did not end within %s", completion)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.stopping:
		return errStopping
	}
	if of.Awaited == string(types.ContainerConditionSuccess) && p.command.ProcessState.ExitCode() != 0 {
		return errors.New(p.command.ProcessState.String())
	}
	return nil
}

// stop stops all, the last one first.
func (s *sidecars) stop() {
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
}

// host matches what may be a host, with its port.
var host = regexp.MustCompile(`([\w.-]+)(:\d+)?`)

// here returns variables with the address of the task in place of 127.0.0.1, at which containers find each other on AWS Fargate. The
// emulator stays where it is.
func (s *Supervisor) here(variables map[string]string, address string) map[string]string {
	replaced := maps.Clone(variables)
	for name, value := range variables {
		replaced[name] = host.ReplaceAllStringFunc(value, func(found string) string {
			name, port, _ := strings.Cut(found, ":")
			if name != loopback && name != "localhost" || port != "" && port == s.emulator.Port() {
				return found
			}
			return address + strings.TrimPrefix(found, name)
		})
	}
	return replaced
}
