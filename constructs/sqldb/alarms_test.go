package sqldb

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/alarmtest"
)

func every(settings Alarms) []alarm.Alarm { return settings.withDefaults().on("Ledger", ledger, 1) }

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	alarmtest.Documented(t, "Of a database", every(Alarms{}), every(Alarms{}))
	// What a database costs in alarms is in docs/resources-and-cost.md, too: 0.50 USD.
	if got := alarmtest.Metrics(every(Alarms{})); got != 5 {
		t.Errorf("the alarms are over %d metrics, want 5", got)
	}
}

func TestEveryAlarm(t *testing.T) {
	alarmtest.Check(t, Alarms{}.withDefaults().on(strings.Repeat("D", 63), ledger, 1)...)
	all := every(Alarms{DatabaseCapacity: alarm.Utilization{Percent: 62.5}, ReplicaLag: alarm.Age{Oldest: 90 * time.Second}})
	if diff := cmp.Diff([]string{"DatabaseCapacity", "DatabaseConnections"}, alarmtest.Paging(all)); diff != "" {
		t.Errorf("what pages (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"DatabaseCapacity":    "the database Ledger uses more than 62.5 % of its maximum capacity. Requests get slow.",
		"DatabaseConnections": "clients hold more than 80 % of the connections that the database Ledger takes. At the maximum it refuses others, and requests fail.",
		"ReplicaLag":          "readers of the database Ledger are more than 1m30s behind. Who reads from them gets old data.",
		"Deadlocks":           "PostgreSQL cancels 5 or more transactions a minute of the database Ledger, which wait for each other. Their requests fail, or are slow.",
		"TransactionIDs":      "more than 50 % of the transaction IDs of the database Ledger are in use. When all are, PostgreSQL accepts no further writes.",
	}
	got := map[string]string{}
	for _, a := range all {
		got[a.ID] = a.Meaning
		if a.RollsBack || a.Missing != alarm.NotBreaching {
			t.Errorf("%s rolls a deployment back (%t), or is in ALARM while the database is paused (%s)", a.ID, a.RollsBack, a.Missing)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("meanings (-want +got):\n%s", diff)
	}
	alone := alarmtest.IDs(Alarms{}.withDefaults().on("Ledger", ledger, 0))
	if diff := cmp.Diff([]string{"DatabaseCapacity", "DatabaseConnections", "Deadlocks", "TransactionIDs"}, alone); diff != "" {
		t.Errorf("without readers (-want +got):\n%s", diff)
	}
}

func TestEachSettingIsOfOneAlarm(t *testing.T) {
	alarmtest.EachSettingIsOfOneAlarm(t, every, map[string]struct{ Change, Disable func(*Alarms) }{
		"DatabaseCapacity":    {func(a *Alarms) { a.DatabaseCapacity.Percent = 5 }, func(a *Alarms) { a.DatabaseCapacity.Disable = true }},
		"DatabaseConnections": {func(a *Alarms) { a.DatabaseConnections.Percent = 5 }, func(a *Alarms) { a.DatabaseConnections.Disable = true }},
		"ReplicaLag":          {func(a *Alarms) { a.ReplicaLag.Oldest = time.Hour }, func(a *Alarms) { a.ReplicaLag.Disable = true }},
		"Deadlocks":           {func(a *Alarms) { a.Deadlocks.Count = 50 }, func(a *Alarms) { a.Deadlocks.Disable = true }},
		"TransactionIDs":      {func(a *Alarms) { a.TransactionIDs.Percent = 5 }, func(a *Alarms) { a.TransactionIDs.Disable = true }},
	})
}
