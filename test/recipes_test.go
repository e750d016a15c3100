package test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/examples/recipes/authorizer"
	"github.com/storefront-cdk/storefront/examples/recipes/database"
	"github.com/storefront-cdk/storefront/examples/recipes/domainname"
	"github.com/storefront-cdk/storefront/examples/recipes/escapehatches"
	"github.com/storefront-cdk/storefront/examples/recipes/existingvpc"
	"github.com/storefront-cdk/storefront/examples/recipes/inbox"
	recipemigration "github.com/storefront-cdk/storefront/examples/recipes/migration"
	"github.com/storefront-cdk/storefront/examples/recipes/outbox"
	"github.com/storefront-cdk/storefront/examples/recipes/page"
	"github.com/storefront-cdk/storefront/examples/recipes/previewenvironment"
	"github.com/storefront-cdk/storefront/examples/recipes/schedule"
	"github.com/storefront-cdk/storefront/examples/recipes/scopes"
	"github.com/storefront-cdk/storefront/examples/recipes/secrets"
	"github.com/storefront-cdk/storefront/examples/recipes/strangler"
	"github.com/storefront-cdk/storefront/examples/recipes/upgrading"
	recipeworker "github.com/storefront-cdk/storefront/examples/recipes/worker"
)

// recipe synthesizes a function of a recipe as a service of an app, in production.
func recipe(t *testing.T, define func(awscdk.Stack, app.Environment)) snapshot.Template {
	t.Helper()
	return recipeIn(t, profile.Production(), define)
}

func recipeIn(t *testing.T, of profile.Profile, define func(awscdk.Stack, app.Environment)) snapshot.Template {
	t.Helper()
	return synthesizeApp(t, app.App{
		Environments: []app.Environment{{Profile: of}},
		Identity:     func(stack awscdk.Stack, _ app.Environment) { identity.New(stack, "Identity", identity.Props{}) },
		Services:     []app.Service{{ID: "Recipe", Define: define}},
	}, "recipe")["Recipe"]
}

// synthesizeApp synthesizes an app with the name and the region of the recipes: all of it, or only some services.
func synthesizeApp(t *testing.T, shop app.App, only ...string) map[string]snapshot.Template {
	t.Helper()
	shop.Name = "shop"
	for n, env := range shop.Environments {
		env.Name, env.Region, env.Zones = cmp.Or(env.Name, "production"), "eu-central-1", []string{"eu-central-1a", "eu-central-1b"}
		env.Images = app.ECRImages("shop", "1.4.2")
		shop.Environments[n] = env
	}
	context := cdkContext(t)
	if len(only) > 0 {
		context["only"] = strings.Join(only, ",")
	}
	return synthesize(t, context, func(cdk awscdk.App) {
		if err := shop.Define(cdk); err != nil {
			t.Fatal(err)
		}
	}).templates
}

// recipeFolder is the folder with the code of a page: below examples/recipes, or the clinic, whose templates have tests.
func recipeFolder(page string) string {
	name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(page), ".md"), "-", "")
	if name == "events" {
		return filepath.Join("..", "examples", "clinic")
	}
	return filepath.Join("..", "examples", "recipes", name)
}

var goBlocks = regexp.MustCompile("(?ms)^ *```go\n(.*?)^ *```$")

func TestRecipeMigration(t *testing.T) {
	template := recipe(t, recipemigration.Define)
	wait := template.One(t, "AWS::CloudFormation::WaitCondition").LogicalID
	for _, each := range template.Resources("AWS::ECS::Service") {
		if got := dependsOn(each); !slices.Contains(got, wait) {
			t.Errorf("%s depends on %q, want %s", each.LogicalID, got, wait)
		}
	}
}

func TestRecipeWorker(t *testing.T) {
	template := recipe(t, recipeworker.Define)
	for role, want := range map[string]string{"PhotosTaskRole": "dynamodb:GetItem", "PhotosResizerTaskRole": "dynamodb:PutItem"} {
		if got := actionsOn(template, role); !strings.Contains(got, want) {
			t.Errorf("%s may %s, want %s", role, got, want)
		}
	}
	if got := actionsOn(template, "PhotosResizerTaskRole"); strings.Contains(got, "dynamodb:GetItem") || strings.Contains(got, "sqs:SendMessage") {
		t.Errorf("the worker may %s", got)
	}
	services := template.Resources("AWS::ECS::Service")
	if len(services) != 2 {
		t.Fatalf("there are %d services", len(services))
	}
	for _, each := range services {
		strategy := "CANARY"
		if strings.Contains(each.LogicalID, "Resizer") {
			strategy = "ROLLING"
		}
		expect(t, "Recipe", each, map[string]any{"DeploymentConfiguration.Strategy": strategy})
	}
}

