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
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/app/apptest"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// clinic is an app of one service, which is signed-in in production alone and a canary of 5 % there.
func clinic() app.App {
	teams := []team.Team{{Name: "core", Email: "core@example.com"}, {Name: "care", Email: "care@example.com"}}
	return app.App{
		Name:  "clinic",
		Owner: "core",
		Environments: []app.Environment{
			{Name: "sandbox", Region: "us-east-1", Zones: []string{"us-east-1a", "us-east-1b"}, Profile: profile.Sandbox()},
			{Name: "production", Region: "us-east-1", Zones: []string{"us-east-1a", "us-east-1b", "us-east-1c"}, Teams: team.Ref{Teams: teams}},
		},
		Identity: func(stack awscdk.Stack, _ app.Environment) { identity.New(stack, "Identity", identity.Props{}) },
		Services: []app.Service{{ID: "OpeningHours", Define: func(stack awscdk.Stack, env app.Environment) {
			microservice.New(stack, "OpeningHours", microservice.Props{
				Owner:      "care",
				Image:      image.Registry("public.ecr.aws/acme/hours:1"),
				Routes:     []microservice.Route{{Path: "/hours", Public: !app.In(env, "production", true)}},
				Deployment: app.In[deployment.Strategy](env, "production", deployment.Canary{Percent: 5}),
			})
		}}},
	}
}

// artifact is what the manifest of an assembly says about a stack.
type artifact struct {
	StackName   string
	Protected   bool
	After       []string
	Environment string   // the tag of the stack
	Owners      []string // the tags of its resources
}

