package readback

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// nothing is the value of a property that one side lacks.
type nothing struct{}

// difference is one property that differs from the template.
type difference struct {
	path      string // such as "ContainerDefinitions[app].Environment[PORT].Value"
	want, got any
}

// comparison compares the properties of one resource. Maps are compared by the keys of the template, since services return
// more; lists by all elements. The rules of the type take precedence.
type comparison struct {
	kind        string // the resource's type
	marks       marks  // of the type's schema, if Cloud Control read the resource
	compared    []string
	untold      []string // that no API returns
	differences []difference
	exact       bool // within a policy document: services add no keys, and only the list of statements is ordered
}

// compare compares the properties of the template with those that the service returned.
func compare(kind string, m marks, want, got map[string]any) *comparison {
	c := &comparison{kind: kind, marks: m}
	for _, r := range unsaid(kind) {
		_, said := want[r.path]
		if _, silent := lookup(got, r.path).(nothing); silent && m.cloudControl {
			continue // which leaves out what is not set
		}
		if !said {
			want = maps.Clone(want)
			want[r.path] = r.unsaid
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		c.at(name, want[name], lookup(got, name))
	}
	return c
}

func lookup(properties map[string]any, name string) any {
	if value, found := properties[name]; found && value != nil {
		return value
	}
	return nothing{}
}

func (c *comparison) at(path string, want, got any) {
	r := ruleOf(c.kind, path)
	r.set = r.set || c.marks.unordered[pattern(path)]
	_, silent := got.(nothing)
	if r.unreadable || silent && c.marks.writeOnly[pattern(path)] {
		c.untold = append(c.untold, path)
		return
	}
	if silent && r.silent != nil {
		got = r.silent
	}
	if isPolicy(want) && !c.exact {
		inner := &comparison{kind: c.kind, exact: true}
		inner.value(path, canonical(want), canonical(got), rule{})
		c.compared = append(c.compared, inner.compared...)
		c.differences = append(c.differences, inner.differences...)
		return
	}
	c.value(path, want, got, r)
}

func (c *comparison) value(path string, want, got any, r rule) {
	switch want := want.(type) {
	case map[string]any:
		c.entries(path, want, got, r.closed || c.exact)
	case []any:
		c.list(path, want, got, r)
	default:
		c.compared = append(c.compared, path)
		if !same(want, got) && !r.same(want, got) {
			c.differ(path, want, got)
		}
	}
}

func (c *comparison) differ(path string, want, got any) {
	c.differences = append(c.differences, difference{path, want, got})
}

// entries compares a map. For an empty one, services may return nothing.
func (c *comparison) entries(path string, want map[string]any, got any, closed bool) {
	have, isMap := got.(map[string]any)
	if _, silent := got.(nothing); !isMap && !silent {
		c.compared = append(c.compared, path)
		c.differ(path, want, got)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		c.at(path+"."+key, want[key], lookup(have, key))
	}
	if !closed {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if _, wanted := want[key]; !wanted {
			c.compared = append(c.compared, path+"."+key)
			c.differ(path+"."+key, nothing{}, have[key])
		}
	}
}

func (c *comparison) list(path string, want []any, got any, r rule) {
	have, isList := got.([]any)
	if _, silent := got.(nothing); !isList && !silent {
		c.compared = append(c.compared, path)
		c.differ(path, want, got)
		return
	}
	if len(want) == 0 && len(have) == 0 {
		c.compared = append(c.compared, path)
		return
	}
	switch {
	case r.key != "" && len(pick(want, r.key)) == len(want):
		c.named(path, want, have, r)
	case r.key != "", r.set, // the service names an element without a name
		c.exact && !strings.HasSuffix(path, ".Statement"):
		c.set(path, want, have)
	default:
		for i := range max(len(want), len(have)) {
			c.element(path+"["+strconv.Itoa(i)+"]", elementAt(want, i), elementAt(have, i))
		}
	}
}

func elementAt(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nothing{}
}

// element compares an element that may be in only one of the lists.
func (c *comparison) element(path string, want, got any) {
	_, unwanted := want.(nothing)
	_, absent := got.(nothing)
	if unwanted || absent {
		c.compared = append(c.compared, path)
		c.differ(path, want, got)
		return
	}
	c.at(path, want, got)
}

// named compares lists whose elements have names, in any order.
func (c *comparison) named(path string, want, got []any, r rule) {
	wanted, had := byName(want, r.key), byName(got, r.key)
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		c.element(path+"["+name+"]", wanted[name], lookup(had, name))
	}
	if r.open {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(had)) {
		if _, found := wanted[name]; !found {
			c.element(path+"["+name+"]", nothing{}, had[name])
		}
	}
}