func TestRecipeSchedule(t *testing.T) {
	template := recipe(t, schedule.Define)
	for _, each := range template.Resources("AWS::Scheduler::Schedule") {
		if got := each.Get("Properties.State"); got != nil {
			t.Errorf("%s is %v in production", each.LogicalID, got)
		}
	}
	var alarms []string
	for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
		for _, id := range []string{"Rebuild", "Expire"} {
			if strings.Contains(alarm.LogicalID, id) {
				alarms = append(alarms, id)
			}
		}
	}
	slices.Sort(alarms)
	if want := []string{"Expire", "Expire", "Rebuild", "Rebuild"}; !slices.Equal(alarms, want) {
		t.Errorf("alarms are of %q, want %q", alarms, want)
	}
}

// unindented are the lines of a text without the indentation that they have in common, and without empty lines around them.
func unindented(text string) []string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	common := -1
	for n, line := range lines {
		lines[n] = strings.TrimRight(line, " \t")
		if lines[n] == "" {
			continue
		}
		if indent := len(line) - len(strings.TrimLeft(line, "\t")); common < 0 || indent < common {
			common = indent
		}
	}
	for n, line := range lines {
		if line != "" {
			lines[n] = line[common:]
		}
	}
	return lines
}

// within reports whether a block is a region of a file: the same lines, all of them indented by as much more.
func within(block, file string) bool {
	want := unindented(block)
	all := strings.Split(file, "\n")
	for first := 0; first+len(want) <= len(all); first++ {
		if slices.Equal(unindented(strings.Join(all[first:first+len(want)], "\n")), want) {
			return true
		}
	}
	return false
}

func TestWithin(t *testing.T) {
	const file = "func f() {\n\tif a {\n\t\tb()\n\n\t\tc()\n\t}\n}\n"
	for block, want := range map[string]bool{
		"func f() {\n": true, "if a {\n\tb()\n\n\tc()\n}\n": true, "b()\n": true, "b()\n\nc()": true,
		"b()\nc()": false, "if a {\nb()\n": false, "\tif a {\n\t\tb()": true, "c()\n}": false, "d()": false,
	} {
		if within(block, file) != want {
			t.Errorf("%q is found: %t, want %t", block, !want, want)
		}
	}
}

// Each page below docs/recipes shows parts of a package that is compiled and synthesized.
func TestRecipesShowWhatIsCompiled(t *testing.T) {
	pages, err := filepath.Glob("../docs/recipes/*.md")
	if err != nil || len(pages) < 8 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	var packages []string
	for _, page := range pages {
		blocks := goBlocks.FindAllStringSubmatch(string(read(t, "", page)), -1)
		if len(blocks) == 0 {
			t.Errorf("%s shows no code", page)
		}
		folder := recipeFolder(page)
		packages = append(packages, filepath.Base(folder))
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		shared, _ := filepath.Glob(filepath.Join(folder, "events", "*.go"))
		files = append(files, shared...)
		if application, _ := filepath.Glob("../cmd/storefront/e2e/" + filepath.Base(folder) + "_test.go"); len(application) > 0 {
			files = append(files, application...) // what calls AWS is in the module that has its SDK, and runs on the emulator
		}
		if err != nil || len(files) == 0 {
			t.Errorf("%s has no package %s: %v", page, folder, err)
		}
		for _, block := range blocks {
			if !slices.ContainsFunc(files, func(file string) bool { return within(block[1], string(read(t, "", file))) }) {
				t.Errorf("%s shows what no file in %s has:\n%s", page, folder, block[1])
			}
		}
	}
	folders, err := os.ReadDir("../examples/recipes")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !slices.Contains(packages, folder.Name()) {
			t.Errorf("examples/recipes/%s has no page", folder.Name())
		}
	}
}

