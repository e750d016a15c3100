package changes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// stack is one stack of the assembly, and what is deployed under its name.
type stack struct {
	id     string   // in the CDK CLI
	name   string   // in CloudFormation
	before []string // the IDs of the stacks that the CDK CLI deploys before it

	new snapshot.Template
	old snapshot.Template // nil if the stack is not deployed

	newTags, oldTags map[string]string // those of the stack, which CloudFormation adds to each resource
	physical         map[string]string // the physical IDs of what is deployed, by logical ID
}

// world is all that changes are judged by.
type world struct {
	stacks []*stack
	// outputs are those of all deployed stacks of the account and region, by the stack's name.
	outputs map[string]map[string]string
	// others are the deployed templates of stacks that the assembly does not have. They are read only if an output goes.
	others map[string]snapshot.Template
}

func (w *world) byName(name string) *stack {
	for _, s := range w.stacks {
		if s.name == name {
			return s
		}
	}
	return nil
}

// side is one of the two templates of a stack.
type side bool

const (
	deployed side = false
	wanted   side = true
)

func (s *stack) template(of side) snapshot.Template {
	if of == wanted {
		return s.new
	}
	return s.old
}

// resource returns a resource of the deployed or the new template, and whether it is there.
func (s *stack) resource(of side, id string) (snapshot.Resource, bool) {
	section, _ := s.template(of)["Resources"].(map[string]any)
	raw, found := section[id].(map[string]any)
	kind, _ := raw["Type"].(string)
	return snapshot.Resource{LogicalID: id, Type: kind, Raw: raw}, found
}

// pair is a resource that both templates have, with one type.
type pair struct{ old, new snapshot.Resource }

func (s *stack) pairs(resourceTypes ...string) []pair {
	var pairs []pair
	for _, is := range s.new.Resources("") {
		was, found := s.resource(deployed, is.LogicalID)
		if found && was.Type == is.Type && (len(resourceTypes) == 0 || slices.Contains(resourceTypes, is.Type)) {
			pairs = append(pairs, pair{was, is})
		}
	}
	return pairs
}

// removed are the resources that only the deployed template has, and added those that only the new one has.
func (s *stack) removed() []snapshot.Resource { return s.only(deployed) }
func (s *stack) added() []snapshot.Resource   { return s.only(wanted) }

func (s *stack) only(of side) []snapshot.Resource {
	var only []snapshot.Resource
	for _, r := range s.template(of).Resources("") {
		if _, both := s.resource(!of, r.LogicalID); !both {
			only = append(only, r)
		}
	}
	return only
}

// key identifies a resource in the whole assembly.
func (s *stack) key(id string) string { return s.name + "/" + id }

// property returns a property of a resource with its references in one form, see canonical.
func (w *world) property(s *stack, of side, r snapshot.Resource, path string) any {
	return w.canonical(s, of, r.Get("Properties."+path))
}

// canonical returns a value of a template in which references have one form, whatever stack they are written in: an output
// of a stack is what the output's value refers to, if that stack is in the assembly, and otherwise its deployed value.
func (w *world) canonical(s *stack, of side, value any) any {
	switch value := value.(type) {
	case map[string]any:
		if name, argument, is := call(value); is {
			return w.canonicalCall(s, of, name, argument, value)
		}
		all := make(map[string]any, len(value))
		for key, entry := range value {
			all[key] = w.canonical(s, of, entry)
		}
		return all
	case []any:
		all := make([]any, len(value))
		for i, entry := range value {
			all[i] = w.canonical(s, of, entry)
		}
		return all
	}
	return value
}

func (w *world) canonicalCall(s *stack, of side, name string, argument any, whole map[string]any) any {
	switch name {
	case "Ref":
		id, _ := argument.(string)
		if id == "AWS::StackName" {
			return s.name
		}
		if parameter := s.template(of).Get("Parameters." + id + ".Default"); parameter != nil {
			return map[string]any{"Parameter": parameter}
		}
		if strings.HasPrefix(id, "AWS::") {
			return whole
		}
		return map[string]any{"Ref": s.key(id)}
	case "Fn::GetAtt":
		id, attribute := attributeOf(argument)
		return map[string]any{"Ref": s.key(id), "Attribute": attribute}
	case "Fn::GetStackOutput":
		producer, output := assembly.OutputOf(whole)
		if p := w.byName(producer); p != nil && p.template(of) != nil {
			if value := p.template(of).Get("Outputs." + output + ".Value"); value != nil {
				return w.canonical(p, of, value)
			}
		}
		if value, found := w.outputs[producer][output]; found {
			return value
		}
		return whole
	}
	return map[string]any{name: w.canonical(s, of, argument)}
}

// call returns the function and argument of a map that is the call of one.
func call(value map[string]any) (name string, argument any, is bool) {
	if len(value) != 1 {
		return "", nil, false
	}
	for name, argument := range value {
		return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return "", nil, false
}

func attributeOf(argument any) (id, attribute string) {
	switch argument := argument.(type) {
	case string:
		id, attribute, _ = strings.Cut(argument, ".")
	case []any:
		if len(argument) == 2 {
			id, _ = argument[0].(string)
			attribute = fmt.Sprint(argument[1])
		}
	}
	return id, attribute
}

// references returns the keys of the resources that a canonical value refers to.
func references(value any) []string {
	found := map[string]bool{}
	collect(value, found)
	return slices.Sorted(maps.Keys(found))
}

func collect(value any, found map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		if ref, is := value["Ref"].(string); is {
			found[ref] = true
			return
		}
		for _, entry := range value {
			collect(entry, found)
		}
	case []any:
		for _, entry := range value {
			collect(entry, found)
		}
	}
}

// same reports whether CloudFormation sees two values as one. GetTemplate returns a question mark for each character that is
// not ASCII.
func same(a, b any) bool { return text(a) == text(b) }

var notASCII = regexp.MustCompile(`[^\x00-\x7f]`)

func text(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value) // cannot happen: it was decoded from JSON
	}
	return notASCII.ReplaceAllString(strings.TrimSuffix(b.String(), "\n"), "?")
}

// change describes how a property changes, with its values if they are short.
func change(property string, was, is any) string {
	if scalar(was) && scalar(is) {
		return fmt.Sprintf("%s changes from %s to %s", property, shown(was), shown(is))
	}
	return property + " changes"
}

func scalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// shown is a value in a message.
func shown(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case string:
		if strings.Contains(value, " ") {
			return strconv.Quote(cut(value))
		}
		return cut(value)
	}
	return cut(text(value))
}

func cut(s string) string {
	const longest = 60
	if r := []rune(s); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return s
}

// list writes names as "a, b and 3 more".
func list(names []string) string {
	const most = 4
	if len(names) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
