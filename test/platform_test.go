package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// withLogs is a platform in a stack of no region and no account.
func withLogs(t *testing.T) snapshot.Template {
	return inStack(t, definePlatform(func(props *platform.Props) { props.AccessLogs = profile.On }))
}

func TestTheLogBucket(t *testing.T) {
	template := withLogs(t)
	bucket := template.One(t, "AWS::S3::Bucket")
	expect(t, "Shop", bucket, map[string]any{
		"LifecycleConfiguration.Rules.0.ExpirationInDays":                                                 json.Number("7"),
		"LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration.NoncurrentDays":                       json.Number("30"),
		"OwnershipControls.Rules.0.ObjectOwnership":                                                       "BucketOwnerEnforced",
		"VersioningConfiguration.Status":                                                                  "Enabled",
		"BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm": "AES256",
	})
	policy := template.One(t, "AWS::S3::BucketPolicy")
	loadBalancers := fmt.Sprint(statementOf(t, policy, "LoadBalancerLogs"))
	for _, part := range []string{"logdelivery.elasticloadbalancing.amazonaws.com", "s3:PutObject", "/load-balancer/AWSLogs/", "AWS::AccountId"} {
		if !strings.Contains(loadBalancers, part) {
			t.Errorf("load balancers may %s, without %s", loadBalancers, part)
		}
	}
	buckets := fmt.Sprint(statementOf(t, policy, "BucketLogs"))
	for _, part := range []string{"logging.s3.amazonaws.com", "s3:PutObject", "/buckets/*", "aws:SourceAccount:map[Ref:AWS::AccountId]"} {
		if !strings.Contains(buckets, part) {
			t.Errorf("buckets may %s, without %s", buckets, part)
		}
	}
	loadBalancer := template.One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer")
	for key, want := range map[string]string{
		"access_logs.s3.enabled": "true", "access_logs.s3.prefix": "load-balancer", "access_logs.s3.bucket": "map[Ref:" + bucket.LogicalID + "]",
	} {
		if got := attribute(t, loadBalancer, "LoadBalancerAttributes", key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	// Elastic Load Balancing writes a test object when logging is turned on.
	if got := fmt.Sprint(loadBalancer.Get("DependsOn")); !strings.Contains(got, policy.LogicalID) {
		t.Errorf("the load balancer depends on %s, want the bucket's policy", got)
	}
}

// statementOf returns the statement of a resource policy with a Sid.
func statementOf(t *testing.T, policy snapshot.Resource, sid string) any {
	t.Helper()
	statements, _ := policy.Get("Properties.PolicyDocument.Statement").([]any)
	for _, statement := range statements {
		if statement.(map[string]any)["Sid"] == sid {
			return statement
		}
	}
	t.Fatalf("%s has no statement %s", policy.LogicalID, sid)
	return nil
}

func TestTheLogBucketByProfile(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		if stack != "Platform" {
			return
		}
		template.saw("platform")
		want := map[bool]int{true: 1}[env.Profile.AccessLogs]
		if got := len(template.Template.Resources("AWS::S3::Bucket")); got != want {
			t.Errorf("%s: %d log buckets, want %d", env.Name, got, want)
		}
	})
	// A platform without access logs of its own has the bucket that its services read.
	off := told(t, definePlatform(func(props *platform.Props) { props.AccessLogs = profile.Off; props.Owner = "platform" }))
	off.One(t, "AWS::S3::Bucket")
	expect(t, "Shop", off.One(t, "AWS::ApiGatewayV2::Stage"), map[string]any{"AccessLogSettings": nil})
	if got := fmt.Sprint(off.One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer").Get("Properties.LoadBalancerAttributes")); strings.Contains(got, "access_logs") {
		t.Errorf("the load balancer has %s", got)
	}
	// Services read the bucket where their profile has access logs, and have no such bucket where it has none.
	for _, of := range []profile.Profile{profile.Production(), profile.Sandbox()} {
		synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, shop(of))
			bucket := platform.Of(awscdk.NewStack(app, jsii.String("Shop"), nil)).LogBucket()
			if (bucket != nil) != of.AccessLogs {
				t.Errorf("AccessLogs %t: the log bucket is %v", of.AccessLogs, bucket)
			}
		})
	}
}

