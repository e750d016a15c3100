package apptest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/internal/cdkenv"
)

// Main runs the tests of a package, and then stops the runtime of the CDK. Call it from TestMain, which must return after it.
//
// In every test that imports this package, the runtime is the Node.js of the nearest node_modules/.bin, if there is one, and else
// the one on PATH. The CDK's validation of templates is off, as cdk synth does it and it takes several times as long as the
// tests; with CDK_VALIDATION=true in the environment of go test it is on.
func Main(m *testing.M) {
	m.Run() // its status is that of the program if TestMain returns
	jsii.Close()
}

// golden is the folder of the golden files, one for each environment below it.
var golden = filepath.Join("testdata", "golden")

// Golden compares each template of each environment with testdata/golden/<environment>/<stack>.json, as [snapshot.Match] does.
// The test fails if a template differs, if one has no file, or if a file or a folder there belongs to no stack or environment. If
// the environment variable SNAPSHOT_UPDATE is 1, Golden updates the files instead.
func Golden(t *testing.T, a app.App) {
	t.Helper()
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, env := range a.Environments {
		known[env.Name] = true
		t.Run(env.Name, func(t *testing.T) {
			t.Helper()
			snapshot.Match(t, filepath.Join(golden, env.Name), Synthesize(t, a, map[string]any{"env": env.Name}))
		})
	}
	orphans(t, golden, known)
}

// orphans reports the golden files that are of no environment, or removes them if golden files are updated.
func orphans(t testing.TB, folder string, known map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || known[entry.Name()] {
			continue
		}
		of, err := filepath.Glob(filepath.Join(folder, entry.Name(), "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, of...)
	}
	for _, file := range files {
		if os.Getenv("SNAPSHOT_UPDATE") != "1" {
			t.Errorf("golden file %s belongs to no environment; if this is intended, run the test again with SNAPSHOT_UPDATE=1 and commit the golden files", file)
			continue
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		t.Logf("removed golden file %s, which belongs to no environment", file)
		if dir := filepath.Dir(file); dir != folder {
			_ = os.Remove(dir) // if it is empty
		}
	}
}

// Synthesize returns the templates of the app by the ID of the stack, as cdk synth makes them with the context in cdk.json and
// the given one, which takes precedence, such as {"env": "production", "only": "cart"}. Settings of the app in cdk.json, such as
// env, have no effect. The test fails with every problem if the app cannot be synthesized.
func Synthesize(t testing.TB, a app.App, context map[string]any) map[string]snapshot.Template {
	t.Helper()
	all, err := settings()
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(all, context)
	dir := t.TempDir()
	err = synth.Try(func() error {
		cdk := awscdk.NewApp(&awscdk.AppProps{Outdir: &dir, Context: &all, AnalyticsReporting: jsii.Bool(false)})
		if err := a.Define(cdk); err != nil {
			return err
		}
		cdk.Synth(nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	templates, err := snapshot.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

// settings returns the context in the nearest cdk.json, and in the cdk.context.json beside it, where the CDK CLI keeps what it
// has looked up. There may be neither.
func settings() (map[string]any, error) {
	all := map[string]any{}
	file := cdkenv.Nearest("cdk.json")
	if file == "" {
		return all, nil
	}
	var cdk struct{ Context map[string]any }
	if err := readJSON(file, &cdk); err != nil {
		return nil, err
	}
	var lookedUp map[string]any
	err := readJSON(filepath.Join(filepath.Dir(file), "cdk.context.json"), &lookedUp)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	maps.Copy(all, lookedUp)
	maps.Copy(all, cdk.Context)
	for _, key := range []string{"env", "only", "account", "protection"} {
		delete(all, key)
	}
	return all, nil
}

func readJSON(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
