package readback

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// properties is a resource as a template writes it.
type properties = map[string]any

// shapeOf turns a struct of the SDK into the form of a template: its fields have the names that CloudFormation gives
// its properties, but for those that the readers rename. Fields that the service did not return are left out.
func shapeOf(answer any) properties {
	p, _ := shape(answer).(properties)
	return p
}

// shape is [shapeOf] for any value of the SDK.
func shape(answer any) any {
	value, said := shapeValue(reflect.ValueOf(answer))
	if !said {
		return nothing{}
	}
	return value
}

func shapeValue(v reflect.Value) (value any, said bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, false
		}
		return shapeValue(v.Elem())
	case reflect.Struct:
		if t, isTime := v.Interface().(time.Time); isTime {
			return t.UTC().Format(time.RFC3339), true
		}
		fields := properties{}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && field.Name != "ResultMetadata" {
				if value, said := shapeValue(v.Field(i)); said {
					fields[field.Name] = value
				}
			}
		}
		return fields, true
	case reflect.Map:
		entries := properties{}
		for _, key := range v.MapKeys() {
			if value, said := shapeValue(v.MapIndex(key)); said {
				entries[key.String()] = value
			}
		}
		return entries, !v.IsNil()
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			if value, said := shapeValue(v.Index(i)); said {
				list = append(list, value)
			}
		}
		return list, !v.IsNil()
	case reflect.String:
		// An enumeration is no pointer, so empty means that it was not returned.
		return v.String(), v.Type().PkgPath() == "" || v.String() != ""
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Int, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10)), true
	case reflect.Float32, reflect.Float64:
		return json.Number(strconv.FormatFloat(v.Float(), 'f', -1, 64)), true
	}
	panic(fmt.Sprintf("shape: the kind of %s is not supported: add it to shape.go", v.Type()))
}

func decode(encoded []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, absentError(fmt.Sprintf("invalid JSON: %q: %v", encoded, err))
	}
	return value, nil
}

// rename gives a property the name that it has in a template.
func rename(p properties, from, to string) {
	if value, found := p[from]; found {
		delete(p, from)
		p[to] = value
	}
}

// renameIn renames in every element of a list.
func renameIn(list any, from, to string) {
	elements, _ := list.([]any)
	for _, element := range elements {
		if element, isMap := element.(properties); isMap {
			rename(element, from, to)
		}
	}
}

// pick takes the value of one key from every element of a list.
func pick(list any, key string) []any {
	elements, _ := list.([]any)
	picked := []any{}
	for _, element := range elements {
		if element, isMap := element.(properties); isMap && element[key] != nil {
			picked = append(picked, element[key])
		}
	}
	return picked
}

// tagList returns tags that a service returns as a map in the form of a template.
func tagList(tags map[string]string) []any {
	list := []any{}
	for key, value := range tags {
		list = append(list, properties{"Key": key, "Value": value})
	}
	return list
}

// put sets a property if the service returned it.
func put(p properties, name string, value any) {
	if shaped, said := shapeValue(reflect.ValueOf(value)); said {
		p[name] = shaped
	}
}
