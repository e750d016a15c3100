package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/call"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks"
)

func TestNAT(t *testing.T) {
	for name, test := range map[string]struct {
		nat                 network.NAT
		gateways, instances int
		way                 string
		endpoints           []network.Endpoint
	}{
		"none":               {network.NoNAT, 0, 0, "", network.TaskEndpoints()},
		"one instance":       {network.NATInstance, 0, 1, "InstanceId", nil},
		"one gateway":        {network.NATGateway, 1, 0, "NatGatewayId", nil},
		"a gateway per zone": {network.NATGatewayPerZone, 2, 0, "NatGatewayId", nil},
		"by profile":         {network.NATByProfile, 0, 1, "InstanceId", nil},
	} {
		t.Run(name, func(t *testing.T) {
			template := inStack(t, func(stack awscdk.Stack) {
				network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b"}, NAT: test.nat, Endpoints: test.endpoints})
			})
			if got := len(template.Resources("AWS::EC2::NatGateway")); got != test.gateways {
				t.Errorf("%d gateways, want %d", got, test.gateways)
			}
			if got := len(template.Resources("AWS::EC2::Instance")); got != test.instances {
				t.Errorf("%d instances, want %d", got, test.instances)
			}
			ways := 0
			for _, route := range template.Resources("AWS::EC2::Route") {
				if test.way != "" && route.Get("Properties."+test.way) != nil {
					ways++
				}
			}
			if want := min(2, 2*len(test.way)); ways != want {
				t.Errorf("%d private subnets have a way out by %s, want %d", ways, test.way, want)
			}
			gatewayEndpoints := 0
			for _, endpoint := range template.Resources("AWS::EC2::VPCEndpoint") {
				if endpoint.Get("Properties.VpcEndpointType") == "Gateway" {
					gatewayEndpoints++
				}
			}
			if gatewayEndpoints != 2 {
				t.Errorf("%d gateway endpoints, want those of S3 and DynamoDB", gatewayEndpoints)
			}
		})
	}
}

func TestFlowLogsByChoice(t *testing.T) {
	for choice, want := range map[profile.Choice]int{profile.ByProfile: 0, profile.On: 1, profile.Off: 0} {
		template := inStack(t, func(stack awscdk.Stack) {
			network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a"}, FlowLogs: choice})
		})
		if got := len(template.Resources("AWS::EC2::FlowLog")); got != want {
			t.Errorf("choice %d gives %d flow logs, want %d", choice, got, want)
		}
	}
}

// A zone more takes addresses that were kept for it, and moves no subnet.
func TestAZoneCanBeAdded(t *testing.T) {
	subnets := func(zones ...string) map[string]any {
		template := inStack(t, func(stack awscdk.Stack) {
			network.New(stack, "Network", network.Props{Zones: zones, NAT: network.NATGateway})
		})
		ranges := map[string]any{}
		for _, subnet := range template.Resources("AWS::EC2::Subnet") {
			ranges[subnet.LogicalID] = subnet.Get("Properties.CidrBlock")
		}
		return ranges
	}
	before, after := subnets("us-east-1a", "us-east-1b"), subnets("us-east-1a", "us-east-1b", "us-east-1c")
	for id, addresses := range before {
		if after[id] != addresses {
			t.Errorf("%s moved from %v to %v", id, addresses, after[id])
		}
	}
	if len(after) != 6 {
		t.Errorf("three zones have %d subnets, want 6", len(after))
	}
}

