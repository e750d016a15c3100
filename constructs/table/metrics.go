package table

import (
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics returns the table's CloudWatch metrics.
func (t *Table) Metrics() Metrics { return metrics(*t.table.TableName()) }

// Metrics are a table's CloudWatch metrics. Each method returns a metric as a plain value.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
type Metrics struct{ name string }

func metrics(table string) Metrics { return Metrics{table} }

// ThrottledReads returns the number of throttled reads a minute. The table's own metric excludes its indexes, which
// only queries and scans read; a read that is throttled by both is counted twice.
func (m Metrics) ThrottledReads() metric.Metric {
	return m.sum("Throttled reads a minute", map[string]metric.Metric{
		"table":   m.count("ReadThrottleEvents", ""),
		"queries": m.count("ThrottledRequests", "Query"),
		"scans":   m.count("ThrottledRequests", "Scan"),
	}, "table", "queries", "scans")
}

// ThrottledWrites returns the number of throttled writes a minute. The table's own metric excludes its indexes, to
// which each write of an item is propagated; a write that is throttled by both is counted twice.
func (m Metrics) ThrottledWrites() metric.Metric {
	return m.sum("Throttled writes a minute", map[string]metric.Metric{
		"table":   m.count("WriteThrottleEvents", ""),
		"puts":    m.count("ThrottledRequests", "PutItem"),
		"updates": m.count("ThrottledRequests", "UpdateItem"),
		"deletes": m.count("ThrottledRequests", "DeleteItem"),
	}, "table", "puts", "updates", "deletes")
}

// operations are all that read or write items, as many as one alarm can read. DynamoDB publishes system errors only by
// operation.
var operations = []string{
	"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems",
	"PutItem", "BatchWriteItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
}

// SystemErrors returns the number of requests a minute that failed inside DynamoDB.
func (m Metrics) SystemErrors() metric.Metric {
	over := map[string]metric.Metric{}
	var ids []string
	for _, operation := range operations {
		id := strings.ToLower(operation)
		over[id] = m.count("SystemErrors", operation)
		ids = append(ids, id)
	}
	return m.sum("Errors of DynamoDB a minute", over, ids...)
}

func (m Metrics) sum(label string, over map[string]metric.Metric, ids ...string) metric.Metric {
	filled := make([]string, len(ids))
	for i, id := range ids {
		filled[i] = "FILL(" + id + ", 0)"
	}
	return metric.Metric{Label: label, Expression: strings.Join(filled, " + "), Over: over, Period: time.Minute}
}

func (m Metrics) count(name, operation string) metric.Metric {
	dimensions := map[string]string{"TableName": m.name}
	if operation != "" {
		dimensions["Operation"] = operation
	}
	return metric.Metric{Namespace: "AWS/DynamoDB", Name: name, Dimensions: dimensions, Statistic: metric.Sum, Period: time.Minute}
}
