package alarmtest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
)

func valid() alarm.Alarm {
	return alarm.Alarm{
		ID: "Refused", Metric: metric.Metric{Label: "Refused payments", Namespace: "Shop", Name: "Refused"},
		Comparison: alarm.AtLeast, Threshold: 2.5, Datapoints: 2, Periods: 3, Meaning: "payments are refused.",
		LookAt: [3]string{"the provider's status.", "the newest errors.", "is it one customer?"}, Pages: true,
	}
}

// recorder counts the failures of a test that is expected to fail.
type recorder struct {
	testing.TB
	failures int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failures++ }

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*alarm.Alarm)
		want   int
	}{
		"valid":                  {func(*alarm.Alarm) {}, 0},
		"not valid":              {func(a *alarm.Alarm) { a.Comparison = "" }, 1},
		"too long a description": {func(a *alarm.Alarm) { a.Meaning = strings.Repeat("m", 800) + "." }, 1},
		"a list in a list":       {func(a *alarm.Alarm) { a.LookAt[1] = "first 2. second." }, 1},
		"a value too few":        {func(a *alarm.Alarm) { a.Meaning = "%!d(MISSING) payments are refused." }, 1},
		"no sentence":            {func(a *alarm.Alarm) { a.LookAt[2] = "customers" }, 1},
		"no meaning":             {func(a *alarm.Alarm) { a.Meaning = "refused" }, 1},
	} {
		a := valid()
		c.change(&a)
		r := &recorder{TB: t}
		Check(r, a)
		if r.failures != c.want {
			t.Errorf("%s: %d failures, want %d", name, r.failures, c.want)
		}
	}
}

func TestRows(t *testing.T) {
	gradual := valid()
	gradual.Metric = metric.Metric{Label: "Refused payments", Expression: "a + b", Over: map[string]metric.Metric{
		"a": valid().Metric, "b": valid().Metric,
	}}
	rollsBack := valid()
	rollsBack.Comparison, rollsBack.Missing, rollsBack.Pages, rollsBack.RollsBack = alarm.Above, alarm.Breaching, false, true
	want := []string{
		"| `Refused` | Refused payments | at least 2.5 | 2 of 3 | missing | pages | 0.10 or 0.20 |",
		"| `Refused` | Refused payments | above 2.5 | 2 of 3 | breaching | informs, rolls back | 0.10 |",
	}
	if diff := cmp.Diff(want, rows([]alarm.Alarm{valid(), rollsBack}, []alarm.Alarm{gradual, rollsBack})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	const text = "| `Before` |\n### Of a table\n\n| alarm |\n|---|\n| `One` |\n| `Two` |\n#### Of\n| `Three` |\n"
	if diff := cmp.Diff([]string{"| `One` |", "| `Two` |"}, documented(text, "Of a table")); diff != "" {
		t.Errorf("documented (-want +got):\n%s", diff)
	}
}

func TestSummaries(t *testing.T) {
	informs := valid()
	informs.ID, informs.Pages = "Late", false
	all := []alarm.Alarm{valid(), informs}
	if diff := cmp.Diff([]string{"Refused", "Late"}, IDs(all)); diff != "" {
		t.Errorf("IDs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Refused"}, Paging(all)); diff != "" {
		t.Errorf("paging (-want +got):\n%s", diff)
	}
	if got := Metrics(all); got != 2 {
		t.Errorf("they are over %d metrics, want 2", got)
	}
}
