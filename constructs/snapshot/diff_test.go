package snapshot_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

func TestDiff(t *testing.T) {
	cases := map[string]struct {
		golden, got string
		want        []string
	}{
		"equal in another order": {`{"a": 1, "b": {"c": [], "d": 2}}`, `{"b": {"d": 2, "c": []}, "a": 1}`, nil},
		"value":                  {`{"a": {"b": "x"}}`, `{"a": {"b": "y"}}`, []string{`a.b: want "x", got "y"`}},
		"type of a value":        {`{"a": "256"}`, `{"a": 256}`, []string{`a: want "256", got 256`}},
		"text of a number":       {`{"a": 1.0}`, `{"a": 1}`, []string{`a: want 1.0, got 1`}},
		"shape":                  {`{"a": {"b": 1}}`, `{"a": [1]}`, []string{`a: want {"b":1}, got [1]`}},
		"null is not absent":     {`{"a": null}`, `{}`, []string{`a: only in golden: null`}},
		"null is not a value":    {`{"a": null}`, `{"a": "<x>"}`, []string{`a: want null, got "<x>"`}},
		"renamed logical ID": {
			`{"Resources": {"CartTable1": {"Type": "T"}}}`,
			`{"Resources": {"CartTable2": {"Type": "T"}}}`,
			[]string{`Resources.CartTable1: only in golden: {"Type":"T"}`, `Resources.CartTable2: not in golden: {"Type":"T"}`},
		},
		"sorted": {
			`{"b": 1, "a": {"z": 1, "y": 1}, "c": [0,1,2,3,4,5,6,7,8,9,10]}`,
			`{"b": 2, "a": {"z": 2, "y": 2}, "c": [0,1,20,3,4,5,6,7,8,9,100]}`,
			[]string{`a.y: want 1, got 2`, `a.z: want 1, got 2`, `b: want 1, got 2`, `c.2: want 2, got 20`, `c.10: want 10, got 100`},
		},
		"added to a list":     {`{"l": ["a", "b", "c"]}`, `{"l": ["a", "x", "b", "c"]}`, []string{`l.1: not in golden: "x"`}},
		"removed from a list": {`{"l": ["a", "b", "c"]}`, `{"l": ["a", "c"]}`, []string{`l.1: only in golden: "b"`}},
		"changed in a list": {
			`{"l": [{"Name": "A", "Value": "1", "x": 1}, {"Name": "B", "Value": "2", "x": 1}]}`,
			`{"l": [{"Name": "A", "Value": "1", "x": 1}, {"Name": "B", "Value": "3", "x": 1}]}`,
			[]string{`l.1.Value: want "2", got "3"`},
		},
		"changed and moved in a list": {
			`{"l": ["a", {"Name": "B", "Value": "2", "x": 1}, "c"]}`,
			`{"l": ["new", "a", {"Name": "B", "Value": "3", "x": 1}, "c"]}`,
			[]string{`l.0: not in golden: "new"`, `l.1→2.Value: want "2", got "3"`},
		},
		"one line even for text of several": {`{"a": "x\ny"}`, `{"a": "x\nz"}`, []string{`a: want "x\ny", got "x\nz"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := snapshot.Diff(parse(t, c.golden), parse(t, c.got))
			if diff := cmp.Diff(strings.Join(c.want, "\n"), got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDiffTakesTemplatesFromElsewhere(t *testing.T) {
	golden := parse(t, `{"Count": 2, "Share": 0.5, "List": ["a"]}`)
	same := snapshot.Template{"Count": 2, "Share": 0.5, "List": []string{"a"}}
	if diff := snapshot.Diff(golden, same); diff != "" {
		t.Errorf("plain Go values differ from decoded ones:\n%s", diff)
	}
	if diff := snapshot.Diff(nil, snapshot.Template{}); diff != "" {
		t.Errorf("a nil template differs from an empty one:\n%s", diff)
	}
	if diff, want := snapshot.Diff(nil, golden), `Count: not in golden: 2`; !strings.HasPrefix(diff, want) {
		t.Errorf("got %q, want it to begin with %q", diff, want)
	}
}

func TestDiffShortensLongValues(t *testing.T) {
	long := strings.Repeat("é", 1000)
	cases := map[string]struct {
		golden, got any
		want        []string
	}{
		"difference in the middle": {long + "WANT" + long, long + "GOT" + long, []string{"WANTé", "GOTé"}},
		"difference at the start":  {"WANT" + long, "GOT" + long, []string{`want "WANTé`, `got "GOTé`}},
		"difference at the end":    {long + "WANT", long + "GOT", []string{`éWANT", got`, `éGOT"`}},
		"got ends early":           {long + long, long, []string{`want …é`, `, got …é`, `é"`}},
		"got is short":             {long, "short", []string{`want "éé`, `é…, got "short"`}},
		"resource in golden alone": {
			map[string]any{"Properties": map[string]any{"Name": long}, "Type": "AWS::SQS::Queue"},
			nil,
			[]string{`only in golden: {"Properties":{"Name":"é`, `é…é`, `"Type":"AWS::SQS::Queue"}`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			golden, got := snapshot.Template{"a": c.golden}, snapshot.Template{"a": c.got}
			if c.got == nil {
				delete(got, "a")
			}
			line := snapshot.Diff(golden, got)
			for _, part := range c.want {
				if !strings.Contains(line, part) {
					t.Errorf("line lacks %q: %s", part, line)
				}
			}
			if length := utf8.RuneCountInString(line); length > 300 || !utf8.ValidString(line) {
				t.Errorf("got %d characters, valid %t, want at most 300: %s", length, utf8.ValidString(line), line)
			}
		})
	}
}