// With account and region known, the CDK would ask AWS for the zones, and put the question into the manifest.
func TestSlowSynthesisAsksNothing(t *testing.T) {
	skipInShort(t)
	for _, environment := range stacks.Storefront().Environments {
		a := storefront(t, map[string]any{"env": environment.Name, "account": "111122223333"})
		var manifest struct{ Missing []any }
		if err := json.Unmarshal(read(t, a.dir, "manifest.json"), &manifest); err != nil {
			t.Fatal(err)
		}
		if len(manifest.Missing) > 0 {
			t.Errorf("%s: synthesis asks for %v", environment.Name, manifest.Missing)
		}
		var zones []string
		for _, subnet := range a.templates["Platform"].Resources("AWS::EC2::Subnet") {
			zones = append(zones, fmt.Sprint(subnet.Get("Properties.AvailabilityZone")))
		}
		slices.Sort(zones)
		if got := slices.Compact(zones); !slices.Equal(got, environment.Zones) {
			t.Errorf("%s: subnets are in %q, want %q", environment.Name, got, environment.Zones)
		}
	}
}

// definePlatform is a network and a platform with the given props.
func definePlatform(change func(*platform.Props)) func(awscdk.Stack) {
	return func(stack awscdk.Stack) {
		net := network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b"}})
		props := platform.Props{VPC: net.VPC()}
		change(&props)
		platform.New(stack, "Platform", props)
	}
}

func TestThePlatform(t *testing.T) {
	template := inStack(t, definePlatform(func(*platform.Props) {}))
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::Listener"), map[string]any{
		"DefaultActions.0.FixedResponseConfig.StatusCode": "404", "Port": json.Number("80"),
	})
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer"), map[string]any{"Scheme": "internal"})
	expect(t, "Shop", template.One(t, "AWS::ApiGatewayV2::Stage"), map[string]any{
		"StageName": "$default", "AutoDeploy": true, "AccessLogSettings": nil,
		"DefaultRouteSettings.ThrottlingRateLimit":  json.Number("1000"),
		"DefaultRouteSettings.ThrottlingBurstLimit": json.Number("2000"),
	})
	expect(t, "Shop", template.One(t, "AWS::ApiGatewayV2::Api"), map[string]any{"CorsConfiguration": nil})
	expect(t, "Shop", template.One(t, "AWS::ECS::ClusterCapacityProviderAssociations"), map[string]any{
		"CapacityProviders.0": "FARGATE", "CapacityProviders.1": "FARGATE_SPOT",
	})
	// The load balancer's group lets in the VPC link's, and nobody else.
	rule := template.One(t, "AWS::EC2::SecurityGroupIngress")
	if from := fmt.Sprint(rule.Get("Properties.SourceSecurityGroupId.Fn::GetAtt.0")); !strings.HasPrefix(from, "PlatformVpcLinkSecurityGroup") {
		t.Errorf("%s lets %s in", rule.LogicalID, from)
	}
}

func TestThePlatformByChoice(t *testing.T) {
	template := inStack(t, definePlatform(func(props *platform.Props) {
		props.CORS = platform.CORS{AllowOrigins: []string{"https://shop.example.com"}, AllowCredentials: true}
		props.Throttle = platform.Throttle{RatePerSecond: 50}
		props.AccessLogs = profile.On
	}))
	expect(t, "Shop", template.One(t, "AWS::ApiGatewayV2::Api"), map[string]any{
		"CorsConfiguration.AllowOrigins.0": "https://shop.example.com", "CorsConfiguration.AllowCredentials": true,
	})
	stage := template.One(t, "AWS::ApiGatewayV2::Stage")
	expect(t, "Shop", stage, map[string]any{
		"DefaultRouteSettings.ThrottlingRateLimit": json.Number("50"), "DefaultRouteSettings.ThrottlingBurstLimit": json.Number("100"),
	})
	format, _ := stage.Get("Properties.AccessLogSettings.Format").(string)
	if !json.Valid([]byte(format)) || !strings.Contains(format, "$context.integrationErrorMessage") {
		t.Errorf("the access logs' format is %q", format)
	}
}

