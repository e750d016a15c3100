package snapshot_test

import (
	"fmt"
	"strings"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

const exampleTemplate = `{
  "Resources": {
    "CartItems": {
      "Type": "AWS::DynamoDB::GlobalTable",
      "DeletionPolicy": "Retain",
      "Properties": {"BillingMode": "PAY_PER_REQUEST", "Replicas": [{"Region": "eu-west-1"}]}
    },
    "CartPolicy": {
      "Type": "AWS::IAM::Policy",
      "Properties": {"PolicyDocument": {"Statement": [
        {"Effect": "Allow", "Action": ["dynamodb:GetItem", "sqs:*"], "Resource": "*"}
      ]}}
    }
  },
  "Outputs": {"TableName": {"Value": {"Ref": "CartItems"}}}
}`

// A policy test checks one property of every resource of a type.
func Example() {
	template, err := snapshot.Parse([]byte(exampleTemplate))
	if err != nil {
		panic(err)
	}
	for _, table := range template.Resources("AWS::DynamoDB::GlobalTable") {
		fmt.Println(table.LogicalID, table.Get("DeletionPolicy"), table.Get("Properties.Replicas.0.Region"))
	}
	fmt.Println(template.Outputs())
	// Output:
	// CartItems Retain eu-west-1
	// map[TableName:map[Ref:CartItems]]
}

// A rule for every occurrence of a property needs no list of resource types.
func ExampleTemplate_Walk() {
	template, err := snapshot.Parse([]byte(exampleTemplate))
	if err != nil {
		panic(err)
	}
	template.Walk(func(path string, value any) {
		action, _ := value.(string)
		if strings.Contains(path, ".Action") && strings.HasSuffix(action, "*") {
			fmt.Printf("%s: %s is too wide\n", path, action)
		}
	})
	// Output:
	// Resources.CartPolicy.Properties.PolicyDocument.Statement.0.Action.1: sqs:* is too wide
}

func ExampleDiff() {
	golden := snapshot.Template{"Resources": map[string]any{
		"CartService": map[string]any{"Properties": map[string]any{"Cpu": "256"}},
		"CartTable":   map[string]any{"Type": "AWS::DynamoDB::GlobalTable"},
	}}
	synthesized := snapshot.Template{"Resources": map[string]any{
		"CartService": map[string]any{"Properties": map[string]any{"Cpu": "512"}},
		"CartTopic":   map[string]any{"Type": "AWS::SNS::Topic"},
	}}
	fmt.Println(snapshot.Diff(golden, synthesized))
	// Output:
	// Resources.CartTable: AWS::DynamoDB::GlobalTable is removed: its data is deleted
	// Resources.CartService.Properties.Cpu: want "256", got "512"
	// Resources.CartTable: only in golden: {"Type":"AWS::DynamoDB::GlobalTable"}
	// Resources.CartTopic: not in golden: {"Type":"AWS::SNS::Topic"}
}
