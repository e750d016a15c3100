package need

import (
	"fmt"
	"slices"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

var here = Environment{Partition: "aws", Account: "111122223333", Region: "eu-central-1"}

// of returns the need of one stack with the given resources.
func of(t *testing.T, resources string) Need {
	t.Helper()
	template, err := snapshot.Parse([]byte(`{"Resources": {` + resources + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return Of([]assembly.Stack{{Name: "shop", Template: template}}, here)
}

// service is a service with a task of 1 vCPU, and the given properties.
func service(properties, more string) string {
	return `"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": "1024"}},
		"Service": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "Task"}` + properties + `}}` + more
}

const scaled = `, "Scaling": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"ServiceNamespace": "ecs",
	"MinCapacity": 4, "MaxCapacity": 10, "ResourceId": {"Fn::Join": ["/", ["service", {"Fn::GetAtt": ["Service", "Name"]}]]} %s}}`

func TestVCPU(t *testing.T) {
	const spot = `, "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Base": 1, "Weight": 1}, {"CapacityProvider": "FARGATE_SPOT", "Weight": 2}]`
	deployment := func(text string) string { return `, "DeploymentConfiguration": {` + text + `}` }
	for name, test := range map[string]struct {
		resources string
		deployed  bool
		onDemand  VCPU
		spot      VCPU
	}{
		"nothing set": {resources: service("", ""), onDemand: VCPU{1, 1, 1, 1, 1, 1}},
		"a canary runs a whole second revision": {
			resources: service(deployment(`"Strategy": "CANARY", "MaximumPercent": 100`), fmt.Sprintf(scaled, "")),
			onDemand:  VCPU{4, 4, 4, 4, 10, 10},
		},
		"a rolling deployment that replaces half": {
			resources: service(deployment(`"Strategy": "ROLLING", "MaximumPercent": 150`), fmt.Sprintf(scaled, "")),
			onDemand:  VCPU{4, 4, 2, 2, 10, 5},
		},
		"deployed already": {resources: service("", fmt.Sprintf(scaled, "")), deployed: true, onDemand: VCPU{4, 0, 4, 4, 10, 10}},
		"a schedule above both": {
			resources: service("", fmt.Sprintf(scaled, `, "ScheduledActions": [
				{"ScalableTargetAction": {"MinCapacity": 6, "MaxCapacity": 12}}, {"ScalableTargetAction": {"MinCapacity": 1}}]`)),
			onDemand: VCPU{6, 6, 6, 6, 12, 12},
		},
		// Of 4, one is on demand as base, and of the other 3 one and two.
		"on Spot": {resources: service(spot, fmt.Sprintf(scaled, "")), onDemand: VCPU{2, 2, 2, 2, 4, 4}, spot: VCPU{2, 2, 2, 2, 6, 6}},
		"on EC2":  {resources: service(`, "LaunchType": "EC2"`, "")},
	} {
		t.Run(name, func(t *testing.T) {
			need := of(t, test.resources)
			deployed := map[string]bool{"shop": test.deployed}
			for capacity, want := range map[Capacity]VCPU{OnDemand: test.onDemand, Spot: test.spot} {
				want = VCPU{want.Minimum * 1024, want.New * 1024, want.OneDeploying * 1024, want.AllDeploying * 1024, want.Maximum * 1024, want.Peak * 1024}
				if got := need.VCPU(capacity, deployed); got != want {
					t.Errorf("%s: got %+v, want %+v", capacity, got, want)
				}
			}
		})
	}
}

func TestVCPUOfSeveralServices(t *testing.T) {
	need := Need{Services: []Service{
		{Stack: "a", CPU: 1024, Min: 2, Max: 4, Percent: 100},
		{Stack: "b", CPU: 512, Min: 2, Max: 20, Percent: 100},
	}}
	want := VCPU{Minimum: 3 * 1024, New: 1024, OneDeploying: 2 * 1024, AllDeploying: 3 * 1024, Maximum: 14 * 1024, Peak: 10 * 1024}
	if got := need.VCPU(OnDemand, map[string]bool{"a": true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCPUOf(t *testing.T) {
	for cpu, want := range map[string]int{`"256"`: 256, `512`: 512, `"0.5 vCPU"`: 512, `".25 vcpu"`: 256} {
		need := of(t, `"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": `+cpu+`}},
			"Service": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "Task"}}}`)
		if len(need.Services) != 1 || need.Services[0].CPU != want {
			t.Errorf("%s: got %+v, want %d", cpu, need.Services, want)
		}
	}
}

// Only what is there needs a role.
func TestRoles(t *testing.T) {
	for resource, want := range map[string]string{
		`{"Type": "AWS::ECS::Cluster"}`:                                                                           "ecs.amazonaws.com",
		`{"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"}`:                                                   "elasticloadbalancing.amazonaws.com",
		`{"Type": "AWS::ApiGatewayV2::VpcLink"}`:                                                                  "ops.apigateway.amazonaws.com",
		`{"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"ServiceNamespace": "ecs"}}`:      "ecs.application-autoscaling.amazonaws.com",
		`{"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"ServiceNamespace": "dynamodb"}}`: "dynamodb.application-autoscaling.amazonaws.com",
		`{"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"BillingMode": "PROVISIONED"}}`:                    "dynamodb.application-autoscaling.amazonaws.com",
		`{"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"BillingMode": "PAY_PER_REQUEST"}}`:                "",
		`{"Type": "AWS::OpenSearchService::Domain", "Properties": {"VPCOptions": {"SubnetIds": ["subnet-1"]}}}`:   "opensearchservice.amazonaws.com",
		`{"Type": "AWS::OpenSearchService::Domain", "Properties": {"ClusterConfig": {}}}`:                         "",
		`{"Type": "AWS::ElastiCache::ServerlessCache", "Properties": {}}`:                                         "elasticache.amazonaws.com",
		`{"Type": "AWS::ElastiCache::User", "Properties": {}}`:                                                    "",
		`{"Type": "AWS::RDS::DBCluster", "Properties": {}}`:                                                       "rds.amazonaws.com",
		`{"Type": "AWS::RDS::DBSubnetGroup", "Properties": {}}`:                                                   "",
		`{"Type": "AWS::SQS::Queue"}`:                                                                             "",
	} {
		got := ""
		for _, role := range of(t, `"One": `+resource+`, "Two": `+resource).Roles {
			got += role.Service
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", resource, got, want)
		}
	}
}

func TestMail(t *testing.T) {
	need := of(t, `"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}}},
		"Mail": {"Type": "AWS::SNS::Subscription", "Properties": {"Protocol": "email", "Endpoint": "a@shop.io"}},
		"Https": {"Type": "AWS::SNS::Subscription", "Properties": {"Protocol": "https", "Endpoint": "https://shop.io"}}`)
	if need.BuiltInMail || !slices.Equal(need.Addresses, []string{"a@shop.io"}) {
		t.Errorf("got %v, %v", need.BuiltInMail, need.Addresses)
	}
}

func TestImages(t *testing.T) {
	need := of(t, `"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [
		{"Name": "a", "Image": "busybox"}, {"Name": "b", "Image": "busybox"}, {"Name": "c", "Image": "private/c", "RepositoryCredentials": {}},
		{"Name": "d", "Image": {"Ref": "Parameter"}}, {"Name": "e", "Image": {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/e:1"}},
		{"Name": "f", "Image": {"Fn::Sub": "x/cdk-hnb659fds-container-assets-1-r:0"}}]}}`)
	want := []Image{
		{"111122223333.dkr.ecr.eu-central-1.amazonaws.com/e:1", "amd64", false, true, false},
		{"Task/d", "amd64", false, false, false},
		{"busybox", "amd64", false, true, false},
		{"private/c", "amd64", true, true, false},
	}
	if !slices.Equal(need.Images, want) {
		t.Errorf("got %+v, want %+v", need.Images, want)
	}
}

// To look up an image of a pull-through cache would import it.
func TestImagesOfAPullThroughCache(t *testing.T) {
	const registry = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/"
	need := of(t, `"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": [
			{"Action": "ecr:GetAuthorizationToken", "Resource": "*"},
			{"Action": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
			 "Resource": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":ecr:eu-central-1:111122223333:repository/docker-hub/library/nginx"]]}}]}}},
		"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [
			{"Name": "a", "Image": "`+registry+`docker-hub/library/nginx:1.27"},
			{"Name": "b", "Image": "`+registry+`docker-hub/library/nginx@sha256:0"}, {"Name": "c", "Image": "`+registry+`shop/cart:1"}]}}`)
	for n, want := range []bool{true, true, false} {
		if got := need.Images[n]; got.Cached != want {
			t.Errorf("%s: Cached is %t", got.Reference, got.Cached)
		}
	}
}

// A listener of another repository's platform is known by the name of its output.
func TestPlacesOutsideOfTheAssembly(t *testing.T) {
	need := of(t, `"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {
		"ListenerArn": {"Fn::GetStackOutput": {"StackName": "platform", "OutputName": "ListenerArn"}},
		"Actions": [{"TargetGroupArn": {"Ref": "Target"}}]}}`)
	got := need.LoadBalancers[Place{Stack: "platform", Output: "ListenerArn"}]
	if got == nil || got.Rules["shop"] != 1 || got.TargetGroups["shop"] != 1 {
		t.Errorf("got %+v", need.LoadBalancers)
	}
	if !slices.Equal(need.References, []string{"platform"}) {
		t.Errorf("got %v", need.References)
	}
}

// The quotas are those of a load balancer, whichever of its listeners a service uses.
func TestTwoListenersOfOneLoadBalancer(t *testing.T) {
	need := of(t, `"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
		"Http": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}}},
		"Https": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}}},
		"One": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Http"}}},
		"Two": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Https"}}}`)
	got := need.LoadBalancers[Place{Stack: "shop", LogicalID: "Balancer"}]
	if len(need.LoadBalancers) != 1 || got == nil || got.Rules["shop"] != 2 {
		t.Errorf("got %+v", need.LoadBalancers)
	}
}

// A stack of another region may have the name of one of this region, and its roles read what is there.
func TestOutputsOfAnotherRegion(t *testing.T) {
	need := of(t, `"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
		"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {
			"ListenerArn": {"Fn::GetStackOutput": {"StackName": "shop", "OutputName": "ListenerArn", "Region": "us-east-1"}}}}`)
	if need.LoadBalancers[Place{}] == nil || len(need.References) != 0 {
		t.Errorf("got %v and %v", need.LoadBalancers, need.References)
	}
}

func TestInstanceZones(t *testing.T) {
	const subnet = `"Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-central-1a"}}, `
	for _, where := range []string{
		`"AvailabilityZone": "eu-central-1a"`, `"SubnetId": {"Ref": "Subnet"}`, `"NetworkInterfaces": [{"DeviceIndex": "0", "SubnetId": {"Ref": "Subnet"}}]`,
	} {
		need := of(t, subnet+`"Nat": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t4g.nano", `+where+`}}`)
		if got := need.InstanceZones["t4g.nano"]; !slices.Equal(got, []string{"eu-central-1a"}) {
			t.Errorf("%s: got %v", where, got)
		}
	}
}

func TestDeletionProtection(t *testing.T) {
	const (
		table    = `"Table": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"Replicas": [{"DeletionProtectionEnabled": %t}]}}`
		pool     = `"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"DeletionProtection": %q}}`
		balancer = `"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": %q}]}}`
		database = `"Database": {"Type": "AWS::RDS::DBCluster", "Properties": {"DeletionProtection": %t}}`
	)
	for resource, want := range map[string]int{
		fmt.Sprintf(table, true): 1, fmt.Sprintf(pool, "ACTIVE"): 1, fmt.Sprintf(balancer, "true"): 1, fmt.Sprintf(database, true): 1,
		fmt.Sprintf(table, false): 0, fmt.Sprintf(pool, "INACTIVE"): 0, fmt.Sprintf(balancer, "false"): 0, fmt.Sprintf(database, false): 0,
	} {
		if got := of(t, resource).Protected; len(got) != want {
			t.Errorf("%s: got %v", resource, got)
		}
	}
}
