package privilege

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// atOnce is the number of concurrent simulations.
const atOnce = 8

// patient slows down when IAM throttles, as it does in an account. Where retries are turned off, they stay so.
func patient(options *iam.Options) {
	if options.RetryMaxAttempts == 1 {
		return
	}
	options.Retryer = retry.NewAdaptiveMode(func(adaptive *retry.AdaptiveModeOptions) {
		adaptive.StandardOptions = append(adaptive.StandardOptions, func(standard *retry.StandardOptions) { standard.MaxAttempts = 20 })
	})
}

// checkSimulated simulates every action on every resource, for every role.
func checkSimulated(ctx context.Context, s *deployed.App, land *landscape, report *Report) error {
	client := iam.NewFromConfig(s.Config, patient)
	var (
		running  sync.WaitGroup
		slots    = make(chan struct{}, atOnce)
		mutex    sync.Mutex
		problems []error
	)
	for _, r := range land.roles {
		for _, t := range land.things {
			if r.unknown || r.owns(t.arn) {
				continue
			}
			slots <- struct{}{}
			running.Go(func() {
				defer func() { <-slots }()
				results, err := simulate(ctx, client, r.arn, t)
				mutex.Lock()
				defer mutex.Unlock()
				if err != nil {
					problems = append(problems, fmt.Errorf("%s: %s: simulate on %s: %w", r.stack, r.logicalID, t.arn, err))
					return
				}
				report.Simulations += len(results)
				report.Findings = append(report.Findings, judge(r, t, results)...)
			})
		}
	}
	running.Wait()
	return errors.Join(problems...)
}

// simulate names one resource in each call, which every target supports.
func simulate(ctx context.Context, client *iam.Client, role string, t thing) (map[string]bool, error) {
	results := map[string]bool{}
	for actions := range slices.Chunk(t.kind.actions(), 50) {
		pages := iam.NewSimulatePrincipalPolicyPaginator(client, &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: &role, ActionNames: actions, ResourceArns: []string{t.arn}, ContextEntries: contextOf(t.context),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, result := range page.EvaluationResults {
				results[aws.ToString(result.EvalActionName)] = result.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed
			}
		}
	}
	return results, nil
}

// contextOf is the context of a simulated request.
func contextOf(values map[string]string) (entries []types.ContextEntry) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		entries = append(entries, types.ContextEntry{
			ContextKeyName: &key, ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{values[key]},
		})
	}
	return entries
}

// judge compares the decisions about one resource with what the role needs. An action without a decision is a finding.
func judge(r *role, t thing, decided map[string]bool) (findings []Finding) {
	for _, action := range t.kind.actions() {
		what := action + " on " + t.named(t.arn)
		allowed, answered := decided[action]
		r.allowed[right{action, t.named(t.arn)}] = allowed
		switch {
		case !answered:
			findings = append(findings, r.finding("simulated", what, verb(r.may(action, t)), "no decision"))
		case allowed != r.may(action, t):
			findings = append(findings, r.finding("simulated", what, verb(r.may(action, t)), verb(allowed)))
		}
	}
	return findings
}