// The names are public: other repositories read them.
func TestTheContractIsPinned(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		var want []string
		switch stack {
		case "Platform":
			want = []string{
				"ApiEndpoint", "ApiId", "ClusterName", "EventBusArn", "EventBusName", "ListenerArn",
				"LoadBalancerFullName", "LoadBalancerSecurityGroupId", "NamespaceArn", "PreflightIntegrationId", "VpcCidrBlock", "VpcId", "VpcLinkId",
			}
			for n := range env.Zones {
				want = append(want, fmt.Sprint("AvailabilityZone", n+1), fmt.Sprint("PrivateSubnetId", n+1))
			}
			if env.Profile.EncryptLogs {
				want = append(want, "LogKeyArn")
			} else {
				want = append(want, "LogsHaveNoKey")
			}
			if env.Profile.ContainerInsights {
				want = append(want, "ContainerInsights")
			}
			if env.Profile.AccessLogs {
				want = append(want, "LogBucketName")
			}
		case "Identity":
			want = []string{"AuthorizerId", "UserPoolClientId", "UserPoolId"}
		case "Teams":
			for _, team := range []string{"Accounts", "Checkout", "Community", "Discovery", "Media", "Merchandising", "Personalization", "Platform"} {
				want = append(want, team+"PageTopicArn", team+"InformTopicArn")
			}
		}
		if stack == "Catalog" {
			want = []string{call.OutputPort, call.OutputSecurityGroupID, call.OutputURL}
		}
		if len(template.Resources("AWS::ECS::Service")) > 0 {
			// What holds the stack to what it believes of its platform.
			believes := "Storefront" + strings.ToUpper(env.Name[:1]) + env.Name[1:] + "Platform"
			if !env.Profile.EncryptLogs {
				want = append(want, believes+"LogsHaveNoKey")
			}
			if env.Profile.ContainerInsights {
				want = append(want, believes+"ContainerInsights")
			}
		}
		slices.Sort(want)
		for range want {
			template.saw("output of " + stack)
		}
		if got := slices.Sorted(maps.Keys(template.Outputs())); !slices.Equal(got, want) {
			t.Errorf("%s publishes %q, want %q", stack, got, want)
		}
	})
}

// Whatever a stack reads of another, that other publishes: a name that is not there would fail the deployment.
func TestWhatIsReadIsPublished(t *testing.T) {
	for environment, a := range environments(t) {
		byName := map[string]snapshot.Template{}
		for stack, template := range a.templates {
			byName["storefront-"+environment+"-"+strings.ToLower(stack)] = template
		}
		for stack, template := range a.templates {
			template.Walk(func(path string, value any) {
				if !strings.HasSuffix(path, "Fn::GetStackOutput.OutputName") {
					return
				}
				from := fmt.Sprint(template.Get(strings.TrimSuffix(path, "OutputName") + "StackName"))
				if _, published := byName[from].Outputs()[fmt.Sprint(value)]; !published {
					t.Errorf("%s: %s reads %v, which %s does not publish", stack, path, value, from)
				}
			})
		}
	}
}

func TestAnImportDefinesNothing(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		platform.Import(stack, platform.Ref{StackName: "shop-platform"})
		identity.Import(stack, identity.Ref{StackName: "shop-identity"})
	})
	if got := template.Resources(""); len(got) > 0 {
		t.Errorf("an import defines %s", got[0].LogicalID)
	}
}

func TestTheIdentityByChoice(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		shared := platform.Import(stack, platform.Ref{StackName: "shop-platform"})
		identity.New(stack, "Identity", identity.Props{API: shared.API(), MFA: identity.MFARequired, DisableSelfSignUp: true, Retain: profile.On})
	})
	pool := template.One(t, "AWS::Cognito::UserPool")
	expect(t, "Shop", pool, map[string]any{
		"MfaConfiguration": "ON", "EnabledMfas.0": "SOFTWARE_TOKEN_MFA", "EnabledMfas.1": nil,
		"AdminCreateUserConfig.AllowAdminCreateUserOnly": true,
		"DeletionProtection":                             "INACTIVE",
		"Policies.PasswordPolicy.MinimumLength":          json.Number("12"),
		"Policies.PasswordPolicy.RequireSymbols":         true,
	})
	expect(t, "Shop", template.One(t, "AWS::ApiGatewayV2::Authorizer"), map[string]any{
		"AuthorizerType": "JWT", "IdentitySource.0": "$request.header.Authorization",
	})
}

