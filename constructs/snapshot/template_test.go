package snapshot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

func parse(t *testing.T, text string) snapshot.Template {
	t.Helper()
	template, err := snapshot.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:          "parse template: EOF",
		`{"a": 1`:   "parse template: unexpected EOF",
		`null`:      "parse template: want an object, got null",
		`{} {}`:     "parse template: more text after the end of the object",
		`{"a": 1}]`: "parse template: more text after the end of the object",
	} {
		if _, err := snapshot.Parse([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): got error %v, want %s", text, err, want)
		}
	}
	if _, err := snapshot.Parse([]byte(`[1]`)); err == nil {
		t.Error("Parse of a list: got no error")
	}
}

func TestJSONIsCanonicalAndLosesNothing(t *testing.T) {
	template := parse(t, `{"b": [12345678901234567890, 1.10, 1e3], "a": {"d": "a<b>&\"c\"", "c": [], "null": null}}`)
	want := `{
  "a": {
    "c": [],
    "d": "a<b>&\"c\"",
    "null": null
  },
  "b": [
    12345678901234567890,
    1.10,
    1e3
  ]
}
`
	if diff := cmp.Diff(want, string(template.JSON())); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	if got := string(snapshot.Template(nil).JSON()); got != "{}\n" {
		t.Errorf("JSON of a nil template: got %q, want an empty object", got)
	}
}

const queryTemplate = `{
  "Resources": {
    "Service": {"Type": "AWS::ECS::Service", "Properties": {"DesiredCount": 2, "Zones": [["a", "b"], "c"], "Public": false}},
    "QueueB": {"Type": "AWS::SQS::Queue"},
    "QueueA": {"Type": "AWS::SQS::Queue"},
    "Route": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"RequestParameters": {
      "overwrite:header.x-service": "cart", "overwrite:header": "whole", "a": {"b.c": {"d": 1}}
    }}},
    "Fn::ForEach::Topics": ["Id", ["A"], {}]
  },
  "Outputs": {"Url": {"Value": "https://example.com", "Description": "the shop"}, "Empty": {}}
}`

func TestGet(t *testing.T) {
	template := parse(t, queryTemplate)
	for path, want := range map[string]any{
		"Service.Type":                    "AWS::ECS::Service",
		"Service.Properties.DesiredCount": json.Number("2"),
		"Service.Properties.Public":       false,
		"Service.Properties.Zones.0.1":    "b",
		"Service.Properties.Zones.1":      "c",
		"Service.Properties.Zones.2":      nil,
		"Service.Properties.Zones.-1":     nil,
		"Service.Properties.Zones.x":      nil,
		"Service.Properties.Zones.1.0":    nil,
		"Service.Properties.Absent.Deep":  nil,
		"Service.":                        nil,
		"Nothing.At.All":                  nil,
		"Route.Properties.RequestParameters.overwrite:header.x-service": "cart",
		"Route.Properties.RequestParameters.overwrite:header":           "whole",
		"Route.Properties.RequestParameters.a.b.c.d":                    json.Number("1"),
	} {
		if got := template.Get("Resources." + path); got != want {
			t.Errorf("Template.Get(Resources.%s): got %#v, want %#v", path, got, want)
		}
		id, rest, _ := strings.Cut(path, ".")
		for _, resource := range template.Resources("") {
			if got := resource.Get(rest); resource.LogicalID == id && got != want {
				t.Errorf("%s: Get(%q): got %#v, want %#v", id, rest, got, want)
			}
		}
	}
}

