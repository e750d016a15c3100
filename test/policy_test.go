package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/stacks"
)

// These rules hold for every stack of every shipped environment. Each names the stack and the resource that breaks it.

func TestDataOutlivesItsStackWhereTheProfileSaysSo(t *testing.T) {
	// The policies of buckets and queues reject requests without TLS for as long as there is something to protect.
	stateful := map[string]bool{
		"AWS::KMS::Key": true, "AWS::Logs::LogGroup": true, "AWS::S3::BucketPolicy": true, "AWS::SQS::QueuePolicy": true,
	}
	for resourceType := range holdsData {
		stateful[resourceType] = true
	}
	want := map[bool]map[string]string{
		false: {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"},
		// What a first deployment that failed has created is empty, and would stand in the way of the next one.
		true: {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"},
	}
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		for _, resource := range template.Resources("") {
			if !stateful[resource.Type] {
				continue
			}
			template.saw(resource.Type)
			for policy, want := range want[env.Profile.RetainData] {
				if got := resource.Get(policy); got != want {
					t.Errorf("%s: %s of %s is %v, want %s", stack, policy, resource.LogicalID, got, want)
				}
			}
		}
	})
}

func TestRetainedDataIsProtectedFromDeletion(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		retained := env.Profile.DeletionProtection
		for _, table := range template.Resources("AWS::DynamoDB::GlobalTable") {
			expect(t, stack, table, map[string]any{"Replicas.0.DeletionProtectionEnabled": retained})
		}
		for _, pool := range template.Resources("AWS::Cognito::UserPool") {
			expect(t, stack, pool, map[string]any{"DeletionProtection": map[bool]string{false: "INACTIVE", true: "ACTIVE"}[retained]})
		}
		for _, loadBalancer := range template.Resources("AWS::ElasticLoadBalancingV2::LoadBalancer") {
			if got, want := attribute(t, loadBalancer, "LoadBalancerAttributes", "deletion_protection.enabled"), fmt.Sprint(retained); got != want {
				t.Errorf("%s: deletion protection of %s is %s, want %s", stack, loadBalancer.LogicalID, got, want)
			}
		}
	})
}

func TestNoRoleHasAWildcardAction(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, resource := range template.Resources("") {
			if resource.Type != "AWS::IAM::Policy" && resource.Type != "AWS::IAM::Role" {
				continue
			}
			template.saw(resource.Type)
			snapshot.Template(resource.Raw).Walk(func(path string, value any) {
				action, ok := value.(string)
				if ok && strings.Contains(path, ".Action") && strings.Contains(action, "*") {
					t.Errorf("%s: %s of %s allows %s", stack, path, resource.LogicalID, action)
				}
			})
		}
	})
}

func TestNoRoleHasAManagedPolicy(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, role := range template.Resources("AWS::IAM::Role") {
			if got := role.Get("Properties.ManagedPolicyArns"); got != nil {
				t.Errorf("%s: %s has the managed policies %v, which AWS may widen", stack, role.LogicalID, got)
			}
		}
	})
}

func TestNoSecurityGroupIsOpen(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, resource := range template.Resources("") {
			if !strings.HasPrefix(resource.Type, "AWS::EC2::SecurityGroup") || resource.Type == "AWS::EC2::SecurityGroupEgress" {
				continue
			}
			rules, _ := resource.Get("Properties.SecurityGroupIngress").([]any)
			if resource.Type == "AWS::EC2::SecurityGroupIngress" {
				rules = []any{resource.Get("Properties")}
			}
			for _, rule := range rules {
				template.saw("rule of a security group")
				from := rule.(map[string]any)
				if from["CidrIp"] == "0.0.0.0/0" || from["CidrIpv6"] == "::/0" {
					t.Errorf("%s: %s lets the whole internet in: %v", stack, resource.LogicalID, rule)
				}
			}
		}
	})
}

