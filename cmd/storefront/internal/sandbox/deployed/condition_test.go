package deployed

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// conditional is an app whose stacks use each other by exports, with conditions and mappings.
func conditional(t *testing.T) *App {
	t.Helper()
	parse := func(text string) snapshot.Template {
		template, err := snapshot.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return template
	}
	return &App{Config: aws.Config{Region: "us-east-1"}, Stacks: []*Stack{
		{
			Name: "base", Outputs: map[string]string{"Exported": "vpc-1"}, Resources: map[string]Resource{"Vpc": {LogicalID: "Vpc", Type: "AWS::EC2::VPC", PhysicalID: "vpc-1"}},
			Template: parse(`{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}, "Outputs": {"Exported": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "base:vpc"}}}}`),
		},
		{
			Name: "app", Resources: map[string]Resource{"Queue": {LogicalID: "Queue", Type: "AWS::SQS::Queue", PhysicalID: "q"}},
			Template: parse(`{
				"Mappings": {"Sizes": {"us-east-1": {"cpu": "512"}}},
				"Conditions": {
					"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
					"There": {"Fn::Not": [{"Condition": "Here"}]},
					"Either": {"Fn::Or": [{"Condition": "There"}, {"Condition": "Here"}]},
					"Both": {"Fn::And": [{"Condition": "There"}, {"Condition": "Here"}]}
				},
				"Resources": {
					"Plain": {"Type": "AWS::SQS::Queue"}, "InHere": {"Type": "AWS::SQS::Queue", "Condition": "Here"},
					"InThere": {"Type": "AWS::SQS::Queue", "Condition": "There"}, "InEither": {"Type": "AWS::SQS::Queue", "Condition": "Either"},
					"InBoth": {"Type": "AWS::SQS::Queue", "Condition": "Both"}, "CDKMetadata": {"Type": "AWS::CDK::Metadata"}
				},
				"Outputs": {"Always": {"Value": "a"}, "Never": {"Value": "b", "Condition": "There"}}
			}`),
		},
	}}
}

func TestCreates(t *testing.T) {
	app := conditional(t)
	got := map[string]bool{}
	for _, r := range app.Stacks[1].Template.Resources("") {
		created, err := app.Creates(t.Context(), app.Stacks[1], r)
		if err != nil {
			t.Fatal(err)
		}
		got[r.LogicalID] = created
	}
	want := map[string]bool{"Plain": true, "InHere": true, "InThere": false, "InEither": true, "InBoth": false, "CDKMetadata": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for id, want := range map[string]bool{"Always": true, "Never": false} {
		if got, err := app.HasOutput(t.Context(), app.Stacks[1], id); got != want || err != nil {
			t.Errorf("output %s: got %t, %v, want %t", id, got, err, want)
		}
	}
}

func TestResolveOfAnyApp(t *testing.T) {
	app := conditional(t)
	for text, want := range map[string]string{
		`{"Fn::If": ["Here", "yes", {"Ref": "Nothing"}]}`:             "yes",
		`{"Fn::If": ["There", {"Ref": "Nothing"}, "no"]}`:             "no",
		`{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "cpu"]}`: "512",
		`{"Fn::ImportValue": "base:vpc"}`:                             "vpc-1",
	} {
		value, err := snapshot.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := app.Resolve(t.Context(), app.Stacks[1], map[string]any(value)); got != want || err != nil {
			t.Errorf("%s: got %v, %v, want %s", text, got, err, want)
		}
	}
}

func TestReferenced(t *testing.T) {
	app := conditional(t)
	app.Stacks[0].Outputs["Id"] = "vpc-1"
	app.Stacks[0].Template["Outputs"].(map[string]any)["Id"] = map[string]any{"Value": map[string]any{"Fn::GetAtt": []any{"Vpc", "VpcId"}}}
	for text, want := range map[string]string{
		`{"Ref": "Queue"}`:                                                        "q",
		`{"Fn::GetAtt": "Queue.Arn"}`:                                             "q",
		`{"Fn::GetAtt": ["Queue", "A"]}`:                                          "q",
		`{"Fn::Join": ["", ["integrations/", {"Ref": "Queue"}]]}`:                 "q",
		`{"Fn::Join": ["", [{"Ref": "Queue"}, {"Fn::ImportValue": "base:vpc"}]]}`: "",
		`{"Fn::ImportValue": "base:vpc"}`:                                         "vpc-1",
		`{"Fn::GetStackOutput": {"StackName": "base", "OutputName": "Id"}}`:       "vpc-1",
		`{"Fn::GetStackOutput": {"StackName": "other", "OutputName": "Id"}}`:      "",
		`{"Ref": "AWS::Region"}`:                                                  "",
	} {
		value, err := snapshot.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, r := app.Referenced(app.Stacks[1], map[string]any(value)); r != nil {
			got = r.PhysicalID
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestForeign(t *testing.T) {
	app := conditional(t)
	if got := Foreign(app.Stacks); len(got) > 0 {
		t.Errorf("got %v, want none", got)
	}
	app.Stacks[1].Template["Metadata"] = map[string]any{"a": []any{
		map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": "shop-platform", "OutputName": "A"}},
		map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": "base", "OutputName": "Id"}},
	}}
	if diff := cmp.Diff([]string{"shop-platform"}, Foreign(app.Stacks)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
