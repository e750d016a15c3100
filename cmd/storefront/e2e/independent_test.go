package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// independent updates one service. Every other stack, and all its other resources, must stay as they were.
func independent(t *testing.T, s *suite) {
	before := s.read(t, s.assembly)
	item := s.put(t, before, "Cart")
	small := aws.ToString(s.runningTask(t, before.ByID("Cart")).Cpu)

	bigger := s.changed(t, s.assembly, "Cart", func(template snapshot.Template) {
		task := properties(t, template, "AWS::ECS::TaskDefinition")
		task["Cpu"], task["Memory"] = "1024", "2048"
		addVariable(t, task, "SANDBOX_CHANGED", "yes")
	})
	if _, err := s.cli.Deploy(s.ctx, bigger, "Cart"); err != nil {
		t.Fatal(err)
	}

	s.unchanged(t, before, "Cart")
	was, is := before.ByID("Cart"), s.read(t, s.assembly).ByID("Cart")
	if !is.LastUpdated.After(was.LastUpdated) {
		t.Errorf("%s was last updated at %s, which is not after %s", is.Name, is.LastUpdated, was.LastUpdated)
	}
	for id, r := range was.Resources {
		replaced := r.PhysicalID != is.Resources[id].PhysicalID
		if want := r.Type == "AWS::ECS::TaskDefinition"; replaced != want {
			t.Errorf("%s: %s %s: replaced is %t, want %t", is.Name, r.Type, id, replaced, want)
		}
	}
	task := s.runningTask(t, is)
	if aws.ToString(task.Cpu) != "1024" || aws.ToString(task.Memory) != "2048" || variable(task, "SANDBOX_CHANGED") != "yes" {
		t.Errorf("%s runs a task of %s CPU units and %s MiB, SANDBOX_CHANGED=%q", is.Name, aws.ToString(task.Cpu),
			aws.ToString(task.Memory), variable(task, "SANDBOX_CHANGED"))
	}
	item.wantKept(t)

	if _, err := s.cli.Deploy(s.ctx, s.assembly, "Cart"); err != nil {
		t.Fatal(err)
	}
	if task := s.runningTask(t, is); aws.ToString(task.Cpu) != small {
		t.Errorf("%s was updated back, and runs a task of %s CPU units, want %s", is.Name, aws.ToString(task.Cpu), small)
	}
	item.wantKept(t)
}

func addVariable(t *testing.T, task map[string]any, name, value string) {
	t.Helper()
	container := task["ContainerDefinitions"].([]any)[0].(map[string]any)
	container["Environment"] = append(container["Environment"].([]any), map[string]any{"Name": name, "Value": value})
}

func variable(task *ecstypes.TaskDefinition, name string) string {
	for _, pair := range task.ContainerDefinitions[0].Environment {
		if aws.ToString(pair.Name) == name {
			return aws.ToString(pair.Value)
		}
	}
	return ""
}

// runningTask is the task definition of a stack's ECS service, according to ECS.
func (s *suite) runningTask(t *testing.T, stack *deployed.Stack) *ecstypes.TaskDefinition {
	t.Helper()
	client := ecs.NewFromConfig(s.config(t, s.assembly))
	arn := one(t, stack, "AWS::ECS::Service").PhysicalID
	cluster := strings.Split(arn, "/")[1]
	services, err := client.DescribeServices(s.ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{arn}})
	if err != nil || len(services.Services) != 1 {
		t.Fatalf("ECS service %s: want it, got %v, %v", arn, services, err)
	}
	described, err := client.DescribeTaskDefinition(s.ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: services.Services[0].TaskDefinition})
	if err != nil {
		t.Fatal(err)
	}
	return described.TaskDefinition
}

// one returns a stack's only resource of a type.
func one(t *testing.T, stack *deployed.Stack, resourceType string) deployed.Resource {
	t.Helper()
	return stack.Resources[stack.Template.One(t, resourceType).LogicalID]
}

// teamStack is the stack of another team.
const teamStack = "wishlist-sandbox"

// wishlist is the app of another team's repository, which uses the library and the names of two stacks.
const wishlist = `package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/constructs/table"
)

func main() {
	os.Exit(synth.Run(func(app awscdk.App) error {
		environment.Set(app, environment.Environment{
			Profile:  profile.Sandbox(),
			Platform: platform.Ref{StackName: "storefront-sandbox-platform"},
			Identity: identity.Ref{StackName: "storefront-sandbox-identity"},
		})
		stack := awscdk.NewStack(app, jsii.String("Wishlist"), &awscdk.StackProps{
			StackName: jsii.String("` + teamStack + `"),
			Env:       &awscdk.Environment{Region: jsii.String("us-east-2")},
		})
		wishlist := microservice.New(stack, "Wishlist", microservice.Props{
			Owner:  "wishes",
			Image:  image.Registry("public.ecr.aws/docker/library/traefik:v3.5.0"),
			Routes: []microservice.Route{{Path: "/wishlist/{proxy+}"}},
		})
		wishlist.Uses(table.New(wishlist, "Items", table.Props{PartitionKey: table.String("userId")}), table.ReadWrite)
		return nil
	}))
}
`