func byName(list []any, key string) map[string]any {
	elements := map[string]any{}
	for i, element := range list {
		name := strconv.Itoa(i) // for an element without a name
		if element, isMap := element.(map[string]any); isMap && element[key] != nil {
			name = text(element[key])
		}
		first := name
		for n := 2; elements[name] != nil; n++ { // of several with one name, none hides another
			name = first + " " + strconv.Itoa(n)
		}
		elements[name] = element
	}
	return elements
}

// set compares unordered lists, each wanted element with the first one that matches it.
func (c *comparison) set(path string, want, got []any) {
	left := slices.Clone(got)
	for _, element := range want {
		found := slices.IndexFunc(left, func(candidate any) bool {
			trial := &comparison{kind: c.kind, marks: c.marks, exact: c.exact}
			trial.at(path+"[]", element, candidate)
			return len(trial.differences) == 0
		})
		if found < 0 {
			c.compared = append(c.compared, path+"[]")
			c.differ(path+"[]", element, nothing{})
			continue
		}
		c.at(path+"[]", element, left[found])
		left = slices.Delete(left, found, found+1)
	}
	for _, element := range left {
		c.compared = append(c.compared, path+"[]")
		c.differ(path+"[]", nothing{}, element)
	}
}

// same compares scalars as text, since CloudFormation accepts "80" for 80 and "true" for true.
func same(want, got any) bool {
	if isComposite(want) || isComposite(got) {
		return false
	}
	a, b := text(want), text(got)
	if a == b {
		return true
	}
	if isText(want) && isText(got) {
		return false // version 1.10 is not 1.1
	}
	x, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return false
	}
	y, err := strconv.ParseFloat(b, 64)
	return err == nil && x == y // 1.0 is 1
}

func isComposite(value any) bool {
	switch value.(type) {
	case map[string]any, []any, nothing, nil:
		return true
	}
	return false
}

func isText(value any) bool {
	_, is := value.(string)
	return is
}

func text(value any) string {
	switch value := value.(type) {
	case nothing:
		return "nothing"
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	return shown(value)
}

// shown formats a value for findings.
func shown(value any) string {
	if _, none := value.(nothing); none {
		return "nothing"
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

// same compares scalars that may differ in part by the rule.
func (r rule) same(want, got any) bool {
	switch {
	case r.name:
		return same(lastPart(want), lastPart(got))
	case r.ending != "" && !isComposite(want) && !isComposite(got):
		return strings.TrimSuffix(text(want), r.ending) == strings.TrimSuffix(text(got), r.ending)
	}
	return false
}

// lastPart is the name in an ARN, or the value itself.
func lastPart(value any) any {
	if s, isString := value.(string); isString {
		return s[strings.LastIndex(s, "/")+1:]
	}
	return value
}

// pattern is a path without the names and indexes of list elements, as rules have it.
func pattern(path string) string {
	var b strings.Builder
	depth := 0
	for _, c := range path {
		if c == ']' {
			depth--
		}
		if depth == 0 {
			b.WriteRune(c)
		}
		if c == '[' {
			depth++
		}
	}
	return b.String()
}
