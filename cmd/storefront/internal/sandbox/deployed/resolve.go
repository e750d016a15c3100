package deployed

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// UnresolvedError reports an expression of a template without a value in the deployed stack.
type UnresolvedError struct {
	Stack, Expression, Reason string
}

func (e *UnresolvedError) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Stack, e.Expression, e.Reason)
}

// Resolve returns a value of a stack's template with every expression in it replaced by the value that it has in the
// deployed stack: Ref to a resource, a parameter or a pseudo parameter, Fn::GetAtt, Fn::GetStackOutput, Fn::ImportValue, Fn::Join,
// Fn::Sub, Fn::Select, Fn::Split, Fn::FindInMap, Fn::If and Fn::Base64. A property that is AWS::NoValue is removed. An expression that has no
// value, and one of any other function, is an [UnresolvedError].
//
// An App caches the responses of services. Resolve is not safe for concurrent use.
func (s *App) Resolve(ctx context.Context, stack *Stack, value any) (any, error) {
	r := resolver{App: s, stack: stack}
	resolved, err := r.resolve(ctx, value)
	if err != nil {
		return nil, err
	}
	if _, left := resolved.(noValue); left {
		return nil, nil
	}
	return resolved, nil
}

// noValue stands for AWS::NoValue until its map or list removes it.
type noValue struct{}

// resolver resolves the expressions of one stack.
type resolver struct {
	*App
	stack *Stack
}

func (r resolver) fail(expression any, format string, args ...any) error {
	text, err := json.Marshal(expression)
	if err != nil {
		text = fmt.Append(nil, expression)
	}
	return &UnresolvedError{Stack: r.stack.Name, Expression: string(text), Reason: fmt.Sprintf(format, args...)}
}

func (r resolver) resolve(ctx context.Context, value any) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		if name, argument, is := expression(value); is {
			return r.call(ctx, name, argument, value)
		}
		resolved := make(map[string]any, len(value))
		for key, entry := range value {
			entry, err := r.resolve(ctx, entry)
			if err != nil {
				return nil, err
			}
			if _, left := entry.(noValue); !left {
				resolved[key] = entry
			}
		}
		return resolved, nil
	case []any:
		resolved := make([]any, 0, len(value))
		for _, element := range value {
			element, err := r.resolve(ctx, element)
			if err != nil {
				return nil, err
			}
			if _, left := element.(noValue); !left {
				resolved = append(resolved, element)
			}
		}
		return resolved, nil
	}
	return value, nil
}

