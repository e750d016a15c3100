package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// leastPrivilege compares every role with what its service uses, then changes one by hand, which must be found.
func leastPrivilege(t *testing.T, s *suite) {
	storefront := s.read(t, s.assembly)
	s.wantLeastPrivilege(t, storefront)
	if s.target.Emulator == nil {
		t.Log("not run against a real account: a policy by hand, since IAM is eventually consistent")
		return
	}

	cart, reviews := storefront.ByID("Cart"), storefront.ByID("Reviews")
	role := s.taskRole(t, cart)
	own, other := tableARN(t, storefront, cart), tableARN(t, storefront, reviews)
	client := iam.NewFromConfig(storefront.Config)
	name, policy := aws.String("by-hand"), fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": %q},
		{"Effect": "Deny", "Action": "dynamodb:Query", "Resource": %q}]}`, other, own)
	if _, err := client.PutRolePolicy(s.ctx, &iam.PutRolePolicyInput{RoleName: &role.PhysicalID, PolicyName: name, PolicyDocument: &policy}); err != nil {
		t.Fatal(err)
	}
	result, err := check.LeastPrivilege(s.ctx, s.target, storefront)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteRolePolicy(s.ctx, &iam.DeleteRolePolicyInput{RoleName: &role.PhysicalID, PolicyName: name}); err != nil {
		t.Fatal(err)
	}
	got := result.Findings
	who := fmt.Sprintf("%s: %s (task role of cart): ", cart.Name, role.LogicalID)
	want := []string{
		who + "called: dynamodb:GetItem on " + other + ": want denied, got allowed",
		who + "called: dynamodb:Query on " + own + ": want allowed, got denied",
		who + "granted: dynamodb:GetItem on " + other + ": want only what is declared, got a statement of policy by-hand",
		who + "simulated: dynamodb:GetItem on " + other + ": want denied, got allowed",
		who + "simulated: dynamodb:Query on " + own + ": want allowed, got denied",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings after a policy by hand (-want +got):\n%s", diff)
	}
}

// wantLeastPrivilege fails unless every role of an app may do what its service declares, and no more.
func (s *suite) wantLeastPrivilege(t *testing.T, app *deployed.App) {
	t.Helper()
	result, err := check.LeastPrivilege(s.ctx, s.target, app)
	if err != nil {
		t.Fatal(err)
	}
	s.wantNothing(t, result)
}

func (s *suite) taskRole(t *testing.T, stack *deployed.Stack) deployed.Resource {
	t.Helper()
	task := aws.ToString(s.runningTask(t, stack).TaskRoleArn)
	for _, r := range stack.Resources {
		if r.Type == "AWS::IAM::Role" && strings.HasSuffix(task, "/"+r.PhysicalID) {
			return r
		}
	}
	t.Fatalf("%s: want the task role %s among its resources", stack.Name, task)
	return deployed.Resource{}
}

func tableARN(t *testing.T, storefront *deployed.App, stack *deployed.Stack) string {
	t.Helper()
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", storefront.Config.Region, storefront.Account, one(t, stack, "AWS::DynamoDB::GlobalTable").PhysicalID)
}
