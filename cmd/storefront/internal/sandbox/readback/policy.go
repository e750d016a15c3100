package readback

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// document decodes a policy document as services return it: as JSON text, which IAM escapes like a URL.
func document(text string) (any, error) {
	if strings.HasPrefix(text, "%") {
		plain, err := url.PathUnescape(text)
		if err != nil {
			return nil, err
		}
		text = plain
	}
	return decode([]byte(text))
}

// document decodes a policy document, or any other JSON text that a service returned.
func (q *query) document(text *string) any {
	if q.err != nil {
		return nil
	}
	var value any
	value, q.err = document(aws.ToString(text))
	return value
}

// isPolicy reports whether a property is a policy document.
func isPolicy(value any) bool {
	document, _ := value.(map[string]any)
	return document["Statement"] != nil
}

// canonical brings equivalent policy documents into one form: a single statement becomes a list, and so does a single action,
// resource, principal or value of a condition.
func canonical(policy any) any {
	top, isMap := policy.(map[string]any)
	if !isMap {
		return policy
	}
	form := map[string]any{}
	for key, value := range top {
		if key != "Statement" {
			form[key] = value
			continue
		}
		statements := []any{}
		for _, s := range many(value) {
			statements = append(statements, statement(s))
		}
		form[key] = statements
	}
	return form
}

func statement(value any) any {
	fields, isMap := value.(map[string]any)
	if !isMap {
		return value
	}
	form := map[string]any{}
	for key, value := range fields {
		switch key {
		case "Sid", "Effect":
			form[key] = value
		case "Condition": // operator, key, values
			form[key] = eachEntry(value, func(keys any) any { return eachEntry(keys, texts) })
		case "Principal", "NotPrincipal":
			if principals, isMap := value.(map[string]any); isMap {
				form[key] = eachEntry(principals, texts)
			} else {
				form[key] = value
			}
		default:
			form[key] = texts(value)
		}
	}
	return form
}

func eachEntry[T any](value any, change func(any) T) any {
	entries, isMap := value.(map[string]any)
	if !isMap {
		return value
	}
	form := map[string]any{}
	for key, entry := range entries {
		form[key] = change(entry)
	}
	return form
}

// many returns a list, an element as a list, or nil.
func many(value any) []any {
	if value == nil {
		return nil
	}
	if list, isList := value.([]any); isList {
		return list
	}
	return []any{value}
}

// texts returns a list of strings, where services keep strings and templates may have numbers or booleans.
func texts(value any) []any {
	list := []any{}
	for _, element := range many(value) {
		switch element := element.(type) {
		case bool, json.Number:
			list = append(list, text(element))
		default:
			list = append(list, element)
		}
	}
	return list
}