func TestLogsAreKeptAsLongAsTheProfileSays(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		for _, group := range template.Resources("AWS::Logs::LogGroup") {
			if got, want := fmt.Sprint(group.Get("Properties.RetentionInDays")), fmt.Sprint(env.Profile.LogRetentionDays); got != want {
				t.Errorf("%s: %s keeps logs for %s days, want %s", stack, group.LogicalID, got, want)
			}
			if encrypted := group.Get("Properties.KmsKeyId") != nil; encrypted != env.Profile.EncryptLogs {
				t.Errorf("%s: %s is encrypted with a key of the environment's own: %t", stack, group.LogicalID, encrypted)
			}
		}
	})
}

// Types that CloudFormation gives no tags. A type that is on neither side fails the test, so that a new one is looked at.
var untaggable = map[string]bool{
	"AWS::ApiGatewayV2::Authorizer":                 true,
	"AWS::ApiGatewayV2::Integration":                true,
	"AWS::ApiGatewayV2::Route":                      true,
	"AWS::ApplicationAutoScaling::ScalingPolicy":    true,
	"AWS::CloudFormation::WaitCondition":            true,
	"AWS::CloudFormation::WaitConditionHandle":      true,
	"AWS::Cognito::UserPoolClient":                  true,
	"AWS::EC2::Route":                               true,
	"AWS::EC2::SecurityGroupEgress":                 true,
	"AWS::EC2::SecurityGroupIngress":                true,
	"AWS::EC2::SubnetRouteTableAssociation":         true,
	"AWS::EC2::VPCGatewayAttachment":                true,
	"AWS::ECS::ClusterCapacityProviderAssociations": true,
	"AWS::Events::Archive":                          true,
	"AWS::IAM::Policy":                              true,
	"AWS::Logs::MetricFilter":                       true,
	"AWS::Logs::ResourcePolicy":                     true,
	"AWS::S3::BucketPolicy":                         true,
	"AWS::Scheduler::Schedule":                      true, // its group has tags, which is the default one
	"AWS::SQS::QueuePolicy":                         true,
	"AWS::SNS::Subscription":                        true,
	"AWS::SNS::TopicPolicy":                         true,
}

func TestEverythingSaysWhoOwnsIt(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		want := map[string]string{"environment": env.Name}
		if service := template.Resources("AWS::ECS::Service"); len(service) > 0 {
			want["owner"] = tagsOf(service[0])["owner"]
		}
		for _, resource := range template.Resources("") {
			if untaggable[resource.Type] {
				continue
			}
			template.saw(resource.Type)
			tags := tagsOf(resource)
			if want["owner"] != "" {
				want["service"] = serviceOf(stack, resource)
			}
			for key, value := range want {
				if tags[key] != value {
					t.Errorf("%s: the tag %s of %s (%s) is %q, want %q", stack, key, resource.LogicalID, resource.Type, tags[key], value)
				}
			}
			if tags["owner"] == "" {
				t.Errorf("%s: %s (%s) has no owner", stack, resource.LogicalID, resource.Type)
			}
		}
	})
}

// serviceOf is the name of the service that a resource is of: the stack's, or the worker's beside it.
func serviceOf(stack string, resource snapshot.Resource) string {
	if worker, ok := workers[stack]; ok && strings.HasPrefix(resource.LogicalID, worker) {
		return strings.ToLower(worker)
	}
	return strings.ToLower(stack)
}

// workers are the services without routes beside others, by their stack.
var workers = map[string]string{"Search": "Indexer"}

// routed reports whether an ECS service gets requests from the load balancer.
func routed(service snapshot.Resource) bool {
	balancers, _ := service.Get("Properties.LoadBalancers").([]any)
	return len(balancers) > 0
}

// tagsOf reads tags wherever a type has them, in either of CloudFormation's two forms.
func tagsOf(resource snapshot.Resource) map[string]string {
	tags := map[string]string{}
	for _, path := range []string{"Properties.Tags", "Properties.UserPoolTags", "Properties.Replicas.0.Tags"} {
		switch found := resource.Get(path).(type) {
		case []any:
			for _, tag := range found {
				pair := tag.(map[string]any)
				tags[fmt.Sprint(pair["Key"])] = fmt.Sprint(pair["Value"])
			}
		case map[string]any:
			for key, value := range found {
				tags[key] = fmt.Sprint(value)
			}
		}
	}
	return tags
}

