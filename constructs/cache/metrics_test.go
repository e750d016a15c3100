package cache

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/metrictest"
)

var prices = Metrics{"prices-1", 5}

func TestMetrics(t *testing.T) {
	const of = " map[clusterId:prices-1]"
	for name, c := range map[string]struct {
		metric  metric.Metric
		label   string
		numbers map[string]string
	}{
		"throttled": {prices.Throttled(), "Throttled commands a minute", map[string]string{"watched": "AWS/ElastiCache ThrottledCmds Sum" + of}},
		"evictions": {prices.Evictions(), "Evicted keys a minute", map[string]string{"watched": "AWS/ElastiCache Evictions Sum" + of}},
		"memory":    {prices.Memory(), "Data, percent of the limit", map[string]string{"used": "AWS/ElastiCache BytesUsedForCache Maximum" + of}},
		"units":     {prices.Units(), "Processing units a minute", map[string]string{"watched": "AWS/ElastiCache ElastiCacheProcessingUnits Sum" + of}},
		"hit rate":  {prices.HitRate(), "Cache hits, percent", map[string]string{"watched": "AWS/ElastiCache CacheHitRate Average" + of}},
		"latency": {prices.Latency(100), "Latency in seconds, from 100 commands a minute", map[string]string{
			"commands": "AWS/ElastiCache TotalCmdsCount Sum" + of,
			"reads":    "AWS/ElastiCache SuccessfulReadRequestLatency Average" + of,
			"writes":   "AWS/ElastiCache SuccessfulWriteRequestLatency Average" + of,
		}},
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

func TestMinutesOfACache(t *testing.T) {
	type minute = metrictest.Minute
	minute{"used": 4_500_000_000}.Expect(t, prices.Memory(), 90)
	minute{"commands": 100, "reads": 400, "writes": 12_000}.Expect(t, prices.Latency(100), 0.012)
	minute{"commands": 100, "reads": 400}.Expect(t, prices.Latency(100), 0.0004)
	minute{"commands": 99, "reads": 400, "writes": 12_000}.Expect(t, prices.Latency(100), 0)
	minute{}.Expect(t, prices.Latency(100), 0)
}
