// Package alarmtest is what the tests of alarms share: what CloudWatch and whoever is paged expect of every alarm, and the
// comparison of the documentation with the code.
package alarmtest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
)

// The longest names that a service and an owner may have.
var (
	longestService = strings.Repeat("s", 63)
	longestOwner   = strings.Repeat("o", 256)
)

// Check finds what is wrong with alarms: what [alarm.Alarm.Validate] finds, a description that CloudWatch would refuse, and
// sentences that are none.
func Check(t testing.TB, all ...alarm.Alarm) {
	t.Helper()
	for _, a := range all {
		if err := a.WithDefaults().Validate(a.ID); err != nil {
			t.Errorf("%s is not valid: %v", a.ID, err)
		}
		description := a.Description(longestService, longestOwner)
		if len(description) > 1024 {
			t.Errorf("%s: the description may have %d characters, CloudWatch takes 1024", a.ID, len(description))
		}
		for _, part := range []string{"\nLook at: 1. ", " 2. ", " 3. ", "\nOwner: "} {
			if strings.Count(description, part) != 1 {
				t.Errorf("%s: the description must have %q once:\n%s", a.ID, part, description)
			}
		}
		if strings.Contains(description, "%!") {
			t.Errorf("%s: the description is not well formed:\n%s", a.ID, description)
		}
		for _, sentence := range append(a.LookAt[:], a.Meaning) {
			if !strings.HasSuffix(sentence, ".") && !strings.HasSuffix(sentence, "?") {
				t.Errorf("%s: %q is no sentence", a.ID, sentence)
			}
		}
	}
}

// IDs are those of alarms.
func IDs(all []alarm.Alarm) []string {
	var ids []string
	for _, a := range all {
		ids = append(ids, a.ID)
	}
	return ids
}

// Paging are the IDs of those that page.
func Paging(all []alarm.Alarm) []string {
	var paging []alarm.Alarm
	for _, a := range all {
		if a.Pages {
			paging = append(paging, a)
		}
	}
	return IDs(paging)
}

// Metrics is how many metrics the alarms are over, by which CloudWatch bills them.
func Metrics(all []alarm.Alarm) int {
	count := 0
	for _, a := range all {
		count += a.Metric.Count()
	}
	return count
}

// EachSettingIsOfOneAlarm checks that each setting changes one alarm alone, and that Disable leaves out this one. Settings
// are by the ID of their alarm.
func EachSettingIsOfOneAlarm[T any](t *testing.T, alarms func(T) []alarm.Alarm, settings map[string]struct{ Change, Disable func(*T) }) {
	t.Helper()
	var defaults T
	before := alarms(defaults)
	if len(before) != len(settings) {
		t.Fatalf("%d alarms, and %d settings are tried", len(before), len(settings))
	}
	for id, setting := range settings {
		var changed, disabled T
		setting.Change(&changed)
		setting.Disable(&disabled)
		after := alarms(changed)
		if diff := cmp.Diff(IDs(before), IDs(after)); diff != "" {
			t.Fatalf("a change of %s (-before +after):\n%s", id, diff)
		}
		for n := range before {
			same := cmp.Equal(before[n], after[n])
			if want := before[n].ID != id; same != want {
				t.Errorf("a change of %s: %s is the same: %t, want %t", id, before[n].ID, same, want)
			}
		}
		var want []string
		for _, a := range before {
			if a.ID != id {
				want = append(want, a.ID)
			}
		}
		if diff := cmp.Diff(want, IDs(alarms(disabled))); diff != "" {
			t.Errorf("without %s (-want +got):\n%s", id, diff)
		}
	}
}

// Documented compares alarms with the table that docs/alarms.md has of them below the heading section. The price is that of
// a service with a rolling deployment, and of one with a gradual deployment where that differs.
func Documented(t testing.TB, section string, rolling, gradual []alarm.Alarm) {
	t.Helper()
	text, err := os.ReadFile("../../docs/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows(rolling, gradual), documented(string(text), section)); diff != "" {
		t.Errorf("docs/alarms.md, %s (-want +got):\n%s", section, diff)
	}
}

// documented are the rows of the tables below a heading.
func documented(text, section string) []string {
	var rows []string
	below := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "#"); ok {
			below = strings.TrimLeft(heading, "# ") == section
		}
		if below && strings.HasPrefix(line, "| `") {
			rows = append(rows, line)
		}
	}
	return rows
}

func rows(rolling, gradual []alarm.Alarm) []string {
	var rows []string
	for n, a := range rolling {
		a = a.WithDefaults()
		action := "informs"
		if a.Pages {
			action = "pages"
		}
		if a.RollsBack {
			action += ", rolls back"
		}
		price := price(a)
		if other := priceOf(gradual, n); other != price {
			price += " or " + other
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s %g | %d of %d | %s | %s | %s |", a.ID, a.Metric.Label,
			map[alarm.Comparison]string{alarm.Above: "above", alarm.AtLeast: "at least", alarm.Below: "below", alarm.AtMost: "at most"}[a.Comparison],
			a.Threshold, a.Datapoints, a.Periods,
			map[alarm.Missing]string{
				alarm.NotBreaching: "not breaching", alarm.Breaching: "breaching", alarm.MissingData: "missing", alarm.Ignore: "ignored",
			}[a.Missing],
			action, price))
	}
	return rows
}

// price is what the metrics of an alarm cost in a month, in USD.
func price(a alarm.Alarm) string { return fmt.Sprintf("%.2f", float64(a.Metric.Count())/10) }

func priceOf(all []alarm.Alarm, n int) string {
	if n >= len(all) {
		return "none"
	}
	return price(all[n])
}