// expression returns the function and argument of a map that is a function call.
func expression(value map[string]any) (name string, argument any, is bool) {
	if len(value) != 1 {
		return "", nil, false
	}
	for name, argument := range value {
		return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return "", nil, false
}

func (r resolver) call(ctx context.Context, name string, argument any, whole map[string]any) (any, error) {
	switch name {
	case "Ref":
		return r.ref(ctx, argument, whole)
	case "Fn::GetAtt":
		return r.getAtt(ctx, argument, whole)
	case "Fn::Sub":
		return r.sub(ctx, argument, whole)
	case "Fn::If": // only one of its values may exist
		return r.choose(ctx, argument, whole)
	}
	// The arguments of the others may contain expressions.
	argument, err := r.resolve(ctx, argument)
	if err != nil {
		return nil, err
	}
	list, _ := argument.([]any)
	switch name {
	case "Fn::GetStackOutput":
		return r.stackOutput(argument, whole)
	case "Fn::FindInMap":
		return r.mapped(list, whole)
	case "Fn::ImportValue":
		return r.imported(ctx, argument, whole)
	case "Fn::Base64":
		text, isText := argument.(string)
		if !isText {
			return nil, r.fail(whole, "want a string")
		}
		return base64.StdEncoding.EncodeToString([]byte(text)), nil
	case "Fn::Join":
		if len(list) == 2 {
			if separator, parts, ok := asText(list[0], list[1]); ok {
				return strings.Join(parts, separator), nil
			}
		}
		return nil, r.fail(whole, "want a separator and a list of strings")
	case "Fn::Split":
		if len(list) == 2 {
			if parts, ok := asTexts(list); ok && parts[0] != "" {
				split := []any{}
				for part := range strings.SplitSeq(parts[1], parts[0]) {
					split = append(split, part)
				}
				return split, nil
			}
		}
		return nil, r.fail(whole, "want a separator and a string")
	case "Fn::Select":
		if len(list) == 2 {
			of, isList := list[1].([]any)
			index, err := strconv.Atoi(fmt.Sprint(list[0]))
			if isList && err == nil && index >= 0 && index < len(of) {
				return of[index], nil
			}
		}
		return nil, r.fail(whole, "want an index and a list that is longer")
	}
	return nil, r.fail(whole, "Resolve does not support %s: add it to resolve.go", name)
}

func asText(separator, list any) (string, []string, bool) {
	first, isText := separator.(string)
	of, isList := list.([]any)
	parts, ok := asTexts(of)
	return first, parts, isText && isList && ok
}

func asTexts(list []any) ([]string, bool) {
	var parts []string
	for _, element := range list {
		switch element := element.(type) {
		case string:
			parts = append(parts, element)
		case json.Number:
			parts = append(parts, element.String())
		case bool:
			parts = append(parts, strconv.FormatBool(element))
		default:
			return nil, false
		}
	}
	return parts, true
}

func (r resolver) ref(ctx context.Context, argument any, whole map[string]any) (any, error) {
	name, isText := argument.(string)
	if !isText {
		return nil, r.fail(whole, "want a name")
	}
	switch name {
	case "AWS::AccountId":
		return r.Account, nil
	case "AWS::NoValue":
		return noValue{}, nil
	case "AWS::Partition":
		return r.partition(), nil
	case "AWS::Region":
		return r.Config.Region, nil
	case "AWS::StackId":
		return r.stack.ARN, nil
	case "AWS::StackName":
		return r.stack.Name, nil
	case "AWS::URLSuffix":
		return r.urlSuffix(), nil
	}
	if resource, found := r.stack.Resources[name]; found {
		return resource.PhysicalID, nil
	}
	if r.stack.Template.Get("Parameters."+name) != nil {
		return r.parameter(ctx, name, whole)
	}
	return nil, r.fail(whole, "the stack has no resource and its template no parameter %s", name)
}

// parameter returns the value with which the stack was deployed. For a parameter of Systems Manager, that is the value that
// CloudFormation resolved then, not the current one.
func (r resolver) parameter(ctx context.Context, name string, whole map[string]any) (any, error) {
	return r.once(r.stack.Name+" parameter "+name, func() (any, error) {
		out, err := cloudformation.NewFromConfig(r.Config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &r.stack.Name})
		if err != nil {
			return nil, err
		}
		kind, _ := r.stack.Template.Get("Parameters." + name + ".Type").(string)
		for _, stack := range out.Stacks {
			for _, parameter := range stack.Parameters {
				if aws.ToString(parameter.ParameterKey) != name {
					continue
				}
				if parameter.ResolvedValue != nil {
					return *parameter.ResolvedValue, nil
				}
				if !strings.HasPrefix(kind, "AWS::SSM::Parameter::Value<") {
					return aws.ToString(parameter.ParameterValue), nil
				}
				stored, err := ssm.NewFromConfig(r.Config).GetParameter(ctx, &ssm.GetParameterInput{Name: parameter.ParameterValue})
				if err != nil {
					return nil, err
				}
				return aws.ToString(stored.Parameter.Value), nil
			}
		}
		return nil, r.fail(whole, "the stack was deployed without a parameter %s", name)
	})
}

