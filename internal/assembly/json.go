package assembly

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// object is a JSON object whose members keep their order and their text.
type object []member

type member struct {
	key   string
	value json.RawMessage
}

func parse(text []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, fmt.Errorf("must be a JSON object, got %.40q (%w)", text, err)
	}
	var all object
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		m := member{key: key.(string)} // the key of an object is a string
		if err := decoder.Decode(&m.value); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	_, err := decoder.Token()
	return all, err
}

// get returns the text of a member, or nil.
func (o object) get(key string) json.RawMessage {
	if n := slices.IndexFunc(o, func(m member) bool { return m.key == key }); n >= 0 {
		return o[n].value
	}
	return nil
}

// text returns a member that is a string.
func (o object) text(key string) string {
	var value string
	_ = json.Unmarshal(o.get(key), &value) // "" if it is absent, or no string
	return value
}

// without returns the object without a member.
func (o object) without(key string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return m.key == key })
}

// with returns the object with another value of a member that it has.
func (o object) with(key string, value json.RawMessage) object {
	all := slices.Clone(o)
	all[slices.IndexFunc(all, func(m member) bool { return m.key == key })].value = value
	return all
}

// write returns the object as JavaScript's JSON.stringify writes it at a depth, with two spaces, or with none at depth -1. The
// values are as they were read.
func (o object) write(depth int) json.RawMessage {
	items := make([]string, len(o))
	for n, m := range o {
		colon := ": "
		if depth < 0 {
			colon = ":"
		}
		items[n] = string(quote(m.key)) + colon + string(m.value)
	}
	return enclose("{", items, "}", depth)
}

// array writes elements, which are as they were read.
func array(elements []json.RawMessage, depth int) json.RawMessage {
	items := make([]string, len(elements))
	for n, element := range elements {
		items[n] = string(element)
	}
	return enclose("[", items, "]", depth)
}

func enclose(opening string, items []string, closing string, depth int) json.RawMessage {
	if len(items) == 0 || depth < 0 {
		return json.RawMessage(opening + strings.Join(items, ",") + closing)
	}
	line := "\n" + strings.Repeat("  ", depth)
	return json.RawMessage(opening + line + "  " + strings.Join(items, ","+line+"  ") + line + closing)
}

func quote(text string) json.RawMessage {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string has a form in JSON
	return bytes.TrimSpace(quoted.Bytes())
}
