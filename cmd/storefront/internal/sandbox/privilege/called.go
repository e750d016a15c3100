package privilege

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// call is a request to AWS that needs one permission.
type call struct {
	action  string
	on      thing
	harmful bool     // changes what is deployed, if it is allowed
	answers []string // errors that only an authorized caller gets
	send    func(context.Context) error
}

// checkCalled makes the calls themselves, with the credentials of each role.
func checkCalled(ctx context.Context, s *deployed.App, land *landscape, report *Report, target Target) error {
	ground, err := prepare(ctx, s, land)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	var mutex sync.Mutex
	refused := 0
	for _, r := range land.roles {
		if r.principal == "" || r.unknown {
			continue
		}
		config, err := deployed.Assume(ctx, s.Config, r.arn, probe)
		switch {
		case err != nil && denied(err) && !target.AssumesRoles:
			refused++
			continue
		case err != nil:
			return fmt.Errorf("%s: %s: assume the role: %w", r.stack, r.logicalID, err)
		case !target.AssumesRoles:
			report.Findings = append(report.Findings, r.finding("called", "sts:AssumeRole by the harness", "denied", "allowed"))
			continue
		}
		// Roles run concurrently, the calls of one role in order: an item is written before it is read.
		running.Go(func() {
			made, findings := r.make(ctx, ground.calls(config, r))
			mutex.Lock()
			defer mutex.Unlock()
			report.Calls += made
			report.Findings = append(report.Findings, findings...)
		})
	}
	running.Wait()
	if refused > 0 {
		report.NotRun = append(report.NotRun, fmt.Sprintf("calls with the credentials of %d roles: they trust only ECS, so the harness cannot assume them", refused))
	}
	return ground.clean(ctx)
}

// make sends the calls, and compares which were authorized with what the role needs. A harmful call that a simulation
// allowed is already a finding, and is not sent.
func (r *role) make(ctx context.Context, calls []call) (made int, findings []Finding) {
	for _, c := range calls {
		if c.harmful && r.allowed[right{c.action, c.on.named(c.on.arn)}] || r.owns(c.on.arn) {
			continue
		}
		made++
		want, got := verb(r.may(c.action, c.on)), outcome(c.send(ctx), c.answers)
		if got != want {
			findings = append(findings, r.finding("called", c.action+" on "+c.on.named(c.on.arn), want, got))
		}
	}
	return made, findings
}

// outcome returns whether a call was authorized. Any other error is returned as it is, since it says nothing about
// permissions.
func outcome(err error, answers []string) string {
	var failure smithy.APIError
	switch {
	case err == nil:
		return verb(true)
	case denied(err):
		return verb(false)
	case errors.As(err, &failure) && slices.Contains(answers, failure.ErrorCode()):
		return verb(true)
	}
	return strings.ReplaceAll(err.Error(), "\n", " ")
}

func denied(err error) bool {
	var failure smithy.APIError
	return errors.As(err, &failure) && slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}, failure.ErrorCode())
}
