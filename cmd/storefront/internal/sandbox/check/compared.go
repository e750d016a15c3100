package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/events"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/privilege"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/readback"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/traffic"
)

// True reads every resource back: each property must be that of its template.
func (s *Suite) True(ctx context.Context) (Result, error) {
	app, err := s.Read(ctx)
	if err != nil {
		return Result{}, err
	}
	return True(ctx, s.Target, app)
}

// True is the check True of any app.
func True(ctx context.Context, t *target.Target, app *deployed.App) (Result, error) {
	report, err := readback.Check(ctx, app, readback.Options{CloudControlRecords: t.Emulator != nil})
	if err != nil {
		return Result{}, err
	}
	r := Result{Numbers: report.Numbers()}
	for _, finding := range report.Findings {
		r.Findings = append(r.Findings, finding.String())
	}
	slices.Sort(r.Findings)
	return r, nil
}

// LeastPrivilege compares every role with what its service uses.
func (s *Suite) LeastPrivilege(ctx context.Context) (Result, error) {
	app, err := s.Read(ctx)
	if err != nil {
		return Result{}, err
	}
	return LeastPrivilege(ctx, s.Target, app)
}

// LeastPrivilege is the check LeastPrivilege of any app.
func LeastPrivilege(ctx context.Context, t *target.Target, app *deployed.App) (Result, error) {
	// The emulator does not enforce trust policies.
	report, err := privilege.Check(ctx, app, privilege.Target{AssumesRoles: t.Emulator != nil})
	if err != nil {
		return Result{}, err
	}
	r := Result{NotRun: report.NotRun}
	for _, finding := range report.Findings {
		r.Findings = append(r.Findings, finding.String())
	}
	r.number("%s", report)
	return r, nil
}

// Events sends the events of the app.
func (s *Suite) Events(ctx context.Context) (Result, error) {
	app, err := s.Read(ctx)
	if err != nil {
		return Result{}, err
	}
	return Events(ctx, s.Target, app)
}

// Events is the check Events of any app.
func Events(ctx context.Context, t *target.Target, app *deployed.App) (Result, error) {
	report, err := events.Check(ctx, app, events.Target{AssumesRoles: t.Emulator != nil})
	if err != nil {
		return Result{}, err
	}
	r := Result{NotRun: report.NotRun}
	for _, finding := range report.Findings {
		r.Findings = append(r.Findings, finding.String())
	}
	if report.Puts+report.Items+report.Refused > 0 {
		r.number("%s", report)
	}
	return r, nil
}

// Routed sends requests to each route of the API.
func (s *Suite) Routed(ctx context.Context) (Result, error) {
	app, err := s.Read(ctx)
	if err != nil {
		return Result{}, err
	}
	harness, err := Traffic(ctx, s.Target, app)
	// Also after a signal: stacks do not delete the users.
	defer func() { _ = harness.Close(context.WithoutCancel(ctx)) }()
	if err != nil {
		return Result{}, err
	}
	if harness.Routes() == 0 {
		return Result{NotRun: []string{"requests: the app has no routes"}}, nil
	}
	report, err := harness.Check(ctx)
	if err != nil {
		return Result{}, err
	}
	r := Result{NotRun: report.NotRun}
	for _, finding := range report.Findings {
		r.Findings = append(r.Findings, finding.String())
	}
	r.number("%s", report)
	if err := harness.Close(context.WithoutCancel(ctx)); err != nil {
		r.find("remove the stand-ins: %v", err)
	}
	return r, nil
}

// Traffic replaces the tasks of an app by stand-ins, until the harness is closed.
func Traffic(ctx context.Context, t *target.Target, app *deployed.App) (*traffic.Harness, error) {
	var to traffic.Target
	if e := t.Emulator; e != nil {
		client, err := e.HTTPClient()
		if err != nil {
			return &traffic.Harness{}, err
		}
		to = traffic.Target{Client: client, URL: e.URL, Address: target.StandInAddress}
	}
	harness, err := traffic.Open(ctx, app, to)
	if err != nil {
		return harness, fmt.Errorf("prepare the requests: %w", err)
	}
	return harness, nil
}
