package queue

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/alarmtest"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func every(settings Alarms) []alarm.Alarm { return settings.withDefaults().on("Orders", orders) }

func TestAlarmDefaults(t *testing.T) {
	want := Alarms{QueueAge: alarm.Age{Oldest: 10 * time.Minute}, DeadLetters: alarm.Events{Count: 1}}
	if got := (Props{}).withDefaults().Alarms; got != want {
		t.Errorf("defaults are %+v, want %+v", got, want)
	}
	own := Alarms{alarm.Age{Oldest: 16 * time.Second}, alarm.Events{Count: 17, Disable: true}}
	if got := own.withDefaults(); got != own {
		t.Errorf("nothing is to be filled in, got %+v", got)
	}
}

func TestValidateAlarms(t *testing.T) {
	const age = "Alarms.QueueAge.Oldest must be a multiple of 1s, less than 336h0m0s, got "
	for name, c := range map[string]struct {
		alarms Alarms
		want   []string
	}{
		"nothing":               {Alarms{}, nil},
		"shortest age":          {Alarms{QueueAge: alarm.Age{Oldest: time.Second}}, nil},
		"longest age":           {Alarms{QueueAge: alarm.Age{Oldest: 336*time.Hour - time.Second}}, nil},
		"age of the wrong sign": {Alarms{QueueAge: alarm.Age{Oldest: -time.Hour}}, []string{age + "-1h0m0s"}},
		"age too fine":          {Alarms{QueueAge: alarm.Age{Oldest: time.Millisecond}}, []string{age + "1ms"}},
		"age of what is gone":   {Alarms{QueueAge: alarm.Age{Oldest: 336 * time.Hour}}, []string{age + "336h0m0s"}},
		"dead letters":          {Alarms{DeadLetters: alarm.Events{Count: -1}}, []string{"Alarms.DeadLetters.Count must be from 1 to 1000000000, got -1"}},
		"all at once": {
			Alarms{alarm.Age{Oldest: -1, Disable: true}, alarm.Events{Count: -1, Disable: true}},
			[]string{age + "-1ns", "Alarms.DeadLetters.Count must be from 1 to 1000000000, got -1"},
		},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, Props{Alarms: c.alarms}.withDefaults().validate(), c.want...) })
	}
}

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	alarmtest.Documented(t, "Of a queue", every(Alarms{}), every(Alarms{}))
	// What a queue costs in alarms is in docs/alarms.md, too: 0.30 USD.
	if got := alarmtest.Metrics(every(Alarms{})); got != 3 {
		t.Errorf("the alarms are over %d metrics, want 3", got)
	}
}

func TestEveryAlarm(t *testing.T) {
	alarmtest.Check(t, Alarms{}.withDefaults().on(strings.Repeat("Q", 63), orders)...)
	all := every(Alarms{QueueAge: alarm.Age{Oldest: 90 * time.Second}})
	if diff := cmp.Diff([]string{"QueueAge", "DeadLetters"}, alarmtest.Paging(all)); diff != "" {
		t.Errorf("what pages (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"QueueAge": "messages wait longer than 1m30s in the queue Orders. Processing is late.",
		"DeadLetters": "1 or more messages a minute moved from the queue Orders to its dead-letter queue in the last 15 minutes. " +
			"They were not processed.",
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
	if all[0].Threshold != 90 {
		t.Errorf("QueueAge is above %g seconds, want 90", all[0].Threshold)
	}
}

func TestEachSettingIsOfOneAlarm(t *testing.T) {
	alarmtest.EachSettingIsOfOneAlarm(t, every, map[string]struct{ Change, Disable func(*Alarms) }{
		"QueueAge":    {func(a *Alarms) { a.QueueAge.Oldest = 2 * time.Hour }, func(a *Alarms) { a.QueueAge.Disable = true }},
		"DeadLetters": {func(a *Alarms) { a.DeadLetters.Count = 5 }, func(a *Alarms) { a.DeadLetters.Disable = true }},
	})
}