// allowing finds the one statement of a role that allows an action.
func allowing(t *testing.T, template snapshot.Template, role, action string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, policy := range template.Resources("AWS::IAM::Policy") {
		if !strings.HasPrefix(fmt.Sprint(policy.Get("Properties.Roles.0.Ref")), role) {
			continue
		}
		statements, _ := policy.Get("Properties.PolicyDocument.Statement").([]any)
		for _, statement := range statements {
			fields := statement.(map[string]any)
			actions, ok := fields["Action"].([]any)
			if !ok {
				actions = []any{fields["Action"]}
			}
			if slices.Contains(actions, any(action)) {
				found = append(found, fields)
			}
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d statements of %s allow %s, want one", len(found), role, action)
	}
	return found[0]
}

func TestRecipeSecrets(t *testing.T) {
	template := recipe(t, secrets.Define)
	generated := template.One(t, "AWS::SecretsManager::Secret")
	expect(t, "Recipe", generated, map[string]any{
		"GenerateSecretString.PasswordLength": json.Number("64"), "GenerateSecretString.ExcludePunctuation": true, "SecretString": nil,
	})
	task := template.One(t, "AWS::ECS::TaskDefinition")
	const payments, warehouse = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/payments-Ab12Cd", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/warehouse-Ef34Gh"
	expect(t, "Recipe", task, map[string]any{
		"ContainerDefinitions.0.Secrets": []any{
			map[string]any{"Name": "PAYMENTS_API_KEY", "ValueFrom": payments + ":apiKey::"},
			map[string]any{"Name": "SESSION_KEY", "ValueFrom": map[string]any{"Ref": generated.LogicalID}},
		},
		"ContainerDefinitions.0.Environment.2": map[string]any{"Name": "WAREHOUSE_SECRET_ARN", "Value": warehouse},
	})
	// ECS reads the two that it sets, and the application the one that it reads itself.
	if statement := allowing(t, template, "CartTaskRole", "secretsmanager:GetSecretValue"); statement["Resource"] != warehouse {
		t.Errorf("the application may read %v", statement["Resource"])
	}
	policy := fmt.Sprint(template.Resources("AWS::IAM::Policy"))
	if !strings.Contains(policy, payments) {
		t.Errorf("ECS may not read %s: %s", payments, policy)
	}
}

func TestRecipeExistingVPC(t *testing.T) {
	template := synthesizeApp(t, app.App{Environments: []app.Environment{{}}, Platform: existingvpc.DefinePlatform})["Platform"]
	if defined := slices.Concat(template.Resources("AWS::EC2::VPC"), template.Resources("AWS::EC2::Subnet")); len(defined) > 0 {
		t.Errorf("it defines %v", defined)
	}
	subnets := []any{"subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"}
	expect(t, "Recipe", template.One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer"), map[string]any{"Subnets": subnets})
	expect(t, "Recipe", template.One(t, "AWS::ApiGatewayV2::VpcLink"), map[string]any{"SubnetIds": subnets})
	if got := template.Outputs()["VpcId"]; got != "vpc-0a1b2c3d4e5f60718" {
		t.Errorf("services are in %v", got)
	}
}

func TestRecipeDomainName(t *testing.T) {
	template := recipe(t, domainname.Define)
	domain := template.One(t, "AWS::ApiGatewayV2::DomainName")
	expect(t, "Recipe", domain, map[string]any{
		"DomainName": "api.shop.example.com", "DomainNameConfigurations.0.EndpointType": "REGIONAL",
	})
	expect(t, "Recipe", template.One(t, "AWS::ApiGatewayV2::ApiMapping"), map[string]any{
		"Stage": "$default", "ApiMappingKey": nil, "ApiId.Fn::GetStackOutput.OutputName": "ApiId", "DomainName.Ref": domain.LogicalID,
	})
	expect(t, "Recipe", template.One(t, "AWS::Route53::RecordSet"), map[string]any{
		"Name": "api.shop.example.com.", "Type": "A",
		"AliasTarget.DNSName.Fn::GetAtt":      []any{domain.LogicalID, "RegionalDomainName"},
		"AliasTarget.HostedZoneId.Fn::GetAtt": []any{domain.LogicalID, "RegionalHostedZoneId"},
	})
	template = synthesizeApp(t, app.App{Environments: []app.Environment{{}}, Platform: domainname.DefinePlatform})["Platform"]
	expect(t, "Platform", template.One(t, "AWS::ApiGatewayV2::Api"), map[string]any{"DisableExecuteApiEndpoint": true})
	// In the platform's own stack, the mapping is created after the stage that it names.
	template = synthesizeApp(t, app.App{Environments: []app.Environment{{}}, Platform: func(stack awscdk.Stack, env app.Environment) {
		domainname.DefineName(stack, app.NewPlatform(stack, env, platform.Props{}))
	}})["Platform"]
	if after, _ := template.One(t, "AWS::ApiGatewayV2::ApiMapping").Get("DependsOn").([]any); !slices.Contains(after, any(template.One(t, "AWS::ApiGatewayV2::Stage").LogicalID)) {
		t.Errorf("the mapping is created after %v, and not after the stage", after)
	}
}

func TestRecipePage(t *testing.T) {
	template := recipe(t, page.Define)
	files, function := template.One(t, "AWS::S3::Bucket"), template.One(t, "AWS::CloudFront::Function")
	distribution := template.One(t, "AWS::CloudFront::Distribution")
	var paths []string
	behaviors, _ := distribution.Get("Properties.DistributionConfig.CacheBehaviors").([]any)
	for n := range behaviors {
		at := fmt.Sprintf("DistributionConfig.CacheBehaviors.%d.", n)
		expect(t, "Recipe", distribution, map[string]any{
			at + "FunctionAssociations.0.FunctionARN.Fn::GetAtt": []any{function.LogicalID, "FunctionARN"},
			at + "ViewerProtocolPolicy":                          "redirect-to-https",
		})
		paths = append(paths, fmt.Sprint(distribution.Get("Properties."+at+"PathPattern")))
	}
	if slices.Sort(paths); !slices.Equal(paths, []string{"/", "/shop", "/shop/*"}) {
		t.Errorf("the files are at %q", paths)
	}
	expect(t, "Recipe", distribution, map[string]any{
		// Managed policies: no caching, and all of the viewer's headers but Host.
		"DistributionConfig.DefaultCacheBehavior.CachePolicyId":         "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
		"DistributionConfig.DefaultCacheBehavior.OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
		"DistributionConfig.DefaultCacheBehavior.AllowedMethods":        []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"},
	})
	policy := fmt.Sprint(template.One(t, "AWS::S3::BucketPolicy").Get("Properties.PolicyDocument"))
	if !strings.Contains(policy, "cloudfront.amazonaws.com") || !strings.Contains(policy, distribution.LogicalID) {
		t.Errorf("the distribution may not read %s: %s", files.LogicalID, policy)
	}
	code := fmt.Sprint(function.Get("Properties.FunctionCode"))
	for path, want := range map[string]string{
		"/": "/index.html", "/shop": "/index.html", "/shop/p/laptop": "/index.html", "/shop/c/a.b": "/index.html",
		"/shop/assets/main-4ATQLPDN.js": "/shop/assets/main-4ATQLPDN.js", "/shop/favicon.svg": "/shop/favicon.svg",
	} {
		got, err := exec.Command("node", "-e", code+fmt.Sprintf("; console.log(handler({request: {uri: %q}}).uri)", path)).CombinedOutput()
		if strings.TrimSpace(string(got)) != want {
			t.Errorf("%s is %s, want %s (%v)", path, got, want, err)
		}
	}
}

func TestRecipeScopes(t *testing.T) {
	scoped := func(template snapshot.Template) map[string]any {
		found := map[string]any{}
		for _, route := range template.Resources("AWS::ApiGatewayV2::Route") {
			if route.Get("Properties.AuthorizationType") == "JWT" {
				found[fmt.Sprint(route.Get("Properties.RouteKey"))] = route.Get("Properties.AuthorizationScopes.0")
			}
		}
		return found
	}
	const people = "aws.cognito.signin.user.admin"
	if diff := gocmp.Diff(map[string]any{"ANY /orders": people, "ANY /orders/{proxy+}": people}, scoped(recipe(t, scopes.DefineOrders))); diff != "" {
		t.Errorf("scopes of orders (-want +got):\n%s", diff)
	}
	stock := recipe(t, scopes.DefineStock)
	if diff := gocmp.Diff(map[string]any{"GET /stock": "stock/read", "GET /stock/{proxy+}": "stock/read"}, scoped(stock)); diff != "" {
		t.Errorf("scopes of stock (-want +got):\n%s", diff)
	}
	for _, route := range stock.Resources("AWS::ApiGatewayV2::Route") {
		expect(t, "Recipe", route, map[string]any{"AuthorizerId.Fn::GetStackOutput.StackName": "shop-production-partners"})
	}
	partners := recipe(t, scopes.DefinePartners)
	server, client := partners.One(t, "AWS::Cognito::UserPoolResourceServer"), partners.One(t, "AWS::Cognito::UserPoolClient")
	expect(t, "Recipe", server, map[string]any{"Identifier": "stock", "Scopes.0.ScopeName": "read"})
	expect(t, "Recipe", client, map[string]any{
		"AllowedOAuthFlows": []any{"client_credentials"}, "GenerateSecret": true,
		"AllowedOAuthScopes.0.Fn::Join.1": []any{map[string]any{"Ref": server.LogicalID}, "/read"}, "AllowedOAuthScopes.1": nil,
	})
	expect(t, "Recipe", partners.One(t, "AWS::ApiGatewayV2::Authorizer"), map[string]any{
		"JwtConfiguration.Audience": []any{map[string]any{"Ref": client.LogicalID}},
	})
	if _, published := partners.Outputs()[identity.OutputAuthorizerID]; !published {
		t.Error("the authorizer is not published")
	}
	expect(t, "Recipe", recipe(t, scopes.DefineRoles).One(t, "AWS::Cognito::UserPoolGroup"), map[string]any{
		"GroupName": "support", "UserPoolId.Fn::GetStackOutput.StackName": "shop-production-identity",
	})
}

func TestRecipeAuthorizer(t *testing.T) {
	templates := synthesizeApp(t, app.App{Environments: []app.Environment{{}}, Identity: authorizer.Define, Services: []app.Service{{ID: "Orders", Define: scopes.DefineOrders}}})
	template := templates["Identity"]
	for _, route := range templates["Orders"].Resources("AWS::ApiGatewayV2::Route") {
		if !answeredByThePlatform(route) {
			expect(t, "Orders", route, map[string]any{"AuthorizerId.Fn::GetStackOutput.StackName": "shop-production-identity"})
		}
	}
	defined := template.One(t, "AWS::ApiGatewayV2::Authorizer")
	expect(t, "Recipe", defined, map[string]any{
		"AuthorizerType": "JWT", "JwtConfiguration": map[string]any{"Audience": []any{"shop"}, "Issuer": "https://login.example.com/"},
		"ApiId.Fn::GetStackOutput.StackName": "shop-production-platform",
	})
	if got := template.Outputs()["AuthorizerId"]; !gocmp.Equal(got, any(map[string]any{"Ref": defined.LogicalID})) {
		t.Errorf("it publishes %v", got)
	}
}

// stranglerRoutes are the routes of a template with their integrations' addresses and mappings of x-user-id.
func stranglerRoutes(t *testing.T, template snapshot.Template) map[string]string {
	t.Helper()
	integrations := map[string]snapshot.Resource{}
	for _, integration := range template.Resources("AWS::ApiGatewayV2::Integration") {
		integrations[integration.LogicalID] = integration
		expect(t, "Recipe", integration, map[string]any{
			"RequestParameters.overwrite:header.x-client-ip": "$context.identity.sourceIp", "IntegrationMethod": "ANY", "PayloadFormatVersion": "1.0",
		})
	}
	found := map[string]string{}
	for _, route := range template.Resources("AWS::ApiGatewayV2::Route") {
		to := "the platform"
		if !answeredByThePlatform(route) {
			integration := integrations[fmt.Sprint(route.Get("Properties.Target.Fn::Join.1.1.Ref"))]
			parameters, _ := integration.Get("Properties.RequestParameters").(map[string]any)
			to = fmt.Sprint(integration.Get("Properties.IntegrationUri"))
			for parameter, value := range parameters {
				if strings.HasSuffix(parameter, "x-user-id") {
					to += fmt.Sprintf(" %s=%s", parameter, value)
				}
			}
		}
		found[fmt.Sprint(route.Get("Properties.RouteKey"))] = fmt.Sprint(route.Get("Properties.AuthorizationType"), " ", to)
	}
	return found
}

func TestRecipeStrangler(t *testing.T) {
	if diff := gocmp.Diff(map[string]string{
		"$default":                  "NONE https://old.shop.example.com remove:header.x-user-id=",
		"ANY /account/{proxy+}":     "JWT https://old.shop.example.com/account/{proxy} overwrite:header.x-user-id=$context.authorizer.claims.sub",
		"OPTIONS /":                 "NONE the platform",
		"OPTIONS /{proxy+}":         "NONE the platform",
		"OPTIONS /account/{proxy+}": "NONE the platform",
	}, stranglerRoutes(t, recipe(t, strangler.Define))); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	template := recipe(t, strangler.DefineInVPC)
	const listener = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/old/0a1b2c3d4e5f6071/8293a4b5c6d7e8f9"
	if diff := gocmp.Diff(map[string]string{
		"$default": "NONE " + listener + " remove:header.x-user-id=", "OPTIONS /": "NONE the platform", "OPTIONS /{proxy+}": "NONE the platform",
	}, stranglerRoutes(t, template)); diff != "" {
		t.Errorf("routes in a VPC (-want +got):\n%s", diff)
	}
	expect(t, "Recipe", template.One(t, "AWS::ApiGatewayV2::Integration"), map[string]any{
		"ConnectionType": "VPC_LINK", "ConnectionId.Fn::GetStackOutput.OutputName": "VpcLinkId",
	})
}

func TestRecipeEscapeHatches(t *testing.T) {
	template := recipe(t, escapehatches.Define)
	files, point := template.One(t, "AWS::EFS::FileSystem"), template.One(t, "AWS::EFS::AccessPoint")
	task := template.One(t, "AWS::ECS::TaskDefinition")
	expect(t, "Recipe", files, map[string]any{"Encrypted": true})
	expect(t, "Recipe", point, map[string]any{"PosixUser.Uid": "65532", "RootDirectory.Path": "/models"})
	expect(t, "Recipe", task, map[string]any{
		"ContainerDefinitions.0.MountPoints": []any{map[string]any{"ContainerPath": "/models", "ReadOnly": false, "SourceVolume": "models"}},
		"Volumes.0.EFSVolumeConfiguration": map[string]any{
			"AuthorizationConfig": map[string]any{"AccessPointId": map[string]any{"Ref": point.LogicalID}, "IAM": "ENABLED"},
			"FilesystemId":        map[string]any{"Ref": files.LogicalID}, "TransitEncryption": "ENABLED",
		},
		"ContainerDefinitions.0.Ulimits": []any{map[string]any{"HardLimit": json.Number("65536"), "Name": "nofile", "SoftLimit": json.Number("65536")}},
	})
	allowing(t, template, "CartTaskRole", "elasticfilesystem:ClientWrite")
	after, _ := template.One(t, "AWS::ECS::Service").Get("DependsOn").([]any)
	for _, target := range template.Resources("AWS::EFS::MountTarget") {
		if !slices.Contains(after, any(target.LogicalID)) {
			t.Errorf("the service is created before %s", target.LogicalID)
		}
	}
	groups := template.Resources("AWS::ElasticLoadBalancingV2::TargetGroup")
	for _, group := range groups {
		for key, want := range map[string]string{"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "3600"} {
			if got := attribute(t, group, "TargetGroupAttributes", key); got != want {
				t.Errorf("%s of %s is %s, want %s", key, group.LogicalID, got, want)
			}
		}
	}
	if len(groups) != 2 {
		t.Errorf("%d target groups, want 2", len(groups))
	}
	expect(t, "Recipe", template.One(t, "AWS::ApiGatewayV2::Integration"), map[string]any{
		"TimeoutInMillis":        json.Number("5000"),
		"ResponseParameters.200": map[string]any{"ResponseParameters": []any{map[string]any{"Destination": "overwrite:header.cache-control", "Source": "no-store"}}},
	})
	if got := allowing(t, template, "CartTaskRole", "ses:SendEmail")["Resource"]; got != "arn:aws:ses:eu-central-1:111122223333:identity/shop.example.com" {
		t.Errorf("it may send from %v", got)
	}
	if got := allowing(t, template, "CartTaskRole", "kms:Decrypt")["Resource"]; got != "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9" {
		t.Errorf("it may decrypt with %v", got)
	}
	for _, role := range template.Resources("AWS::IAM::Role") {
		expect(t, "Recipe", role, map[string]any{"PermissionsBoundary": "arn:aws:iam::111122223333:policy/developers"})
	}
	var ports []any
	for _, group := range template.Resources("AWS::EC2::SecurityGroup") {
		if strings.HasPrefix(group.LogicalID, "CartSecurityGroup") {
			ports = append(ports, group.Get("Properties.SecurityGroupIngress.0.FromPort"), group.Get("Properties.SecurityGroupIngress.0.SourceSecurityGroupId"))
		}
	}
	if want := []any{json.Number("9090"), "sg-0a1b2c3d4e5f60718"}; !slices.Equal(ports, want) {
		t.Errorf("the tasks are open to %v, want %v", ports, want)
	}
	expect(t, "Recipe", template.One(t, "AWS::Logs::MetricFilter"), map[string]any{
		"FilterPattern": `{ $.event = "payment-refused" }`, "MetricTransformations.0.MetricName": "RefusedPayments",
	})
	expect(t, "Recipe", template.One(t, "AWS::DynamoDB::GlobalTable"), map[string]any{
		"WarmThroughput": map[string]any{"ReadUnitsPerSecond": json.Number("20000"), "WriteUnitsPerSecond": json.Number("5000")},
	})
	expect(t, "Recipe", template.One(t, "AWS::S3::Bucket"), map[string]any{
		"NotificationConfiguration": map[string]any{"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": true}},
	})
}

func TestRecipeDatabase(t *testing.T) {
	template := recipe(t, database.Define)
	cluster := template.One(t, "AWS::RDS::DBCluster")
	expect(t, "Recipe", cluster, map[string]any{
		"ManageMasterUserPassword": true, "MasterUserPassword": nil, "StorageEncrypted": true, "DeletionProtection": true,
		"BackupRetentionPeriod": json.Number("7"), "DatabaseName": "app",
		"ServerlessV2ScalingConfiguration.MinCapacity": json.Number("0.5"),
	})
	if got := cluster.Get("DeletionPolicy"); got != "Retain" {
		t.Errorf("DeletionPolicy of production is %v", got)
	}
	if got := len(template.Resources("AWS::RDS::DBInstance")); got != 2 {
		t.Errorf("production has %d instances, want 2", got)
	}
	if custom := slices.Concat(template.Resources("AWS::Lambda::Function"), template.Resources("AWS::CloudFormation::CustomResource")); len(custom) > 0 {
		t.Errorf("it defines %v", custom)
	}
	secret := map[string]any{"Fn::GetAtt": []any{cluster.LogicalID, "MasterUserSecret.SecretArn"}}
	if got := allowing(t, template, "OrdersTaskRole", "secretsmanager:GetSecretValue")["Resource"]; !gocmp.Equal(got, any(secret)) {
		t.Errorf("it may read %v", got)
	}
	variables := map[string]any{}
	for _, variable := range template.One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.Environment").([]any) {
		variables[fmt.Sprint(variable.(map[string]any)["Name"])] = variable.(map[string]any)["Value"]
	}
	if diff := gocmp.Diff(map[string]any{
		"DATABASE_HOST": map[string]any{"Fn::GetAtt": []any{cluster.LogicalID, "Endpoint.Address"}}, "DATABASE_NAME": "app",
		"DATABASE_SECRET_ARN": secret, "PORT": "8080", "SERVICE_NAME": "orders",
	}, variables); diff != "" {
		t.Errorf("environment variables (-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(template.Resources("AWS::EC2::SecurityGroupIngress"), func(rule snapshot.Resource) bool {
		return strings.HasPrefix(fmt.Sprint(rule.Get("Properties.SourceSecurityGroupId.Fn::GetAtt.0")), "OrdersSecurityGroup") &&
			gocmp.Equal(rule.Get("Properties.FromPort"), any(map[string]any{"Fn::GetAtt": []any{cluster.LogicalID, "Endpoint.Port"}}))
	}) {
		t.Error("the service cannot reach the database")
	}
	sandbox := recipeIn(t, profile.Sandbox(), database.Define)
	expect(t, "Recipe", sandbox.One(t, "AWS::RDS::DBCluster"), map[string]any{"DeletionProtection": false})
	if got := sandbox.One(t, "AWS::RDS::DBCluster").Get("DeletionPolicy"); got != "Delete" {
		t.Errorf("DeletionPolicy of the sandbox is %v", got)
	}
	sandbox.One(t, "AWS::RDS::DBInstance")
}

