package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/storefront-cdk/storefront/test/sandbox/deployed"
)

// drift lets CloudFormation compare each stack with what it deployed, before and after a change by hand.
func drift(t *testing.T, s *suite) {
	storefront := s.read(t, s.assembly)
	compared, types := 0, map[string]bool{}
	for _, stack := range storefront.Stacks {
		found := s.drifts(t, storefront.Config, stack)
		for id, r := range found {
			if r.StackResourceDriftStatus == "NOT_CHECKED" {
				continue
			}
			if r.StackResourceDriftStatus != "IN_SYNC" {
				t.Errorf("%s: %s %s is %s, and nobody has touched it: %s", stack.Name, aws.ToString(r.ResourceType), id,
					r.StackResourceDriftStatus, differences(r))
			}
			compared++
			types[aws.ToString(r.ResourceType)] = true
		}
	}
	if compared == 0 {
		t.Fatal("nothing was compared")
	}
	s.count("%d resources compared by drift detection, of the types %s", compared,
		strings.Join(slices.Sorted(maps.Keys(types)), ", "))
	s.touched(t, storefront)
}

// touched changes how long the cart's logs are kept, by hand, and wants that told, and nothing else.
func (s *suite) touched(t *testing.T, storefront *deployed.Storefront) {
	t.Helper()
	cart := storefront.ByID("Cart")
	group := one(t, cart, "AWS::Logs::LogGroup")
	client := cloudwatchlogs.NewFromConfig(storefront.Config)
	keep := func(days int32) {
		t.Helper()
		if _, err := client.PutRetentionPolicy(s.ctx, &cloudwatchlogs.PutRetentionPolicyInput{
			LogGroupName: &group.PhysicalID, RetentionInDays: &days,
		}); err != nil {
			t.Fatal(err)
		}
	}
	keep(30)
	for id, r := range s.drifts(t, storefront.Config, cart) {
		want := types.StackResourceDriftStatusInSync
		if id == group.LogicalID {
			want = types.StackResourceDriftStatusModified
			if got := differences(r); got != "/RetentionInDays: 7, now 30" {
				t.Errorf("%s %s: drift detection tells of %q", cart.Name, id, got)
			}
		}
		if r.StackResourceDriftStatus != want && r.StackResourceDriftStatus != "NOT_CHECKED" {
			t.Errorf("%s: %s is %s, want %s", cart.Name, id, r.StackResourceDriftStatus, want)
		}
	}
	said, err := s.cli.Drift(s.ctx, s.assembly, "Cart")
	if err != nil || !strings.Contains(said, "RetentionInDays") {
		t.Errorf("cdk drift does not tell of the retention: %v\n%s", err, said)
	}
	keep(7)
	for id, r := range s.drifts(t, storefront.Config, cart) {
		if r.StackResourceDriftStatus != types.StackResourceDriftStatusInSync && r.StackResourceDriftStatus != "NOT_CHECKED" {
			t.Errorf("%s: %s is %s after the change was undone", cart.Name, id, r.StackResourceDriftStatus)
		}
	}
}

// drifts detects the drift of a stack and returns what was found, by logical ID.
func (s *suite) drifts(t *testing.T, config aws.Config, stack *deployed.Stack) map[string]types.StackResourceDrift {
	t.Helper()
	client := cloudformation.NewFromConfig(config)
	begun, err := client.DetectStackDrift(s.ctx, &cloudformation.DetectStackDriftInput{StackName: &stack.Name})
	if err != nil {
		t.Fatal(err)
	}
	for {
		status, err := client.DescribeStackDriftDetectionStatus(s.ctx, &cloudformation.DescribeStackDriftDetectionStatusInput{
			StackDriftDetectionId: begun.StackDriftDetectionId,
		})
		if err != nil {
			t.Fatal(err)
		}
		if status.DetectionStatus == types.StackDriftDetectionStatusDetectionFailed {
			t.Fatalf("%s: %s", stack.Name, aws.ToString(status.DetectionStatusReason))
		}
		if status.DetectionStatus == types.StackDriftDetectionStatusDetectionComplete {
			break
		}
		time.Sleep(time.Second)
	}
	found := map[string]types.StackResourceDrift{}
	pages := cloudformation.NewDescribeStackResourceDriftsPaginator(client, &cloudformation.DescribeStackResourceDriftsInput{StackName: &stack.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.StackResourceDrifts {
			found[aws.ToString(r.LogicalResourceId)] = r
		}
	}
	return found
}

func differences(r types.StackResourceDrift) string {
	var all []string
	for _, d := range r.PropertyDifferences {
		all = append(all, fmt.Sprintf("%s: %s, now %s", aws.ToString(d.PropertyPath), aws.ToString(d.ExpectedValue), aws.ToString(d.ActualValue)))
	}
	return strings.Join(all, "; ")
}
