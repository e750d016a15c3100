package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/stacks"
)

// The tests whose names begin with TestProgram build and run whole programs, as the CDK CLI and other repositories do. Linking
// them, and the many syntheses of those whose names begin with TestSlow, takes most of the time that all tests take, so make test
// leaves them to make test-slow, which CI runs too.

var inTestSlow = regexp.MustCompile(`^Test(Program|Slow)`)

func skipInShort(t *testing.T) {
	t.Helper()
	if !inTestSlow.MatchString(t.Name()) {
		t.Fatalf("make test-slow does not run %s: begin its name with TestSlow", t.Name())
	}
	if testing.Short() {
		t.Skip("takes long: run make test-slow")
	}
}

// buildInto links the packages of a module into a folder.
func buildInto(t *testing.T, binaries, module string, packages ...string) {
	t.Helper()
	command := exec.Command("go", append([]string{"build", "-ldflags=-s -w", "-o", binaries}, packages...)...)
	command.Dir = module
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build %q in %s: %v\n%s", packages, module, err, output)
	}
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
	return dir, output.String(), command.ProcessState.ExitCode()
}

func TestPrograms(t *testing.T) {
	skipInShort(t)
	binaries := t.TempDir() + string(filepath.Separator)
	buildInto(t, binaries, "..", ".", "./examples/hello", "./examples/clinic")

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

	for name, folder := range map[string]string{"storefront": "..", "clinic": "../examples/clinic"} {
		for _, env := range []string{"sandbox", "production"} {
			t.Run(name+" in several processes, in "+env, func(t *testing.T) {
				settings := contextIn(t, folder)
				maps.Copy(settings, byCLI)
				settings["env"], settings["storefront:jobs"] = env, 1
				one, saidByOne, status := run(t, binaries+name, settings, "CDK_VALIDATION=true")
				settings["storefront:jobs"] = 2
				several, said, statusOfSeveral := run(t, binaries+name, settings, "CDK_VALIDATION=true")
				if status != 0 || statusOfSeveral != 0 || saidByOne != said {
					t.Fatalf("the status of one process is %d, and of several %d\n%s\n%s", status, statusOfSeveral, saidByOne, said)
				}
				if diff := cmp.Diff(files(t, one), files(t, several)); diff != "" {
					t.Errorf("files (-one process +several):\n%s", diff)
				}
			})
		}
	}

	var names, environmentNames []string
	for _, env := range stacks.Storefront().Environments {
		environmentNames = append(environmentNames, env.Name)
	}
	for _, service := range stacks.Storefront().Services {
		names = append(names, service.Name())
	}
	for name, test := range map[string]struct {
		context map[string]any
		want    string
	}{
		"an environment that is none":   {map[string]any{"env": "prod"}, "env must be " + strings.Join(environmentNames, " or ") + ", got \"prod\"\n"},
		"a key that is none":            {map[string]any{"environment": "sandbox"}, "context key \"environment\" is unknown: use account, env, only or protection, or a key of your own with a colon, such as \"shop:environment\"\n"},
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

// outside is a module of a user's own: a program that defines services, and one that runs the library's examples. Both are
// linked at once.
func outside(t *testing.T) (binaries string) {
	t.Helper()
	if outsideBinaries != "" {
		return outsideBinaries
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(scratch, "outside")
	if err := os.CopyFS(module, os.DirFS(filepath.Join("testdata", "elsewhere"))); err != nil {
		t.Fatal(err)
	}
	// The module has the storefront's own requirements, so that it resolves with no network.
	requirements := strings.Replace(string(read(t, root, "go.mod")), "module github.com/storefront-cdk/storefront", "module example.com/elsewhere", 1)
	requirements += "\nrequire github.com/storefront-cdk/storefront v0.0.0\n\nreplace github.com/storefront-cdk/storefront => " + root + "\n"
	write(t, filepath.Join(module, "go.mod"), requirements)
	write(t, filepath.Join(module, "go.sum"), string(read(t, root, "go.sum")))
	writeExamples(t, module)
	outsideBinaries = filepath.Join(scratch, "bin") + string(filepath.Separator)
	buildInto(t, outsideBinaries, module, "-mod=mod", ".", "./examples")
	return outsideBinaries
}

var outsideBinaries string

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A team's own repository defines the storefront's cart, and a service with a store and a feature that the library does not
// know.
func TestProgramOfAnotherRepository(t *testing.T) {
	skipInShort(t)
	dir, stderr, status := run(t, outside(t)+"elsewhere", nil)
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
	checkReports(t, templates["Reports"])
	checkCircle(t, "Reports", templates["Reports"])
}

// The test file that docs/an-app.md shows is whole: a plain go test runs it with the Node.js of node_modules, whatever is on
// PATH.
func TestProgramOfAnAppsTests(t *testing.T) {
	skipInShort(t)
	outside(t)
	folder := filepath.Join(scratch, "outside", "hello")
	write(t, filepath.Join(folder, "main.go"), string(read(t, "../examples/hello", "main.go")))
	_, page, _ := strings.Cut(documents(t)["docs/an-app.md"], "## Test it\n")
	_, code, _ := strings.Cut(page, "```go\n")
	code, _, _ = strings.Cut(code, "```")
	if lines := strings.Count(code, "\n"); lines > 12 {
		t.Errorf("the test file has %d lines", lines)
	}
	write(t, filepath.Join(folder, "main_test.go"), strings.ReplaceAll(code, "shop", "hello"))
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(folder, "node_modules", ".bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(node, filepath.Join(bin, "node")); err != nil {
		t.Fatal(err)
	}
	wrong := t.TempDir()
	if err := os.WriteFile(filepath.Join(wrong, "node"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(setting string) (output string, passed bool) {
		command := exec.Command("go", "test", "-mod=mod", "-count=1", "./hello")
		command.Dir = filepath.Dir(folder)
		command.Env = append(os.Environ(), "PATH="+wrong+string(filepath.ListSeparator)+os.Getenv("PATH"), "SNAPSHOT_UPDATE="+setting)
		text, err := command.CombinedOutput()
		return string(text), err == nil
	}
	if output, passed := run("1"); !passed {
		t.Fatalf("the first run failed:\n%s", output)
	}
	if output, passed := run(""); !passed {
		t.Errorf("the second run failed:\n%s", output)
	}
	golden := filepath.Join(folder, "testdata", "golden")
	write(t, filepath.Join(golden, "old", "Hello.json"), "{}")
	text := string(read(t, golden, "sandbox/Hello.json"))
	write(t, filepath.Join(golden, "sandbox", "Hello.json"), strings.Replace(text, `"Cpu": "256"`, `"Cpu": "512"`, 1))
	output, passed := run("")
	for _, want := range []string{
		"Hello: differs from golden file testdata/golden/sandbox/Hello.json:\n", `.Properties.Cpu: want "512", got "256"` + "\n",
		"golden file testdata/golden/old/Hello.json belongs to no environment; ",
	} {
		if passed || !strings.Contains(output, want) {
			t.Errorf("after a change, passed is %t, and the output has no %q:\n%s", passed, want, output)
		}
	}
}

// checkReports holds a service to what a store and a feature from outside the library add to it.
func checkReports(t *testing.T, template snapshot.Template) {
	t.Helper()
	task := template.One(t, "AWS::ECS::TaskDefinition")
	secret := template.One(t, "AWS::SecretsManager::Secret")
	attachment := template.One(t, "AWS::SecretsManager::SecretTargetAttachment")
	expect(t, "Reports", task, map[string]any{
		"ContainerDefinitions.0.Secrets.0.Name":                   "LEDGER_PASSWORD",
		"ContainerDefinitions.0.Secrets.1":                        nil,
		"ContainerDefinitions.0.Environment.0.Name":               "DASHBOARD_NAME",
		"ContainerDefinitions.0.Environment.1.Name":               "LEDGER_HOST",
		"ContainerDefinitions.0.Environment.1.Value.Fn::GetAtt.1": "Endpoint.Address",
	})
	from := fmt.Sprint(task.Get("Properties.ContainerDefinitions.0.Secrets.0.ValueFrom"))
	if !strings.Contains(from, attachment.LogicalID) && !strings.Contains(from, secret.LogicalID) || !strings.Contains(from, ":password::") {
		t.Errorf("the password is read from %s", from)
	}
	if got := actionsOn(template, "ExecutionRole"); !strings.Contains(got, "secretsmanager:GetSecretValue") {
		t.Errorf("ECS may %s, and not read the password", got)
	}
	for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
		if rule.Get("Properties.ToPort") == nil {
			t.Errorf("%s opens every port", rule.LogicalID)
		}
	}

	found := map[string]snapshot.Resource{}
	for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
		expect(t, "Reports", alarm, map[string]any{"AlarmActions.0.Fn::GetStackOutput.OutputName": "FinanceInformTopicArn"})
		for _, id := range []string{"LedgerConnections", "DashboardQuiet"} {
			if strings.HasPrefix(alarm.LogicalID, "ReportsAlarmsOf"+id) {
				found[id] = alarm
			}
		}
	}
	if len(found) != 2 {
		t.Fatalf("%d of the two alarms from outside are there", len(found))
	}
	rule := fmt.Sprint(template.One(t, "AWS::CloudWatch::CompositeAlarm").Get("Properties.AlarmRule"))
	if !strings.Contains(rule, found["LedgerConnections"].LogicalID) || strings.Contains(rule, found["DashboardQuiet"].LogicalID) {
		t.Errorf("the page follows %s", rule)
	}
	service := template.One(t, "AWS::ECS::Service")
	expect(t, "Reports", service, map[string]any{
		"DeploymentConfiguration.Alarms.AlarmNames.0": "Reports.reports.errors",
		"DeploymentConfiguration.Alarms.AlarmNames.3": "Reports.reports.ledger.connections",
		"DeploymentConfiguration.Alarms.AlarmNames.4": nil,
		"DeploymentConfiguration.Alarms.Enable":       true,
		"DeploymentConfiguration.Alarms.Rollback":     true,
	})
	expect(t, "Reports", found["LedgerConnections"], map[string]any{"AlarmName": "Reports.reports.ledger.connections"})
	if first := fmt.Sprint(service.Get("DependsOn")); !strings.Contains(first, found["LedgerConnections"].LogicalID) {
		t.Errorf("the service does not wait for the alarm that a deployment is rolled back by: %s", first)
	}

	board := fmt.Sprint(template.One(t, "AWS::CloudWatch::Dashboard").Get("Properties.DashboardBody"))
	for _, part := range []string{"reports: requests", "RequestCount", "reports: latency", "p99", "CPUUtilization"} {
		if !strings.Contains(board, part) {
			t.Errorf("the dashboard has no %s: %s", part, board)
		}
	}
	expect(t, "Reports", measured(t, template, "OpenReports"), map[string]any{customized + "0.Expression": "serviceTotal / runningTasks"})
	uses := template.Get("Metadata.storefront:service:reports.Uses")
	want := []any{map[string]any{
		"Store": "Reports/Reports/Ledger", "Type": "main.database", "Access": "ReadWrite",
		"Variables": []any{"LEDGER_HOST"}, "Secrets": []any{"LEDGER_PASSWORD"},
	}}
	if diff := cmp.Diff(want, uses); diff != "" {
		t.Errorf("the record of what the service uses (-want +got):\n%s", diff)
	}
}
