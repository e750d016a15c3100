package queue

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/metrictest"
)

var orders = Metrics{queue: "orders", deadLetters: "orders-dead"}

func TestMetrics(t *testing.T) {
	const own, dead = " Maximum map[QueueName:orders]", " Maximum map[QueueName:orders-dead]"
	for name, c := range map[string]struct {
		metric            metric.Metric
		label, expression string
		numbers           map[string]string
	}{
		"age": {orders.Age(), "Age of the oldest message, seconds", "", map[string]string{
			"watched": "AWS/SQS ApproximateAgeOfOldestMessage" + own,
		}},
		"waiting": {orders.Waiting(), "Waiting messages", "", map[string]string{
			"watched": "AWS/SQS ApproximateNumberOfMessagesVisible" + own,
		}},
		"dead letters": {orders.DeadLetters(), "New dead letters a minute", "DIFF(FILL(waiting, 0) + FILL(received, 0))", map[string]string{
			"waiting":  "AWS/SQS ApproximateNumberOfMessagesVisible" + dead,
			"received": "AWS/SQS ApproximateNumberOfMessagesNotVisible" + dead,
		}},
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

// Whoever looks at a dead letter takes it from those that wait for as long, and its return must page nobody.
func TestMinutesOfADeadLetter(t *testing.T) {
	type minute = metrictest.Minute
	minutes := []struct {
		what   string
		minute minute
		want   float64
	}{
		{"nothing is known of the minute before", minute{}, math.NaN()},
		{"the queue has not been used for long", minute{}, 0},
		{"two messages are given up", minute{"waiting": 2, "received": 0}, 2},
		{"somebody looks at one", minute{"waiting": 1, "received": 1}, 0},
		{"it is back", minute{"waiting": 2, "received": 0}, 0},
		{"another one is given up", minute{"waiting": 3, "received": 0}, 1},
		{"all are redriven", minute{"waiting": 0, "received": 0}, -3},
	}
	var all []minute
	for _, m := range minutes {
		all = append(all, m.minute)
	}
	for n, got := range metrictest.Values(t, orders.DeadLetters(), all...) {
		if !cmp.Equal(got, minutes[n].want, cmpopts.EquateNaNs()) {
			t.Errorf("%s: got %g new messages, want %g", minutes[n].what, got, minutes[n].want)
		}
	}
}
