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
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/sqldb"
	"github.com/storefront-cdk/storefront/constructs/store"
	sqlrecipe "github.com/storefront-cdk/storefront/examples/recipes/sqldb"
)

const clusterType = "AWS::RDS::DBCluster"

// withDatabase synthesizes a service that uses a database, in an environment of the given profile.
func withDatabase(t testing.TB, of profile.Profile, props sqldb.Props, access ...store.Access) snapshot.Template {
	t.Helper()
	return inProfile(t, of, func(stack awscdk.Stack) {
		service := microservice.New(stack, "Cart", valid())
		service.Uses(sqldb.New(service, "Ledger", props), append(access, sqldb.ReadWrite)[0])
	})
}

func TestADatabaseOfASandbox(t *testing.T) {
	template := withDatabase(t, profile.Sandbox(), sqldb.Props{})
	expect(t, "Shop", template.One(t, clusterType), map[string]any{
		"Engine": "aurora-postgresql", "EngineVersion": "17.7", "DatabaseName": "app", "Port": json.Number("5432"), "StorageEncrypted": true,
		"ServerlessV2ScalingConfiguration": map[string]any{
			"MinCapacity": json.Number("0"), "MaxCapacity": json.Number("2"), "SecondsUntilAutoPause": json.Number("300"),
		},
		"BackupRetentionPeriod": json.Number("1"), "DeletionProtection": false, "KmsKeyId": nil,
		// What keeps the capacity above its minimum.
		"PerformanceInsightsEnabled": nil, "EnableCloudwatchLogsExports": nil,
	})
	expect(t, "Shop", template.One(t, "AWS::RDS::DBInstance"), map[string]any{
		"DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql", "PubliclyAccessible": false, "DBClusterIdentifier.Ref": template.One(t, clusterType).LogicalID,
	})
	for _, resource := range template.Resources("") {
		if strings.HasPrefix(resource.LogicalID, "CartLedger") && resource.Type != "AWS::EC2::SecurityGroupIngress" && resource.Get("DeletionPolicy") != "Delete" {
			t.Errorf("DeletionPolicy of %s is %v, and CloudFormation would take a snapshot", resource.LogicalID, resource.Get("DeletionPolicy"))
		}
	}
}

func TestADatabaseOfProduction(t *testing.T) {
	template := withDatabase(t, profile.Production(), sqldb.Props{})
	cluster := template.One(t, clusterType)
	expect(t, "Shop", cluster, map[string]any{
		"ServerlessV2ScalingConfiguration": map[string]any{"MinCapacity": json.Number("1"), "MaxCapacity": json.Number("8")},
		"BackupRetentionPeriod":            json.Number("7"), "DeletionProtection": true, "CopyTagsToSnapshot": true,
		"PerformanceInsightsEnabled": true, "PerformanceInsightsRetentionPeriod": json.Number("7"), "DatabaseInsightsMode": "standard",
		"EnableCloudwatchLogsExports": []any{"postgresql"},
	})
	// A writer, and a reader that is created after it and can replace it.
	instances := map[string]snapshot.Resource{}
	for _, instance := range template.Resources("AWS::RDS::DBInstance") {
		instances[fmt.Sprint(instance.Get("Properties.PromotionTier"))] = instance
	}
	if len(instances) != 2 {
		t.Fatalf("%d instances, want a writer and a reader", len(instances))
	}
	if got, _ := instances["1"].Get("DependsOn").([]any); !slices.Contains(got, any(instances["0"].LogicalID)) {
		t.Errorf("the reader depends on %v, not on the writer", got)
	}
	retained := []string{clusterType, "AWS::RDS::DBInstance", "AWS::RDS::DBSubnetGroup", "AWS::RDS::DBClusterParameterGroup"}
	for _, resource := range template.Resources("") {
		if slices.Contains(retained, resource.Type) && (resource.Get("DeletionPolicy") != "RetainExceptOnCreate" || resource.Get("UpdateReplacePolicy") != "Retain") {
			t.Errorf("%s: DeletionPolicy %v, UpdateReplacePolicy %v", resource.LogicalID, resource.Get("DeletionPolicy"), resource.Get("UpdateReplacePolicy"))
		}
	}
	expect(t, "Shop", template.One(t, "AWS::RDS::DBClusterParameterGroup"), map[string]any{
		"Family": "aurora-postgresql17", "Parameters": map[string]any{"rds.force_ssl": "1"},
	})
	own := withDatabase(t, profile.Production(), sqldb.Props{Version: "16.11", Readers: 2, Parameters: map[string]string{"work_mem": "65536"}})
	expect(t, "Shop", own.One(t, "AWS::RDS::DBClusterParameterGroup"), map[string]any{
		"Family": "aurora-postgresql16", "Parameters": map[string]any{"rds.force_ssl": "1", "work_mem": "65536"},
	})
	if got := len(own.Resources("AWS::RDS::DBInstance")); got != 3 {
		t.Errorf("with two readers there are %d instances", got)
	}
}