func certificate(stack awscdk.Stack) platform.TLS {
	return platform.TLS{
		Certificate: awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"),
			jsii.String("arn:aws:acm:us-east-1:111122223333:certificate/4f2b1c9e")),
		ServerName: "internal.shop.example.com",
	}
}

// secured is the platform's template with TLS, changed.
func secured(t *testing.T, change func(*platform.TLS)) snapshot.Template {
	return inStack(t, func(stack awscdk.Stack) {
		definePlatform(func(props *platform.Props) {
			props.TLS = certificate(stack)
			change(&props.TLS)
		})(stack)
	})
}

func TestTLSBetweenTheAPIAndTheLoadBalancer(t *testing.T) {
	template := secured(t, func(*platform.TLS) {})
	listener := template.One(t, "AWS::ElasticLoadBalancingV2::Listener")
	expect(t, "Shop", listener, map[string]any{
		"Port": json.Number("443"), "Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
		"Certificates.0.CertificateArn":                   "arn:aws:acm:us-east-1:111122223333:certificate/4f2b1c9e",
		"DefaultActions.0.FixedResponseConfig.StatusCode": "404",
	})
	expect(t, "Shop", template.One(t, "AWS::ApiGatewayV2::Integration"), map[string]any{
		"TlsConfig.ServerNameToVerify": "internal.shop.example.com", "IntegrationUri.Ref": listener.LogicalID,
	})
	expect(t, "Shop", template.One(t, "AWS::EC2::SecurityGroupIngress"), map[string]any{
		"FromPort": json.Number("443"), "ToPort": json.Number("443"),
	})
	outputs := template.Outputs()
	for _, name := range []string{"HttpsListenerArn", "TlsServerName"} {
		if _, published := outputs[name]; !published {
			t.Errorf("%s is not published", name)
		}
	}
	if _, published := outputs["ListenerArn"]; published {
		t.Error("a listener for HTTP is published: a service without TLS would be deployed, and get no requests")
	}
}

// A service that expects TLS reads other outputs than one that does not, so that neither is deployed on the other's platform.
func TestAServiceBehindTLS(t *testing.T) {
	props := valid()
	props.Platform.TLS = true
	template := cart(t, props)
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::ListenerRule"), map[string]any{
		"ListenerArn.Fn::GetStackOutput.OutputName": "HttpsListenerArn",
	})
	for _, integration := range template.Resources("AWS::ApiGatewayV2::Integration") {
		expect(t, "Shop", integration, map[string]any{
			"IntegrationUri.Fn::GetStackOutput.OutputName":               "HttpsListenerArn",
			"TlsConfig.ServerNameToVerify.Fn::GetStackOutput.OutputName": "TlsServerName",
		})
	}
	expect(t, "Shop", cart(t, valid()).One(t, "AWS::ElasticLoadBalancingV2::ListenerRule"), map[string]any{
		"ListenerArn.Fn::GetStackOutput.OutputName": "ListenerArn",
	})
}

// Step one of moving a running platform adds a listener, and takes nothing from the services that are still on the other.
func TestMovingToTLSAddsAListener(t *testing.T) {
	before := inStack(t, definePlatform(func(*platform.Props) {}))
	after := secured(t, func(tls *platform.TLS) { tls.KeepHTTP = true })
	for _, id := range resourceIDs(before) {
		if !slices.Contains(resourceIDs(after), id) {
			t.Errorf("%s is gone", id)
		}
	}
	for name, value := range before.Outputs() {
		if diff := snapshot.Diff(map[string]any{name: value}, map[string]any{name: after.Outputs()[name]}); diff != "" {
			t.Errorf("what services read has changed:\n%s", diff)
		}
	}
	for _, resourceType := range []string{"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ApiGatewayV2::VpcLink", "AWS::EC2::SecurityGroup"} {
		for _, resource := range before.Resources(resourceType) {
			if diff := snapshot.Diff(snapshot.Template(resource.Raw), snapshot.Template(resourceOf(t, after, resource.LogicalID).Raw)); diff != "" {
				t.Errorf("%s changes:\n%s", resource.LogicalID, diff)
			}
		}
	}
}

