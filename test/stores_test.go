package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks"
)

// inProfile synthesizes a stack in an environment with the given profile.
func inProfile(t testing.TB, of profile.Profile, define func(stack awscdk.Stack)) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: of})
		define(awscdk.NewStack(app, jsii.String("Shop"), nil))
	}).templates["Shop"]
}

// After a first deployment without protection, the next one turns it on: in place, and changes nothing else.
func TestProtectionIsTurnedOnInPlace(t *testing.T) {
	first := storefront(t, map[string]any{"env": "production", "protection": "off"})
	protected := environments(t)["production"]
	changed := map[string]int{}
	for stack, template := range protected.templates {
		for line := range strings.Lines(snapshot.Diff(first.templates[stack], template)) {
			changed[flagDifference(t, template, line)]++
		}
	}
	want := map[string]int{
		"AWS::DynamoDB::GlobalTable Replicas.DeletionProtectionEnabled":          len(resourcesOf(protected, "AWS::DynamoDB::GlobalTable")),
		"AWS::Cognito::UserPool DeletionProtection":                              1,
		"AWS::ElasticLoadBalancingV2::LoadBalancer LoadBalancerAttributes.Value": 1,
	}
	for what, count := range changed {
		if want[what] != count {
			t.Errorf("the second deployment changes %s of %d resources, want %d", what, count, want[what])
		}
	}
	if len(changed) != len(want) {
		t.Errorf("the second deployment changes %q, want %q", slices.Sorted(maps.Keys(changed)), slices.Sorted(maps.Keys(want)))
	}
	for stack, protected := range terminationProtection(t, first) {
		if protected {
			t.Errorf("%s has termination protection in its first deployment", stack)
		}
	}
	for stack, protected := range terminationProtection(t, protected) {
		if !protected {
			t.Errorf("%s has no termination protection", stack)
		}
	}
}

func resourcesOf(a assembly, resourceType string) []snapshot.Resource {
	var all []snapshot.Resource
	for _, template := range a.templates {
		all = append(all, template.Resources(resourceType)...)
	}
	return all
}

// terminationProtection reads it from the manifest, by stack.
func terminationProtection(t *testing.T, a assembly) map[string]bool {
	t.Helper()
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct{ TerminationProtection bool }
		}
	}
	if err := json.Unmarshal(read(t, a.dir, "manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for name, artifact := range manifest.Artifacts {
		if artifact.Type == "aws:cloudformation:stack" {
			found[name] = artifact.Properties.TerminationProtection
		}
	}
	if len(found) != len(a.templates) {
		t.Fatalf("the manifest has %d stacks, want %d", len(found), len(a.templates))
	}
	return found
}

func TestStacksAreProtectedFromTerminationByProfile(t *testing.T) {
	for _, env := range stacks.Environments() {
		for stack, protected := range terminationProtection(t, environments(t)[env.Name]) {
			if protected != env.Profile.DeletionProtection {
				t.Errorf("%s/%s: termination protection is %t", env.Name, stack, protected)
			}
		}
	}
}

// What CloudFormation deletes with its stack must not have a protection that makes the deletion fail half-way.
func TestOnlyWhatIsRetainedHasDeletionProtection(t *testing.T) {
	protecting := profile.Sandbox()
	protecting.DeletionProtection = true
	for name, test := range map[string]struct {
		profile profile.Profile
		retain  profile.Choice
		want    bool
	}{
		"production":                           {profile.Production(), profile.ByProfile, true},
		"production, and not retained":         {profile.Production(), profile.Off, false},
		"the sandbox":                          {profile.Sandbox(), profile.ByProfile, false},
		"the sandbox, and retained":            {profile.Sandbox(), profile.On, false},
		"a profile that protects":              {protecting, profile.ByProfile, false},
		"a profile that protects and a choice": {protecting, profile.On, true},
	} {
		template := inProfile(t, test.profile, func(stack awscdk.Stack) {
			table.New(stack, "Items", table.Props{PartitionKey: table.String("id"), Retain: test.retain})
		})
		if got := template.One(t, "AWS::DynamoDB::GlobalTable").Get("Properties.Replicas.0.DeletionProtectionEnabled"); got != test.want {
			t.Errorf("%s: deletion protection is %v, want %t", name, got, test.want)
		}
	}
}

// defineEachStore defines a service that uses a store of each kind.
func defineEachStore(stack awscdk.Stack) {
	props := valid()
	service := microservice.New(stack, "Cart", props)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	for access, used := range map[store.Access][]store.Store{
		store.ReadWrite: {
			table.New(service, "Items", table.Props{PartitionKey: table.String("id")}),
			bucket.New(service, "Photos", bucket.Props{}),
			searchdomain.New(service, "Documents", searchdomain.Props{VPC: vpc}),
		},
		queue.SendAndConsume: {queue.New(service, "Orders", queue.Props{})},
	} {
		for _, each := range used {
			service.Uses(each, access)
		}
	}
}

// A store that is retained keeps what it needs to be as safe as before, and what cannot be deleted while it exists. What
// names another resource is deleted, or that one could not be.
func TestWhatARetainedStoreNeedsIsRetained(t *testing.T) {
	for name, of := range map[string]profile.Profile{"sandbox": profile.Sandbox(), "production": profile.Production()} {
		template := inProfile(t, of, defineEachStore)
		want := "Delete"
		if of.RetainData {
			want = "RetainExceptOnCreate"
		}
		needs := map[string]int{"AWS::S3::BucketPolicy": 1, "AWS::SQS::QueuePolicy": 2}
		for resourceType, count := range needs {
			found := template.Resources(resourceType)
			if len(found) != count {
				t.Errorf("%s: %d of type %s, want %d", name, len(found), resourceType, count)
			}
			for _, resource := range found {
				if got := resource.Get("DeletionPolicy"); got != want {
					t.Errorf("%s: DeletionPolicy of %s is %v, want %s", name, resource.LogicalID, got, want)
				}
			}
		}
		for _, group := range template.Resources("AWS::EC2::SecurityGroup") {
			domains := strings.HasPrefix(group.LogicalID, "CartDocuments")
			if got := fmt.Sprint(group.Get("DeletionPolicy")); domains != (got == want) {
				t.Errorf("%s: DeletionPolicy of %s is %s", name, group.LogicalID, got)
			}
		}
		for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
			if got := rule.Get("DeletionPolicy"); got != nil {
				t.Errorf("%s: DeletionPolicy of %s is %v: it would keep the security group that it names", name, rule.LogicalID, got)
			}
		}
	}
}
