package privilege

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// Target is what differs between an emulator and an account.
type Target struct {
	// AssumesRoles is whether the harness can assume the roles of tasks, which trust only ECS. On AWS it cannot.
	AssumesRoles bool
}

// Finding is one permission that a role has and should not have, or lacks, or something that could not be determined.
type Finding struct {
	Stack, LogicalID string // of the role, or of what could not be determined
	Role             string // such as "task role of cart"
	How              string // surveyed, simulated, granted, trusted, reached or called
	What             string // such as "dynamodb:GetItem on arn:…"
	Want, Got        string
}

func (f Finding) String() string {
	who := ""
	if f.Role != "" {
		who = " (" + f.Role + ")"
	}
	return fmt.Sprintf("%s: %s%s: %s: %s: want %s, got %s", f.Stack, f.LogicalID, who, f.How, f.What, f.Want, f.Got)
}

// Report is the result of a check.
type Report struct {
	Roles       int
	Things      int // resources, and parts of them, that were tested
	Simulations int // one action of one role on one resource each
	Statements  int // of policies
	Paths       int // from one service to another
	Calls       int // with the credentials of a role
	Findings    []Finding
	NotRun      []string // what was not checked, and why
}

func (r Report) String() string {
	return fmt.Sprintf("%d roles against %d resources: %d policy simulations, %d policy statements, %d real calls, %d paths between services; %d findings",
		r.Roles, r.Things, r.Simulations, r.Statements, r.Calls, r.Paths, len(r.Findings))
}

// Check compares every role of a storefront with what its services declare in the records of their templates.
func Check(ctx context.Context, s *deployed.App, target Target) (Report, error) {
	land, findings, err := survey(ctx, s)
	if err != nil {
		return Report{}, err
	}
	report := Report{Roles: len(land.roles), Things: len(land.things), Findings: findings, NotRun: land.notRun}
	for _, check := range []func(context.Context, *deployed.App, *landscape, *Report) error{checkGranted, checkSimulated, checkReached} {
		if err := check(ctx, s, land, &report); err != nil {
			return Report{}, err
		}
	}
	if err := checkCalled(ctx, s, land, &report, target); err != nil {
		return Report{}, err
	}
	slices.SortStableFunc(report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Stack, b.Stack), cmp.Compare(a.LogicalID, b.LogicalID))
	})
	return report, nil
}

func (r *role) finding(how, what, want, got string) Finding {
	return Finding{Stack: r.stack, LogicalID: r.logicalID, Role: r.purpose, How: how, What: what, Want: want, Got: got}
}

// verb is the word for a permission in a finding.
func verb(allowed bool) string {
	if allowed {
		return "allowed"
	}
	return "denied"
}
