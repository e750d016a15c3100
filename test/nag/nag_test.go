package nag

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/storefront-cdk/storefront/constructs/app/apptest"
	"github.com/storefront-cdk/storefront/stacks"
)

func TestMain(m *testing.M) { apptest.Main(m) }

func TestNothingIsFoundThatNobodyHasAccepted(t *testing.T) {
	used := make([]bool, len(accepted))
	for _, environment := range stacks.Storefront().Environments {
		found := findings(t, environment.Name)
		if len(found) == 0 {
			t.Errorf("%s: no findings at all, not even accepted ones: the rules were not run", environment.Name)
		}
		for _, f := range found {
			known := false
			for n, e := range accepted {
				if e.matches(f) {
					known, used[n] = true, true
				}
			}
			if !known {
				t.Errorf("%s\nmend it, or add it to accepted.go with a reason", f)
			}
		}
	}
	for n, e := range accepted {
		if !used[n] {
			t.Errorf("accepted.go: nothing is found by %s at %s %s: remove the entry", e.finding, e.environment, e.path)
		}
	}
}

func TestEveryEntryHasAReason(t *testing.T) {
	for _, e := range accepted {
		if len(strings.Fields(e.reason)) < 5 {
			t.Errorf("%s at %s: the reason %q says nothing", e.finding, e.path, e.reason)
		}
	}
}

// ids matches the ID of a finding at the beginning of its text. A rule that fails has its own in brackets.
var ids = regexp.MustCompile(`^(?:CdkNagValidationFailure\[)?(AwsSolutions-\w+(?:\[[^ ]*\])?)\]?: `)

// findings synthesizes the stacks of an environment and returns what the rules report. It reads the annotations and not
// the reports, which do not say to what a wildcard of a policy applies.
func findings(t *testing.T, environment string) []finding {
	t.Helper()
	dir := t.TempDir()
	context := map[string]any{"env": environment}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &dir, Context: &context, AnalyticsReporting: jsii.Bool(false)})
	if err := stacks.Storefront().Define(app); err != nil {
		t.Fatal(err)
	}
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
	app.Synth(nil)

	files, err := filepath.Glob(filepath.Join(dir, "*.metadata.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of metadata: %v", len(files), err)
	}
	var found []finding
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var metadata map[string][]struct {
			Type string
			Data any
		}
		if err := json.Unmarshal(text, &metadata); err != nil {
			t.Fatal(err)
		}
		for path, entries := range metadata {
			for _, entry := range entries {
				message, _ := entry.Data.(string)
				if match := ids.FindStringSubmatch(message); match != nil {
					found = append(found, finding{environment, match[1], strings.TrimPrefix(path, "/"), strings.TrimSpace(message)})
				}
			}
		}
	}
	return found
}
