package metric

import (
	"math/rand"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestWildMetrics(t *testing.T) {
	r := rand.New(rand.NewSource(9))
	for range 4000 {
		m := expect.Wild[Metric](r, "AWS/SQS", "Sum", "p99", "a / b", "watched", "SUM(METRICS())")
		expect.Explained(t, m.Validate("Metric"))
		m.Count()
	}
}
