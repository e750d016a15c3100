package snapshot_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
		"added at the start of a list": {
			`{"l": ["ALARM(", {"Ref": "A"}, ") OR ALARM(", {"Ref": "B"}, ")"]}`, `{"l": ["ALARM(", {"Ref": "X"}, ") OR ALARM(", {"Ref": "A"}, ") OR ALARM(", {"Ref": "B"}, ")"]}`,
			[]string{`l.1: not in golden: {"Ref":"X"}`, `l.2: not in golden: ") OR ALARM("`},
		},
		"one removed and one added far from it": {
			`{"l": [{"Ref": "A"}, ",", {"Ref": "B"}, ",", {"Ref": "C"}, ",", {"Ref": "D"}]}`, `{"l": [{"Ref": "B"}, ",", {"Ref": "C"}, ",", {"Ref": "D"}, ",", {"Ref": "E"}]}`,
			[]string{
				`l.0: only in golden: {"Ref":"A"}`, `l.1: only in golden: ","`,
				`l.5: not in golden: ","`, `l.6: not in golden: {"Ref":"E"}`,
			},
		},
		"replaced in a list by something else": {
			`{"l": [{"Name": "A", "Value": "1"}, {"Name": "C", "Value": "3"}]}`, `{"l": [{"Name": "B", "Value": "2"}, {"Name": "C", "Value": "3"}]}`,
			[]string{`l.0: only in golden: {"Name":"A","Value":"1"}`, `l.0: not in golden: {"Name":"B","Value":"2"}`},
		},
		"a list where a text was":           {`{"l": ["a", "b"]}`, `{"l": ["a", ["b"]]}`, []string{`l.1: only in golden: "b"`, `l.1: not in golden: ["b"]`}},
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

// Every member that is added to or removed from a rule is two differences, with the text that separates it, whatever comes
// before and after it.
func TestDiffOfARule(t *testing.T) {
	rule := func(members []string) []any {
		list := []any{`ALARM("`}
		for n, member := range members {
			if n > 0 {
				list = append(list, `") OR ALARM("`)
			}
			list = append(list, map[string]any{"Fn::GetAtt": []any{member, "Arn"}})
		}
		return append(list, `")`)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var golden []string
		for n := range 6 + random.IntN(14) {
			golden = append(golden, fmt.Sprint("Alarm", n))
		}
		got, changes := slices.Clone(golden), 0
		for ; changes < 1+random.IntN(3); changes++ {
			if n := random.IntN(len(got)); random.IntN(2) == 0 {
				got = slices.Insert(got, n, fmt.Sprint("New", changes))
			} else {
				got = slices.Delete(got, n, n+1)
			}
		}
		diff := snapshot.Diff(snapshot.Template{"Rule": rule(golden)}, snapshot.Template{"Rule": rule(got)})
		if lines := len(strings.Split(diff, "\n")); lines > 2*changes {
			t.Fatalf("%d changes are %d lines: %v, %v\n%s", changes, lines, golden, got, diff)
		}
	}
}

func TestDiffNamesTheDataThatIsLost(t *testing.T) {
	const table, queue = "AWS::DynamoDB::GlobalTable", "AWS::SQS::Queue"
	type properties = map[string]any
	resource := func(kind string, with properties, policies ...string) map[string]any {
		r := map[string]any{"Type": kind, "Properties": with}
		if len(policies) > 0 {
			r["DeletionPolicy"], r["UpdateReplacePolicy"] = policies[0], policies[len(policies)-1]
		}
		return r
	}
	keys := properties{"KeySchema": []any{"userId"}, "BillingMode": "PAY_PER_REQUEST"}
	for name, c := range map[string]struct {
		golden, got map[string]any
		want        []string
	}{
		"renamed": {
			map[string]any{"CartItemsTable": resource(table, keys, "Delete")},
			map[string]any{"CartProductsTable": resource(table, keys, "Delete")},
			[]string{"Resources.CartItemsTable: AWS::DynamoDB::GlobalTable is replaced by CartProductsTable, which is empty: its data is deleted"},
		},
		"renamed, and retained": {
			map[string]any{"A": resource(table, keys, "RetainExceptOnCreate", "Retain")},
			map[string]any{"B": resource(table, keys, "Delete")},
			[]string{"Resources.A: AWS::DynamoDB::GlobalTable is replaced by B, which is empty: its data stays in the old one, which the stack no longer has"},
		},
		"two renamed": {
			map[string]any{"A": resource(queue, properties{"DelaySeconds": 1}), "B": resource(queue, properties{"DelaySeconds": 2})},
			map[string]any{"C": resource(queue, properties{"DelaySeconds": 2}), "D": resource(queue, properties{"DelaySeconds": 1})},
			[]string{
				"Resources.A: AWS::SQS::Queue is replaced by D, which is empty: its data is deleted",
				"Resources.B: AWS::SQS::Queue is replaced by C, which is empty: its data is deleted",
			},
		},
		"removed": {
			map[string]any{"A": resource(table, keys), "B": resource(queue, nil)},
			map[string]any{"B": resource(queue, nil)},
			[]string{"Resources.A: AWS::DynamoDB::GlobalTable is removed: its data is deleted"},
		},
		"removed but for a snapshot": {
			map[string]any{"A": resource("AWS::RDS::DBInstance", nil, "Snapshot")},
			map[string]any{},
			[]string{"Resources.A: AWS::RDS::DBInstance is removed: its data is deleted but for a snapshot"},
		},
		"other keys": {
			map[string]any{"A": resource(table, keys, "Retain")},
			map[string]any{"A": resource(table, properties{"KeySchema": []any{"id"}, "TableName": "x"}, "Retain", "Delete")},
			[]string{"Resources.A: AWS::DynamoDB::GlobalTable is replaced by an empty one, since KeySchema, TableName cannot be changed: its data is deleted"},
		},
		"changed in place": {map[string]any{"A": resource(table, keys)}, map[string]any{"A": resource(table, properties{"KeySchema": []any{"userId"}, "BillingMode": "PROVISIONED"})}, nil},
		"added":            {map[string]any{}, map[string]any{"A": resource(table, keys)}, nil},
		"without data":     {map[string]any{"A": resource("AWS::SNS::Topic", nil)}, map[string]any{"B": resource("AWS::SNS::Topic", nil)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			lines := strings.Split(snapshot.Diff(snapshot.Template{"Resources": c.golden}, snapshot.Template{"Resources": c.got}), "\n")
			var got []string
			for _, line := range lines {
				if strings.Contains(line, ": its data ") {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if n := len(got); n > 0 && !slices.Equal(lines[:n], got) {
				t.Errorf("they are not the first lines: %q", lines)
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