func TestRecipePreviewEnvironment(t *testing.T) {
	preview := func(env string) map[string]snapshot.Template {
		context := cdkContext(t)
		context["env"] = env
		return synthesize(t, context, func(cdk awscdk.App) {
			if err := previewenvironment.Shop().Define(cdk); err != nil {
				t.Fatal(err)
			}
		}).templates
	}
	if _, err := previewenvironment.Shop().Configure(map[string]any{"env": "pr-123"}); err == nil || !strings.Contains(err.Error(), `env must be sandbox, got "pr-123"`) {
		t.Errorf("without PREVIEW: %v", err)
	}
	sandbox := preview("sandbox")
	t.Setenv("PREVIEW", "pr-123")
	t.Setenv("TAG", "8f3c2e1")
	templates := preview("pr-123")
	shared := templates["Platform"]
	if defined := slices.Concat(shared.Resources("AWS::EC2::VPC"), shared.Resources("AWS::EC2::Subnet"), shared.Resources("AWS::EC2::Instance")); len(defined) > 0 {
		t.Errorf("a preview defines %v", defined)
	}
	for n, subnet := range shared.One(t, "AWS::ElasticLoadBalancingV2::LoadBalancer").Get("Properties.Subnets").([]any) {
		want := map[string]any{"Fn::GetStackOutput": map[string]any{"OutputName": fmt.Sprint("PrivateSubnetId", n+1), "StackName": "shop-sandbox-platform"}}
		if diff := gocmp.Diff(any(want), subnet); diff != "" {
			t.Errorf("subnet %d (-want +got):\n%s", n+1, diff)
		}
	}
	cart := templates["Cart"]
	if image := fmt.Sprint(cart.One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.Image")); !strings.Contains(image, "shop/cart:8f3c2e1") {
		t.Errorf("the image is %s", image)
	}
	if got := cart.One(t, "AWS::DynamoDB::GlobalTable").Get("DeletionPolicy"); got != "Delete" {
		t.Errorf("DeletionPolicy of a preview's table is %v", got)
	}
	// But for its name and images, a service is as in the sandbox.
	for _, path := range []string{"AWS::ECS::Service", "AWS::DynamoDB::GlobalTable", "AWS::ElasticLoadBalancingV2::TargetGroup"} {
		if one, other := cart.One(t, path).LogicalID, sandbox["Cart"].One(t, path).LogicalID; one != other {
			t.Errorf("%s is %s in a preview, and %s in the sandbox", path, one, other)
		}
	}
}

