package table

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/metrictest"
)

func TestMetrics(t *testing.T) {
	of := metrics("items")
	number := func(name, operation string) string {
		if operation != "" {
			operation = "Operation:" + operation + " "
		}
		return "AWS/DynamoDB " + name + " Sum map[" + operation + "TableName:items]"
	}
	for name, c := range map[string]struct {
		metric            metric.Metric
		label, expression string
		numbers           map[string]string
	}{
		"throttled reads": {of.ThrottledReads(), "Throttled reads a minute", "FILL(table, 0) + FILL(queries, 0) + FILL(scans, 0)", map[string]string{
			"table": number("ReadThrottleEvents", ""), "queries": number("ThrottledRequests", "Query"), "scans": number("ThrottledRequests", "Scan"),
		}},
		"throttled writes": {
			of.ThrottledWrites(), "Throttled writes a minute", "FILL(table, 0) + FILL(puts, 0) + FILL(updates, 0) + FILL(deletes, 0)", map[string]string{
				"table": number("WriteThrottleEvents", ""), "puts": number("ThrottledRequests", "PutItem"),
				"updates": number("ThrottledRequests", "UpdateItem"), "deletes": number("ThrottledRequests", "DeleteItem"),
			},
		},
		"system errors": {
			of.SystemErrors(), "Errors of DynamoDB a minute",
			"FILL(getitem, 0) + FILL(batchgetitem, 0) + FILL(query, 0) + FILL(scan, 0) + FILL(transactgetitems, 0) + " +
				"FILL(putitem, 0) + FILL(batchwriteitem, 0) + FILL(updateitem, 0) + FILL(deleteitem, 0) + FILL(transactwriteitems, 0)",
			map[string]string{
				"getitem": number("SystemErrors", "GetItem"), "batchgetitem": number("SystemErrors", "BatchGetItem"),
				"query": number("SystemErrors", "Query"), "scan": number("SystemErrors", "Scan"),
				"transactgetitems": number("SystemErrors", "TransactGetItems"), "putitem": number("SystemErrors", "PutItem"),
				"batchwriteitem": number("SystemErrors", "BatchWriteItem"), "updateitem": number("SystemErrors", "UpdateItem"),
				"deleteitem": number("SystemErrors", "DeleteItem"), "transactwriteitems": number("SystemErrors", "TransactWriteItems"),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			metrictest.FitsAlarm(t, name, c.metric)
			if c.metric.Label != c.label {
				t.Errorf("the label is %q, want %q", c.metric.Label, c.label)
			}
			if c.metric.Expression != c.expression {
				t.Errorf("the expression is\n%s\nwant\n%s", c.metric.Expression, c.expression)
			}
			if diff := cmp.Diff(c.numbers, metrictest.Numbers(c.metric)); diff != "" {
				t.Errorf("over (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatAMinuteMeans(t *testing.T) {
	type minute = metrictest.Minute
	of := metrics("items")
	for name, c := range map[string]struct {
		metric metric.Metric
		minute minute
		want   float64
	}{
		"throttled by an index":        {of.ThrottledReads(), minute{"queries": 12}, 12},
		"throttled by both":            {of.ThrottledReads(), minute{"table": 3, "queries": 4, "scans": 5}, 12},
		"nothing throttled":            {of.ThrottledWrites(), minute{}, 0},
		"writes throttled by an index": {of.ThrottledWrites(), minute{"puts": 1, "updates": 2, "deletes": 3}, 6},
		"errors of several operations": {of.SystemErrors(), minute{"putitem": 2, "query": 3}, 5},
		"no errors":                    {of.SystemErrors(), minute{}, 0},
	} {
		t.Run(name, func(t *testing.T) { c.minute.Expect(t, c.metric, c.want) })
	}
}
