package deployed

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// shop is two deployed stacks, of which all expressions resolve without a request to any service.
func shop(t *testing.T) (*App, *Stack) {
	t.Helper()
	template, err := snapshot.Parse([]byte(`{
		"Parameters": {"Size": {"Type": "String"}},
		"Resources": {"Table": {"Type": "AWS::DynamoDB::GlobalTable"}}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	cart := &Stack{Name: "shop-cart", ARN: "arn:aws:cloudformation:us-east-1:111122223333:stack/shop-cart/4f9a0c1e-1", Template: template, Resources: map[string]Resource{
		"Table": {LogicalID: "Table", Type: "AWS::DynamoDB::GlobalTable", PhysicalID: "cart-items"},
	}}
	return &App{
		Config: aws.Config{Region: "us-east-1"}, Account: "111122223333",
		Stacks: []*Stack{{Name: "shop-platform", Outputs: map[string]string{"VpcId": "vpc-1"}}, cart},
		known: map[string]any{
			"shop-cart parameter Size": "512",
			"properties AWS::DynamoDB::GlobalTable cart-items": map[string]any{
				"Arn": "arn:aws:dynamodb:us-east-1:111122223333:table/cart-items", "Stream": map[string]any{"Label": "2026"},
			},
		},
	}, cart
}

func TestResolve(t *testing.T) {
	for text, want := range map[string]any{
		`"plain"`:                                   "plain",
		`7`:                                         json.Number("7"),
		`{"Ref": "Table"}`:                          "cart-items",
		`{"Ref": "Size"}`:                           "512",
		`{"Ref": "AWS::AccountId"}`:                 "111122223333",
		`{"Ref": "AWS::Region"}`:                    "us-east-1",
		`{"Ref": "AWS::Partition"}`:                 "aws",
		`{"Ref": "AWS::URLSuffix"}`:                 "amazonaws.com",
		`{"Ref": "AWS::StackName"}`:                 "shop-cart",
		`{"Ref": "AWS::StackId"}`:                   "arn:aws:cloudformation:us-east-1:111122223333:stack/shop-cart/4f9a0c1e-1",
		`{"Ref": "AWS::NoValue"}`:                   nil,
		`{"Fn::GetAtt": ["Table", "Arn"]}`:          "arn:aws:dynamodb:us-east-1:111122223333:table/cart-items",
		`{"Fn::GetAtt": "Table.Arn"}`:               "arn:aws:dynamodb:us-east-1:111122223333:table/cart-items",
		`{"Fn::GetAtt": ["Table", "Stream.Label"]}`: "2026",
		`{"Fn::GetStackOutput": {"StackName": "shop-platform", "OutputName": "VpcId"}}`: "vpc-1",
		`{"Fn::Join": ["-", ["a", {"Ref": "Table"}, 7, true]]}`:                         "a-cart-items-7-true",
		`{"Fn::Join": ["", []]}`:                                                           "",
		`{"Fn::Split": ["/", "a/b"]}`:                                                      []any{"a", "b"},
		`{"Fn::Select": [1, {"Fn::Split": ["/", "a/b"]}]}`:                                 "b",
		`{"Fn::Select": ["0", ["a"]]}`:                                                     "a",
		`{"Fn::Base64": {"Fn::Join": ["", ["a", "b"]]}}`:                                   "YWI=",
		`{"Fn::Sub": "${Table}/${Table.Arn}/${AWS::Region}/${!Literal}"}`:                  "cart-items/arn:aws:dynamodb:us-east-1:111122223333:table/cart-items/us-east-1/${Literal}",
		`{"Fn::Sub": ["${Own}-${Table}", {"Own": {"Ref": "Size"}}]}`:                       "512-cart-items",
		`{"A": {"Ref": "AWS::NoValue"}, "B": [{"Ref": "AWS::NoValue"}, {"Ref": "Table"}]}`: map[string]any{"B": []any{"cart-items"}},
		`{"Condition": {"Bool": {"a": "b"}}}`:                                              map[string]any{"Condition": map[string]any{"Bool": map[string]any{"a": "b"}}},
	} {
		storefront, cart := shop(t)
		got, err := storefront.Resolve(t.Context(), cart, parsed(t, text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	template, err := snapshot.Parse([]byte(`{"Value": ` + text + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return template["Value"]
}

func TestResolveRefuses(t *testing.T) {
	for text, reason := range map[string]string{
		`{"Ref": "Other"}`:                    "the stack has no resource and its template no parameter Other",
		`{"Ref": 7}`:                          "want a name",
		`{"Fn::GetAtt": ["Other", "Arn"]}`:    "the stack has no resource Other",
		`{"Fn::GetAtt": ["Table", "Colour"]}`: "Cloud Control returns no Colour of cart-items",
		`{"Fn::GetAtt": ["Table"]}`:           "want a logical ID and the name of an attribute",
		`{"Fn::GetStackOutput": {"StackName": "shop-login", "OutputName": "VpcId"}}`:                           "no stack shop-login is deployed",
		`{"Fn::GetStackOutput": {"StackName": "shop-platform", "OutputName": "Other"}}`:                        "the stack shop-platform has no output Other",
		`{"Fn::GetStackOutput": {"OutputName": "VpcId"}}`:                                                      "want a StackName and an OutputName",
		`{"Fn::GetStackOutput": {"StackName": "shop-platform", "OutputName": "VpcId", "Region": "eu-west-1"}}`: "Resolve does not support Region: add it to resolve.go",
		`{"Fn::If": ["A", "b", "c"]}`:            "the template has no condition of that name",
		`{"Fn::If": ["A", "b"]}`:                 "want a condition and two values",
		`{"Fn::FindInMap": ["A", "b", "c"]}`:     "the template has no such mapping",
		`{"Fn::ImportValue": "a"}`:               "no deployed stack exports a",
		`{"Fn::GetAZs": ""}`:                     "Resolve does not support Fn::GetAZs: add it to resolve.go",
		`{"Fn::Join": ["", "a"]}`:                "want a separator and a list of strings",
		`{"Fn::Join": ["", [{}]]}`:               "want a separator and a list of strings",
		`{"Fn::Split": ["", "a"]}`:               "want a separator and a string",
		`{"Fn::Select": [1, ["a"]]}`:             "want an index and a list that is longer",
		`{"Fn::Select": ["x", ["a"]]}`:           "want an index and a list that is longer",
		`{"Fn::Base64": ["a"]}`:                  "want a string",
		`{"Fn::Sub": 7}`:                         "want a string, or a string and a map",
		`{"Fn::Sub": ["${A}", {"A": ["list"]}]}`: "A is not a string",
	} {
		storefront, cart := shop(t)
		got, err := storefront.Resolve(t.Context(), cart, parsed(t, text))
		var unresolved *UnresolvedError
		if !errors.As(err, &unresolved) {
			t.Errorf("%s: want it refused, got %v and the error %v", text, got, err)
			continue
		}
		if unresolved.Reason != reason {
			t.Errorf("%s: want the reason %q, got %q", text, reason, unresolved.Reason)
		}
	}
}

func TestUnresolvedErrorNamesStackAndExpression(t *testing.T) {
	storefront, cart := shop(t)
	_, err := storefront.Resolve(t.Context(), cart, parsed(t, `{"A": [{"Fn::Join": ["", ["a", {"Ref": "Other"}]]}]}`))
	const want = `shop-cart: {"Ref":"Other"}: the stack has no resource and its template no parameter Other`
	if err == nil || err.Error() != want {
		t.Errorf("want %q, got %v", want, err)
	}
}

func TestPartitions(t *testing.T) {
	for region, want := range map[string]string{"eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} {
		if got := (&App{Config: aws.Config{Region: region}}).partition(); got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
}

func TestOnce(t *testing.T) {
	s, asked := &App{}, 0
	ask := func() (any, error) {
		asked++
		if asked == 1 {
			return nil, errors.New("not yet")
		}
		return asked, nil
	}
	if _, err := s.once("a", ask); err == nil {
		t.Error("want the error")
	}
	for range 2 {
		if got, err := s.once("a", ask); err != nil || got != 2 {
			t.Errorf("want what the second question gave, got %v, %v", got, err)
		}
	}
}
