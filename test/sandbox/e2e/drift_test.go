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

	"github.com/storefront-cdk/storefront/test/sandbox/deployed"
)

// drift lets CloudFormation compare each stack with what it deployed, before and after a change by hand.
func drift(t *testing.T, s *suite) {
	storefront := s.read(t, s.assembly)
	compared, kinds := 0, map[string]bool{}
	for _, stack := range storefront.Stacks {
		status, found := s.drifts(t, storefront.Config, stack)
		if status != types.StackDriftStatusInSync {
			t.Errorf("%s is %s, and nobody has touched it", stack.Name, status)
		}
		for id, r := range found {
			if r.StackResourceDriftStatus != "IN_SYNC" {
				t.Errorf("%s: %s %s is %s, and nobody has touched it: %s", stack.Name, aws.ToString(r.ResourceType), id,
					r.StackResourceDriftStatus, differences(r))
			}
			compared++
			kinds[aws.ToString(r.ResourceType)] = true
		}
	}
	if compared == 0 {
		t.Fatal("nothing was compared")
	}
	s.count("%d resources compared by drift detection, of the types %s", compared,
		strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	s.touched(t, storefront)
}

// touched changes resources of the cart by hand, and wants those told, and nothing else.
func (s *suite) touched(t *testing.T, storefront *deployed.Storefront) {
	t.Helper()
	cart := storefront.ByID("Cart")
	_, compared := s.drifts(t, storefront.Config, cart)
	by := hand{s, t, storefront}
	want := map[string]bool{}
	var undo []func() error
	for _, change := range []change{
		by.expiryOff(cart), by.anotherMaximum(cart), by.anotherHeader(cart), by.openedRoute(cart), by.anotherRetention(cart),
		by.anotherHealthCheck(cart),
	} {
		if s.target.Emulator == nil && change.notOnAWS != "" {
			continue // said by the check of properties
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(change.finding, cart.Name+": "), " ")
		if _, known := compared[id]; !known {
			s.notRun(t, "drift of "+id+": CloudFormation does not compare its type")
			continue
		}
		if err := change.do(); err != nil {
			t.Fatalf("%s: %v", change.name, err)
		}
		undo = append(undo, change.undo)
		want[id] = true
	}
	s.wantDrifted(t, storefront, want)
	said, err := s.cli.Drift(s.ctx, s.assembly, "Cart")
	if err != nil || !strings.Contains(said, "RetentionInDays") {
		t.Errorf("cdk drift does not tell of the retention: %v (logs are in %s)", err, s.cli.Dir)
	}
	for _, undo := range undo {
		if err := undo(); err != nil {
			t.Error(err)
		}
	}
	s.wantDrifted(t, storefront, nil)
	s.count("%d changes by hand found by drift detection, and nothing else", len(want))
}

// wantDrifted wants the named resources of the cart modified, and all else of it that is compared in sync.
func (s *suite) wantDrifted(t *testing.T, storefront *deployed.Storefront, modified map[string]bool) {
	t.Helper()
	cart := storefront.ByID("Cart")
	status, found := s.drifts(t, storefront.Config, cart)
	wantStatus := types.StackDriftStatusInSync
	if len(modified) > 0 {
		wantStatus = types.StackDriftStatusDrifted
	}
	if status != wantStatus {
		t.Errorf("%s is %s, want %s", cart.Name, status, wantStatus)
	}
	for id, r := range found {
		want := types.StackResourceDriftStatusInSync
		if modified[id] {
			want = types.StackResourceDriftStatusModified
		}
		if r.StackResourceDriftStatus != want {
			t.Errorf("%s: %s is %s, want %s: %s", cart.Name, id, r.StackResourceDriftStatus, want, differences(r))
		}
	}
}

// drifts detects the drift of a stack and returns whether it has drifted, and what was compared, by logical ID.
func (s *suite) drifts(t *testing.T, config aws.Config, stack *deployed.Stack) (types.StackDriftStatus, map[string]types.StackResourceDrift) {
	t.Helper()
	client := cloudformation.NewFromConfig(config)
	begun, err := client.DetectStackDrift(s.ctx, &cloudformation.DetectStackDriftInput{StackName: &stack.Name})
	if err != nil {
		t.Fatal(err)
	}
	var drifted types.StackDriftStatus
	for drifted == "" {
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
			drifted = status.StackDriftStatus
			continue
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
			if r.StackResourceDriftStatus != types.StackResourceDriftStatusNotChecked {
				found[aws.ToString(r.LogicalResourceId)] = r
			}
		}
	}
	return drifted, found
}

func differences(r types.StackResourceDrift) string {
	var all []string
	for _, d := range r.PropertyDifferences {
		all = append(all, fmt.Sprintf("%s: %s, now %s", aws.ToString(d.PropertyPath), aws.ToString(d.ExpectedValue), aws.ToString(d.ActualValue)))
	}
	return strings.Join(all, "; ")
}