// RDS would define a log group that keeps logs for ever, so it is defined before the cluster, whose name it has.
func TestLogsOfADatabase(t *testing.T) {
	template := withDatabase(t, profile.Production(), sqldb.Props{})
	cluster := template.One(t, clusterType)
	var group snapshot.Resource
	for _, each := range template.Resources("AWS::Logs::LogGroup") {
		if strings.HasPrefix(each.LogicalID, "CartLedger") {
			group = each
		}
	}
	parts, _ := group.Get("Properties.LogGroupName.Fn::Join.1").([]any)
	if len(parts) != 3 || parts[0] != "/aws/rds/cluster/" || !cmp.Equal(parts[1], cluster.Get("Properties.DBClusterIdentifier")) || parts[2] != "/postgresql" {
		t.Errorf("the log group is %v, and the cluster %v", parts, cluster.Get("Properties.DBClusterIdentifier"))
	}
	expect(t, "Shop", group, map[string]any{"RetentionInDays": json.Number("90")})
	if got, _ := cluster.Get("DependsOn").([]any); !slices.Contains(got, any(group.LogicalID)) {
		t.Errorf("the cluster depends on %v, not on %s", got, group.LogicalID)
	}
	if got := withDatabase(t, profile.Production(), sqldb.Props{Logs: profile.Off}).One(t, clusterType).Get("Properties.EnableCloudwatchLogsExports"); got != nil {
		t.Errorf("without logs it exports %v", got)
	}
}

// Nobody has a password: who connects has a role that may, and is in the network.
func TestWhoConnectsToADatabase(t *testing.T) {
	for access, user := range map[store.Access]string{sqldb.ReadWrite: "app", sqldb.Read: "reader"} {
		template := withDatabase(t, profile.Production(), sqldb.Props{}, access)
		cluster := template.One(t, clusterType)
		expect(t, "Shop", cluster, map[string]any{
			"MasterUsername": "app", "MasterUserAuthenticationType": "iam-db-auth", "EnableIAMDatabaseAuthentication": true,
			"MasterUserPassword": nil, "ManageMasterUserPassword": nil,
		})
		if secrets := template.Resources("AWS::SecretsManager::Secret"); len(secrets) > 0 {
			t.Errorf("%s: there is the secret %s", access, secrets[0].LogicalID)
		}
		connect := allowing(t, template, "CartTaskRole", "rds-db:connect")
		parts, _ := snapshot.Template(connect).Get("Resource.Fn::Join.1").([]any)
		if text := fmt.Sprint(parts); !strings.Contains(text, ":rds-db:") || !strings.Contains(text, cluster.LogicalID+" DBClusterResourceId") || parts[len(parts)-1] != "/"+user {
			t.Errorf("%s: it may connect to %v", access, parts)
		}
		host := func(attribute string) any { return map[string]any{"Fn::GetAtt": []any{cluster.LogicalID, attribute}} }
		// By the port of an instance, a task starts after it.
		instance := map[store.Access]string{sqldb.ReadWrite: "0", sqldb.Read: "1"}[access]
		var port any
		for _, each := range template.Resources("AWS::RDS::DBInstance") {
			if fmt.Sprint(each.Get("Properties.PromotionTier")) == instance {
				port = map[string]any{"Fn::GetAtt": []any{each.LogicalID, "Endpoint.Port"}}
			}
		}
		want := map[string]any{"LEDGER_HOST": host("ReadEndpoint.Address"), "LEDGER_PORT": port, "LEDGER_NAME": "app", "LEDGER_USER": user}
		if access == sqldb.ReadWrite {
			want["LEDGER_HOST"], want["LEDGER_READER_HOST"] = host("Endpoint.Address"), host("ReadEndpoint.Address")
		}
		variables := map[string]any{}
		environment, _ := template.One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.Environment").([]any)
		for _, each := range environment {
			if variable := each.(map[string]any); strings.HasPrefix(fmt.Sprint(variable["Name"]), "LEDGER_") {
				variables[variable["Name"].(string)] = variable["Value"]
			}
		}
		if diff := cmp.Diff(want, variables); diff != "" {
			t.Errorf("%s: variables (-want +got):\n%s", access, diff)
		}
		rules := 0
		for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
			if strings.HasPrefix(rule.LogicalID, "CartLedger") {
				rules++
				expect(t, "Shop", rule, map[string]any{"FromPort": json.Number("5432"), "ToPort": json.Number("5432"), "CidrIp": nil})
			}
		}
		if rules != 1 {
			t.Errorf("%s: %d ingress rules, want 1", access, rules)
		}
	}
	err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
		service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
		service.Uses(sqldb.New(service, "Ledger", sqldb.Props{}), store.Write)
	})
	if want := `Shop/Cart: Uses of Shop/Cart/Ledger: access must be Read or ReadWrite, got "Write"`; err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// What changes while a database is used changes it in place. What would need another database has the name of the one that there
