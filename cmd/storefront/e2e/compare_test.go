package e2e

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// compared changes the owner of a service in its template while its requests go to one target group or the other.
// Preflight must refuse that only while they go to the second, whose weight the template sets to zero.
func (s *suite) compared(t *testing.T, assembly string, storefront *deployed.App) {
	t.Helper()
	changed := s.changed(t, assembly, "Cart", func(template snapshot.Template) {
		for _, tag := range properties(t, template, "AWS::ElasticLoadBalancingV2::ListenerRule")["Tags"].([]any) {
			if tag := tag.(map[string]any); tag["Key"] == "owner" {
				tag["Value"] = "somebody else"
			}
		}
	})
	run := func() string {
		command := exec.CommandContext(s.ctx, filepath.Join(s.root, "bin", "storefront"), "preflight", changed)
		command.Env = s.target.Environ
		out, err := command.CombinedOutput()
		var failed *exec.ExitError
		if err != nil && (!errors.As(err, &failed) || failed.ExitCode() != 1) {
			t.Fatalf("preflight: %v\n%s", err, out)
		}
		if !strings.Contains(string(out), "stacks compared with what is deployed") || strings.Contains(string(out), "unknown  changes") {
			t.Errorf("preflight compared nothing:\n%s", out)
		}
		return string(out)
	}
	s.weigh(t, storefront, 0, 100)
	if out := run(); strings.Count(out, "REFUSED") != 1 || !strings.Contains(out, "REFUSED  listener rule       Cart CartRule") {
		t.Errorf("want the change of the listener rule refused, got:\n%s", out)
	}
	s.weigh(t, storefront, 100, 0)
	if out := run(); strings.Contains(out, "REFUSED") {
		t.Errorf("the requests go to the first target group, and preflight refuses the change of the rule:\n%s", out)
	}
}

// weigh sets the weights of the two target groups in the rule of the cart, as ECS does.
func (s *suite) weigh(t *testing.T, storefront *deployed.App, target, alternate int32) {
	t.Helper()
	cart := storefront.ByID("Cart")
	rule := one(t, cart, "AWS::ElasticLoadBalancingV2::ListenerRule").PhysicalID
	var tuples []types.TargetGroupTuple
	for _, r := range cart.Template.Resources("AWS::ElasticLoadBalancingV2::TargetGroup") {
		weight := target
		if strings.HasPrefix(r.LogicalID, "CartAlternateTarget") {
			weight = alternate
		}
		tuples = append(tuples, types.TargetGroupTuple{TargetGroupArn: aws.String(cart.Resources[r.LogicalID].PhysicalID), Weight: &weight})
	}
	if len(tuples) != 2 {
		t.Fatalf("the cart has %d target groups, want two", len(tuples))
	}
	_, err := elasticloadbalancingv2.NewFromConfig(storefront.Config).ModifyRule(s.ctx, &elasticloadbalancingv2.ModifyRuleInput{
		RuleArn: &rule,
		Actions: []types.Action{{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: tuples}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
