package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// production deploys the production profile, which must not be destroyed by accident, and whose data must be retained.
func production(t *testing.T, s *suite) {
	if s.target.Emulator == nil {
		s.notRun(t, "the production profile: it would leave protected data behind, in another region, and takes an hour more")
		return
	}
	assembly := filepath.Join(s.dir, "production")
	s.synth(t, "production", assembly)
	before := s.inventory(t, assembly)
	s.firstDeployment(t, assembly)
	s.complete(t, assembly)
	storefront := s.read(t, assembly)
	s.readBack(t, storefront)
	data := s.fill(t, storefront)
	t.Run("a change of the listener rule is refused while its requests are on the second target group", func(t *testing.T) {
		s.compared(t, assembly, storefront)
	})

	t.Run("destroy is refused", func(t *testing.T) {
		_, err := s.cli.Destroy(s.ctx, assembly)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "terminationprotection") && !strings.Contains(err.Error(), "ermination protection") {
			t.Errorf("want destroy refused by termination protection, got %v", err)
		}
		s.complete(t, assembly)
	})
	t.Run("destroy keeps the data", func(t *testing.T) {
		ids, err := check.StackIDs(s.ctx, storefront)
		if err != nil {
			t.Fatal(err)
		}
		s.unprotect(t, storefront)
		s.deleteDomainsGroup(t, storefront)
		if _, err := s.cli.Destroy(s.ctx, assembly); err != nil {
			t.Fatal(err)
		}
		s.destroyed(t, storefront, ids)
		s.nothingNew(t, before, assembly, check.Retained(storefront)...)
		for _, datum := range data {
			datum.wantKept(t)
		}
	})
	s.count("%d tables, buckets and user pools kept their items, objects and users when production was destroyed", len(data))
}

// fill puts data into every table, bucket and user pool.
func (s *suite) fill(t *testing.T, storefront *deployed.App) []datum {
	t.Helper()
	var data []datum
	for _, stack := range storefront.Stacks {
		for _, r := range stack.Resources {
			switch r.Type {
			case "AWS::DynamoDB::GlobalTable":
				data = append(data, s.item(t, storefront.Config, r.PhysicalID))
			case "AWS::S3::Bucket":
				data = append(data, s.object(t, storefront.Config, r.PhysicalID))
			case "AWS::Cognito::UserPool":
				data = append(data, s.user(t, storefront.Config, r.PhysicalID))
			}
		}
	}
	if len(data) == 0 {
		t.Fatal("production has no table, bucket or user pool")
	}
	return data
}

// deleteDomainsGroup deletes the search domain and its security group, with which the VPC could not be deleted.
func (s *suite) deleteDomainsGroup(t *testing.T, storefront *deployed.App) {
	t.Helper()
	search := storefront.ByID("Search")
	domain := one(t, search, "AWS::OpenSearchService::Domain")
	if _, err := opensearch.NewFromConfig(storefront.Config).DeleteDomain(s.ctx, &opensearch.DeleteDomainInput{DomainName: &domain.PhysicalID}); err != nil {
		t.Fatal(err)
	}
	deleted := 0
	for _, group := range search.Template.Resources("AWS::EC2::SecurityGroup") {
		if !check.Keeps(group) {
			continue
		}
		deleted++
		id := search.Resources[group.LogicalID].PhysicalID
		if _, err := ec2.NewFromConfig(storefront.Config).DeleteSecurityGroup(s.ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id}); err != nil {
			t.Fatal(err)
		}
	}
	if deleted != 1 {
		t.Errorf("%s has %d security groups that are retained, want that of its domain", search.Name, deleted)
	}
}

// unprotect turns termination protection of every stack off, and the load balancer's deletion protection.
func (s *suite) unprotect(t *testing.T, storefront *deployed.App) {
	t.Helper()
	client := cloudformation.NewFromConfig(storefront.Config)
	for _, stack := range storefront.Stacks {
		if _, err := client.UpdateTerminationProtection(s.ctx, &cloudformation.UpdateTerminationProtectionInput{
			StackName: &stack.Name, EnableTerminationProtection: aws.Bool(false),
		}); err != nil {
			t.Fatal(err)
		}
		for _, r := range stack.Resources {
			if r.Type == "AWS::ElasticLoadBalancingV2::LoadBalancer" {
				s.unprotectResource(t, r.Type, r.PhysicalID)
			}
		}
	}
}