// Step two moves one service: its rule is replaced, that is, defined on the new listener before it is deleted on the other,
// and its integrations follow in place when the new rule is there.
func TestMovingAServiceToTLSReplacesItsRuleAlone(t *testing.T) {
	moved := valid()
	moved.Platform.TLS = true
	before, after := told(t, func(stack awscdk.Stack) { microservice.New(stack, "Cart", valid()) }),
		told(t, func(stack awscdk.Stack) { microservice.New(stack, "Cart", moved) })
	if got, want := resourceIDs(after), resourceIDs(before); !slices.Equal(got, want) {
		t.Errorf("resources are\n%q, want\n%q", got, want)
	}
	rule := before.One(t, "AWS::ElasticLoadBalancingV2::ListenerRule").LogicalID
	changed := map[string]int{}
	for _, resource := range before.Resources("") {
		diff := snapshot.Diff(snapshot.Template(resource.Raw), snapshot.Template(resourceOf(t, after, resource.LogicalID).Raw))
		if diff != "" {
			changed[resource.Type]++
		}
		switch {
		case diff == "":
		case resource.LogicalID == rule:
			if strings.Contains(diff, "\n") || !strings.Contains(diff, "ListenerArn") {
				t.Errorf("the rule changes more than its listener:\n%s", diff)
			}
		case resource.Type != "AWS::ApiGatewayV2::Integration":
			t.Errorf("%s changes:\n%s", resource.LogicalID, diff)
		case !strings.Contains(fmt.Sprint(resource.Get("DependsOn")), rule):
			t.Errorf("%s does not wait for the rule", resource.LogicalID)
		}
	}
	integrations := len(before.Resources("AWS::ApiGatewayV2::Integration"))
	if changed["AWS::ElasticLoadBalancingV2::ListenerRule"] != 1 || integrations == 0 || changed["AWS::ApiGatewayV2::Integration"] != integrations {
		t.Errorf("the service moves by a change of %v, want the rule and its %d integrations", changed, integrations)
	}
}

func resourceOf(t *testing.T, template snapshot.Template, id string) snapshot.Resource {
	t.Helper()
	for _, resource := range template.Resources("") {
		if resource.LogicalID == id {
			return resource
		}
	}
	t.Fatalf("there is no %s", id)
	return snapshot.Resource{}
}

func TestTLSBetweenTheLoadBalancerAndTheTask(t *testing.T) {
	template := cart(t, func() microservice.Props {
		props := valid()
		props.LoadBalancing.TLS = true
		return props
	}())
	expect(t, "Shop", template.One(t, "AWS::ElasticLoadBalancingV2::TargetGroup"), map[string]any{
		"Protocol": "HTTPS", "HealthCheckProtocol": "HTTPS",
	})
	expect(t, "Shop", cart(t, valid()).One(t, "AWS::ElasticLoadBalancingV2::TargetGroup"), map[string]any{
		"Protocol": "HTTP", "HealthCheckProtocol": nil,
	})
}

