package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Template is one decoded CloudFormation template. In a template that [Read] or
// [Parse] returned, a number is a [json.Number] with the text in the file.
type Template map[string]any

// Parse decodes the JSON text of one template. It returns an error if text is not
// exactly one JSON object.
func Parse(text []byte) (Template, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var t Template
	if err := decoder.Decode(&t); err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	if t == nil {
		return nil, errors.New("parse template: want an object, got null")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("parse template: more text after the end of the object")
	}
	return t, nil
}

// Resource is one entry of a template's Resources.
type Resource struct {
	LogicalID string
	Type      string         // such as "AWS::SQS::Queue"
	Raw       map[string]any // the whole resource: Type, Properties, DeletionPolicy, Metadata, …
}

// Get returns the value at a dotted path, such as "DeletionPolicy" or
// "Properties.ContainerDefinitions.0.Image", or nil if there is none. See
// [Template.Get] for the syntax of a path.
func (r Resource) Get(path string) any { return lookup(r.Raw, path) }

// Get returns the value at a dotted path, such as "Outputs.Url.Export.Name", or
// nil if there is none. A number in the path is an index of a list. Keys that
// contain dots are found too, so every path from [Template.Walk] can be used here.
// Compare the result with a plain constant: a string, a bool or a [json.Number].
func (t Template) Get(path string) any { return lookup(map[string]any(t), path) }

func lookup(value any, path string) any {
	switch value := value.(type) {
	case map[string]any:
		if child, ok := value[path]; ok {
			return child
		}
		// Keys such as "method.response.header.Allow" contain dots, so each dot may or
		// may not end the key.
		for i, c := range path {
			if c != '.' {
				continue
			}
			if found := lookup(value[path[:i]], path[i+1:]); found != nil {
				return found
			}
		}
	case []any:
		index, rest, deeper := strings.Cut(path, ".")
		i, err := strconv.Atoi(index)
		if err != nil || i < 0 || i >= len(value) {
			return nil
		}
		if deeper {
			return lookup(value[i], rest)
		}
		return value[i]
	}
	return nil
}

// Resources returns the resources of one type, such as "AWS::SQS::Queue", or all
// of them if resourceType is empty, sorted by logical ID.
func (t Template) Resources(resourceType string) []Resource {
	var found []Resource
	section, _ := t["Resources"].(map[string]any)
	for _, id := range slices.Sorted(maps.Keys(section)) {
		raw, isMap := section[id].(map[string]any)
		kind, _ := raw["Type"].(string)
		if isMap && (resourceType == "" || resourceType == kind) {
			found = append(found, Resource{LogicalID: id, Type: kind, Raw: raw})
		}
	}
	return found
}

// One returns the only resource of the type. If the template has none or several,
// it ends the test with a message that lists what there is instead.
func (t Template) One(tb testing.TB, resourceType string) Resource {
	tb.Helper()
	found := t.Resources(resourceType)
	if len(found) == 0 {
		var types []string
		for _, r := range t.Resources("") {
			types = append(types, r.Type)
		}
		slices.Sort(types)
		tb.Fatalf("want one %s, got none; the template has: %s",
			resourceType, strings.Join(slices.Compact(types), ", "))
	}
	if len(found) > 1 {
		var ids []string
		for _, r := range found {
			ids = append(ids, r.LogicalID)
		}
		tb.Fatalf("want one %s, got %d: %s", resourceType, len(ids), strings.Join(ids, ", "))
	}
	return found[0]
}

// Outputs returns the Value of every output by its logical ID. For the other fields
// of an output, use Get("Outputs.<logical ID>").
func (t Template) Outputs() map[string]any {
	values := map[string]any{}
	section, _ := t["Outputs"].(map[string]any)
	for id, output := range section {
		values[id] = lookup(output, "Value")
	}
	return values
}

// Walk calls visit with the path of every value in the template, depth first, a
// map before its entries, keys in sorted order and lists by index. Use it for rules
// about every occurrence of a property, such as "no Action is a wildcard".
func (t Template) Walk(visit func(path string, value any)) {
	walk("", map[string]any(t), visit)
}

func walk(path string, value any, visit func(path string, value any)) {
	step := func(key string, child any) {
		if path != "" {
			key = path + "." + key
		}
		visit(key, child)
		walk(key, child, visit)
	}
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			step(key, value[key])
		}
	case []any:
		for i, child := range value {
			step(strconv.Itoa(i), child)
		}
	}
}

// Normalize returns a deep copy in which the hashes of assets are masked, as the
// package documentation describes. Logical IDs are never masked, since a changed
// logical ID means a replaced resource.
func (t Template) Normalize() Template {
	masked := Template{}
	for key, value := range t {
		masked[key] = mask(value, false)
	}
	return masked
}

// hash also matches the prefixes of 64 digits that are not the hash of an asset: a
// reference in Fn::Sub, or the algorithm of an image digest.
var hash = regexp.MustCompile(`(\$\{|sha256:)?\b[0-9a-f]{64}\b`)

// mask copies value and masks hashes. If ids is true, its strings are logical IDs
// and are kept.
func mask(value any, ids bool) any {
	switch value := value.(type) {
	case map[string]any:
		masked := make(map[string]any, len(value))
		for key, child := range value {
			masked[key] = mask(child, key == "Ref" || key == "Fn::GetAtt" || key == "DependsOn")
		}
		return masked
	case []any:
		masked := make([]any, len(value))
		for i, child := range value {
			masked[i] = mask(child, ids)
		}
		return masked
	case string:
		if ids {
			return value
		}
		return hash.ReplaceAllStringFunc(value, func(found string) string {
			if strings.HasPrefix(found, "${") || strings.HasPrefix(found, "sha256:") {
				return found
			}
			return "<asset-hash>"
		})
	default:
		return value
	}
}

// JSON returns the canonical text of the template, the format of golden files:
// sorted keys, two spaces of indent, no HTML escapes, a final newline. It panics if
// the template has a value that JSON cannot represent, which no decoded one has.
func (t Template) JSON() []byte {
	if t == nil {
		t = Template{}
	}
	return encode(t, "  ")
}

func encode(value any, indent string) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	// IAM and CloudFormation often use "<", ">" and "&", which are unreadable as \u003c.
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode template: %w", err))
	}
	return text.Bytes()
}
