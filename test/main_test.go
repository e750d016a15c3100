// Package test holds everything that needs the CDK's runtime, in one binary, so that the runtime starts once.
package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/app/apptest"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/stacks"
)

// The CDK's validation of templates takes longer than all else here, and is off, as package apptest has it. One test, and make
// synth, run with it.
func TestMain(m *testing.M) {
	if dir := os.Getenv(requestsOf); dir != "" {
		defineCounted(dir)
		return
	}
	runFleet()
	var err error
	if scratch, err = os.MkdirTemp("", "storefront-test-"); err != nil {
		panic(err)
	}
	apptest.Main(m)
	_ = os.RemoveAll(scratch)
}

// scratch is for what outlives one test.
var scratch string

// assembly is what an app synthesized: its folder, and its templates by stack.
type assembly struct {
	dir       string
	templates map[string]snapshot.Template
}

// synthesize defines an app and synthesizes it. It fails the test when either does not work.
func synthesize(t testing.TB, context map[string]any, define func(awscdk.App)) assembly {
	t.Helper()
	return synthesizeInto(t, t.TempDir(), context, define)
}

func synthesizeInto(t testing.TB, dir string, context map[string]any, define func(awscdk.App)) assembly {
	t.Helper()
	if err := trySynthesize(dir, context, define); err != nil {
		t.Fatal(err)
	}
	templates, err := snapshot.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return assembly{dir, templates}
}

func trySynthesize(dir string, context map[string]any, define func(awscdk.App)) error {
	return synth.Try(func() error {
		app := awscdk.NewApp(&awscdk.AppProps{
			Outdir:             jsii.String(dir),
			Context:            &context,
			AnalyticsReporting: jsii.Bool(false),
		})
		define(app)
		app.Synth(nil)
		return nil
	})
}

// storefront synthesizes the storefront as the app would with the given context.
func storefront(t testing.TB, context map[string]any) assembly {
	t.Helper()
	return storefrontInto(t, t.TempDir(), context, stacks.Storefront())
}

// storefrontInto synthesizes the storefront, or what a test has made of it.
func storefrontInto(t testing.TB, dir string, context map[string]any, a app.App) assembly {
	t.Helper()
	return synthesizeInto(t, dir, context, func(cdk awscdk.App) {
		if err := a.Define(cdk); err != nil {
			t.Fatal(err)
		}
	})
}

// environments are the shipped environments, synthesized once for all tests that only read.
func environments(t testing.TB) map[string]assembly {
	t.Helper()
	if shipped == nil {
		all := map[string]assembly{}
		for _, environment := range stacks.Storefront().Environments {
			dir := filepath.Join(scratch, environment.Name)
			all[environment.Name] = storefrontInto(t, dir, map[string]any{"env": environment.Name}, stacks.Storefront())
		}
		shipped = all
	}
	return shipped
}

var shipped map[string]assembly

// everyStack calls check for each stack of each shipped environment. A rule that saw nothing would pass for nothing: it
// fails when it looked at nothing at all, or asked for resources of a type that no stack has.
func everyStack(t *testing.T, check func(t *testing.T, env app.Environment, stack string, template reviewed)) {
	t.Helper()
	all := environments(t)
	seen := map[string]int{}
	for _, env := range stacks.Storefront().Environments {
		for stack, template := range all[env.Name].templates {
			t.Run(env.Name+"/"+stack, func(t *testing.T) { check(t, env, stack, reviewed{template, seen}) })
		}
	}
	if len(seen) == 0 {
		t.Error("the rule looked at nothing")
	}
	for what, count := range seen {
		if count == 0 {
			t.Errorf("no stack has a %s, so that the rule proves nothing about it", what)
		}
	}
}

// reviewed is a template, and what a rule has seen of all templates.
type reviewed struct {
	snapshot.Template
	seen map[string]int
}

// Resources are those of the template. It counts them, unless all types are asked for: then the rule says what it saw.
func (r reviewed) Resources(resourceType string) []snapshot.Resource {
	found := r.Template.Resources(resourceType)
	if resourceType != "" {
		r.seen[resourceType] += len(found)
	}
	return found
}

// saw says that the rule looked at something.
func (r reviewed) saw(what string) { r.seen[what]++ }