// artifacts are the stacks of the clinic by their IDs.
func artifacts(t *testing.T, a app.App, context map[string]any) map[string]artifact {
	t.Helper()
	made := storefrontInto(t, t.TempDir(), context, a)
	var manifest struct {
		Artifacts map[string]struct {
			Type         string
			Dependencies []string
			Properties   struct {
				StackName             string
				TerminationProtection bool
				Tags                  map[string]string
			}
		}
	}
	if err := json.Unmarshal(read(t, made.dir, "manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	all := map[string]artifact{}
	for id, template := range made.templates {
		found := manifest.Artifacts[id]
		after := slices.DeleteFunc(found.Dependencies, func(id string) bool { return strings.HasSuffix(id, ".assets") })
		slices.Sort(after)
		owners := map[string]bool{}
		for _, resource := range template.Resources("") {
			if owner := tagsOf(resource)["owner"]; owner != "" {
				owners[owner] = true
			}
		}
		all[id] = artifact{found.Properties.StackName, found.Properties.TerminationProtection, after, found.Properties.Tags["environment"], slices.Sorted(maps.Keys(owners))}
	}
	return all
}

func TestAnAppsStacks(t *testing.T) {
	for name, test := range map[string]struct {
		context map[string]any
		change  func(*app.App)
		want    map[string]artifact
	}{
		"production": {
			map[string]any{"env": "production"},
			nil,
			map[string]artifact{
				"Teams":        {"clinic-production-teams", true, nil, "production", []string{"care", "core"}},
				"Platform":     {"clinic-production-platform", true, []string{"Teams"}, "production", []string{"core"}},
				"Identity":     {"clinic-production-identity", true, []string{"Platform"}, "production", []string{"core"}},
				"OpeningHours": {"clinic-production-opening-hours", true, []string{"Identity", "Platform", "Teams"}, "production", []string{"care"}},
			},
		},
		"a first deployment of production": {
			map[string]any{"env": "production", "protection": "off", "only": "opening-hours"},
			nil,
			map[string]artifact{"OpeningHours": {"clinic-production-opening-hours", false, nil, "production", []string{"care"}}},
		},
		"the first environment, without teams and identity": {
			nil, func(a *app.App) { a.Identity = nil },
			map[string]artifact{
				"Platform":     {"clinic-sandbox-platform", false, nil, "sandbox", []string{"core"}},
				"OpeningHours": {"clinic-sandbox-opening-hours", false, []string{"Platform"}, "sandbox", []string{"care"}},
			},
		},
		"what is shared is another app's": {
			map[string]any{"env": "production"},
			func(a *app.App) {
				a.Environments[1] = app.Environment{
					Name: "production", Region: "us-east-1", Platform: platform.Ref{StackName: "base-platform"},
					Identity: identity.Ref{StackName: "base-identity"}, Teams: team.Ref{StackName: "base-teams"},
				}
			},
			map[string]artifact{"OpeningHours": {"clinic-production-opening-hours", true, nil, "production", []string{"care"}}},
		},
		"an identity on the platform of another app": {
			map[string]any{"env": "production"},
			func(a *app.App) { a.Environments[1].Platform.StackName = "base-platform" },
			map[string]artifact{
				"Teams":        {"clinic-production-teams", true, nil, "production", []string{"care", "core"}},
				"Identity":     {"clinic-production-identity", true, nil, "production", []string{"core"}},
				"OpeningHours": {"clinic-production-opening-hours", true, []string{"Identity", "Teams"}, "production", []string{"care"}},
			},
		},
		"no service": {
			nil, func(a *app.App) { a.Services, a.Identity = nil, nil },
			map[string]artifact{"Platform": {"clinic-sandbox-platform", false, nil, "sandbox", []string{"core"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := clinic()
			if test.change != nil {
				test.change(&a)
			}
			if diff := cmp.Diff(test.want, artifacts(t, a, test.context), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A service reads what its environment names, and nothing else.
func TestAServiceReadsTheSharedStacks(t *testing.T) {
	elsewhere := clinic()
	elsewhere.Environments[1].Zones = nil
	elsewhere.Environments[1].Platform = platform.Ref{StackName: "base-platform", Zones: 2}
	elsewhere.Environments[1].Identity.StackName = "base-identity"
	elsewhere.Environments[1].Teams.StackName = "base-teams"
	for name, test := range map[string]struct {
		app  app.App
		want []string
	}{
		"its own":       {clinic(), []string{"clinic-production-identity", "clinic-production-platform", "clinic-production-teams"}},
		"another app's": {elsewhere, []string{"base-identity", "base-platform", "base-teams"}},
	} {
		t.Run(name, func(t *testing.T) {
			read := map[string]bool{}
			subnets := 0
			template := apptest.Synthesize(t, test.app, map[string]any{"env": "production"})["OpeningHours"]
			template.Walk(func(path string, value any) {
				if strings.HasSuffix(path, "Fn::GetStackOutput.StackName") {
					read[value.(string)] = true
				}
				if output, _ := value.(string); strings.HasPrefix(output, platform.OutputPrivateSubnetID) {
					subnets++
				}
			})
			if got := slices.Sorted(maps.Keys(read)); !slices.Equal(got, test.want) {
				t.Errorf("reads %q, want %q", got, test.want)
			}
			if want := map[string]int{"its own": 3, "another app's": 2}[name]; subnets != want {
				t.Errorf("reads %d subnets, want %d", subnets, want)
			}
		})
	}
}

func TestASettingInOneEnvironment(t *testing.T) {
	for env, want := range map[string]string{"production": "CANARY 5", "sandbox": "ROLLING <nil>"} {
		template := apptest.Synthesize(t, clinic(), map[string]any{"env": env})["OpeningHours"]
		service := template.One(t, "AWS::ECS::Service")
		by := "Properties.DeploymentConfiguration."
		got := fmt.Sprint(service.Get(by+"Strategy"), " ", service.Get(by+"CanaryConfiguration.CanaryPercent"))
		if got != want {
			t.Errorf("%s: deployed by %v, want %v", env, got, want)
		}
	}
}

func TestAPlatformOfAnAppIsTheDefaultButForItsProps(t *testing.T) {
	a := clinic()
	a.Environments[1].WebOrigins = []string{"https://clinic.example.com"}
	plain := apptest.Synthesize(t, a, map[string]any{"env": "production"})["Platform"]
	a.Platform = func(stack awscdk.Stack, env app.Environment) {
		app.NewPlatform(stack, env, platform.Props{RateLimits: []platform.RateLimit{{Path: "/hours", Requests: 100}}})
	}
	limited := apptest.Synthesize(t, a, map[string]any{"env": "production"})["Platform"]
	limited.One(t, "AWS::WAFv2::WebACL")
	for _, template := range []interface{ Get(string) any }{plain.One(t, "AWS::ApiGatewayV2::Api"), limited.One(t, "AWS::ApiGatewayV2::Api")} {
		if got := template.Get("Properties.CorsConfiguration.AllowOrigins.0"); got != "https://clinic.example.com" {
			t.Errorf("pages of %v may call the API", got)
		}
	}
	for _, alarm := range limited.Resources("AWS::CloudWatch::Alarm") {
		if got := alarm.Get("Properties.AlarmActions.0.Fn::GetStackOutput.OutputName"); got != "CoreInformTopicArn" {
			t.Errorf("%s notifies %v, and not the owner of the app", alarm.LogicalID, got)
		}
	}
	if got := len(limited.Resources("AWS::KMS::Key")); got != 1 {
		t.Errorf("%d keys for logs, want one for network and platform", got)
	}

	a.Platform = func(stack awscdk.Stack, env app.Environment) {
		app.NewPlatform(stack, env, platform.Props{
			Owner: "care", CORS: platform.CORS{AllowOrigins: []string{"*"}},
			VPC: awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
				VpcId: jsii.String("vpc-1"), VpcCidrBlock: jsii.String("10.0.0.0/16"), AvailabilityZones: jsii.Strings(env.Zones...),
				PrivateSubnetIds: jsii.Strings("subnet-1", "subnet-2", "subnet-3"), PrivateSubnetRouteTableIds: jsii.Strings("rtb-1", "rtb-2", "rtb-3"),
			}),
		})
	}
	own := apptest.Synthesize(t, a, map[string]any{"env": "production"})["Platform"]
	if vpcs := own.Resources("AWS::EC2::VPC"); len(vpcs) > 0 {
		t.Errorf("there is another VPC: %s", vpcs[0].LogicalID)
	}
	if got := own.One(t, "AWS::ApiGatewayV2::Api").Get("Properties.CorsConfiguration.AllowOrigins.0"); got != "*" {
		t.Errorf("pages of %v may call the API", got)
	}
	for _, alarm := range own.Resources("AWS::CloudWatch::Alarm") {
		if got := alarm.Get("Properties.AlarmActions.0.Fn::GetStackOutput.OutputName"); got != "CareInformTopicArn" {
			t.Errorf("%s notifies %v, and not the owner in the props", alarm.LogicalID, got)
		}
	}
}

func TestProblemsOfAnApp(t *testing.T) {
	for name, test := range map[string]struct {
		context map[string]any
		change  func(*app.App)
		want    string
	}{
		"of its value": {
			nil, func(a *app.App) { a.Name, a.Environments[1].Region = "Clinic", "us-east" },
			`app Clinic: Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got "Clinic"
environment production: Region must be one such as eu-central-1, got "us-east"`,
		},
		"of a service in an environment that is none": {
			nil, func(a *app.App) {
				a.Services[0].Define = func(_ awscdk.Stack, env app.Environment) { app.In(env, "prod", 1) }
			},
			`OpeningHours: app.In must name an environment of the app, sandbox or production, got "prod"`,
		},
		"of a platform whose reference has TLS": {
			nil, func(a *app.App) { a.Environments[0].Platform.TLS = true },
			"Platform/Platform: TLS is missing, since Platform.TLS of the environment is set: set Certificate and ServerName, or remove it there",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := clinic()
			test.change(&a)
			err := synth.Try(func() error {
				cdk := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: &test.context})
				return a.Define(cdk)
			})
			if err == nil || err.Error() != test.want {
				t.Errorf("got\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}