// is, so that CloudFormation refuses it.
func TestNothingReplacesADatabase(t *testing.T) {
	before := withDatabase(t, profile.Production(), sqldb.Props{})
	unprotected := profile.Production()
	unprotected.DeletionProtection = false
	for name, after := range map[string]snapshot.Template{
		"capacity":      withDatabase(t, profile.Production(), sqldb.Props{MinCapacity: 2, MaxCapacity: 64}),
		"a pause":       withDatabase(t, profile.Production(), sqldb.Props{Pause: profile.On}),
		"a reader more": withDatabase(t, profile.Production(), sqldb.Props{Readers: 2}),
		"backups":       withDatabase(t, profile.Production(), sqldb.Props{BackupDays: 35}),
		"a version":     withDatabase(t, profile.Production(), sqldb.Props{Version: "18.3"}),
		"parameters":    withDatabase(t, profile.Production(), sqldb.Props{Parameters: map[string]string{"work_mem": "65536"}}),
		"no protection": withDatabase(t, unprotected, sqldb.Props{}),
		"not retained":  withDatabase(t, profile.Production(), sqldb.Props{Retain: profile.Off}),
	} {
		if diff := snapshot.Diff(before, after); strings.Contains(diff, "replaced") || strings.Contains(diff, "removed: its data") {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	zones := func(zones int) snapshot.Template {
		return synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, environment.Environment{
				Profile: profile.Production(), Platform: platform.Ref{StackName: "shop-platform", Zones: zones}, Identity: valid().Identity, Teams: teams("checkout"),
			})
			props := valid()
			props.Platform = platform.Ref{}
			service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			service.Uses(sqldb.New(service, "Ledger", sqldb.Props{}), sqldb.ReadWrite)
		}).templates["Shop"]
	}
	if diff := snapshot.Diff(zones(2), zones(3)); strings.Contains(diff, "replaced") || !strings.Contains(diff, "SubnetIds") {
		t.Errorf("a third zone:\n%s", diff)
	}
	encrypting := profile.Production()
	encrypting.EncryptData = true
	for name, after := range map[string]snapshot.Template{
		"another name": withDatabase(t, profile.Production(), sqldb.Props{Name: "other"}), "a key": withDatabase(t, encrypting, sqldb.Props{}),
	} {
		was, is := before.One(t, clusterType), after.One(t, clusterType)
		if diff := snapshot.Diff(before, after); !strings.Contains(diff, "is replaced by an empty one") {
			t.Errorf("%s: the difference does not say so:\n%s", name, diff)
		}
		if !cmp.Equal(was.Get("Properties.DBClusterIdentifier"), is.Get("Properties.DBClusterIdentifier")) {
			t.Errorf("%s changes the name, so that CloudFormation would create an empty database", name)
		}
	}
}

func TestNamesOfDatabases(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		service := microservice.New(stack, "Cart", valid())
		for _, id := range []string{"Ledger", "Reports"} {
			service.Uses(sqldb.New(service, id, sqldb.Props{}), sqldb.ReadWrite)
		}
	})
	names := map[string]bool{}
	for _, cluster := range template.Resources(clusterType) {
		names[fmt.Sprint(cluster.Get("Properties.DBClusterIdentifier.Fn::Join.1.0"))] = true
	}
	if len(names) != 2 {
		t.Errorf("names are %v, want two", slices.Sorted(maps.Keys(names)))
	}
}

func TestADatabaseNeedsTwoZones(t *testing.T) {
	err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{MaxAzs: jsii.Number(1)})
		sqldb.New(stack, "Ledger", sqldb.Props{VPC: vpc, Readers: -1})
	})
	want := `Shop/Ledger: Readers must be from 0 to 15, got -1
Shop/Ledger: VPC must have private subnets in 2 zones, in which the database is, got 1: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestRecipeSQLDatabase(t *testing.T) {
	template := recipe(t, sqlrecipe.Define)
	for role, user := range map[string]string{"BillingTaskRole": "/app", "ReportsTaskRole": "/reader"} {
		parts, _ := snapshot.Template(allowing(t, template, role, "rds-db:connect")).Get("Resource.Fn::Join.1").([]any)
		if len(parts) == 0 || parts[len(parts)-1] != user {
			t.Errorf("%s may connect to %v, want %s", role, parts, user)
		}
	}
}
