package readback

import (
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// marks are the properties of a type that its schema marks, by [pattern], if Cloud Control read the resource.
type marks struct {
	cloudControl         bool
	writeOnly, unordered map[string]bool
}

func marksOf(schema *deployed.Schema) marks {
	m := marks{true, map[string]bool{}, map[string]bool{}}
	for _, pointer := range schema.WriteOnlyProperties {
		path := strings.ReplaceAll(strings.TrimPrefix(pointer, "/properties/"), "/*", "[]")
		m.writeOnly[strings.ReplaceAll(path, "/", ".")] = true
	}
	m.find(schema, "", map[string]any{"properties": schema.Properties}, 0)
	return m
}

// find finds the unordered lists below a property. Definitions may refer to themselves, so the depth is limited.
func (m marks) find(schema *deployed.Schema, path string, property map[string]any, depth int) {
	if reference, is := property["$ref"].(string); is {
		property, _ = schema.Definitions[strings.TrimPrefix(reference, "#/definitions/")].(map[string]any)
	}
	if depth > 8 {
		return
	}
	children, _ := property["properties"].(map[string]any)
	for name, child := range children {
		if child, is := child.(map[string]any); is {
			m.find(schema, strings.TrimPrefix(path+"."+name, "."), child, depth+1)
		}
	}
	if items, is := property["items"].(map[string]any); is {
		if property["insertionOrder"] == false {
			m.unordered[path] = true
		}
		m.find(schema, path+"[]", items, depth+1)
	}
}
