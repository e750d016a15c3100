package outbox

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/alarmtest"
	"github.com/storefront-cdk/storefront/internal/expect"
	"github.com/storefront-cdk/storefront/internal/metrictest"
)

var metrics = Metrics{"the-pipe", "the-queue"}

func every(settings Alarms) []alarm.Alarm { return settings.WithDefaults().On("Items", metrics) }

func TestAlarmDefaults(t *testing.T) {
	want := Alarms{alarm.Events{Count: 1}, alarm.Events{Count: 1}}
	if got := (Alarms{}).WithDefaults(); got != want {
		t.Errorf("defaults are %+v, want %+v", got, want)
	}
	own := Alarms{alarm.Events{Count: 2}, alarm.Events{Count: 3, Disable: true}}
	if got := own.WithDefaults(); got != own {
		t.Errorf("nothing is to be filled in, got %+v", got)
	}
}

func TestCheckAlarms(t *testing.T) {
	expect.Problems(t, Alarms{}.WithDefaults().Check("Alarms.Outbox"))
	expect.Problems(t, Alarms{alarm.Events{Count: -1}, alarm.Events{Count: -2}}.Check("Alarms.Outbox"),
		"Alarms.Outbox.Failures.Count must be from 1 to 1000000000, got -1", "Alarms.Outbox.DeadLetters.Count must be from 1 to 1000000000, got -2")
}

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	alarmtest.Documented(t, "Of an outbox", every(Alarms{}), every(Alarms{}))
	// What an outbox costs in alarms is in doc.go, too: 0.60 USD.
	if got := alarmtest.Metrics(every(Alarms{})); got != 6 {
		t.Errorf("the alarms are over %d metrics, want 6", got)
	}
}

func TestEveryAlarm(t *testing.T) {
	alarmtest.Check(t, Alarms{}.WithDefaults().On(strings.Repeat("T", 63), metrics)...)
	if diff := cmp.Diff([]string{"OutboxFailures", "OutboxDeadLetters"}, alarmtest.Paging(every(Alarms{}))); diff != "" {
		t.Errorf("what pages (-want +got):\n%s", diff)
	}
}

func TestEachSettingIsOfOneAlarm(t *testing.T) {
	alarmtest.EachSettingIsOfOneAlarm(t, every, map[string]struct{ Change, Disable func(*Alarms) }{
		"OutboxFailures":    {func(a *Alarms) { a.Failures.Count = 2 }, func(a *Alarms) { a.Failures.Disable = true }},
		"OutboxDeadLetters": {func(a *Alarms) { a.DeadLetters.Count = 2 }, func(a *Alarms) { a.DeadLetters.Disable = true }},
	})
}

func TestWhatAMinuteMeans(t *testing.T) {
	for name, c := range map[string]struct {
		minute metrictest.Minute
		want   float64
	}{
		"nothing to do": {metrictest.Minute{}, 0},
		"all is well":   {metrictest.Minute{"failed": 0, "partly": 0, "late": 0, "throttled": 0}, 0},
		"two kinds":     {metrictest.Minute{"failed": 3, "throttled": 2}, 5},
	} {
		t.Run(name, func(t *testing.T) { c.minute.Expect(t, metrics.Failed(), c.want) })
	}
	metrictest.FitsAlarm(t, "failed", metrics.Failed())
}
