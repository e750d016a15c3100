package preflight

import (
	"encoding/json"
	"html"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
)

// shopImages are the images of testdata/shop, the one with two architectures, the other one with one.
var shopImages = map[string][]string{"shop/cart:1": {"amd64", "arm64"}, "shop/logs:2": {"arm64"}}

// look runs the checks of testdata/shop on a recorded account.
func look(t *testing.T, account *recording, images images) []finding.Finding {
	t.Helper()
	// What is deployed is what the assembly has.
	for id, name := range map[string]string{"Platform": "shop-platform", "Cart": "shop-cart"} {
		text, err := os.ReadFile("testdata/shop/" + id + ".template.json")
		if err != nil {
			t.Fatal(err)
		}
		account.add("== CloudFormation.GetTemplate 200 StackName=" + name + `
<GetTemplateResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><GetTemplateResult><TemplateBody>` +
			html.EscapeString(string(text)) + `</TemplateBody></GetTemplateResult></GetTemplateResponse>
`)
	}
	findings, err := Run(t.Context(), Options{Assembly: "testdata/shop", Config: account.config(), Registry: images})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// wantScreen compares what is shown with a file.
func wantScreen(t *testing.T, file string, findings []finding.Finding) {
	t.Helper()
	got := screen(t, findings)
	file = "testdata/" + file
	if os.Getenv("SNAPSHOT_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestAFineAccount(t *testing.T) {
	account := record(t, "fine.txt")
	findings := look(t, account, push(t, shopImages))
	wantScreen(t, "fine.screen", findings)
	if !finding.Passes(findings) {
		t.Error("a fine account does not pass")
	}
	for call := range account.calls {
		_, operation, _ := strings.Cut(call, ".")
		if !strings.HasPrefix(operation, "Get") && !strings.HasPrefix(operation, "Describe") && !strings.HasPrefix(operation, "List") &&
			operation != "SimulatePrincipalPolicy" {
			t.Errorf("%s does not only read", call)
		}
	}
}

func TestAFreshAccount(t *testing.T) {
	findings := look(t, record(t, "fresh.txt"), push(t, nil))
	wantScreen(t, "fresh.screen", findings)
	if finding.Passes(findings) {
		t.Error("a fresh account passes")
	}
}

func TestAnAccountWithoutPermissions(t *testing.T) {
	findings := look(t, record(t, "denied.txt"), push(t, shopImages))
	wantScreen(t, "denied.screen", findings)
	if finding.Passes(findings) {
		t.Error("what could not be read passes")
	}
}

// The policy in the documentation allows each action that a run calls, and no other.
func TestTheDocumentedPolicy(t *testing.T) {
	called := map[string]bool{
		// The registry of Amazon ECR requires these of the credentials that it is given.
		"ecr:BatchGetImage": true, "ecr:GetDownloadUrlForLayer": true,
		// Where nothing was applied to the account.
		"servicequotas:GetAWSDefaultServiceQuota": true,
	}
	prefixes := map[string]string{"ElasticLoadBalancingv2": "elasticloadbalancing", "OpenSearch": "es"}
	account := record(t, "fine.txt")
	look(t, account, push(t, shopImages))
	for call := range account.calls {
		service, operation, _ := strings.Cut(call, ".")
		switch service {
		case "STS": // GetCallerIdentity needs no permission
		case "ApiGatewayV2":
			called["apigateway:GET"] = true
		default:
			prefix := prefixes[service]
			if prefix == "" {
				prefix = strings.ToLower(service)
			}
			called[prefix+":"+operation] = true
		}
	}
	page, err := os.ReadFile("../../../../docs/first-deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	_, policy, _ := strings.Cut(string(page), "```json\n")
	policy, _, _ = strings.Cut(policy, "```")
	var documented struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal([]byte(policy), &documented); err != nil || len(documented.Statement) != 1 {
		t.Fatalf("the policy in the documentation: %+v, %v", documented, err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(called)), documented.Statement[0].Action); diff != "" {
		t.Errorf("actions (-called +documented):\n%s", diff)
	}
}