// A physical name is what two environments of one account would fight over, so each is one of these, with a reason.
func TestOnlyWhatMustHasAName(t *testing.T) {
	named := map[string]string{
		"AWS::ApiGatewayV2::Api.Name":                           "required",
		"AWS::ApiGatewayV2::Authorizer.Name":                    "required; unique in its API only",
		"AWS::ApiGatewayV2::Stage.StageName":                    "required; $default has no path of its own",
		"AWS::ApiGatewayV2::VpcLink.Name":                       "required; need not be unique",
		"AWS::ApplicationAutoScaling::ScalingPolicy.PolicyName": "required; unique in its target only",
		"AWS::CloudWatch::Alarm.AlarmName":                      "a deployment finds its alarms by name, when the service is made; the stack's and the service's",
		"AWS::Events::EventBus.Name":                            "required; the stack's",
		"AWS::IAM::Policy.PolicyName":                           "required; unique in its role only",
		"AWS::Logs::DeliveryDestination.Name":                   "required; the stack's",
		"AWS::Logs::DeliverySource.Name":                        "required; the stack's",
		"AWS::Logs::ResourcePolicy.PolicyName":                  "required; the stack's and the store's",
		"AWS::ServiceDiscovery::HttpNamespace.Name":             "required; the stack's",
	}
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, resource := range template.Resources("") {
			properties, _ := resource.Get("Properties").(map[string]any)
			kind := resource.Type[strings.LastIndex(resource.Type, ":")+1:]
			for property := range properties {
				if property != "Name" && property != kind+"Name" && property != "PolicyName" {
					continue
				}
				template.saw(resource.Type + "." + property)
				if named[resource.Type+"."+property] == "" {
					t.Errorf("%s: %s has the name %v", stack, resource.LogicalID, properties[property])
				}
			}
		}
	})
}

func TestEveryServiceDeploysAndStopsGently(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		for _, service := range template.Resources("AWS::ECS::Service") {
			gradual, percent, bake := env.Profile.CanaryPercent > 0, env.Profile.CanaryPercent, env.Profile.CanaryBakeMinutes
			if !routed(service) {
				gradual, percent, bake = false, 0, 0
			}
			want := map[string]any{
				"DeploymentConfiguration.MinimumHealthyPercent":             json.Number("100"),
				"DeploymentConfiguration.MaximumPercent":                    json.Number("200"),
				"DeploymentConfiguration.DeploymentCircuitBreaker.Enable":   true,
				"DeploymentConfiguration.DeploymentCircuitBreaker.Rollback": true,
				"DeploymentConfiguration.Strategy":                          map[bool]any{false: "ROLLING", true: "CANARY"}[gradual],
				"DeploymentConfiguration.CanaryConfiguration.CanaryPercent": orNone(percent),
				"DeploymentConfiguration.BakeTimeInMinutes":                 orNone(bake),
				"NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp":   "DISABLED",
				"EnableExecuteCommand":                                      false,
				"PropagateTags":                                             "SERVICE",
				"DesiredCount":                                              nil,
				"AvailabilityZoneRebalancing":                               map[bool]any{true: "ENABLED", false: "DISABLED"}[env.Profile.ZoneRebalancing],
				"CapacityProviderStrategy.0.CapacityProvider":               "FARGATE",
				"CapacityProviderStrategy.1.CapacityProvider":               map[bool]any{true: "FARGATE_SPOT"}[env.Profile.Spot],
			}
			expect(t, stack, service, want)
		}
	})
}