// team is another team's repository, with an app in it.
type team struct {
	cli      *cdk.CLI
	assembly string
}

// team writes and builds the repository of another team and synthesizes its app.
func (s *suite) team(t *testing.T) team {
	t.Helper()
	dir := s.folder(t, "wishlist")
	requirements, err := os.ReadFile(filepath.Join(s.root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(s.root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	// With the storefront's requirements, so that it resolves without network.
	module := strings.Replace(string(requirements), "module github.com/storefront-cdk/storefront", "module example.com/wishlist", 1) +
		"\nrequire github.com/storefront-cdk/storefront v0.0.0\n\nreplace github.com/storefront-cdk/storefront => " + s.root + "\n"
	write(t, filepath.Join(dir, "go.mod"), []byte(module))
	write(t, filepath.Join(dir, "go.sum"), sums)
	write(t, filepath.Join(dir, "main.go"), []byte(wishlist))
	write(t, filepath.Join(dir, "cdk.json"), []byte(`{"app": "./wishlist"}`))
	build := exec.CommandContext(s.ctx, "go", "build", "-mod=mod", "-o", "wishlist", ".")
	build.Dir = dir
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build another team's app: %v\n%s", err, output)
	}
	team := team{
		cli:      &cdk.CLI{Root: s.root, App: dir, Dir: filepath.Join(dir, "log"), Environ: s.target.Environ, Progress: s.cli.Progress},
		assembly: filepath.Join(dir, "cdk.out"),
	}
	if err := team.cli.Synth(s.ctx, "./wishlist", team.assembly, nil); err != nil {
		t.Fatal(err)
	}
	return team
}

// anotherTeam deploys a service from another repository onto the platform, and destroys it.
func anotherTeam(t *testing.T, s *suite) {
	before := s.read(t, s.assembly)
	routesBefore := s.routes(t, before)
	team := s.team(t)
	t.Cleanup(func() {
		if t.Failed() { // otherwise the platform could not be destroyed
			_, _ = team.cli.Destroy(s.ctx, team.assembly)
		}
	})
	if _, err := team.cli.Deploy(s.ctx, team.assembly); err != nil {
		t.Fatal(err)
	}
	if there := s.occupied(t); !slices.Contains(there, teamStack) {
		t.Errorf("another run would not find %s, only %v", teamStack, there)
	}
	s.unchanged(t, before)
	s.complete(t, team.assembly)
	added := slices.DeleteFunc(s.routes(t, before), func(key string) bool { return slices.Contains(routesBefore, key) })
	want := []string{"ANY /wishlist", "ANY /wishlist/{proxy+}", "OPTIONS /wishlist", "OPTIONS /wishlist/{proxy+}"}
	if diff := cmp.Diff(want, added); diff != "" {
		t.Errorf("other routes were added to the API (-want +got):\n%s", diff)
	}

	both := s.read(t, s.assembly)
	both.Stacks = append(both.Stacks, s.read(t, team.assembly).Stacks...)
	s.wantLeastPrivilege(t, both)
	s.wantRouted(t, "with another team's service", s.harness(t, both))

	s.failedCreation(t, team)

	if _, err := team.cli.Destroy(s.ctx, team.assembly); err != nil {
		t.Fatal(err)
	}
	s.unchanged(t, before)
	if diff := cmp.Diff(routesBefore, s.routes(t, before)); diff != "" {
		t.Errorf("the API has other routes than before (-before +now):\n%s", diff)
	}
}

// routes are the keys of all routes of the storefront's API, sorted.
func (s *suite) routes(t *testing.T, storefront *deployed.App) []string {
	t.Helper()
	api := one(t, storefront.ByID("Platform"), "AWS::ApiGatewayV2::Api").PhysicalID
	page, err := apigatewayv2.NewFromConfig(storefront.Config).GetRoutes(s.ctx, &apigatewayv2.GetRoutesInput{
		ApiId: &api, MaxResults: aws.String("500"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, route := range page.Items {
		keys = append(keys, aws.ToString(route.RouteKey))
	}
	slices.Sort(keys)
	return keys
}