func TestRateLimits(t *testing.T) {
	template := inStack(t, definePlatform(func(props *platform.Props) {
		props.RateLimits = []platform.RateLimit{{Path: "/login", Requests: 100}, {Requests: 5000}}
	}))
	acl := template.One(t, "AWS::WAFv2::WebACL")
	const rule = "Rules.0.Statement.RateBasedStatement."
	expect(t, "Shop", acl, map[string]any{
		"Scope": "REGIONAL", "DefaultAction.Allow": map[string]any{},
		"Rules.0.Priority": json.Number("0"),
		"Rules.0.Action.Block.CustomResponse.ResponseCode": json.Number("429"),
		rule + "Limit":                                                      json.Number("100"),
		rule + "EvaluationWindowSec":                                        json.Number("300"),
		rule + "AggregateKeyType":                                           "FORWARDED_IP",
		rule + "ForwardedIPConfig.HeaderName":                               platform.HeaderClientIP,
		rule + "ScopeDownStatement.ByteMatchStatement.SearchString":         "/login",
		rule + "ScopeDownStatement.ByteMatchStatement.PositionalConstraint": "STARTS_WITH",
		"Rules.1.Priority":                                                  json.Number("1"),
		"Rules.1.Statement.RateBasedStatement.Limit":                        json.Number("5000"),
		"Rules.1.Statement.RateBasedStatement.ScopeDownStatement":           nil,
	})
	expect(t, "Shop", template.One(t, "AWS::WAFv2::WebACLAssociation"), map[string]any{
		"ResourceArn.Ref": template.One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer").LogicalID,
	})
	if got := inStack(t, definePlatform(func(*platform.Props) {})).Resources("AWS::WAFv2::WebACL"); len(got) > 0 {
		t.Error("a platform without rate limits pays for a web ACL")
	}
}

// A client could otherwise spend the limit of another with preflight requests that carry the other's address.
func TestNobodyForgesTheClientAddress(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		for _, integration := range template.Resources("AWS::ApiGatewayV2::Integration") {
			expect(t, stack, integration, map[string]any{"RequestParameters.overwrite:header.x-client-ip": "$context.identity.sourceIp"})
		}
	})
}

func TestAlarmsOnWhatTheAPIRefuses(t *testing.T) {
	template := environments(t)["production"].templates["Platform"]
	filters := map[string]string{}
	for _, filter := range template.Resources("AWS::Logs::MetricFilter") {
		expect(t, "Platform", filter, map[string]any{
			"MetricTransformations.0.MetricNamespace": "storefront-production-platform", "MetricTransformations.0.MetricValue": "1",
		})
		filters[fmt.Sprint(filter.Get("Properties.MetricTransformations.0.MetricName"))] = fmt.Sprint(filter.Get("Properties.FilterPattern"))
	}
	want := map[string]string{
		"UnauthorizedRequests": `{ ($.serviceStatus = "-") && (($.status = "401") || ($.status = "403")) }`,
		"ThrottledRequests":    `{ ($.serviceStatus = "-") && ($.status = "429") }`,
	}
	if diff := cmp.Diff(want, filters); diff != "" {
		t.Errorf("patterns (-want +got):\n%s", diff)
	}
	topics := map[string][]string{
		"UnauthorizedRequests": {"PlatformInformTopicArn"},
		"ThrottledRequests":    {"PlatformInformTopicArn", "PlatformPageTopicArn"},
	}
	for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
		name := fmt.Sprint(alarm.Get("Properties.MetricName"))
		if filters[name] == "" {
			t.Errorf("%s is on %s, which no filter counts", alarm.LogicalID, name)
		}
		expect(t, "Platform", alarm, map[string]any{
			"Namespace": "storefront-production-platform", "Statistic": "Sum", "Period": json.Number("300"), "TreatMissingData": "notBreaching",
		})
		for _, actions := range []string{"AlarmActions", "OKActions"} {
			var got []string
			listed, _ := alarm.Get("Properties." + actions).([]any)
			for _, action := range listed {
				got = append(got, fmt.Sprint(snapshot.Template(action.(map[string]any)).Get("Fn::GetStackOutput.OutputName")))
			}
			if !slices.Equal(got, topics[name]) {
				t.Errorf("%s: %s are %q, want %q", name, actions, got, topics[name])
			}
		}
		delete(topics, name)
	}
	if len(topics) > 0 {
		t.Errorf("no alarms on %v", topics)
	}
}

