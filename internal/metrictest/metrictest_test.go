package metrictest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

func over(expression string) metric.Metric {
	number := metric.Metric{Namespace: "Shop", Name: "Orders"}
	return metric.Metric{Label: expression, Expression: expression, Over: map[string]metric.Metric{"a": number, "b": number, "c": number}}
}

func TestExpressions(t *testing.T) {
	minute, nothing := Minute{"a": 6, "b": 3}, math.NaN()
	for expression, want := range map[string]float64{
		"a + b * 2": 12, "(a + b) * 2": 18, "a - b": 3, "a / b": 2, "a + c": nothing,
		"a >= b": 1, "b >= a": 0, "a >= a": 1, "c >= a": nothing, "a >= c": nothing,
		"FILL(a, 0)": 6, "FILL(c, 7)": 7,
		"IF(a >= b, 1, 2)": 1, "IF(b >= a, 1, 2)": 2, "IF(c >= a, 1, 2)": nothing,
		"MAX([a, b])": 6, "MAX([b, a])": 6, "MAX([a, c])": nothing, "MAX([FILL(c, 0), b])": 3,
		"SUM([a, b])": 9, "SUM([a, c])": 6, "SUM([c, b])": 3, "SUM([c])": nothing,
		"DIFF(a)": nothing,
	} {
		minute.Expect(t, over(expression), want)
	}
	minute.Expect(t, metric.Metric{Label: "nested", Expression: "inner * 2", Over: map[string]metric.Metric{"inner": over("a + b")}}, 18)
}

func TestDifferences(t *testing.T) {
	got := Values(t, over("DIFF(FILL(a, 0) + b)"), Minute{"a": 1, "b": 1}, Minute{"a": 3, "b": 2}, Minute{"b": 1})
	if diff := cmp.Diff([]float64{math.NaN(), 3, -4}, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeEvaluated(t *testing.T) {
	for expression, want := range map[string]string{
		"a +":      `cannot read "a +": 1:4: expected operand, found 'EOF'`,
		"MIN([a])": "no such function: MIN",
		"a % b":    "no such operator: %",
		"a + d":    "a + d is over no d",
		"d + a":    "d + a is over no d",
		"FILL(d)":  "FILL(d) is over no d",
		"-a":       "cannot evaluate *ast.UnaryExpr in -a",
	} {
		_, err := (series{[]Minute{{}}, 0}).value(over(expression))
		if err == nil || err.Error() != want {
			t.Errorf("%s: got error %v, want %s", expression, err, want)
		}
	}
}

// recorder counts the failures of a test that is expected to fail.
type recorder struct {
	testing.TB
	failures int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failures++ }

func TestAnotherValueThanExpected(t *testing.T) {
	r := &recorder{TB: t}
	Minute{"a": 1}.Expect(r, over("a"), 2)
	Minute{"a": 1}.Expect(r, over("a"), math.NaN())
	Minute{}.Expect(r, over("a"), 0)
	if r.failures != 3 {
		t.Errorf("%d failures, want 3", r.failures)
	}
}

func TestWhatDoesNotFitIntoAnAlarm(t *testing.T) {
	long := "a + b + c" + strings.Repeat(" + a", 254)
	eleven := over("SUM(METRICS())")
	for _, id := range []string{"d", "e", "f", "g", "h", "i", "j", "k"} {
		eleven.Over[id] = metric.Metric{Namespace: "Shop", Name: "Orders"}
	}
	slow := over("a + b + c")
	slow.Period = 5 * time.Minute
	for name, c := range map[string]struct {
		metric metric.Metric
		want   int
	}{
		"fits":             {over("a + b + c"), 0},
		"no label":         {metric.Metric{Namespace: "Shop", Name: "Orders"}, 1},
		"not valid":        {metric.Metric{Label: "Orders", Namespace: "Shop"}, 1},
		"eleven numbers":   {eleven, 1},
		"another period":   {slow, 4}, // the expression, and each that it is over
		"a long statement": {over(long), 1},
	} {
		r := &recorder{TB: t}
		FitsAlarm(r, name, c.metric)
		if r.failures != c.want {
			t.Errorf("%s: %d failures, want %d", name, r.failures, c.want)
		}
	}
	want := map[string]string{
		"a": "Shop Orders Average map[]", "b": "Shop Orders Average map[]", "c": "Shop Orders Average map[]",
	}
	if diff := cmp.Diff(want, Numbers(over("a"))); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}
