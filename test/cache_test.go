package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/cache"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	cacherecipe "github.com/storefront-cdk/storefront/examples/recipes/cache"
)

// cached synthesizes a service that uses a cache, in an environment of the given profile.
func cached(t testing.TB, of profile.Profile, props cache.Props) snapshot.Template {
	t.Helper()
	return inProfile(t, of, func(stack awscdk.Stack) {
		service := microservice.New(stack, "Cart", valid())
		service.Uses(cache.New(service, "Prices", props), cache.ReadWrite)
	})
}

const cacheType = "AWS::ElastiCache::ServerlessCache"

func TestACacheOfASandbox(t *testing.T) {
	template := cached(t, profile.Sandbox(), cache.Props{})
	of := template.One(t, cacheType)
	expect(t, "Shop", of, map[string]any{
		"Engine": "valkey", "MajorEngineVersion": "8",
		"CacheUsageLimits": map[string]any{
			"DataStorage":   map[string]any{"Maximum": json.Number("1"), "Unit": "GB"},
			"ECPUPerSecond": map[string]any{"Maximum": json.Number("1000")},
		},
		"KmsKeyId": nil, "SnapshotRetentionLimit": nil, "DailySnapshotTime": nil, "FinalSnapshotName": nil,
	})
	for _, resource := range template.Resources("") {
		if strings.HasPrefix(resource.LogicalID, "CartPrices") && resource.Type != "AWS::EC2::SecurityGroupIngress" && resource.Get("DeletionPolicy") != "Delete" {
			t.Errorf("DeletionPolicy of %s is %v", resource.LogicalID, resource.Get("DeletionPolicy"))
		}
	}
}

func TestACacheOfProduction(t *testing.T) {
	template := cached(t, profile.Production(), cache.Props{})
	expect(t, "Shop", template.One(t, cacheType), map[string]any{
		"CacheUsageLimits": map[string]any{
			"DataStorage":   map[string]any{"Maximum": json.Number("5"), "Unit": "GB"},
			"ECPUPerSecond": map[string]any{"Maximum": json.Number("10000")},
		},
		"SnapshotRetentionLimit": json.Number("7"),
	})
	// A cache that is retained keeps its network interfaces, and is of use to nobody without its users.
	for _, retained := range []string{cacheType, "AWS::ElastiCache::User", "AWS::ElastiCache::UserGroup"} {
		resource := template.One(t, retained)
		if resource.Get("DeletionPolicy") != "RetainExceptOnCreate" || resource.Get("UpdateReplacePolicy") != "Retain" {
			t.Errorf("%s: DeletionPolicy %v, UpdateReplacePolicy %v", retained, resource.Get("DeletionPolicy"), resource.Get("UpdateReplacePolicy"))
		}
	}
	alarms := 0
	for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
		text, _ := json.Marshal(alarm.Raw)
		if strings.Contains(string(text), `"Name":"clusterId","Value":{"Ref":"`+template.One(t, cacheType).LogicalID+`"}`) {
			alarms++
		}
	}
	if alarms != 4 {
		t.Errorf("%d alarms are on the cache, want 4", alarms)
	}
	disabled := cached(t, profile.Production(), cache.Props{DisableSnapshots: true}).One(t, cacheType)
	expect(t, "Shop", disabled, map[string]any{"SnapshotRetentionLimit": json.Number("0")})
	own := cached(t, profile.Sandbox(), cache.Props{SnapshotDays: 3, SnapshotTime: "03:30"}).One(t, cacheType)
	expect(t, "Shop", own, map[string]any{"SnapshotRetentionLimit": json.Number("3"), "DailySnapshotTime": "03:30"})
}

// Who connects is a service that may: by a token of IAM, as the one user there is, and by the network.
func TestWhoConnectsToACache(t *testing.T) {
	template := cached(t, profile.Sandbox(), cache.Props{})
	of, user, group := template.One(t, cacheType), template.One(t, "AWS::ElastiCache::User"), template.One(t, "AWS::ElastiCache::UserGroup")
	expect(t, "Shop", user, map[string]any{
		"Engine": "valkey", "AuthenticationMode": map[string]any{"Type": "iam"}, "AccessString": "on ~* +@all", "NoPasswordRequired": nil, "Passwords": nil,
		"UserName": user.Get("Properties.UserId"), // which IAM requires
	})
	expect(t, "Shop", group, map[string]any{"Engine": "valkey", "UserIds": []any{map[string]any{"Ref": user.LogicalID}}})
	expect(t, "Shop", of, map[string]any{"UserGroupId": map[string]any{"Ref": group.LogicalID}})

	found := 0
	for _, policy := range template.Resources("AWS::IAM::Policy") {
		statements, _ := policy.Get("Properties.PolicyDocument.Statement").([]any)
		for _, statement := range statements {
			if statement := statement.(map[string]any); statement["Action"] == "elasticache:Connect" {
				found++
				want := []any{
					map[string]any{"Fn::GetAtt": []any{of.LogicalID, "ARN"}}, map[string]any{"Fn::GetAtt": []any{user.LogicalID, "Arn"}},
				}
				if diff := cmp.Diff(want, statement["Resource"]); diff != "" {
					t.Errorf("it may connect to (-want +got):\n%s", diff)
				}
			}
		}
	}
	if found != 1 {
		t.Errorf("%d statements allow to connect, want 1", found)
	}

	// Clients that discover the cluster connect to both ports.
	var ingress []snapshot.Resource
	for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
		if strings.HasPrefix(rule.LogicalID, "CartPrices") {
			ingress = append(ingress, rule)
		}
	}
	if len(ingress) != 1 {
		t.Fatalf("%d ingress rules, want 1", len(ingress))
	}
	expect(t, "Shop", ingress[0], map[string]any{
		"FromPort": json.Number("6379"), "ToPort": json.Number("6380"), "IpProtocol": "tcp", "CidrIp": nil,
		"SourceSecurityGroupId.Fn::GetAtt.0": template.One(t, "AWS::ECS::Service").Get("Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0.Fn::GetAtt.0"),
	})
	variables := map[string]any{}
	environment, _ := template.One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.Environment").([]any)
	for _, each := range environment {
		if variable := each.(map[string]any); strings.HasPrefix(fmt.Sprint(variable["Name"]), "PRICES_") {
			variables[variable["Name"].(string)] = variable["Value"]
		}
	}
	want := map[string]any{
		"PRICES_HOST": map[string]any{"Fn::GetAtt": []any{of.LogicalID, "Endpoint.Address"}},
		"PRICES_PORT": map[string]any{"Fn::GetAtt": []any{of.LogicalID, "Endpoint.Port"}},
		"PRICES_NAME": map[string]any{"Ref": of.LogicalID},
		"PRICES_USER": map[string]any{"Ref": user.LogicalID},
	}
	if diff := cmp.Diff(want, variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
		service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
		service.Uses(cache.New(service, "Prices", cache.Props{}), "Read")
	})
	if want := `Shop/Cart: Uses of Shop/Cart/Prices: access must be ReadWrite, got "Read"`; err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// The name of a cache is its own in the account: of each cache of a service, of each service, and of each stack by its ID.