func TestEveryContainerIsConfined(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, task := range template.Resources("AWS::ECS::TaskDefinition") {
			// The root filesystem is writable where the application works on the task's disk.
			onDisk := task.Get("Properties.EphemeralStorage") != nil
			expect(t, stack, task, map[string]any{
				"ContainerDefinitions.0.ReadonlyRootFilesystem":           !onDisk,
				"ContainerDefinitions.0.User":                             "65532:65532",
				"ContainerDefinitions.0.LogConfiguration.Options.mode":    "non-blocking",
				"ContainerDefinitions.0.Privileged":                       nil,
				"ContainerDefinitions.0.LinuxParameters.Capabilities.Add": nil,
				"RequiresCompatibilities.0":                               "FARGATE",
			})
			if snapshot.Diff(snapshot.Template{"Arn": task.Get("Properties.TaskRoleArn")}, snapshot.Template{"Arn": task.Get("Properties.ExecutionRoleArn")}) == "" {
				t.Errorf("%s: %s runs and is started under one role", stack, task.LogicalID)
			}
			var writable []string
			for _, path := range []string{"LinuxParameters.Tmpfs.0.ContainerPath", "MountPoints.0.ContainerPath"} {
				if at, ok := task.Get("Properties.ContainerDefinitions.0." + path).(string); ok {
					writable = append(writable, at)
				}
			}
			if !onDisk && (len(writable) != 1 || writable[0] != "/tmp") || onDisk && len(writable) > 0 {
				t.Errorf("%s: %s may write to %q, want /tmp alone", stack, task.LogicalID, writable)
			}
		}
	})
}

func TestATaskLivesLongerThanItsRequests(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, target := range template.Resources("AWS::ElasticLoadBalancingV2::TargetGroup") {
			task := taskOf(t, template, stack)
			delay := attribute(t, target, "TargetGroupAttributes", "deregistration_delay.timeout_seconds")
			timeout := fmt.Sprint(task.Get("Properties.ContainerDefinitions.0.StopTimeout"))
			if seconds(t, timeout) <= seconds(t, delay) {
				t.Errorf("%s: a task is killed after %s s while requests may take %s s", stack, timeout, delay)
			}
		}
	})
}

// taskOf is the task definition of the service of a stack that gets requests.
func taskOf(t *testing.T, template reviewed, stack string) snapshot.Resource {
	t.Helper()
	for _, task := range template.Resources("AWS::ECS::TaskDefinition") {
		if serviceOf(stack, task) == strings.ToLower(stack) {
			return task
		}
	}
	t.Fatalf("%s has no task definition", stack)
	return snapshot.Resource{}
}

func TestClientsCannotForgeHeaders(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		integrations := map[string]snapshot.Resource{}
		for _, integration := range template.Resources("AWS::ApiGatewayV2::Integration") {
			integrations[integration.LogicalID] = integration
		}
		for _, route := range template.Resources("AWS::ApiGatewayV2::Route") {
			if answeredByThePlatform(route) {
				continue
			}
			id := fmt.Sprint(route.Get("Properties.Target.Fn::Join.1.1.Ref"))
			integration, ok := integrations[id]
			if !ok {
				t.Fatalf("%s: %s leads to no integration of the stack: %s", stack, route.LogicalID, id)
			}
			want := map[string]any{
				"overwrite:header.x-microservice": strings.ToLower(stack),
				"overwrite:header.x-client-ip":    "$context.identity.sourceIp",
			}
			if route.Get("Properties.AuthorizationType") == "JWT" {
				want["overwrite:header.x-user-id"] = "$context.authorizer.claims.sub"
			} else {
				want["remove:header.x-user-id"] = ""
			}
			got := snapshot.Template(integration.Get("Properties.RequestParameters").(map[string]any))
			if diff := snapshot.Diff(want, got); diff != "" {
				t.Errorf("%s: requests to %v arrive with other headers:\n%s", stack, route.Get("Properties.RouteKey"), diff)
			}
		}
		for _, loadBalancer := range template.Resources("AWS::ElasticLoadBalancingV2::LoadBalancer") {
			for key, want := range map[string]string{
				"routing.http.drop_invalid_header_fields.enabled": "true",
				"routing.http.xff_header_processing.mode":         "remove",
			} {
				if got := attribute(t, loadBalancer, "LoadBalancerAttributes", key); got != want {
					t.Errorf("%s: %s of %s is %s, want %s", stack, key, loadBalancer.LogicalID, got, want)
				}
			}
		}
	})
}

