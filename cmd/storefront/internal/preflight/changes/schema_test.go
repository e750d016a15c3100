package changes

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A type of our templates that the table does not have would be compared with nothing.
func TestSchemasHaveEveryType(t *testing.T) {
	files, err := filepath.Glob(goldens + "*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden templates: %v", err)
	}
	for _, file := range files {
		for _, r := range parse(t, file).Resources("") {
			if _, known := schemas[r.Type]; !known {
				t.Errorf("%s: schema.txt has no %s: add its service to schema/main.go, then go generate", file, r.Type)
			}
		}
	}
}

// What is lost with a resource is said of types that exist.
func TestTypesExist(t *testing.T) {
	types := append(append([]string{}, keepData...), replaceable...)
	for name := range consequences {
		types = append(types, name)
	}
	for _, name := range types {
		if _, known := schemas[name]; !known {
			t.Errorf("schema.txt has no %s", name)
		}
	}
}

func TestSchemasAreOfThePinnedVersion(t *testing.T) {
	pinned, err := os.ReadFile("../../cfnlint/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^cfn-lint==(\S+)`).FindSubmatch(pinned)
	if version == nil || !strings.Contains(schemaText, "cfn-lint "+string(version[1])+",") {
		t.Errorf("schema.txt is not of cfn-lint %s: make cfn-lint, then go generate ./internal/preflight/changes in cmd/storefront", version[1])
	}
}

func TestSchemas(t *testing.T) {
	got := schemas["AWS::DynamoDB::GlobalTable"]
	want := schema{
		replaces: []string{"TableName", "KeySchema"}, mayReplace: []string{"GlobalTableSourceArn", "LocalSecondaryIndexes"}, is: []string{"TableName"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(schema{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{
		"AWS::DynamoDB::GlobalTable": "TableName", "AWS::EC2::SecurityGroup": "GroupName", "AWS::SQS::Queue": "QueueName",
		"AWS::EC2::VPCEndpoint": "", "AWS::ElasticLoadBalancingV2::TargetGroup": "Name", "AWS::Cognito::UserPool": "",
	} {
		if got := nameOf(name); got != want {
			t.Errorf("the name of %s is %q, want %q", name, got, want)
		}
	}
}