func TestResources(t *testing.T) {
	template := parse(t, queryTemplate)
	for resourceType, want := range map[string]string{
		"AWS::SQS::Queue":   "QueueA QueueB",
		"AWS::ECS::Service": "Service",
		"AWS::SNS::Topic":   "",
		"":                  "QueueA QueueB Route Service",
	} {
		var ids []string
		for _, resource := range template.Resources(resourceType) {
			ids = append(ids, resource.LogicalID)
			if resource.Raw["Type"] != resource.Type {
				t.Errorf("%s: Type is %q, want %q", resource.LogicalID, resource.Type, resource.Raw["Type"])
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("Resources(%q): got %s, want %s", resourceType, got, want)
		}
	}
	if got := (snapshot.Template{}).Resources(""); len(got) > 0 {
		t.Errorf("resources of an empty template: got %v", got)
	}
}

func TestOne(t *testing.T) {
	template := parse(t, queryTemplate)
	cases := map[string][][]string{
		"AWS::ECS::Service": nil,
		"AWS::SNS::Topic": {{
			"want one AWS::SNS::Topic, got none",
			"the template has: AWS::ApiGatewayV2::Integration, AWS::ECS::Service, AWS::SQS::Queue",
		}},
		"AWS::SQS::Queue": {{"want one AWS::SQS::Queue, got 2: QueueA, QueueB"}},
	}
	for resourceType, want := range cases {
		var got snapshot.Resource
		tb := record(func(tb testing.TB) { got = template.One(tb, resourceType) })
		wantMessages(t, "errors of One("+resourceType+")", tb.errors, want)
		if (got.Type == resourceType) != (want == nil) {
			t.Errorf("One(%s) returned %+v", resourceType, got)
		}
	}
}

func TestOutputs(t *testing.T) {
	want := map[string]any{"Url": "https://example.com", "Empty": nil}
	if diff := cmp.Diff(want, parse(t, queryTemplate).Outputs()); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

func TestWalk(t *testing.T) {
	var got []string
	parse(t, `{"b": [{"y": 1, "x": null}, []], "a": "s"}`).Walk(func(path string, value any) {
		got = append(got, fmt.Sprint(path, "=", value))
	})
	want := []string{"a=s", "b=[map[x:<nil> y:1] []]", "b.0=map[x:<nil> y:1]", "b.0.x=<nil>", "b.0.y=1", "b.1=[]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("visited (-want +got):\n%s", diff)
	}
}

func TestWalkGivesPathsThatGetReads(t *testing.T) {
	template := parse(t, queryTemplate)
	template.Walk(func(path string, value any) {
		if diff := cmp.Diff(value, template.Get(path)); diff != "" {
			t.Errorf("%s: Get differs from what Walk visited:\n%s", path, diff)
		}
	})
}

func TestNormalize(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 4)
	const masked = "<asset-hash>"
	cases := map[string]struct{ value, want string }{
		"object key":             {`"` + hash + `.zip"`, `"` + masked + `.zip"`},
		"object key in a folder": {`"deploy-time/` + hash + `.zip"`, `"deploy-time/` + masked + `.zip"`},
		"tag of an image": {
			`{"Fn::Sub": "${AWS::AccountId}.dkr.ecr/cdk-hnb659fds-container-assets-${AWS::AccountId}:` + hash + `"}`,
			`{"Fn::Sub": "${AWS::AccountId}.dkr.ecr/cdk-hnb659fds-container-assets-${AWS::AccountId}:` + masked + `"}`,
		},
		"tag with a prefix":     {`"assets:cart-` + hash + `"`, `"assets:cart-` + masked + `"`},
		"staging folder":        {`"../asset.` + hash + `"`, `"../asset.` + masked + `"`},
		"part of a join":        {`{"Fn::Join": ["", ["/` + hash + `.json"]]}`, `{"Fn::Join": ["", ["/` + masked + `.json"]]}`},
		"alone":                 {`"` + hash + `"`, `"` + masked + `"`},
		"two in one":            {`"` + hash + ` ` + hash + `"`, `"` + masked + ` ` + masked + `"`},
		"digest of an image":    {`"nginx@sha256:` + hash + `"`, ``},
		"65 digits":             {`"` + hash + `0"`, ``},
		"63 digits":             {`"` + hash[1:] + `"`, ``},
		"capitals":              {`"` + strings.ToUpper(hash) + `"`, ``},
		"within a name":         {`"AssetParameters` + hash + `S3Bucket"`, ``},
		"logical ID":            {`{"` + hash + `": {"Type": "T"}}`, ``},
		"Ref":                   {`{"Ref": "` + hash + `"}`, ``},
		"Fn::GetAtt":            {`{"Fn::GetAtt": ["` + hash + `", "Arn"]}`, ``},
		"Fn::GetAtt as string":  {`{"Fn::GetAtt": "` + hash + `.Arn"}`, ``},
		"DependsOn":             {`{"DependsOn": ["` + hash + `"]}`, ``},
		"reference in Fn::Sub":  {`{"Fn::Sub": "${` + hash + `.Arn}"}`, ``},
		"construct path":        {`{"aws:cdk:path": "Cart/Service/Resource"}`, ``},
		"suffix of the CDK":     {`{"Ref": "CartServiceD69D759B"}`, ``},
		"other kinds of values": {`[1.10, true, null, {}, []]`, ``},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			template := parse(t, `{"Resources": `+c.value+`}`)
			before := string(template.JSON())
			if c.want == "" {
				c.want = c.value
			}
			want := parse(t, `{"Resources": `+c.want+`}`)
			if diff := cmp.Diff(string(want.JSON()), string(template.Normalize().JSON())); diff != "" {
				t.Errorf("normalized (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, string(template.JSON())); diff != "" {
				t.Errorf("the template itself changed:\n%s", diff)
			}
		})
	}
}

func TestNormalizeSharesNothing(t *testing.T) {
	template := parse(t, queryTemplate)
	normalized := template.Normalize()
	normalized.Get("Resources.Service").(map[string]any)["Type"] = "changed"
	normalized.Get("Resources.Service.Properties.Zones").([]any)[0] = "changed"
	if diff := snapshot.Diff(parse(t, queryTemplate), template); diff != "" {
		t.Errorf("a change of the copy changed the template:\n%s", diff)
	}
}