func TestDataIsEncryptedAndPrivate(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		for _, bucket := range template.Resources("AWS::S3::Bucket") {
			expect(t, stack, bucket, map[string]any{
				"BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm": "AES256",
				"PublicAccessBlockConfiguration.BlockPublicAcls":                                                  true,
				"PublicAccessBlockConfiguration.BlockPublicPolicy":                                                true,
				"PublicAccessBlockConfiguration.IgnorePublicAcls":                                                 true,
				"PublicAccessBlockConfiguration.RestrictPublicBuckets":                                            true,
				"OwnershipControls.Rules.0.ObjectOwnership":                                                       "BucketOwnerEnforced",
				"LifecycleConfiguration.Rules.0.AbortIncompleteMultipartUpload.DaysAfterInitiation":               json.Number("7"),
			})
		}
		for _, policy := range template.Resources("AWS::S3::BucketPolicy") {
			expect(t, stack, policy, map[string]any{
				"PolicyDocument.Statement.0.Effect":                                  "Deny",
				"PolicyDocument.Statement.0.Condition.Bool.aws:SecureTransport":      "false",
				"PolicyDocument.Statement.1.Effect":                                  "Deny",
				"PolicyDocument.Statement.1.Condition.NumericLessThan.s3:TlsVersion": json.Number("1.2"),
			})
		}
		for _, table := range template.Resources("AWS::DynamoDB::GlobalTable") {
			expect(t, stack, table, map[string]any{
				"Replicas.0.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": true,
				"BillingMode": "PAY_PER_REQUEST",
			})
		}
		domains := template.Resources("AWS::OpenSearchService::Domain")
		if want := app.In(env, "production", true) && stack == "Search"; (len(domains) == 1) != want {
			t.Errorf("%s: has %d search domains", stack, len(domains))
		}
		for _, domain := range domains {
			expect(t, stack, domain, map[string]any{
				"EncryptionAtRestOptions.Enabled":                         true,
				"NodeToNodeEncryptionOptions.Enabled":                     true,
				"DomainEndpointOptions.EnforceHTTPS":                      true,
				"DomainEndpointOptions.TLSSecurityPolicy":                 "Policy-Min-TLS-1-2-PFS-2023-10",
				"ClusterConfig.InstanceCount":                             json.Number("3"),
				"ClusterConfig.DedicatedMasterCount":                      json.Number("3"),
				"ClusterConfig.ZoneAwarenessConfig.AvailabilityZoneCount": json.Number("3"),
				"AccessPolicies":                                          nil,
			})
		}
	})
}

// A service's share of CloudFormation's 500 resources, and of what a reviewer can read.
func TestStacksStaySmall(t *testing.T) {
	larger := map[string]int{"Photos": 32, "Reviews": 30, "Catalog": 33, "Recommendations": 30, "Search": 34} // a bucket; more routes; events; a schedule; a worker
	templates := environments(t)["sandbox"].templates
	for _, service := range stacks.Storefront().Services {
		limit := max(28, larger[service.ID])
		if got := len(templates[service.ID].Resources("")); got > limit {
			t.Errorf("%s has %d resources in the sandbox, more than %d", service.ID, got, limit)
		}
	}
}

// expect compares properties of a resource, by path; nil wants an absent one.
func expect(t *testing.T, stack string, resource snapshot.Resource, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if got := resource.Get("Properties." + path); !cmp.Equal(got, value) {
			t.Errorf("%s: %s of %s is %v, want %v", stack, path, resource.LogicalID, got, value)
		}
	}
}

// attribute reads one of the key-value pairs that Elastic Load Balancing keeps its settings in.
func attribute(t *testing.T, resource snapshot.Resource, list, key string) string {
	t.Helper()
	pairs, _ := resource.Get("Properties." + list).([]any)
	for _, pair := range pairs {
		if pair.(map[string]any)["Key"] == key {
			return fmt.Sprint(pair.(map[string]any)["Value"])
		}
	}
	t.Errorf("%s has no attribute %s", resource.LogicalID, key)
	return ""
}

// orNone is how a template has a number that is left out when it is zero.
func orNone(n int) any {
	if n == 0 {
		return nil
	}
	return json.Number(fmt.Sprint(n))
}

func seconds(t *testing.T, text string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatalf("%q is no number of seconds", text)
	}
	return n
}