// As the package's documentation has it: the service is the scope of the identity that it uses.
func TestAServiceUsesTheIdentity(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.Uses(identity.Import(cart, valid().Identity), identity.AdministerUsers)
	})
	if got := actionsOn(template, "TaskRole"); !strings.Contains(got, "cognito-idp:AdminGetUser") {
		t.Errorf("the application may %s", got)
	}
}

// Who defines platform and identity in the same app names them by what they say of themselves.
func TestReferencesNameTheirStacks(t *testing.T) {
	synthesize(t, nil, func(app awscdk.App) {
		shared := platform.Import(awscdk.NewStack(app, jsii.String("Any"), nil), platform.Ref{StackName: "shop-platform", Zones: 2})
		users := identity.New(awscdk.NewStack(app, jsii.String("Users"), nil), "Identity", identity.Props{API: shared.API()})
		net := network.New(awscdk.NewStack(app, jsii.String("Base"), nil), "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b"}})
		base := platform.New(awscdk.Stack_Of(net), "Platform", platform.Props{VPC: net.VPC()})
		if got := users.Ref(); got != (identity.Ref{StackName: "Users"}) {
			t.Errorf("the identity is %+v", got)
		}
		if got := base.Ref(); got != (platform.Ref{StackName: "Base", Zones: 2}) {
			t.Errorf("the platform is %+v", got)
		}
		if got := shared.Ref(); got != (platform.Ref{StackName: "shop-platform", Zones: 2}) {
			t.Errorf("the imported platform is %+v", got)
		}
	})
}

func TestTables(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		table.New(stack, "Orders", table.Props{
			PartitionKey: table.String("customerId"),
			SortKey:      table.Number("placedAt"),
			TTLAttribute: "forgetAt",
			Stream:       table.NewAndOldImages,
			Capacity:     table.Capacity{MinRead: 5, MaxRead: 50, MinWrite: 2, MaxWrite: 20},
			Indexes: []table.Index{
				{Name: "by-state", PartitionKey: table.String("state"), Attributes: []string{"total"}},
				{Name: "by-digest", PartitionKey: table.Binary("digest")},
			},
			DisablePointInTimeRecovery: true,
			Retain:                     profile.On,
		})
	})
	expect(t, "Shop", template.One(t, "AWS::DynamoDB::GlobalTable"), map[string]any{
		"KeySchema.0.AttributeName":             "customerId",
		"KeySchema.1.AttributeName":             "placedAt",
		"KeySchema.1.KeyType":                   "RANGE",
		"TimeToLiveSpecification.AttributeName": "forgetAt",
		"TimeToLiveSpecification.Enabled":       true,
		"StreamSpecification.StreamViewType":    "NEW_AND_OLD_IMAGES",
		"BillingMode":                           "PROVISIONED",
		"Replicas.0.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled":                                                   false,
		"Replicas.0.DeletionProtectionEnabled":                                                                                     false,
		"GlobalSecondaryIndexes.0.IndexName":                                                                                       "by-state",
		"GlobalSecondaryIndexes.0.Projection.ProjectionType":                                                                       "INCLUDE",
		"GlobalSecondaryIndexes.0.Projection.NonKeyAttributes.0":                                                                   "total",
		"GlobalSecondaryIndexes.1.Projection.ProjectionType":                                                                       "ALL",
		"WriteProvisionedThroughputSettings.WriteCapacityAutoScalingSettings.MaxCapacity":                                          json.Number("20"),
		"Replicas.0.ReadProvisionedThroughputSettings.ReadCapacityAutoScalingSettings.MinCapacity":                                 json.Number("5"),
		"WriteProvisionedThroughputSettings.WriteCapacityAutoScalingSettings.TargetTrackingScalingPolicyConfiguration.TargetValue": json.Number("70"),
	})
}

