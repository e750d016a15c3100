package deployed

import (
	"context"
	"fmt"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Metadata is the type of the resource in which the CDK records its version for AWS. It defines nothing.
const Metadata = "AWS::CDK::Metadata"

// Creates reports whether a stack creates a resource of its template: its condition, if it has one, is true, and it is not the
// CDK's own [Metadata].
func (s *App) Creates(ctx context.Context, stack *Stack, r snapshot.Resource) (bool, error) {
	if r.Type == Metadata {
		return false, nil
	}
	return s.holds(ctx, stack, r.Get("Condition"))
}

// HasOutput reports whether a stack has an output of its template: its condition, if it has one, is true.
func (s *App) HasOutput(ctx context.Context, stack *Stack, id string) (bool, error) {
	return s.holds(ctx, stack, stack.Template.Get("Outputs."+id+".Condition"))
}

func (s *App) holds(ctx context.Context, stack *Stack, condition any) (bool, error) {
	name, has := condition.(string)
	if !has {
		return true, nil
	}
	return resolver{s, stack}.condition(ctx, name)
}

// condition evaluates a condition of the template by its name.
func (r resolver) condition(ctx context.Context, name string) (bool, error) {
	value := r.stack.Template.Get("Conditions." + name)
	if value == nil {
		return false, r.fail(name, "the template has no condition of that name")
	}
	return r.truth(ctx, value)
}

// truth evaluates an expression of a condition.
func (r resolver) truth(ctx context.Context, value any) (bool, error) {
	whole, _ := value.(map[string]any)
	if name, is := whole["Condition"].(string); is && len(whole) == 1 {
		return r.condition(ctx, name)
	}
	name, argument, is := expression(whole)
	list, isList := argument.([]any)
	if !is || !isList {
		return false, r.fail(value, "want a function of a condition")
	}
	if name == "Fn::Equals" && len(list) == 2 {
		first, err := r.resolve(ctx, list[0])
		if err != nil {
			return false, err
		}
		second, err := r.resolve(ctx, list[1])
		return err == nil && fmt.Sprint(first) == fmt.Sprint(second), err
	}
	found := name == "Fn::And"
	for _, each := range list {
		is, err := r.truth(ctx, each)
		if err != nil {
			return false, err
		}
		switch name {
		case "Fn::Not":
			return !is, nil
		case "Fn::And":
			found = found && is
		case "Fn::Or":
			found = found || is
		default:
			return false, r.fail(value, "Resolve does not support %s in a condition: add it to condition.go", name)
		}
	}
	return found, nil
}

// choose returns the branch of an Fn::If, resolved.
func (r resolver) choose(ctx context.Context, argument any, whole map[string]any) (any, error) {
	list, _ := argument.([]any)
	if len(list) != 3 {
		return nil, r.fail(whole, "want a condition and two values")
	}
	is, err := r.condition(ctx, fmt.Sprint(list[0]))
	if err != nil {
		return nil, err
	}
	if is {
		return r.resolve(ctx, list[1])
	}
	return r.resolve(ctx, list[2])
}

// mapped returns a value of the template's mappings.
func (r resolver) mapped(list []any, whole map[string]any) (any, error) {
	keys, ok := asTexts(list)
	if ok && len(keys) == 3 {
		mappings, _ := r.stack.Template.Get("Mappings").(map[string]any)
		of, _ := mappings[keys[0]].(map[string]any)
		at, _ := of[keys[1]].(map[string]any)
		if value := at[keys[2]]; value != nil {
			return value, nil
		}
	}
	return nil, r.fail(whole, "the template has no such mapping")
}
