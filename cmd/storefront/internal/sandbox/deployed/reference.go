package deployed

import (
	"maps"
	"slices"
	"strings"
)

// Referenced returns the resource of which a value of a stack's template has the Ref or an attribute: in the stack itself, or
// through the output of another one. It calls nothing. It returns nil if there is none, or not exactly one, such as for a value
// that another app exports.
func (s *App) Referenced(stack *Stack, value any) (*Stack, *Resource) {
	switch value := value.(type) {
	case map[string]any:
		if name, argument, is := expression(value); is {
			switch name {
			case "Ref", "Fn::GetAtt":
				return own(stack, argument)
			case "Fn::GetStackOutput":
				return s.output(argument)
			case "Fn::ImportValue":
				return s.export(argument)
			case "Fn::Sub":
				return nil, nil
			}
		}
		return s.onlyOne(stack, slices.Collect(maps.Values(value)))
	case []any:
		return s.onlyOne(stack, value)
	}
	return nil, nil
}

func own(stack *Stack, argument any) (*Stack, *Resource) {
	id, _ := argument.(string)
	if list, isList := argument.([]any); isList && len(list) > 0 {
		id, _ = list[0].(string)
	}
	id, _, _ = strings.Cut(id, ".")
	if resource, found := stack.Resources[id]; found {
		return stack, &resource
	}
	return nil, nil
}

func (s *App) output(argument any) (*Stack, *Resource) {
	call, _ := argument.(map[string]any)
	name, _ := call["StackName"].(string)
	output, _ := call["OutputName"].(string)
	stack := s.Stack(name)
	if stack == nil {
		return nil, nil
	}
	return s.Referenced(stack, stack.Template.Get("Outputs."+output+".Value"))
}

func (s *App) export(name any) (*Stack, *Resource) {
	for _, stack := range s.Stacks {
		for id := range stack.Template.Outputs() {
			if export := stack.Template.Get("Outputs." + id + ".Export.Name"); export != nil && export == name {
				return s.Referenced(stack, stack.Template.Get("Outputs."+id+".Value"))
			}
		}
	}
	return nil, nil
}

func (s *App) onlyOne(stack *Stack, values []any) (in *Stack, only *Resource) {
	for _, value := range values {
		at, found := s.Referenced(stack, value)
		if found == nil {
			continue
		}
		if only != nil && (at != in || *found != *only) {
			return nil, nil
		}
		in, only = at, found
	}
	return in, only
}

// Foreign returns the names of the stacks whose outputs the templates read and that are none of the stacks: those of another
// app.
func Foreign(stacks []*Stack) []string {
	names := map[string]bool{}
	for _, stack := range stacks {
		outputs(map[string]any(stack.Template), names)
	}
	for _, stack := range stacks {
		delete(names, stack.Name)
	}
	return slices.Sorted(maps.Keys(names))
}

// outputs adds the names of the stacks whose outputs a value reads.
func outputs(value any, names map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		if call, is := value["Fn::GetStackOutput"].(map[string]any); is {
			if name, isText := call["StackName"].(string); isText {
				names[name] = true
			}
		}
		for _, child := range value {
			outputs(child, names)
		}
	case []any:
		for _, child := range value {
			outputs(child, names)
		}
	}
}
