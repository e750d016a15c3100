package table

import (
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics are what CloudWatch knows of the table.
func (t *Table) Metrics() Metrics { return metrics(*t.table.TableName()) }

// Metrics are what CloudWatch knows of a table. Each method gives a metric as a plain value.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
type Metrics struct{ name string }

func metrics(table string) Metrics { return Metrics{table} }

// ThrottledReads is how many reads a minute DynamoDB throttled. The table's own number leaves out its indexes, which only
// queries and scans read; one that met both is counted twice.
func (m Metrics) ThrottledReads() metric.Metric {
	return m.sum("Throttled reads a minute", map[string]metric.Metric{
		"table":   m.count("ReadThrottleEvents", ""),
		"queries": m.count("ThrottledRequests", "Query"),
		"scans":   m.count("ThrottledRequests", "Scan"),
	}, "table", "queries", "scans")
}

// ThrottledWrites is how many writes a minute DynamoDB throttled. The table's own number leaves out its indexes, to which
// each write of an item goes too; one that met both is counted twice.
func (m Metrics) ThrottledWrites() metric.Metric {
	return m.sum("Throttled writes a minute", map[string]metric.Metric{
		"table":   m.count("WriteThrottleEvents", ""),
		"puts":    m.count("ThrottledRequests", "PutItem"),
		"updates": m.count("ThrottledRequests", "UpdateItem"),
		"deletes": m.count("ThrottledRequests", "DeleteItem"),
	}, "table", "puts", "updates", "deletes")
}

// operations are all that read or write items, as many as one alarm may be over. DynamoDB counts its own errors by
// operation alone.
var operations = []string{
	"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems",
	"PutItem", "BatchWriteItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
}

// SystemErrors is how many requests a minute failed inside DynamoDB.
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
