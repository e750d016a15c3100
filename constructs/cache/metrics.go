package cache

import (
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics returns the cache's CloudWatch metrics.
func (c *Cache) Metrics() Metrics { return Metrics{*c.cache.Ref(), c.props.MaxGB} }

// Metrics are a cache's CloudWatch metrics. Each method returns a metric as a plain value.
//
// Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html
type Metrics struct {
	name      string
	gigabytes int
}

// Throttled returns the number of throttled commands a minute: the cache is at its limit, or scales more slowly than its load.
func (m Metrics) Throttled() metric.Metric {
	return m.of("Throttled commands a minute", "ThrottledCmds", metric.Sum)
}

// Evictions returns the number of keys a minute that were evicted to make room for others.
func (m Metrics) Evictions() metric.Metric {
	return m.of("Evicted keys a minute", "Evictions", metric.Sum)
}

// Memory returns the data in percent of Props.MaxGB.
func (m Metrics) Memory() metric.Metric {
	const percentOfGB = 10_000_000 // bytes
	return metric.Metric{
		Label: "Data, percent of the limit", Expression: fmt.Sprintf("used / %d", m.gigabytes*percentOfGB),
		Over:   map[string]metric.Metric{"used": m.of("", "BytesUsedForCache", metric.Maximum)},
		Period: time.Minute,
	}
}

// Units returns the ElastiCache Processing Units that commands take in a minute.
func (m Metrics) Units() metric.Metric {
	return m.of("Processing units a minute", "ElastiCacheProcessingUnits", metric.Sum)
}

// HitRate returns the share of reads that find their key, in percent.
func (m Metrics) HitRate() metric.Metric {
	return m.of("Cache hits, percent", "CacheHitRate", metric.Average)
}

// Latency returns the average latency of commands in seconds, that of reads or that of writes, whichever is higher, in a minute
// with at least so many commands, and else 0.
func (m Metrics) Latency(minCommands int) metric.Metric {
	return metric.Metric{
		Label: fmt.Sprintf("Latency in seconds, from %d commands a minute", minCommands),
		Expression: fmt.Sprintf("IF(FILL(commands, 0) >= %d, MAX([FILL(reads, 0), FILL(writes, 0)]) / 1000000, 0)",
			minCommands),
		Over: map[string]metric.Metric{
			"commands": m.of("", "TotalCmdsCount", metric.Sum),
			"reads":    m.of("", "SuccessfulReadRequestLatency", metric.Average), // in microseconds
			"writes":   m.of("", "SuccessfulWriteRequestLatency", metric.Average),
		},
		Period: time.Minute,
	}
}

// of names the dimension of serverless caches; that of caches made of nodes is CacheClusterId.
func (m Metrics) of(label, name, statistic string) metric.Metric {
	return metric.Metric{
		Label: label, Namespace: "AWS/ElastiCache", Name: name, Statistic: statistic,
		Dimensions: map[string]string{"clusterId": m.name}, Period: time.Minute,
	}
}
