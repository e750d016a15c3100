package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/stacks"
)

// These tests build and run whole programs, as the CDK CLI and other repositories do.

// build links the packages of a module into a folder.
func build(t *testing.T, module string, packages ...string) string {
	t.Helper()
	binaries := t.TempDir() + string(filepath.Separator)
	command := exec.Command("go", append([]string{"build", "-ldflags=-s -w", "-o", binaries}, packages...)...)
	command.Dir = module
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build %q in %s: %v\n%s", packages, module, err, output)
	}
	return binaries
}

// run runs a CDK app as the CLI does, and returns its assembly, what it printed to standard error, and its exit status.
func run(t *testing.T, program string, context map[string]any, environment ...string) (dir, stderr string, status int) {
	t.Helper()
	dir = t.TempDir()
	encoded, err := json.Marshal(context)
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	command := exec.Command(program)
	command.Stderr = &output
	command.Env = append(os.Environ(), append([]string{"CDK_OUTDIR=" + dir, "CDK_CONTEXT_JSON=" + string(encoded)}, environment...)...)
	err = command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	// jsii waits twice for its process when it closes it, and says so when it loses the race.
	said := strings.ReplaceAll(output.String(), "Runtime process exited abnormally: waitid: no child processes", "")
	return dir, said, command.ProcessState.ExitCode()
}

func TestPrograms(t *testing.T) {
	binaries := build(t, "..", ".", "./examples/hello")

	t.Run("the storefront is valid to the CDK", func(t *testing.T) {
		context := cdkContext(t)
		context["env"] = "production"
		dir, stderr, status := run(t, binaries+"storefront", context, "CDK_VALIDATION=true")
		if status != 0 || stderr != "" {
			t.Fatalf("exit status %d\n%s", status, stderr)
		}
		templates, err := snapshot.Read(dir)
		if want := len(environments(t)["production"].templates); err != nil || len(templates) != want {
			t.Errorf("%d templates, want %d: %v", len(templates), want, err)
		}
	})

	t.Run("hello", func(t *testing.T) {
		dir, stderr, status := run(t, binaries+"hello", nil)
		if status != 0 || stderr != "" {
			t.Fatalf("exit status %d\n%s", status, stderr)
		}
		templates, err := snapshot.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := routeKeys(templates["Hello"]); !slices.Equal(got, []string{"GET /ping public"}) {
			t.Errorf("hello answers %q", got)
		}
	})

	var names, environmentNames []string
	for _, env := range stacks.Environments() {
		environmentNames = append(environmentNames, env.Name)
	}
	for _, service := range stacks.Services() {
		names = append(names, service.Name())
	}
	for name, test := range map[string]struct {
		context map[string]any
		want    string
	}{
		"an environment that is none":   {map[string]any{"env": "prod"}, "env must be " + strings.Join(environmentNames, " or ") + ", got \"prod\"\n"},
		"a key that is none":            {map[string]any{"environment": "sandbox"}, "context key \"environment\" is unknown: use account, env or only\n"},
		"a service that is none":        {map[string]any{"only": "basket"}, "only must name services of " + strings.Join(names, ", ") + ", got \"basket\"\n"},
		"a service twice":               {map[string]any{"only": "cart,cart"}, "only must name each service once, got \"cart\" twice\n"},
		"an account with a digit short": {map[string]any{"account": "11112222333"}, "environment sandbox: Account must be twelve digits, got \"11112222333\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, stderr, status := run(t, binaries+"storefront", test.context)
			if status != 1 || stderr != test.want {
				t.Errorf("exit status %d, want 1\n%s\nwant\n%s", status, stderr, test.want)
			}
			if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
				t.Errorf("it left %d files behind: %v", len(files), err)
			}
		})
	}
}

// A team's own repository: it knows the library, and of the storefront the names of two stacks.
const elsewhere = `package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/constructs/table"
)

func main() {
	os.Exit(synth.Run(func(app awscdk.App) error {
		profile.Set(app, profile.Sandbox())
		stack := awscdk.NewStack(app, jsii.String("Cart"), &awscdk.StackProps{
			Description: jsii.String("The cart service of the storefront"),
			Env:         &awscdk.Environment{Region: jsii.String("us-east-1")},
		})
		awscdk.Tags_Of(stack).Add(jsii.String("environment"), jsii.String("sandbox"), nil)
		cart := microservice.New(stack, "Cart", microservice.Props{
			Platform: platform.Ref{StackName: "storefront-sandbox-platform"},
			Identity: identity.Ref{StackName: "storefront-sandbox-identity"},
			Owner:    "checkout",
			Image:    image.Registry("public.ecr.aws/storefront-cdk/cart:0.1.0"),
			Size:     microservice.Size{CPU: 512, MemoryMiB: 1024},
			Routes:   []microservice.Route{{Path: "/cart/{proxy+}"}},
			Scaling:  scaling.Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 400},
		})
		cart.Uses(table.New(cart, "Items", table.Props{
			PartitionKey: table.String("userId"),
			SortKey:      table.String("productId"),
			TTLAttribute: "expiresAt",
		}), table.ReadWrite)
		return nil
	}))
}
`

func TestAnotherRepositoryDefinesTheSameService(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	module := t.TempDir()
	// The module has the storefront's own requirements, so that it resolves with no network.
	requirements := strings.Replace(string(read(t, root, "go.mod")), "module github.com/storefront-cdk/storefront", "module example.com/elsewhere", 1)
	requirements += "\nrequire github.com/storefront-cdk/storefront v0.0.0\n\nreplace github.com/storefront-cdk/storefront => " + root + "\n"
	for file, text := range map[string]string{
		"main.go": elsewhere, "go.mod": requirements, "go.sum": string(read(t, root, "go.sum")),
	} {
		if err := os.WriteFile(filepath.Join(module, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir, stderr, status := run(t, build(t, module, "-mod=mod", ".")+"elsewhere", nil)
	if status != 0 {
		t.Fatalf("exit status %d\n%s", status, stderr)
	}
	templates, err := snapshot.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := snapshot.Diff(environments(t)["sandbox"].templates["Cart"], templates["Cart"]); diff != "" {
		t.Errorf("the service is another one than in the storefront:\n%s", diff)
	}
}