func TestBuckets(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		bucket.New(stack, "Photos", bucket.Props{
			Versioned:           true,
			PreviousVersionDays: 14,
			UploadOrigins:       []string{"https://shop.example.com"},
			Lifecycle: []bucket.Rule{
				{Prefix: "thumbnails/", ExpireAfterDays: 365},
				{InfrequentAccessAfterDays: 60},
			},
		})
	})
	rules := "LifecycleConfiguration.Rules."
	expect(t, "Shop", template.One(t, "AWS::S3::Bucket"), map[string]any{
		"VersioningConfiguration.Status":                       "Enabled",
		rules + "1.NoncurrentVersionExpiration.NoncurrentDays": json.Number("14"),
		rules + "2.Prefix":                                     "thumbnails/",
		rules + "2.ExpirationInDays":                           json.Number("365"),
		rules + "3.Transitions.0.StorageClass":                 "STANDARD_IA",
		rules + "3.Transitions.0.TransitionInDays":             json.Number("60"),
		"CorsConfiguration.CorsRules.0.AllowedOrigins.0":       "https://shop.example.com",
		"CorsConfiguration.CorsRules.0.AllowedMethods.2":       "PUT",
	})
}

func TestLoginMayAdministerUsersAndNothingElse(t *testing.T) {
	template := environments(t)["production"].templates["Login"]
	for action := range strings.FieldsSeq(actionsOn(template, "TaskRole")) {
		service, name, _ := strings.Cut(action, ":")
		if service == "dynamodb" || action == "events:PutEvents" {
			continue
		}
		if service != "cognito-idp" || !strings.HasPrefix(name, "Admin") && name != "ListUsers" || strings.Contains(name, "Group") {
			t.Errorf("login may %s", action)
		}
	}
	if got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition")); !strings.Contains(got, "USER_POOL_ID=") || !strings.Contains(got, "USER_POOL_CLIENT_ID=") {
		t.Errorf("login's environment is %s", got)
	}
}

func TestTheStorefrontsRoutes(t *testing.T) {
	want := map[string][]string{
		"Photos":          {"ANY /photos", "ANY /photos/{proxy+}", "GET /photos public", "GET /photos/hidden", "GET /photos/{proxy+} public", "HEAD /photos public", "HEAD /photos/hidden", "HEAD /photos/{proxy+} public"},
		"Reviews":         {"ANY /reviews", "ANY /reviews/{proxy+}", "GET /reviews public", "GET /reviews/mine", "GET /reviews/{proxy+} public", "HEAD /reviews public", "HEAD /reviews/mine", "HEAD /reviews/{proxy+} public"},
		"Catalog":         {"ANY /catalog", "ANY /catalog/{proxy+}", "GET /catalog public", "GET /catalog/{proxy+} public", "HEAD /catalog public", "HEAD /catalog/{proxy+} public"},
		"Cart":            {"ANY /cart", "ANY /cart/{proxy+}"},
		"Orders":          {"GET /orders", "GET /orders/{proxy+}", "HEAD /orders", "HEAD /orders/{proxy+}"},
		"Recommendations": {"GET /recommendations public", "GET /recommendations/{proxy+} public", "HEAD /recommendations public", "HEAD /recommendations/{proxy+} public"},
		"Search":          {"GET /search public", "HEAD /search public"},
		"Login":           {"ANY /login public", "ANY /login/me", "ANY /login/{proxy+} public"},
	}
	for stack, routes := range want {
		if got := routeKeys(environments(t)["sandbox"].templates[stack]); !slices.Equal(got, routes) {
			t.Errorf("%s answers %q, want %q", stack, got, routes)
		}
	}
}
