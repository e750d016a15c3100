package cache

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/alarmtest"
)

func every(settings Alarms) []alarm.Alarm { return settings.withDefaults().on("Prices", prices) }

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	alarmtest.Documented(t, "Of a cache", every(Alarms{}), every(Alarms{}))
	// What a cache costs in alarms is in docs/resources-and-cost.md, too: 0.60 USD.
	if got := alarmtest.Metrics(every(Alarms{})); got != 6 {
		t.Errorf("the alarms are over %d metrics, want 6", got)
	}
}

func TestEveryAlarm(t *testing.T) {
	alarmtest.Check(t, Alarms{}.withDefaults().on(strings.Repeat("C", 63), prices)...)
	all := every(Alarms{CacheLatency: alarm.Latency{Longest: 2 * time.Millisecond, MinRequests: 7}, CacheMemory: alarm.Utilization{Percent: 62.5}})
	if diff := cmp.Diff([]string{"Throttled"}, alarmtest.Paging(all)); diff != "" {
		t.Errorf("what pages (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"Throttled":    "ElastiCache throttles 10 or more commands a minute of the cache Prices. Customers get slow responses, or errors.",
		"CacheLatency": "commands to the cache Prices take longer than 2ms on average. Responses are slower.",
		"CacheMemory":  "the cache Prices holds more than 62.5 % of its limit. At the limit it evicts keys with a time to live, and without such keys it refuses writes.",
		"Evictions":    "the cache Prices evicts 100 or more keys a minute before they expire. More requests go to what it is a copy of.",
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
	if got := all[1].Threshold; got != 0.002 {
		t.Errorf("CacheLatency is above %g seconds, want 0.002", got)
	}
}

func TestEachSettingIsOfOneAlarm(t *testing.T) {
	alarmtest.EachSettingIsOfOneAlarm(t, every, map[string]struct{ Change, Disable func(*Alarms) }{
		"Throttled":    {func(a *Alarms) { a.Throttled.Count = 5 }, func(a *Alarms) { a.Throttled.Disable = true }},
		"CacheLatency": {func(a *Alarms) { a.CacheLatency.MinRequests = 5 }, func(a *Alarms) { a.CacheLatency.Disable = true }},
		"CacheMemory":  {func(a *Alarms) { a.CacheMemory.Percent = 5 }, func(a *Alarms) { a.CacheMemory.Disable = true }},
		"Evictions":    {func(a *Alarms) { a.Evictions.Count = 5 }, func(a *Alarms) { a.Evictions.Disable = true }},
	})
}
