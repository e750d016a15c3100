// Package e2e deploys the storefront with the CDK CLI and checks the result: on a fresh emulator of AWS, or, with
// SANDBOX_ENDPOINT= and credentials in the environment, on an account. make sandbox-test runs it.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

// suite is what all checks share: one storefront, of env=sandbox.
type suite struct {
	ctx      context.Context // canceled by a signal, or when the emulator exits
	root     string          // the repository
	app      string          // the program of the storefront
	dir      string          // of this run: assemblies and logs
	target   *target.Target
	cli      *cdk.CLI
	assembly string // of env=sandbox
	checks   *check.Suite
	before   check.Inventory
	numbers  []string
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

// sandbox is the suite of TestSandbox.
var sandbox *suite

func run(m *testing.M) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	start := time.Now()
	s, err := open(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		return 1
	}
	defer s.target.Close()
	s.ctx, cancel = s.target.While(ctx)
	defer cancel()
	sandbox = s
	code := m.Run()
	if ctx.Err() != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", s.target.Why(ctx, ctx.Err()))
		return 1
	}
	s.count("%.0f s in all", time.Since(start).Seconds())
	fmt.Printf("\n%s\n", strings.Join(s.numbers, "\n"))
	if code != 0 {
		fmt.Printf("\nlogs are in %s\n", s.dir)
		s.cleanUp()
	}
	return code
}

// cleanUp destroys what a failed test left in an account.
func (s *suite) cleanUp() {
	if s.target.Emulator != nil {
		return
	}
	if _, err := s.cli.Destroy(s.ctx, s.assembly); err != nil {
		fmt.Printf("stacks may be left in account %s: %v\n", s.target.Account, err)
	}
}

func open(ctx context.Context) (*suite, error) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, ".cache", "sandbox", "test")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	t, err := target.Open(ctx, target.Options{Python: filepath.Join(root, ".cache", "sandbox", "python"), Dir: filepath.Join(dir, "run"), Ask: os.Stdin, Tell: os.Stderr})
	if err != nil {
		return nil, err
	}
	if t.Emulator != nil {
		fmt.Printf("%s answers at %s\n", emulator.Name, t.Emulator.Endpoint())
	}
	p, err := project.Find(root)
	if err != nil {
		return nil, err
	}
	app, err := p.Build(ctx, os.Stdout)
	if err != nil {
		return nil, err
	}
	s := &suite{
		app: app, ctx: ctx, root: root, dir: dir, target: t, assembly: filepath.Join(dir, "cdk.out", "sandbox"),
		cli: &cdk.CLI{Root: root, Dir: filepath.Join(dir, "log"), Environ: t.Environ, Progress: os.Stdout},
	}
	s.checks = &check.Suite{Target: t, CLI: s.cli, Assembly: s.assembly, Dir: dir}
	return s, nil
}

// TestSandbox runs the checks in order. Each leaves the storefront as it found it.
func TestSandbox(t *testing.T) {
	for _, check := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"A service before its platform", serviceBeforePlatform},
		{"Deploy", deploy},
		{"Complete", complete},
		{"Preflight", preflight},
		{"True", asAsked},
		{"Other kinds", otherKinds},
		{"Any type", anyType},
		{"Least privilege", leastPrivilege},
		{"Routed", routed},
		{"Once", onceOnly},
		{"Events", eventsOfTheStorefront},
		{"Independent", independent},
		{"Another team", anotherTeam},
		{"Safe", safe},
		{"Again", again},
		{"Still true", stillTrue},
		{"Destroy", destroy},
		{"Any app", anyApp},
		{"Pipes", pipes},
		{"Another app's events", eventsOfTheClinic},
		{"Production", production},
		{"No server error", noServerError},
	} {
		start := time.Now()
		passed := t.Run(check.name, func(t *testing.T) { check.run(t, sandbox) })
		if sandbox.ctx.Err() != nil {
			t.Fatal(context.Cause(sandbox.ctx))
		}
		sandbox.count("%5.1f s  %s", time.Since(start).Seconds(), check.name)
		if !passed && check.name == "Deploy" {
			t.Fatal("nothing was deployed that could be checked")
		}
	}
}

// count adds a line to the end of the output.
func (s *suite) count(format string, values ...any) {
	s.numbers = append(s.numbers, fmt.Sprintf(format, values...))
}

// notRun reports what is not checked on an account, and why.
func (s *suite) notRun(t *testing.T, what string) {
	t.Helper()
	t.Log("not run against a real account:", what)
	s.count("not run against a real account: %s", what)
}

// read reads an assembly's stacks from CloudFormation.
func (s *suite) read(t *testing.T, assembly string) *deployed.App {
	t.Helper()
	storefront, err := deployed.Read(s.ctx, s.target.Config, assembly)
	if err != nil {
		t.Fatal(err)
	}
	return storefront
}

// config is the SDK's configuration for the region of an assembly.
func (s *suite) config(t *testing.T, assembly string) aws.Config {
	t.Helper()
	region, err := deployed.Region(assembly)
	if err != nil {
		t.Fatal(err)
	}
	return s.target.In(region)
}

// synth synthesizes an environment of the storefront and prepares its region.
func (s *suite) synth(t *testing.T, env, assembly string) {
	t.Helper()
	s.synthWith(t, assembly, map[string]string{"env": env})
}

// synthWith is synth with any settings.
func (s *suite) synthWith(t *testing.T, assembly string, settings map[string]string) {
	t.Helper()
	if err := s.cli.Synth(s.ctx, s.app, assembly, settings); err != nil {
		t.Fatal(err)
	}
	if err := s.cli.Bootstrap(s.ctx, s.target.Account, s.config(t, assembly).Region); err != nil {
		t.Fatal(err)
	}
}

// fails fails the test unless a deployment failed with the given stack, type and reason.
func fails(t *testing.T, err error, stack, resourceType, reason string) {
	t.Helper()
	var failure *cdk.Error
	if !errors.As(err, &failure) {
		t.Fatalf("want a deployment that fails, got %v", err)
	}
	if failure.Stack != stack || !strings.HasPrefix(failure.Resource, resourceType) || !strings.Contains(failure.Reason, reason) {
		t.Errorf("want stack %s, a resource of type %s and the reason %q, got: %v", stack, resourceType, reason, failure)
	}
	if _, err := os.Stat(failure.Log); err != nil {
		t.Errorf("its log does not exist: %v", err)
	}
}

// noServerError fails if the emulator had an error of its own: no request was retried, so none is hidden.
func noServerError(t *testing.T, s *suite) {
	if s.target.Emulator == nil {
		s.notRun(t, "server errors: there is no log of an emulator")
		return
	}
	result, err := s.checks.NoServerError(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range result.Findings {
		t.Error(finding)
	}
}