func TestEachAlarmOfAPlatformHasItsThreshold(t *testing.T) {
	thresholds := func(alarms platform.Alarms) map[string]any {
		found := map[string]any{}
		template := inStack(t, definePlatform(func(props *platform.Props) { props.AccessLogs, props.Alarms = profile.On, alarms }))
		for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
			expect(t, "Shop", alarm, map[string]any{"ComparisonOperator": "GreaterThanOrEqualToThreshold", "EvaluationPeriods": json.Number("1")})
			found[fmt.Sprint(alarm.Get("Properties.MetricName"))] = alarm.Get("Properties.Threshold")
		}
		return found
	}
	for want, alarms := range map[[2]json.Number]platform.Alarms{
		{"1000", "100"}: {Enabled: profile.On}, {"50", "7"}: {Enabled: profile.On, Unauthorized: 50, Throttled: 7},
	} {
		if diff := cmp.Diff(map[string]any{"UnauthorizedRequests": want[0], "ThrottledRequests": want[1]}, thresholds(alarms)); diff != "" {
			t.Errorf("thresholds (-want +got):\n%s", diff)
		}
	}
}

// The patterns count by what the format of the access logs has.
func TestThePatternsMatchTheAccessLogs(t *testing.T) {
	format, _ := withLogs(t).One(t, "AWS::ApiGatewayV2::Stage").Get("Properties.AccessLogSettings.Format").(string)
	var fields map[string]string
	if err := json.Unmarshal([]byte(format), &fields); err != nil {
		t.Fatal(err)
	}
	if fields["status"] != "$context.status" || fields["serviceStatus"] != "$context.integrationStatus" {
		t.Errorf("the access logs have %v", fields)
	}
}

func TestCORSHeaders(t *testing.T) {
	cors := func(cors platform.CORS) snapshot.Resource {
		cors.AllowOrigins = []string{"https://shop.example.com"}
		return inStack(t, definePlatform(func(props *platform.Props) { props.CORS = cors })).One(t, "AWS::ApiGatewayV2::Api")
	}
	expect(t, "Shop", cors(platform.CORS{}), map[string]any{
		"CorsConfiguration.AllowHeaders.0": "authorization", "CorsConfiguration.AllowHeaders.1": "content-type", "CorsConfiguration.AllowHeaders.2": nil,
		"CorsConfiguration.ExposeHeaders": nil, "CorsConfiguration.MaxAge": nil,
	})
	expect(t, "Shop", cors(platform.CORS{AllowHeaders: []string{"X-Request-Id"}, ExposeHeaders: []string{"ETag"}, MaxAge: time.Hour}), map[string]any{
		"CorsConfiguration.AllowHeaders.0": "X-Request-Id", "CorsConfiguration.AllowHeaders.1": nil,
		"CorsConfiguration.ExposeHeaders.0": "ETag", "CorsConfiguration.MaxAge": json.Number("3600"),
	})
}

