package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/outbox"
	"github.com/storefront-cdk/storefront/internal/alarmtest"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func every(settings Alarms) []alarm.Alarm {
	return settings.withDefaults().on("Items", metrics("items"))
}

func TestAlarmDefaults(t *testing.T) {
	want := Alarms{ThrottledReads: alarm.Events{Count: 10}, ThrottledWrites: alarm.Events{Count: 10}, SystemErrors: alarm.Events{Count: 5}, Outbox: outbox.Alarms{}.WithDefaults()}
	if got := (Props{}).withDefaults().Alarms; got != want {
		t.Errorf("defaults are %+v, want %+v", got, want)
	}
	own := Alarms{alarm.Events{Count: 1}, alarm.Events{Count: 2, Disable: true}, alarm.Events{Count: 3}, outbox.Alarms{Failures: alarm.Events{Count: 4}, DeadLetters: alarm.Events{Count: 5}}}
	if got := own.withDefaults(); got != own {
		t.Errorf("nothing is to be filled in, got %+v", got)
	}
}

func TestValidateAlarms(t *testing.T) {
	for name, c := range map[string]struct {
		alarms Alarms
		want   []string
	}{
		"nothing":            {Alarms{}, nil},
		"one event":          {Alarms{ThrottledReads: alarm.Events{Count: 1}}, nil},
		"throttled reads":    {Alarms{ThrottledReads: alarm.Events{Count: -1}}, []string{"Alarms.ThrottledReads.Count must be from 1 to 1000000000, got -1"}},
		"throttled writes":   {Alarms{ThrottledWrites: alarm.Events{Count: -2}}, []string{"Alarms.ThrottledWrites.Count must be from 1 to 1000000000, got -2"}},
		"system errors":      {Alarms{SystemErrors: alarm.Events{Count: -3}}, []string{"Alarms.SystemErrors.Count must be from 1 to 1000000000, got -3"}},
		"disabled and wrong": {Alarms{SystemErrors: alarm.Events{Count: -1, Disable: true}}, []string{"Alarms.SystemErrors.Count must be from 1 to 1000000000, got -1"}},
		"all at once": {
			Alarms{alarm.Events{Count: -1}, alarm.Events{Count: -2}, alarm.Events{Count: -3}, outbox.Alarms{Failures: alarm.Events{Count: -4}}},
			[]string{
				"Alarms.ThrottledReads.Count must be from 1 to 1000000000, got -1",
				"Alarms.ThrottledWrites.Count must be from 1 to 1000000000, got -2",
				"Alarms.SystemErrors.Count must be from 1 to 1000000000, got -3",
				"Alarms.Outbox.Failures.Count must be from 1 to 1000000000, got -4",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, Props{PartitionKey: String("id"), Alarms: c.alarms}.withDefaults().validate(), c.want...)
		})
	}
}

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	alarmtest.Documented(t, "Of a table", every(Alarms{}), every(Alarms{}))
	// What a table costs in alarms is in docs/alarms.md and docs/resources-and-cost.md, too: 1.70 USD.
	if got := alarmtest.Metrics(every(Alarms{})); got != 17 {
		t.Errorf("the alarms are over %d metrics, want 17", got)
	}
}

func TestEveryAlarm(t *testing.T) {
	alarmtest.Check(t, Alarms{}.withDefaults().on(strings.Repeat("T", 63), metrics("items"))...)
	all := every(Alarms{})
	if diff := cmp.Diff([]string{"ThrottledReads", "ThrottledWrites", "SystemErrors"}, alarmtest.Paging(all)); diff != "" {
		t.Errorf("what pages (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"ThrottledReads":  "DynamoDB throttles 10 or more reads a minute of the table Items. Customers get slow responses, then errors.",
		"ThrottledWrites": "DynamoDB throttles 10 or more writes a minute to the table Items. Customers' writes may be lost.",
		"SystemErrors":    "5 or more requests a minute to the table Items fail inside DynamoDB. Customers may get errors.",
	}
	got := map[string]string{}
	for _, a := range all {
		got[a.ID] = a.Meaning
		if a.RollsBack {
			t.Errorf("%s rolls a deployment back", a.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("meanings (-want +got):\n%s", diff)
	}
}

// Each alarm is on the metric that it is called after.
func TestWhatAlarmsAreOn(t *testing.T) {
	of := metrics("items")
	for n, want := range []string{of.ThrottledReads().Expression, of.ThrottledWrites().Expression, of.SystemErrors().Expression} {
		if a := every(Alarms{})[n]; a.Metric.Expression != want {
			t.Errorf("%s is on %s, want %s", a.ID, a.Metric.Expression, want)
		}
	}
}

func TestEachSettingIsOfOneAlarm(t *testing.T) {
	alarmtest.EachSettingIsOfOneAlarm(t, every, map[string]struct{ Change, Disable func(*Alarms) }{
		"ThrottledReads":  {func(a *Alarms) { a.ThrottledReads.Count = 1 }, func(a *Alarms) { a.ThrottledReads.Disable = true }},
		"ThrottledWrites": {func(a *Alarms) { a.ThrottledWrites.Count = 1 }, func(a *Alarms) { a.ThrottledWrites.Disable = true }},
		"SystemErrors":    {func(a *Alarms) { a.SystemErrors.Count = 1 }, func(a *Alarms) { a.SystemErrors.Disable = true }},
	})
}
