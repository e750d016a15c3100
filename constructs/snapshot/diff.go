package snapshot

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// Diff returns how got differs from want, the golden template, or "" if they are
// equal. Each difference is one line, sorted by path:
//
//	Resources.CartService.Properties.Cpu: want "256", got "512"
//	Resources.CartTable: only in golden: {"Type":"AWS::DynamoDB::Table"}
//	Resources.CartTopic: not in golden: {"Type":"AWS::SNS::Topic"}
//
// Values are JSON. Long values are cut to the part that differs. An element of a
// list that changed and moved has both indexes in its path, as in "Statement.1→2".
func Diff(want, got Template) string {
	var r reporter
	cmp.Equal(decoded(want), decoded(got), cmp.Reporter(&r))
	return strings.Join(r.lines, "\n")
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

// reporter collects the lines of Diff. They are sorted already, since cmp visits
// keys in sorted order and lists by index.
type reporter struct {
	path  cmp.Path
	lines []string
}

func (r *reporter) PushStep(step cmp.PathStep) { r.path = append(r.path, step) }

func (r *reporter) PopStep() { r.path = r.path[:len(r.path)-1] }

func (r *reporter) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	line := dotted(r.path) + ": "
	switch want, got := r.path.Last().Values(); {
	case !got.IsValid():
		line += "only in golden: " + middleCut(text(want))
	case !want.IsValid():
		line += "not in golden: " + middleCut(text(got))
	default:
		w, g := text(want), text(got)
		from := firstDifference(w, g)
		line += fmt.Sprintf("want %s, got %s", window(w, from), window(g, from))
	}
	r.lines = append(r.lines, line)
}

func dotted(path cmp.Path) string {
	var steps []string
	for _, step := range path {
		switch step := step.(type) {
		case cmp.MapIndex:
			steps = append(steps, step.Key().String())
		case cmp.SliceIndex:
			// An index of -1 means that the element is only in the other list.
			switch want, got := step.SplitKeys(); {
			case want == got || got < 0:
				steps = append(steps, strconv.Itoa(want))
			case want < 0:
				steps = append(steps, strconv.Itoa(got))
			default:
				steps = append(steps, fmt.Sprintf("%d→%d", want, got))
			}
		}
	}
	return strings.Join(steps, ".")
}

// text returns runes, so that a character is never cut in half.
func text(value reflect.Value) []rune {
	return []rune(strings.TrimSpace(string(encode(value.Interface(), ""))))
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
