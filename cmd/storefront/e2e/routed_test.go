package e2e

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/traffic"
)

// routed sends requests to each route of the API: as deployed, with two services swapped by hand, and without one service,
// which is then deployed again.
func routed(t *testing.T, s *suite) {
	storefront := s.read(t, s.assembly)
	harness := s.harness(t, storefront)
	s.wantRouted(t, "all services", harness)
	s.swapped(t, storefront, harness)

	if _, err := s.cli.Destroy(s.ctx, s.assembly, "Cart"); err != nil {
		t.Fatal(err)
	}
	report, err := harness.CheckWithout(s.ctx, "cart")
	s.wantReport(t, "without the cart", report, err)
	if _, err := s.cli.Deploy(s.ctx, s.assembly, "Cart"); err != nil {
		t.Fatal(err)
	}
}

// harness replaces tasks by stand-ins until the test ends.
func (s *suite) harness(t *testing.T, app *deployed.App) *traffic.Harness {
	t.Helper()
	harness, err := check.Traffic(s.ctx, s.target, app)
	t.Cleanup(func() {
		// Also after a signal: stacks do not delete the users.
		if err := harness.Close(context.WithoutCancel(s.ctx)); err != nil {
			t.Errorf("remove the stand-ins: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return harness
}

// wantRouted fails unless the requests for each route reach their service.
func (s *suite) wantRouted(t *testing.T, what string, harness *traffic.Harness) {
	t.Helper()
	report, err := harness.Check(s.ctx)
	s.wantReport(t, what, report, err)
	for _, reason := range report.NotRun {
		s.count("not run: %s", reason)
	}
}

func (s *suite) wantReport(t *testing.T, what string, report traffic.Report, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, finding := range report.Findings {
		t.Errorf("%s: %s", what, finding)
	}
	if report.Requests == 0 {
		t.Errorf("%s: no request was sent", what)
	}
	s.count("%s: %s", what, report)
}

// swapped swaps two services in the listener rules: their requests must be found, and no others.
func (s *suite) swapped(t *testing.T, storefront *deployed.App, harness *traffic.Harness) {
	t.Helper()
	if s.target.Emulator == nil {
		t.Log("not run against a real account: two services swapped by hand, since there are no stand-ins to find it")
		return
	}
	client := elasticloadbalancingv2.NewFromConfig(storefront.Config)
	name := func(id, service string) {
		rule := one(t, storefront.ByID(id), "AWS::ElasticLoadBalancingV2::ListenerRule").PhysicalID
		_, err := client.ModifyRule(s.ctx, &elasticloadbalancingv2.ModifyRuleInput{RuleArn: &rule, Conditions: []types.RuleCondition{{
			Field:            aws.String("http-header"),
			HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: aws.String("x-microservice"), Values: []string{service}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	name("Cart", "search")
	name("Search", "cart")
	report, err := harness.Check(s.ctx)
	name("Cart", "cart")
	name("Search", "search")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, finding := range report.Findings {
		got[finding.Stack+": want "+finding.Want+", got "+finding.Got] = true
	}
	want := []string{
		storefront.ByID("Cart").Name + ": want at cart, got at search",
		storefront.ByID("Search").Name + ": want at search, got at cart",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("findings after two services were swapped by hand (-want +got):\n%s", diff)
	}
}
