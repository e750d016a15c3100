// Package account checks whether an account and a region have what the stacks of a cloud assembly need. It only reads.
package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/need"
)

// Account is one region of an account, as credentials see it.
type Account struct {
	// Config is the SDK's configuration for the region.
	Config aws.Config
	// Environment names the account and the region.
	Environment need.Environment
	// Registry is the transport to registries of images. If nil, the one of package http.
	Registry http.RoundTripper
}

// look is one run of the checks.
type look struct {
	Account
	stacks []assembly.Stack
	need   need.Need
	// deployed are the names of the stacks that exist. It is nil if they could not be read.
	deployed map[string]bool
}

// Check returns what it finds about the stacks, which are those of the account's region, in the order of its report.
func (a Account) Check(ctx context.Context, stacks []assembly.Stack) []finding.Finding {
	l := &look{Account: a, stacks: stacks, need: need.Of(stacks, a.Environment)}
	// First, since what is deployed already is not needed again.
	findings := l.stackStatus(ctx)
	checks := []func(context.Context) []finding.Finding{
		l.protection, l.bootstrap, l.references, l.serviceLinkedRoles, l.zones, l.instanceTypes, l.fargate, l.images, l.searchTypes,
		l.addresses, l.cognitoMail, l.alarms, l.loadBalancers, l.apis, l.network,
	}
	// Side by side, since each waits for the network.
	results := make([][]finding.Finding, len(checks))
	var group sync.WaitGroup
	for n, check := range checks {
		group.Go(func() { results[n] = check(ctx) })
	}
	group.Wait()
	for _, result := range results {
		findings = append(findings, result...)
	}
	return findings
}

// ok returns a finding that needs nothing.
func ok(check, format string, values ...any) finding.Finding {
	return finding.Finding{Check: check, Detail: fmt.Sprintf(format, values...)}
}

// unknown returns the finding of a check whose action failed.
func unknown(check, action string, err error) []finding.Finding {
	return []finding.Finding{finding.Failed(check, action, err)}
}

// coded reports whether an error of an API has the code.
func coded(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}

// many is a number with its noun.
func many(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
