package need

import (
	"regexp"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
)

// Environment is where stacks are deployed.
type Environment struct{ Partition, Account, Region string }

// Place is where a value that a template refers to is defined: a resource of a stack of the assembly, or an output of a
// stack outside of it.
type Place struct{ Stack, LogicalID, Output string }

// follow returns what a reference leads to, through outputs of the assembly's other stacks. It is zero for a value that is
// no reference.
func (c *collector) follow(stack assembly.Stack, value any) Place {
	for range 10 { // an output may be a reference, too
		reference, _ := value.(map[string]any)
		if id, ok := reference["Ref"].(string); ok {
			return Place{Stack: stack.Name, LogicalID: id}
		}
		if attribute, ok := reference["Fn::GetAtt"].([]any); ok && len(attribute) > 0 {
			id, _ := attribute[0].(string)
			return Place{Stack: stack.Name, LogicalID: id}
		}
		name, id := assembly.OutputOf(value)
		if name == "" {
			return Place{}
		}
		if _, here := c.stacks[name]; !here {
			return Place{Stack: name, Output: id}
		}
		stack = c.stacks[name]
		value = stack.Template.Outputs()[id]
	}
	return Place{}
}

// Resolve replaces the pseudo parameters in an ARN of a manifest.
func (e Environment) Resolve(text string) string {
	return pseudo.ReplaceAllStringFunc(text, func(found string) string {
		value, ok := e.parameter(found[2 : len(found)-1])
		if !ok {
			return found
		}
		return value
	})
}

var pseudo = regexp.MustCompile(`\$\{[^}]+\}`)

func (e Environment) parameter(name string) (string, bool) {
	value, ok := map[string]string{
		"AWS::Partition": e.Partition, "AWS::AccountId": e.Account, "AWS::Region": e.Region, "AWS::URLSuffix": e.suffix(),
	}[name]
	return value, ok
}

func (e Environment) suffix() string {
	if e.Partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// text returns a value of a template as text, or false if that takes more than the environment.
func (e Environment) text(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case map[string]any:
		if name, ok := value["Ref"].(string); ok {
			return e.parameter(name)
		}
		if sub, ok := value["Fn::Sub"].(string); ok {
			resolved := e.Resolve(sub)
			return resolved, !strings.Contains(resolved, "${")
		}
		join, _ := value["Fn::Join"].([]any)
		if len(join) != 2 {
			return "", false
		}
		separator, _ := join[0].(string)
		parts, _ := join[1].([]any)
		texts := make([]string, len(parts))
		for n, part := range parts {
			var ok bool
			if texts[n], ok = e.text(part); !ok {
				return "", false
			}
		}
		return strings.Join(texts, separator), true
	}
	return "", false
}