func TestNamesOfCaches(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		for _, id := range []string{"Cart", "Wishlist"} {
			props := valid()
			props.Routes = nil
			service := microservice.New(stack, id, props)
			for _, name := range []string{"Prices", "Sessions"} {
				service.Uses(cache.New(service, name, cache.Props{}), cache.ReadWrite)
			}
		}
	})
	seen := map[string]string{}
	properties := map[string]string{cacheType: "ServerlessCacheName", "AWS::ElastiCache::User": "UserId", "AWS::ElastiCache::UserGroup": "UserGroupId"}
	for kind, property := range properties {
		for _, resource := range template.Resources(kind) {
			parts, _ := resource.Get("Properties." + property + ".Fn::Join.1").([]any)
			if len(parts) != 2 || !strings.Contains(fmt.Sprint(parts[1]), "AWS::StackId") {
				t.Fatalf("%s of %s is %v", property, resource.LogicalID, resource.Get("Properties."+property))
			}
			name := kind + " " + fmt.Sprint(parts[0])
			if seen[name] != "" {
				t.Errorf("%s and %s are both %s", seen[name], resource.LogicalID, name)
			}
			seen[name] = resource.LogicalID
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d names, want 12", len(seen))
	}
}

// What changes while a cache is used changes it in place. What needs another cache says so.
func TestAChangeOfACacheIsMadeInPlace(t *testing.T) {
	zones := func(zones int) snapshot.Template {
		return synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, environment.Environment{
				Profile: profile.Production(), Platform: platform.Ref{StackName: "shop-platform", Zones: zones}, Identity: valid().Identity, Teams: teams("checkout"),
			})
			props := valid()
			props.Platform = platform.Ref{}
			service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			service.Uses(cache.New(service, "Prices", cache.Props{}), cache.ReadWrite)
		}).templates["Shop"]
	}
	was := zones(2)
	if got, _ := was.One(t, cacheType).Get("Properties.SubnetIds").([]any); len(got) != 2 {
		t.Errorf("the cache has the subnets %v, want two", got)
	}
	if before, after := was.One(t, cacheType), zones(3).One(t, cacheType); !cmp.Equal(before.Raw, after.Raw) {
		t.Errorf("a third zone changes the cache:\n%s", cmp.Diff(before.Raw, after.Raw))
	}
	inPlace := map[string]cache.Props{
		"more of everything": {MaxGB: 50, MaxECPUPerSecond: 20_000, SnapshotDays: 30, SnapshotTime: "03:30"},
		"no snapshots":       {DisableSnapshots: true},
		"not retained":       {Retain: profile.Off},
	}
	before := cached(t, profile.Production(), cache.Props{})
	for name, props := range inPlace {
		if diff := snapshot.Diff(before, cached(t, profile.Production(), props)); strings.Contains(diff, "replaced") || strings.Contains(diff, "removed") {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	encrypting := profile.Production()
	encrypting.EncryptData = true
	encrypted := cached(t, encrypting, cache.Props{})
	if diff := snapshot.Diff(before, encrypted); !strings.Contains(diff, "is replaced by an empty one, since KmsKeyId, ServerlessCacheName cannot be changed") {
		t.Errorf("a key of its own, under the same name, could not be deployed:\n%s", diff)
	}
	if is, was := encrypted.One(t, "AWS::ElastiCache::User"), before.One(t, "AWS::ElastiCache::User"); !cmp.Equal(is.Raw, was.Raw) {
		t.Errorf("a key changes the user:\n%s", cmp.Diff(was.Raw, is.Raw))
	}
}

func TestACacheNeedsTwoZones(t *testing.T) {
	err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{MaxAzs: jsii.Number(1)})
		cache.New(stack, "Prices", cache.Props{VPC: vpc, MaxGB: -1})
	})
	want := `Shop/Prices: MaxGB must be from 1 to 5000, got -1
Shop/Prices: VPC must have private subnets in 2 zones, in which the cache is, got 1: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestRecipeCache(t *testing.T) {
	template := recipe(t, cacherecipe.Define)
	connect := allowing(t, template, "CartTaskRole", "elasticache:Connect")
	if resources, _ := connect["Resource"].([]any); len(resources) != 2 {
		t.Errorf("it may connect to %v, want the cache and the user", connect["Resource"])
	}
}
