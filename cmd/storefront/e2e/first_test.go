package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// firstDeployment deploys production for the first time, as docs/first-deployment-fails.md describes it. Attempts that fail leave
// nothing behind: without protection by themselves, with protection after the commands of that page. The attempt that
// succeeds is without protection, which the next deployment turns on in place.
func (s *suite) firstDeployment(t *testing.T, protected string) {
	t.Helper()
	first := filepath.Join(s.dir, "production-first")
	s.synthWith(t, first, map[string]string{"env": "production", "protection": "off"})
	brokenPlatform := func(template snapshot.Template) {
		breakHalfWay(t, template, "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::Logs::LogGroup")
	}
	brokenCart := func(template snapshot.Template) {
		breakHalfWay(t, template, "AWS::DynamoDB::GlobalTable", "AWS::ECS::TaskDefinition")
	}
	if _, err := s.cli.Deploy(s.ctx, first, "Teams"); err != nil { // whom the platform's alarms notify
		t.Fatal(err)
	}
	t.Run("the platform fails", func(t *testing.T) {
		s.failedFirst(t, first, "Platform", brokenPlatform, "ROLLBACK_COMPLETE")
	})
	t.Run("the platform fails with protection", func(t *testing.T) {
		s.failedFirst(t, protected, "Platform", brokenPlatform, "ROLLBACK_FAILED")
	})
	if _, err := s.cli.Deploy(s.ctx, first, "Platform"); err != nil {
		t.Fatal(err)
	}
	t.Run("the user pool's stack fails with protection", func(t *testing.T) {
		s.failedFirst(t, protected, "Identity", func(template snapshot.Template) {
			template["Resources"].(map[string]any)["Broken"] = map[string]any{
				"Type":       "AWS::EC2::SecurityGroupIngress",
				"Properties": map[string]any{"GroupId": nobody, "IpProtocol": "-1", "CidrIp": "10.0.0.0/8"},
				"DependsOn":  template.One(t, "AWS::Cognito::UserPool").LogicalID,
			}
		}, "ROLLBACK_FAILED")
	})
	if _, err := s.cli.Deploy(s.ctx, first, "Identity"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cli.Deploy(s.ctx, first, "Catalog"); err != nil { // which the cart calls
		t.Fatal(err)
	}
	t.Run("a service fails", func(t *testing.T) {
		s.failedFirst(t, first, "Cart", brokenCart, "ROLLBACK_COMPLETE")
	})
	t.Run("a service fails with protection", func(t *testing.T) {
		s.failedFirst(t, protected, "Cart", brokenCart, "ROLLBACK_FAILED")
	})
	if _, err := s.cli.Deploy(s.ctx, first); err != nil {
		t.Fatal(err)
	}
	unprotected := s.read(t, first)
	if _, err := s.cli.Deploy(s.ctx, protected); err != nil {
		t.Fatal(err)
	}
	client := cloudformation.NewFromConfig(unprotected.Config)
	for _, is := range s.read(t, protected).Stacks {
		if diff := cmp.Diff(ids(unprotected.Stack(is.Name)), ids(is)); diff != "" {
			t.Errorf("turning protection on has replaced resources of %s (-before +after):\n%s", is.Name, diff)
		}
		described, err := client.DescribeStacks(s.ctx, &cloudformation.DescribeStacksInput{StackName: &is.Name})
		if err != nil {
			t.Fatal(err)
		}
		if !aws.ToBool(described.Stacks[0].EnableTerminationProtection) {
			t.Errorf("%s has no termination protection", is.Name)
		}
	}
}

// failedFirst makes the first deployment of a stack fail. After it, or after the documented commands if resources have
// protection, nothing is left.
func (s *suite) failedFirst(t *testing.T, assembly, id string, breaks func(snapshot.Template), want string) {
	t.Helper()
	config := s.config(t, assembly)
	before := s.inventory(t, assembly)
	broken := s.changed(t, assembly, id, breaks)
	name := "storefront-production-" + strings.ToLower(id)
	_, err := s.cli.Deploy(s.ctx, broken, id)
	if want == "ROLLBACK_COMPLETE" { // else the CLI reports what could not be deleted
		fails(t, err, name, "AWS::EC2::SecurityGroupIngress", nobody)
	} else if err == nil {
		t.Fatalf("%s was deployed, want a failure", id)
	}
	client := cloudformation.NewFromConfig(config)
	described, err := client.DescribeStacks(s.ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if status := string(described.Stacks[0].StackStatus); status != want {
		t.Fatalf("%s is %s, want %s: %s", name, status, want, aws.ToString(described.Stacks[0].StackStatusReason))
	}
	if want == "ROLLBACK_FAILED" {
		if _, err := s.cli.Deploy(s.ctx, assembly, id); err == nil || !strings.Contains(err.Error(), "TerminationProtection") {
			t.Errorf("want the next deployment refused by termination protection, got %v", err)
		}
		s.deleteFailed(t, client, name)
	}
	s.nothingNew(t, before, assembly)
}

// deleteFailed deletes a stack whose creation failed with protection on, with the commands of docs/first-deployment-fails.md.
func (s *suite) deleteFailed(t *testing.T, client *cloudformation.Client, stack string) {
	t.Helper()
	left, err := client.ListStackResources(s.ctx, &cloudformation.ListStackResourcesInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	unprotected := 0
	for _, r := range left.StackResourceSummaries {
		if r.ResourceStatus == types.ResourceStatusDeleteFailed {
			unprotected++
			s.unprotectResource(t, aws.ToString(r.ResourceType), aws.ToString(r.PhysicalResourceId))
		}
	}
	if unprotected == 0 {
		t.Errorf("%s lists no resource that could not be deleted", stack)
	}
	if _, err := client.UpdateTerminationProtection(s.ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &stack, EnableTerminationProtection: aws.Bool(false),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteStack(s.ctx, &cloudformation.DeleteStackInput{StackName: &stack}); err != nil {
		t.Fatal(err)
	}
	if err := cloudformation.NewStackDeleteCompleteWaiter(client).Wait(s.ctx, &cloudformation.DescribeStacksInput{StackName: &stack}, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// unprotectResource turns the deletion protection of a resource of production off. What its stack would retain is deleted.
func (s *suite) unprotectResource(t *testing.T, resourceType, id string) {
	t.Helper()
	config := s.config(t, filepath.Join(s.dir, "production"))
	var err error
	switch resourceType {
	case "AWS::DynamoDB::GlobalTable":
		s.deleteTable(t, config, id)
	case "AWS::Cognito::UserPool":
		client := cognitoidentityprovider.NewFromConfig(config)
		if _, err = client.UpdateUserPool(s.ctx, &cognitoidentityprovider.UpdateUserPoolInput{
			UserPoolId: &id, DeletionProtection: cognitotypes.DeletionProtectionTypeInactive,
		}); err == nil {
			_, err = client.DeleteUserPool(s.ctx, &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: &id})
		}
	case "AWS::ElasticLoadBalancingV2::LoadBalancer":
		_, err = elb.NewFromConfig(config).ModifyLoadBalancerAttributes(s.ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: &id,
			Attributes:      []elbtypes.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: aws.String("false")}},
		})
	default:
		t.Errorf("%s %s could not be deleted", resourceType, id)
	}
	if err != nil {
		t.Fatal(err)
	}
}