// A custom domain name is mapped with the CDK's own constructs, in the platform's stack or in one that imports it.
func TestACustomDomainName(t *testing.T) {
	domain := func(stack awscdk.Stack, shared *platform.Platform) {
		name := awsapigatewayv2.NewDomainName(stack, jsii.String("Domain"), &awsapigatewayv2.DomainNameProps{
			DomainName:  jsii.String("api.shop.example.com"),
			Certificate: certificate(stack).Certificate,
		})
		awsapigatewayv2.NewApiMapping(stack, jsii.String("Mapping"), &awsapigatewayv2.ApiMappingProps{
			Api: shared.API(), Stage: shared.Stage(), DomainName: name,
		})
	}
	own := inStack(t, func(stack awscdk.Stack) {
		net := network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b"}})
		domain(stack, platform.New(stack, "Platform", platform.Props{VPC: net.VPC(), DisableExecuteAPIEndpoint: true}))
	})
	mapping := own.One(t, "AWS::ApiGatewayV2::ApiMapping")
	expect(t, "Shop", mapping, map[string]any{"Stage": "$default", "ApiId.Ref": own.One(t, "AWS::ApiGatewayV2::Api").LogicalID})
	if got := fmt.Sprint(mapping.Get("DependsOn")); !strings.Contains(got, own.One(t, "AWS::ApiGatewayV2::Stage").LogicalID) {
		t.Errorf("the mapping depends on %s, want the stage", got)
	}
	expect(t, "Shop", own.One(t, "AWS::ApiGatewayV2::Api"), map[string]any{"DisableExecuteApiEndpoint": true})
	if _, published := own.Outputs()["ApiEndpoint"]; !published {
		t.Error("the endpoint is not published, which imports read")
	}

	imported := inStack(t, func(stack awscdk.Stack) {
		domain(stack, platform.Import(stack, platform.Ref{StackName: "shop-platform"}))
	})
	expect(t, "Shop", imported.One(t, "AWS::ApiGatewayV2::ApiMapping"), map[string]any{
		"Stage": "$default", "ApiId.Fn::GetStackOutput.OutputName": "ApiId",
	})
}

func TestAllProblemsOfAPlatformComeAtOnce(t *testing.T) {
	panics(t, func() {
		app := awscdk.NewApp(nil)
		environment.Set(app, environment.Environment{
			Platform: platform.Ref{StackName: "other", TLS: true}, Teams: teams("checkout"),
		})
		platform.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Platform", platform.Props{
			Throttle: platform.Throttle{Burst: 1 << 40}, CORS: platform.CORS{AllowOrigins: []string{"ftp://a"}},
		})
	},
		`Shop/Platform: Platform.StackName of the environment is "other", and this stack is "Shop": services would read the other, so name this one in the environment`,
		"Shop/Platform: VPC is missing: set it, such as to network.New(…).VPC()",
		"Shop/Platform: Throttle.Burst must be from 0 to 1000000, got 1099511627776",
		`Shop/Platform: CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got "ftp://a"`,
		"Shop/Platform: Owner is missing: name the team of the environment that answers for the platform",
		"Shop/Platform: TLS is missing, since Platform.TLS of the environment is set: set Certificate and ServerName, or remove it there",
	)
}

func TestAPlatformIsImportedWithOneOpinionOfTLS(t *testing.T) {
	panics(t, func() {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
		platform.Import(stack, platform.Ref{StackName: "shop-platform"})
		platform.Import(stack, platform.Ref{StackName: "shop-platform", Zones: 2, TLS: true})
	},
		"Shop/Platform: Platform.Zones must be the same in all imports of shop-platform, got 3 and 2",
		"Shop/Platform: Platform.TLS must be the same in all imports of shop-platform, got false and true",
	)
}

func TestATokenIsNoName(t *testing.T) {
	const remedy = ": a token has no value before the deployment, so write the value itself"
	panics(t, func() {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
		net := network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b"}})
		tls := certificate(stack)
		tls.ServerName = *stack.Region()
		platform.New(stack, "Platform", platform.Props{
			VPC: net.VPC(), TLS: tls,
			CORS:       platform.CORS{AllowOrigins: []string{"https://" + *stack.Account()}},
			RateLimits: []platform.RateLimit{{Path: "/" + *stack.StackId(), Requests: 100}},
		})
	},
		"Shop/Platform: CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got a token of the CDK"+remedy,
		"Shop/Platform: RateLimits[0].Path must start with a slash and be the beginning of a path without variables, at most 200 characters, got a token of the CDK"+remedy,
		"Shop/Platform: TLS.ServerName must be a domain name of the certificate in lower case, such as internal.shop.example.com, got a token of the CDK"+remedy,
	)
}