func TestRecipeUpgrading(t *testing.T) {
	template := recipe(t, upgrading.Define)
	if got := template.One(t, "AWS::DynamoDB::GlobalTable").LogicalID; got != "CartItems8A3B0C11" {
		t.Errorf("the table is %s", got)
	}
	if got := fmt.Sprint(allowing(t, template, "CartTaskRole", "dynamodb:PutItem")["Resource"]); !strings.Contains(got, "CartItems8A3B0C11") {
		t.Errorf("the service may write to %s", got)
	}
}

func TestRecipeOutbox(t *testing.T) {
	template := recipe(t, outbox.Define)
	if role := roleOfPipe(t, template); len(role) == 0 {
		t.Error("there is no role of a pipe")
	}
	expect(t, "Recipe", template.One(t, "AWS::Pipes::Pipe"), map[string]any{"TargetParameters.EventBridgeEventBusParameters.Source": "shop.reviews"})
}

// The records of an inbox expire, in the table of the orders, and the application may write both in one transaction.
func TestRecipeOfAnInbox(t *testing.T) {
	template := recipe(t, inbox.Define)
	expect(t, "Recipe", template.One(t, "AWS::DynamoDB::GlobalTable"), map[string]any{
		"TimeToLiveSpecification": map[string]any{"AttributeName": "expiresAt", "Enabled": true},
	})
	got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition"))
	if !strings.Contains(got, "ORDERS_TABLE_NAME=") || !strings.Contains(got, "EVENTS_QUEUE_URL=") {
		t.Errorf("the environment is %s", got)
	}
	if got := actionsOn(template, "TaskRole"); !strings.Contains(got, "dynamodb:PutItem") || !strings.Contains(got, "sqs:DeleteMessage") {
		t.Errorf("the application may %s", got)
	}
}
