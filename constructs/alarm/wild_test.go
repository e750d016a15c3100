package alarm

import (
	"math/rand"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestWildAlarms(t *testing.T) {
	r := rand.New(rand.NewSource(9))
	for range 4000 {
		expect.Explained(t, expect.Wild[Alarm](r, string(Above), string(Breaching), "AWS/SQS", "Sum", "a / b").Validate("Alarm"))
		expect.Explained(t, expect.Wild[Share](r).WithDefaults(5, 10).Check("Alarms.Errors"))
		expect.Explained(t, expect.Wild[Latency](r).WithDefaults(5, 10).Check("Alarms.TypicalLatency"))
		expect.Explained(t, expect.Wild[Least](r).WithDefaults(1).Check("Alarms.HealthyTasks", r.Intn(4)))
		expect.Explained(t, expect.Wild[Utilization](r).WithDefaults(80).Check("Alarms.CPU"))
		expect.Explained(t, expect.Wild[Events](r).WithDefaults(1).Check("Alarms.MissingTasks"))
		expect.Explained(t, expect.Wild[Age](r).WithDefaults(5).Check("Alarms.QueueAge"))
	}
}
