package snapshot

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Diff returns how got differs from want, the golden template, or "" if they are
// equal. Each difference is one line, sorted by path:
//
//	Resources.CartService.Properties.Cpu: want "256", got "512"
//	Resources.CartTable: only in golden: {"Type":"AWS::DynamoDB::Table"}
//	Resources.CartTopic: not in golden: {"Type":"AWS::SNS::Topic"}
//
// Values are JSON. Long values are cut to the part that differs. Elements of a list
// are compared by content, not by index: one that is added is one difference. One
// that changed and moved has both indexes in its path, as in "Statement.1→2".
//
// Before them is a line for each resource with data, such as a table, a bucket or a
// queue, that a deployment would replace or remove:
//
//	Resources.CartTable: AWS::DynamoDB::Table is replaced by CartItems, which is empty: its data is deleted
//
// It is replaced if its logical ID changed, or a property that CloudFormation can
// only set in a new resource.
func Diff(want, got Template) string {
	before, after := decoded(want), decoded(got)
	d := differ{lines: losses(before, after)}
	d.compare(nil, map[string]any(before), map[string]any(after))
	return strings.Join(d.lines, "\n")
}

// decoded returns t as Parse would, so that templates from other sources can be
// compared, such as the CDK's assertions, in which each number is a float64.
func decoded(t Template) Template {
	same, err := Parse(t.JSON())
	if err != nil {
		panic(err)
	}
	return same
}

// differ collects the lines of Diff. They are sorted already, since keys are visited
// in sorted order and lists by index.
type differ struct{ lines []string }

func (d *differ) add(path []string, format string, values ...any) {
	d.lines = append(d.lines, strings.Join(path, ".")+": "+fmt.Sprintf(format, values...))
}

func (d *differ) compare(path []string, want, got any) {
	if reflect.DeepEqual(want, got) {
		return
	}
	switch before := want.(type) {
	case map[string]any:
		if after, ok := got.(map[string]any); ok {
			d.compareMaps(path, before, after)
			return
		}
	case []any:
		if after, ok := got.([]any); ok {
			d.compareLists(path, before, after)
			return
		}
	}
	w, g := text(want), text(got)
	from := firstDifference(w, g)
	d.add(path, "want %s, got %s", window(w, from), window(g, from))
}

func (d *differ) compareMaps(path []string, want, got map[string]any) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(want)), maps.Keys(got))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		before, old := want[key]
		after, kept := got[key]
		at := append(slices.Clip(path), key)
		switch {
		case !kept:
			d.add(at, "only in golden: %s", middleCut(text(before)))
		case !old:
			d.add(at, "not in golden: %s", middleCut(text(after)))
		default:
			d.compare(at, before, after)
		}
	}
}

func (d *differ) compareLists(path []string, want, got []any) {
	for _, p := range align(want, got) {
		at := func(index string) []string { return append(slices.Clip(path), index) }
		switch {
		case p.got < 0:
			d.add(at(strconv.Itoa(p.want)), "only in golden: %s", middleCut(text(want[p.want])))
		case p.want < 0:
			d.add(at(strconv.Itoa(p.got)), "not in golden: %s", middleCut(text(got[p.got])))
		case p.want == p.got:
			d.compare(at(strconv.Itoa(p.want)), want[p.want], got[p.got])
		default:
			d.compare(at(fmt.Sprintf("%d→%d", p.want, p.got)), want[p.want], got[p.got])
		}
	}
}

// text returns runes, so that a character is never cut in half.
func text(value any) []rune {
	return []rune(strings.TrimSpace(string(encode(value, ""))))
}

// shown is the maximum number of characters of a value in a line: two values and a
// path still fit on a wide screen, and a typical IAM statement is shown whole.
const shown = 120

// middleCut cuts the middle of a value that is shown alone and keeps both ends,
// since the Type of a resource is near its end.
func middleCut(value []rune) string {
	if len(value) <= shown {
		return string(value)
	}
	return string(value[:shown/2]) + "…" + string(value[len(value)-shown/2:])
}

func firstDifference(a, b []rune) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// window returns the part of a long value around the rune at index at, with enough
// before it to recognize the place.
func window(value []rune, at int) string {
	if len(value) <= shown {
		return string(value)
	}
	from := min(max(0, at-shown/4), len(value)-shown)
	part := string(value[from : from+shown])
	if from > 0 {
		part = "…" + part
	}
	if from+shown < len(value) {
		part += "…"
	}
	return part
}
