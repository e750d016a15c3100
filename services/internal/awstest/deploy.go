package awstest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// Stack is what a service uses, deployed as its golden template in test/testdata/golden/sandbox has it.
type Stack struct {
	AWS aws.Config
	// Environment is that of the deployed containers, without the variables that another stack decides, such as a URL.
	Environment map[string]string

	ids map[string][]string // by type
}

// One returns the ID of the only resource of a type, such as AWS::Cognito::UserPool.
func (s Stack) One(kind string) string {
	if len(s.ids[kind]) != 1 {
		panic(fmt.Sprintf("the stack has %d resources of type %s, not one", len(s.ids[kind]), kind))
	}
	return s.ids[kind][0]
}

// stored are the types of resources that are deployed. Pipes and rules are not: a test looks at the outbox and sends to the queue.
var stored = []string{
	"AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient",
}

type resource struct {
	Type       string
	Properties map[string]any
}

// Deploy deploys the tables, queues, buckets and user pools of a stack, which is named by its golden template, such as "Cart". Each
// call deploys others.
func Deploy(t testing.TB, name string) Stack {
	t.Helper()
	stack := Stack{AWS: Config(t), Environment: map[string]string{}, ids: map[string][]string{}}
	text, err := os.ReadFile(filepath.Join(root, "test", "testdata", "golden", "sandbox", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var template struct{ Resources map[string]resource }
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	kept, outputs, variables := map[string]resource{}, map[string]any{}, map[string]string{}
	for id, r := range template.Resources {
		if slices.Contains(stored, r.Type) {
			kept[id] = resource{r.Type, local(r.Properties, template.Resources).(map[string]any)}
			outputs[id] = map[string]any{"Value": map[string]any{"Ref": id}}
		}
	}
	for _, r := range template.Resources {
		if r.Type == "AWS::ECS::TaskDefinition" {
			texts, references := environment(r.Properties)
			maps.Copy(stack.Environment, texts)
			maps.Copy(variables, references)
		}
	}
	created, err := create(t, stack.AWS, map[string]any{"Resources": kept, "Outputs": outputs})
	if err != nil {
		t.Fatalf("deploy what %s uses: %v", name, err)
	}
	for id, r := range kept {
		stack.ids[r.Type] = append(stack.ids[r.Type], created[id])
	}
	for variable, id := range variables {
		if created[id] != "" {
			stack.Environment[variable] = created[id]
		}
	}
	return stack
}

// local removes the properties that refer to another stack, or to a resource that is not deployed.
func local(value any, all map[string]resource) any {
	switch value := value.(type) {
	case map[string]any:
		for name, property := range value {
			if elsewhere(property, all) {
				delete(value, name)
				continue
			}
			value[name] = local(property, all)
		}
	case []any:
		for n := range value {
			value[n] = local(value[n], all)
		}
	}
	return value
}

func elsewhere(property any, all map[string]resource) bool {
	reference, ok := property.(map[string]any)
	if !ok || len(reference) != 1 {
		return false
	}
	id, _ := reference["Ref"].(string)
	if attribute, ok := reference["Fn::GetAtt"].([]any); ok {
		id, _ = attribute[0].(string)
	}
	_, other := reference["Fn::GetStackOutput"]
	return other || id != "" && !strings.HasPrefix(id, "AWS::") && !slices.Contains(stored, all[id].Type)
}

func create(t testing.TB, config aws.Config, template any) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	text, err := json.Marshal(template)
	if err != nil {
		return nil, err
	}
	client, name := cloudformation.NewFromConfig(config), "awstest-"+rand.Text()[:12]
	if _, err := client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: &name, TemplateBody: aws.String(string(text))}); err != nil {
		return nil, err
	}
	for {
		described, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			return nil, err
		}
		switch stack := described.Stacks[0]; stack.StackStatus {
		case "CREATE_IN_PROGRESS":
			time.Sleep(10 * time.Millisecond)
		case "CREATE_COMPLETE":
			ids := map[string]string{}
			for _, output := range stack.Outputs {
				ids[*output.OutputKey] = *output.OutputValue
			}
			return ids, nil
		default:
			return nil, fmt.Errorf("%s: %s", stack.StackStatus, aws.ToString(stack.StackStatusReason))
		}
	}
}

// environment returns the variables of the application's container that are texts, and the logical IDs that others refer to.
func environment(task map[string]any) (texts, references map[string]string) {
	texts, references = map[string]string{}, map[string]string{}
	containers, _ := task["ContainerDefinitions"].([]any)
	for _, c := range containers {
		container, _ := c.(map[string]any)
		variables, _ := container["Environment"].([]any)
		if container["Name"] != "app" {
			continue
		}
		for _, v := range variables {
			variable, _ := v.(map[string]any)
			name, _ := variable["Name"].(string)
			switch value := variable["Value"].(type) {
			case string:
				texts[name] = value
			case map[string]any:
				if id, ok := value["Ref"].(string); ok {
					references[name] = id
				}
			}
		}
	}
	return texts, references
}