func (r resolver) getAtt(ctx context.Context, argument any, whole map[string]any) (any, error) {
	var id, attribute string
	switch argument := argument.(type) {
	case string: // the short form
		id, attribute, _ = strings.Cut(argument, ".")
	case []any:
		if parts, ok := asTexts(argument); ok && len(parts) == 2 {
			id, attribute = parts[0], parts[1]
		}
	}
	if id == "" || attribute == "" {
		return nil, r.fail(whole, "want a logical ID and the name of an attribute")
	}
	resource, found := r.stack.Resources[id]
	if !found {
		return nil, r.fail(whole, "the stack has no resource %s", id)
	}
	value, err := r.attribute(ctx, r.stack, resource, attribute)
	var missing *UnsupportedError
	switch {
	case errors.As(err, &missing):
		return nil, r.fail(whole, "%v", err)
	case err == nil && (value == nil || value == ""):
		return nil, r.fail(whole, "Cloud Control returns no %s of %s", attribute, resource.PhysicalID)
	}
	return value, err
}

func (r resolver) stackOutput(argument any, whole map[string]any) (any, error) {
	call, _ := argument.(map[string]any)
	name, _ := call["StackName"].(string)
	output, _ := call["OutputName"].(string)
	if name == "" || output == "" {
		return nil, r.fail(whole, "want a StackName and an OutputName")
	}
	for key := range call {
		if key != "StackName" && key != "OutputName" {
			return nil, r.fail(whole, "Resolve does not support %s: add it to resolve.go", key)
		}
	}
	stack := r.Stack(name)
	if stack == nil {
		return nil, r.fail(whole, "no stack %s is deployed", name)
	}
	value, found := stack.Outputs[output]
	if !found {
		return nil, r.fail(whole, "the stack %s has no output %s", name, output)
	}
	return value, nil
}

// imported returns the value of an export of a deployed stack.
func (r resolver) imported(ctx context.Context, name any, whole map[string]any) (any, error) {
	for _, stack := range r.Stacks {
		for id := range stack.Template.Outputs() {
			export, err := resolver{r.App, stack}.resolve(ctx, stack.Template.Get("Outputs."+id+".Export.Name"))
			if err == nil && export != nil && export == name {
				return stack.Outputs[id], nil
			}
		}
	}
	return nil, r.fail(whole, "no deployed stack exports %v", name)
}

// placeholder is ${Name}, ${Name.Attribute}, or ${!Text}, which stands for ${Text}.
var placeholder = regexp.MustCompile(`\$\{(!?)([^}]+)\}`)

func (r resolver) sub(ctx context.Context, argument any, whole map[string]any) (any, error) {
	own := map[string]any{}
	if list, isList := argument.([]any); isList && len(list) == 2 {
		argument = list[0]
		own, _ = list[1].(map[string]any)
	}
	text, isText := argument.(string)
	if !isText || own == nil {
		return nil, r.fail(whole, "want a string, or a string and a map")
	}
	var failed error
	result := placeholder.ReplaceAllStringFunc(text, func(found string) string {
		parts := placeholder.FindStringSubmatch(found)
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		name := parts[2]
		var value any = map[string]any{"Ref": name}
		if mine, is := own[name]; is {
			value = mine
		} else if strings.Contains(name, ".") {
			value = map[string]any{"Fn::GetAtt": name}
		}
		resolved, err := r.resolve(ctx, value)
		if err == nil {
			if texts, ok := asTexts([]any{resolved}); ok {
				return texts[0]
			}
			err = r.fail(whole, "%s is not a string", name)
		}
		failed = err
		return ""
	})
	if failed != nil {
		return nil, failed
	}
	return result, nil
}

// once returns a cached value, or requests it. Errors are not cached.
func (s *App) once(key string, ask func() (any, error)) (any, error) {
	if value, known := s.known[key]; known {
		return value, nil
	}
	value, err := ask()
	if err != nil {
		return nil, err
	}
	if s.known == nil {
		s.known = map[string]any{}
	}
	s.known[key] = value
	return value, nil
}

func (s *App) partition() string {
	switch {
	case strings.HasPrefix(s.Config.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(s.Config.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func (s *App) urlSuffix() string {
	if s.partition() == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
