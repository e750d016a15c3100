package cache

import (
	"errors"
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/alarm"
)

// Alarms set when the owner of a service that uses the cache is notified. Throttled pages, since commands fail or wait.
type Alarms struct {
	// Throttled is on commands that ElastiCache throttles. If zero, 10 a minute.
	Throttled alarm.Events
	// CacheLatency is on the average latency of reads or of writes. If zero, above 10 ms, from 100 commands a minute.
	CacheLatency alarm.Latency
	// CacheMemory is on the data, in percent of MaxGB. If zero, above 90.
	CacheMemory alarm.Utilization
	// Evictions is on keys that are evicted before they expire. If zero, 100 a minute.
	Evictions alarm.Events
}

func (a Alarms) withDefaults() Alarms {
	a.Throttled = a.Throttled.WithDefaults(10)
	a.CacheLatency = a.CacheLatency.WithDefaults(10*time.Millisecond, 100)
	a.CacheMemory = a.CacheMemory.WithDefaults(90)
	a.Evictions = a.Evictions.WithDefaults(100)
	return a
}

func (a Alarms) validate() error {
	return errors.Join(
		a.Throttled.Check("Alarms.Throttled"),
		a.CacheLatency.Check("Alarms.CacheLatency"),
		a.CacheMemory.Check("Alarms.CacheMemory"),
		a.Evictions.Check("Alarms.Evictions"),
	)
}

// on returns the alarms on the cache with the given ID. Without commands there is nothing to notify of.
func (a Alarms) on(id string, m Metrics) []alarm.Alarm {
	var all []alarm.Alarm
	if !a.Throttled.Disable {
		all = append(all, alarm.Alarm{
			ID: "Throttled", Metric: m.Throttled(), Comparison: alarm.AtLeast, Threshold: float64(a.Throttled.Count),
			Datapoints: 3, Periods: 5, Missing: alarm.NotBreaching, Pages: true,
			Meaning: fmt.Sprintf("ElastiCache throttles %d or more commands a minute of the cache %s. Customers get slow responses, or errors.",
				a.Throttled.Count, id),
			LookAt: [3]string{"the processing units of the cache: is MaxECPUPerSecond reached?", "whether one key gets most of the commands.", alarm.LookAtDeployment},
		})
	}
	if !a.CacheLatency.Disable {
		all = append(all, alarm.Alarm{
			ID: "CacheLatency", Metric: m.Latency(a.CacheLatency.MinRequests), Comparison: alarm.Above, Threshold: a.CacheLatency.Longest.Seconds(),
			Datapoints: 5, Periods: 5, Missing: alarm.NotBreaching,
			Meaning: fmt.Sprintf("commands to the cache %s take longer than %s on average. Responses are slower.", id, a.CacheLatency.Longest),
			LookAt:  [3]string{"large values, and commands over many keys.", "whether the cache throttles commands.", alarm.LookAtDeployment},
		})
	}
	if !a.CacheMemory.Disable {
		all = append(all, alarm.Alarm{
			ID: "CacheMemory", Metric: m.Memory(), Comparison: alarm.Above, Threshold: a.CacheMemory.Percent,
			Datapoints: 15, Periods: 15, Missing: alarm.NotBreaching,
			Meaning: fmt.Sprintf("the cache %s holds more than %g %% of its limit. At the limit it evicts keys with a time to live, and without such keys it refuses writes.",
				id, a.CacheMemory.Percent),
			LookAt: [3]string{"whether every key has a time to live.", "the size of values.", "MaxGB of the cache."},
		})
	}
	if !a.Evictions.Disable {
		all = append(all, alarm.Alarm{
			ID: "Evictions", Metric: m.Evictions(), Comparison: alarm.AtLeast, Threshold: float64(a.Evictions.Count),
			Datapoints: 10, Periods: 15, Missing: alarm.NotBreaching,
			Meaning: fmt.Sprintf("the cache %s evicts %d or more keys a minute before they expire. More requests go to what it is a copy of.",
				id, a.Evictions.Count),
			LookAt: [3]string{"the hit rate of the cache.", "the times to live, and the size of values.", "MaxGB of the cache."},
		})
	}
	return all
}
