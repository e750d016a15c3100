package sqldb

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/metrictest"
)

var ledger = Metrics{"ledger-1", 1512}

func TestMetrics(t *testing.T) {
	const of = " map[DBClusterIdentifier:ledger-1]"
	for name, c := range map[string]struct {
		metric  metric.Metric
		label   string
		numbers map[string]string
	}{
		"capacity":        {ledger.Capacity(), "Capacity, percent", map[string]string{"watched": "AWS/RDS ACUUtilization Maximum" + of}},
		"connections":     {ledger.Connections(), "Connections, percent of the maximum", map[string]string{"open": "AWS/RDS DatabaseConnections Maximum" + of}},
		"replica lag":     {ledger.ReplicaLag(), "Lag of the readers, seconds", map[string]string{"lag": "AWS/RDS AuroraReplicaLagMaximum Maximum" + of}},
		"deadlocks":       {ledger.Deadlocks(), "Deadlocks a minute", map[string]string{"deadlocks": "AWS/RDS Deadlocks Average" + of}},
		"transaction IDs": {ledger.TransactionIDs(), "Transaction IDs in use, percent", map[string]string{"used": "AWS/RDS MaximumUsedTransactionIDs Maximum" + of}},
	} {
		t.Run(name, func(t *testing.T) {
			metrictest.FitsAlarm(t, name, c.metric)
			if c.metric.Label != c.label {
				t.Errorf("the label is %q, want %q", c.metric.Label, c.label)
			}
			if diff := cmp.Diff(c.numbers, metrictest.Numbers(c.metric)); diff != "" {
				t.Errorf("over (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMinutesOfADatabase(t *testing.T) {
	type minute = metrictest.Minute
	minute{"open": 756}.Expect(t, ledger.Connections(), 50)
	minute{"lag": 1500}.Expect(t, ledger.ReplicaLag(), 1.5)
	minute{"deadlocks": 0.25}.Expect(t, ledger.Deadlocks(), 15)
	minute{"used": 42949672}.Expect(t, ledger.TransactionIDs(), 2)
}
