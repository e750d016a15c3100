package alarm

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func valid() Alarm {
	return Alarm{
		ID:         "Connections",
		Metric:     metric.Metric{Namespace: "AWS/RDS", Name: "DatabaseConnections", Statistic: metric.Maximum},
		Comparison: Above,
		Threshold:  80,
		Meaning:    "the database is running out of connections. Requests will fail.",
		LookAt:     [3]string{"how many tasks run.", "the size of each task's connection pool.", "long transactions."},
	}
}

func TestWithDefaults(t *testing.T) {
	want := valid()
	want.Metric.Period, want.Periods, want.Datapoints, want.Missing = time.Minute, 1, 1, MissingData
	if diff := cmp.Diff(want, valid().WithDefaults()); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct{ periods, datapoints, wantPeriods, wantDatapoints int }{
		"neither":    {0, 0, 1, 1},
		"periods":    {5, 0, 5, 5},
		"datapoints": {0, 2, 1, 2}, // which is an error
		"both":       {5, 2, 5, 2},
	} {
		a := Alarm{Periods: c.periods, Datapoints: c.datapoints}.WithDefaults()
		if a.Periods != c.wantPeriods || a.Datapoints != c.wantDatapoints {
			t.Errorf("%s: got %d of %d, want %d of %d", name, a.Datapoints, a.Periods, c.wantDatapoints, c.wantPeriods)
		}
	}
	for _, missing := range []Missing{NotBreaching, Breaching, MissingData, Ignore} {
		if got := (Alarm{Missing: missing}).WithDefaults().Missing; got != missing {
			t.Errorf("without data: got %s, want %s", got, missing)
		}
	}
	over := map[string]metric.Metric{"a": {Namespace: "Shop", Name: "Orders"}}
	Alarm{Metric: metric.Metric{Expression: "a", Over: over}}.WithDefaults()
	if diff := cmp.Diff(map[string]metric.Metric{"a": {Namespace: "Shop", Name: "Orders"}}, over); diff != "" {
		t.Errorf("what the metric is over (-before +after):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	const (
		id         = "Alarms[2].ID must be letters and digits, starting with a capital letter, at most 64, got "
		comparison = "Alarms[2].Comparison must be alarm.Above, AtLeast, Below or AtMost, got "
		missing    = "Alarms[2].Missing must be alarm.NotBreaching, Breaching, MissingData or Ignore, got "
		threshold  = "Alarms[2].Threshold must be a number from -2.3485425827738332e+108 to 2.3485425827738332e+108, got "
	)
	long := "C" + strings.Repeat("o", 63)
	over := func(numbers int) metric.Metric {
		m := metric.Metric{Expression: "SUM(METRICS())", Over: map[string]metric.Metric{}}
		for n := range numbers {
			m.Over[fmt.Sprint("n", n)] = metric.Metric{Namespace: "Shop", Name: "Orders"}
		}
		return m
	}
	for name, c := range map[string]struct {
		change func(*Alarm)
		want   []string
	}{
		"valid":               {func(*Alarm) {}, nil},
		"longest ID":          {func(a *Alarm) { a.ID = long }, nil},
		"shortest ID":         {func(a *Alarm) { a.ID = "C" }, nil},
		"no ID":               {func(a *Alarm) { a.ID = "" }, []string{id + `""`}},
		"too long an ID":      {func(a *Alarm) { a.ID = long + "o" }, []string{id + `"` + long + `o"`}},
		"an ID in lower case": {func(a *Alarm) { a.ID = "connections" }, []string{id + `"connections"`}},
		"an ID with a hyphen": {func(a *Alarm) { a.ID = "Open-Connections" }, []string{id + `"Open-Connections"`}},
		"an ID of two lines":  {func(a *Alarm) { a.ID = "Open\n" }, []string{id + `"Open\n"`}},

		"no metric": {func(a *Alarm) { a.Metric = metric.Metric{} }, []string{
			"Alarms[2].Metric is missing: give a Namespace and a Name, or an Expression; a service without routes has no metrics of requests",
		}},
		"over ten numbers":    {func(a *Alarm) { a.Metric = over(10) }, nil},
		"over eleven numbers": {func(a *Alarm) { a.Metric = over(11) }, []string{"Alarms[2].Metric must read at most 10 metrics, got 11"}},

		"at least":          {func(a *Alarm) { a.Comparison = AtLeast }, nil},
		"below":             {func(a *Alarm) { a.Comparison = Below }, nil},
		"at most":           {func(a *Alarm) { a.Comparison = AtMost }, nil},
		"no comparison":     {func(a *Alarm) { a.Comparison = "" }, []string{comparison + `""`}},
		"a bandwidth":       {func(a *Alarm) { a.Comparison = "GreaterThanUpperThreshold" }, []string{comparison + `"GreaterThanUpperThreshold"`}},
		"ignored":           {func(a *Alarm) { a.Missing = Ignore }, nil},
		"breaching":         {func(a *Alarm) { a.Missing = Breaching }, nil},
		"no such missing":   {func(a *Alarm) { a.Missing = "good" }, []string{missing + `"good"`}},
		"below zero":        {func(a *Alarm) { a.Threshold = -1.5 }, nil},
		"no number":         {func(a *Alarm) { a.Threshold = math.NaN() }, []string{threshold + "NaN"}},
		"without end":       {func(a *Alarm) { a.Threshold = math.Inf(1) }, []string{threshold + "+Inf"}},
		"without beginning": {func(a *Alarm) { a.Threshold = math.Inf(-1) }, []string{threshold + "-Inf"}},

		"a day of minutes":      {func(a *Alarm) { a.Periods = 1440 }, nil},
		"more than a day":       {func(a *Alarm) { a.Periods = 1441 }, []string{"Alarms[2].Periods must be from 1 to 1440 with a period of 1m0s, got 1441"}},
		"a day":                 {func(a *Alarm) { a.Metric.Period, a.Periods = 24*time.Hour, 1 }, nil},
		"a week":                {func(a *Alarm) { a.Metric.Period, a.Periods = 24*time.Hour, 7 }, nil},
		"a week of hours":       {func(a *Alarm) { a.Metric.Period, a.Periods = time.Hour, 168 }, nil},
		"more than a week":      {func(a *Alarm) { a.Metric.Period, a.Periods = time.Hour, 169 }, []string{"Alarms[2].Periods must be from 1 to 168 with a period of 1h0m0s, got 169"}},
		"eight days":            {func(a *Alarm) { a.Metric.Period, a.Periods = 24*time.Hour, 8 }, []string{"Alarms[2].Periods must be from 1 to 7 with a period of 24h0m0s, got 8"}},
		"countless periods":     {func(a *Alarm) { a.Periods = 1 << 62 }, []string{"Alarms[2].Periods must be from 1 to 1440 with a period of 1m0s, got 4611686018427387904"}},
		"the largest threshold": {func(a *Alarm) { a.Threshold = metric.MaxValue }, nil},
		"beyond the largest":    {func(a *Alarm) { a.Threshold = 1e109 }, []string{threshold + "1e+109"}},
		"a day of ten seconds":  {func(a *Alarm) { a.Metric.Period, a.Periods = 10*time.Second, 8640 }, nil},
		"periods below":         {func(a *Alarm) { a.Periods = -1 }, []string{"Alarms[2].Periods must be from 1 to 1440 with a period of 1m0s, got -1"}},
		"some of the periods":   {func(a *Alarm) { a.Periods, a.Datapoints = 5, 1 }, nil},
		"more than the periods": {func(a *Alarm) { a.Periods, a.Datapoints = 5, 6 }, []string{"Alarms[2].Datapoints must be from 1 to Periods (5), got 6"}},
		"both above": {func(a *Alarm) { a.Periods, a.Datapoints = 1441, 1442 }, []string{
			"Alarms[2].Periods must be from 1 to 1440 with a period of 1m0s, got 1441", "Alarms[2].Datapoints must be from 1 to Periods (1441), got 1442",
		}},
		"datapoints below": {func(a *Alarm) { a.Periods, a.Datapoints = 5, -1 }, []string{"Alarms[2].Datapoints must be from 1 to Periods (5), got -1"}},

		"no meaning": {func(a *Alarm) { a.Meaning = "" }, []string{"Alarms[2].Meaning is missing: describe what the alarm means for customers"}},
		"two things to look at": {func(a *Alarm) { a.LookAt[2] = "" }, []string{
			"Alarms[2].LookAt[2] is missing: name the first three things to look at",
		}},
		"everything": {func(a *Alarm) { *a = Alarm{Threshold: math.NaN(), Missing: "x", Periods: 2, Datapoints: 3} }, []string{
			id + `""`,
			"Alarms[2].Metric is missing: give a Namespace and a Name, or an Expression; a service without routes has no metrics of requests",
			comparison + `""`, missing + `"x"`, threshold + "NaN", "Alarms[2].Datapoints must be from 1 to Periods (2), got 3",
			"Alarms[2].Meaning is missing: describe what the alarm means for customers",
			"Alarms[2].LookAt[0] is missing: name the first three things to look at", "Alarms[2].LookAt[1] is missing: name the first three things to look at",
			"Alarms[2].LookAt[2] is missing: name the first three things to look at",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := valid()
			c.change(&a)
			expect.Problems(t, a.Validate("Alarms[2]"), c.want...)
		})
	}
}

func TestDescription(t *testing.T) {
	want := "orders: the database is running out of connections. Requests will fail.\n" +
		"Look at: 1. how many tasks run. 2. the size of each task's connection pool. 3. long transactions.\n" +
		"Owner: checkout"
	if diff := cmp.Diff(want, valid().Description("orders", "checkout")); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
}
