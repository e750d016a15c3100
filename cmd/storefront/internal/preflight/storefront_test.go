package preflight

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
)

// storefront writes a cloud assembly with the storefront's golden templates of production.
func storefront(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob("../../../../test/testdata/golden/production/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d golden templates: %v", len(files), err)
	}
	artifacts := map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimSuffix(filepath.Base(file), ".json")
		if err := os.WriteFile(filepath.Join(dir, id+".template.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		artifacts[id] = map[string]any{
			"type": "aws:cloudformation:stack", "dependencies": before(id), "environment": "aws://unknown-account/eu-central-1",
			"properties": map[string]any{
				"templateFile": id + ".template.json", "stackName": "storefront-production-" + strings.ToLower(id),
				"requiresBootstrapStackVersion": 6, "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
				"assumeRoleArn":                  "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-deploy-role-${AWS::AccountId}-eu-central-1",
				"cloudFormationExecutionRoleArn": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-${AWS::AccountId}-eu-central-1",
			},
		}
	}
	text, err := json.Marshal(map[string]any{"artifacts": artifacts})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// before returns the stacks that stacks.New deploys before a stack.
func before(id string) []string {
	switch id {
	case "Teams":
		return nil
	case "Platform":
		return []string{"Teams"}
	case "Identity":
		return []string{"Platform"}
	case "Cart":
		return []string{"Platform", "Identity", "Teams", "Catalog"}
	}
	return []string{"Platform", "Identity", "Teams"}
}

func screen(t *testing.T, findings []finding.Finding) string {
	t.Helper()
	var b strings.Builder
	if err := finding.Write(&b, findings, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The storefront's production on an account in which nothing was done yet fits one screen.
func TestTheStorefrontOnAFreshAccount(t *testing.T) {
	account := record(t, "fresh.txt")
	findings, err := Run(t.Context(), Options{Assembly: storefront(t), Config: account.config(), Registry: push(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	shown := screen(t, findings)
	// The numbers of docs/first-deployment.md.
	const vCPUs = "needed: 7 at the minimum, 9 while one service is deployed, 14 while all are, 50 at the maximum"
	if !strings.Contains(strings.Join(strings.Fields(shown), " "), vCPUs) {
		t.Errorf("want %q in:\n%s", vCPUs, shown)
	}
	const protected = "warning first deployment storefront-production-cart and 9 others: new, with deletion protection"
	if !strings.Contains(strings.Join(strings.Fields(shown), " "), protected) {
		t.Errorf("want %q in:\n%s", protected, shown)
	}
	if strings.Contains(shown, "REFUSED") {
		t.Errorf("a first deployment is refused:\n%s", shown)
	}
	if lines := strings.Count(shown, "\n"); lines > 50 {
		t.Errorf("%d lines, more than 50", lines)
	}
	for line := range strings.Lines(shown) {
		if columns := len([]rune(strings.TrimSuffix(line, "\n"))); columns > finding.Columns {
			t.Errorf("%d columns: %s", columns, line)
		}
	}
}
