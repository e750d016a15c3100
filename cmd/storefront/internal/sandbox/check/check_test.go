package check

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

func template(t *testing.T, text string) snapshot.Template {
	t.Helper()
	parsed, err := snapshot.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestChangesOfAnInventory(t *testing.T) {
	before := Inventory{"table": {"a", "kept"}, "role": {"r"}}
	now := Inventory{"table": {"b", "kept", "retained"}, "queue": {"q"}}
	want := []string{"queue q is left", "role r is gone, and was there before", "table b is left", "table a is gone, and was there before"}
	if diff := cmp.Diff(want, before.Changes(now, "retained")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := before.Changes(before); len(got) > 0 {
		t.Errorf("nothing has changed: got %v", got)
	}
}

// deployedStack is a stack with a table of each given physical ID by logical ID.
func deployedStack(name string, tables map[string]string) *deployed.Stack {
	stack := &deployed.Stack{Name: name, ID: name, Resources: map[string]deployed.Resource{}}
	for id, physical := range tables {
		stack.Resources[id] = deployed.Resource{LogicalID: id, Type: "AWS::DynamoDB::Table", PhysicalID: physical, Status: "CREATE_COMPLETE"}
	}
	return stack
}

func TestUnchanged(t *testing.T) {
	before := &deployed.App{Stacks: []*deployed.Stack{deployedStack("cart", map[string]string{"A": "1", "B": "2"}), deployedStack("gone", nil), deployedStack("free", nil)}}
	now := &deployed.App{Stacks: []*deployed.Stack{deployedStack("cart", map[string]string{"A": "9", "C": "3"}), deployedStack("free", map[string]string{"D": "4"})}}
	now.Stacks[0].LastUpdated = time.Unix(60, 0).UTC()
	want := []string{
		"cart was updated at 1970-01-01 00:01:00 +0000 UTC",
		`cart: A (AWS::DynamoDB::Table) was 1, and is "9"`, `cart: B (AWS::DynamoDB::Table) was 2, and is ""`, "cart: C (AWS::DynamoDB::Table) is new",
		"gone is gone",
	}
	if diff := cmp.Diff(want, Unchanged(before, now, "free")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestComplete(t *testing.T) {
	stack := deployedStack("cart", map[string]string{"A": "1", "B": "", "C": "3"})
	stack.Template = template(t, `{"Resources": {"A": {"Type": "AWS::DynamoDB::Table"}, "B": {"Type": "AWS::DynamoDB::Table"}, "D": {"Type": "AWS::SQS::Queue"}},
		"Outputs": {"One": {"Value": "1"}, "Two": {"Value": "2"}}}`)
	stack.Outputs = map[string]string{"One": "1", "Three": "3"}
	result, err := Complete(t.Context(), &deployed.App{Stacks: []*deployed.Stack{stack}})
	want := []string{
		`cart: B (AWS::DynamoDB::Table) is CREATE_COMPLETE and has the physical ID ""`,
		"cart: C (AWS::DynamoDB::Table) is in the stack and not in the template",
		"cart: D (AWS::SQS::Queue) is in the template and not in the stack",
		"cart: output Three is not in the template", "cart: output Two has no value",
	}
	if diff := cmp.Diff(want, result.Findings); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestTheServiceWhoseUpdateIsBroken(t *testing.T) {
	const service = `"Service": {"Type": "AWS::ECS::Service"}`
	stack := func(id, resources string) *deployed.Stack {
		return &deployed.Stack{ID: id, Template: template(t, `{"Resources": {`+resources+`}}`)}
	}
	for want, stacks := range map[string][]*deployed.Stack{
		"":       {stack("platform", ""), stack("tables", `"T": {"Type": "AWS::DynamoDB::GlobalTable"}`)},
		"worker": {stack("platform", ""), stack("worker", service), stack("other", service)},
		"cart":   {stack("worker", service), stack("cart", service+`, "T": {"Type": "AWS::DynamoDB::GlobalTable"}`)},
	} {
		if got := aService(&deployed.App{Stacks: stacks}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	broken := template(t, `{"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": "app"}]}}}}`)
	AddVariable(broken, "A", "b")
	if err := BreakHalfWay(broken, "AWS::ECS::TaskDefinition"); err != nil {
		t.Fatal(err)
	}
	if got := broken.Get("Resources.Task.Properties.ContainerDefinitions.0.Environment.0.Value"); got != "b" {
		t.Errorf("got the variable %v, want b", got)
	}
	if diff := cmp.Diff([]any{"Task"}, broken.Get("Resources.SandboxBroken.DependsOn")); diff != "" {
		t.Errorf("it breaks before the task definition (-want +got):\n%s", diff)
	}
	if err := BreakHalfWay(template(t, `{"Resources": {}}`), "AWS::ECS::TaskDefinition"); err == nil {
		t.Error("a template without a task definition: got no error")
	}
}
