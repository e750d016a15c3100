package metric

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/internal/expect"
)

// number is a metric of its own name.
func number(name string) Metric { return Metric{Namespace: "Shop", Name: name} }

func TestWithDefaults(t *testing.T) {
	for name, c := range map[string]struct{ metric, want Metric }{
		"a number": {number("Orders"), Metric{Namespace: "Shop", Name: "Orders", Statistic: Average, Period: time.Minute}},
		"nothing to be filled in": {
			Metric{Namespace: "Shop", Name: "Orders", Statistic: Sum, Period: time.Hour}, Metric{Namespace: "Shop", Name: "Orders", Statistic: Sum, Period: time.Hour},
		},
		// An expression has no statistic, but all that it is over has.
		"an expression": {
			Metric{Expression: "a", Over: map[string]Metric{"a": number("Orders")}},
			Metric{Expression: "a", Period: time.Minute, Over: map[string]Metric{"a": number("Orders").WithDefaults()}},
		},
		"an expression of another": {
			Metric{Expression: "a", Over: map[string]Metric{"a": {Expression: "b", Over: map[string]Metric{"b": number("Orders")}}}},
			Metric{Expression: "a", Period: time.Minute, Over: map[string]Metric{
				"a": {Expression: "b", Period: time.Minute, Over: map[string]Metric{"b": number("Orders").WithDefaults()}},
			}},
		},
	} {
		if diff := cmp.Diff(c.want, c.metric.WithDefaults()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A metric is a value: filling in what is zero must not reach back into the maps of whoever gave it.
func TestWithDefaultsLeavesItsInputAlone(t *testing.T) {
	inner := map[string]Metric{"b": number("Orders")}
	outer := map[string]Metric{"a": {Expression: "b", Over: inner}}
	given := Metric{Expression: "a", Over: outer}
	given.WithDefaults()
	given.Queries()
	given.Count()
	if err := given.Validate("Metric"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]Metric{"b": {Namespace: "Shop", Name: "Orders"}}, inner); diff != "" {
		t.Errorf("inner metrics (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]Metric{"a": {Expression: "b", Over: inner}}, outer); diff != "" {
		t.Errorf("outer metrics (-before +after):\n%s", diff)
	}
}

func TestQueries(t *testing.T) {
	nested := Metric{Label: "Share", Expression: "100 * part / z", Over: map[string]Metric{
		"z":    number("Orders"),
		"part": {Expression: "b + a", Over: map[string]Metric{"b": number("Refused"), "a": number("Late")}},
	}}
	// One ID stands for one metric, wherever it is.
	shared := Metric{Expression: "MAX([first, second])", Over: map[string]Metric{
		"first":  {Expression: "all / 2", Over: map[string]Metric{"all": number("Orders")}},
		"second": {Expression: "all / 3", Over: map[string]Metric{"all": number("Orders")}},
	}}
	for name, c := range map[string]struct {
		metric Metric
		want   []string
		count  int
	}{
		"a number":      {number("Orders"), []string{"watched: Orders Average 1m0s, the result"}, 1},
		"an expression": {nested, []string{"watched: 100 * part / z 1m0s, the result", "part: b + a 1m0s", "a: Late Average 1m0s", "b: Refused Average 1m0s", "z: Orders Average 1m0s"}, 3},
		"one ID twice":  {shared, []string{"watched: MAX([first, second]) 1m0s, the result", "first: all / 2 1m0s", "all: Orders Average 1m0s", "second: all / 3 1m0s"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, query := range c.metric.Queries() {
				words := query.ID + ": " + strings.Join(strings.Fields(query.Metric.Name+query.Metric.Expression+" "+query.Metric.Statistic+" "+query.Metric.Period.String()), " ")
				if query.Result {
					words += ", the result"
				}
				got = append(got, words)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("queries (-want +got):\n%s", diff)
			}
			if got := c.metric.Count(); got != c.count {
				t.Errorf("it counts as %d, want %d", got, c.count)
			}
			expect.Problems(t, c.metric.Validate("Metric"))
		})
	}
}

func TestIsZero(t *testing.T) {
	for name, c := range map[string]struct {
		metric Metric
		want   bool
	}{
		"nothing":          {Metric{}, true},
		"defaults":         {Metric{}.WithDefaults(), true},
		"a name alone":     {Metric{Name: "Orders"}, false},
		"a namespace":      {Metric{Namespace: "Shop"}, false},
		"an expression":    {Metric{Expression: "a"}, false},
		"a number, whole":  {number("Orders"), false},
		"a label and that": {Metric{Label: "Orders"}, true},
	} {
		if got := c.metric.IsZero(); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	const (
		period    = "Metric.Period must be 10s, 20s, 30s or whole minutes up to 24h, got "
		statistic = "Metric.Statistic must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90, got "
		ids       = "Metric.Over must have IDs of letters, digits and underscores that start with a lower-case letter, got "
		own       = "Metric.Expression excludes Namespace, Name, Dimensions and Statistic: set them on a metric of Over, got "
	)
	with := func(change func(*Metric)) Metric {
		m := number("Orders")
		change(&m)
		return m
	}
	every := func(d time.Duration) Metric { return with(func(m *Metric) { m.Period = d }) }
	read := func(s string) Metric { return with(func(m *Metric) { m.Statistic = s }) }
	over := func(ids ...string) Metric {
		m := Metric{Expression: "SUM(METRICS())", Over: map[string]Metric{}}
		for _, id := range ids {
			m.Over[id] = number("Orders")
		}
		return m
	}
	dimensions := func(n int) Metric {
		return with(func(m *Metric) {
			m.Dimensions = map[string]string{}
			for i := range n {
				m.Dimensions[fmt.Sprint("d", i)] = "x"
			}
		})
	}
	long := strings.Repeat("i", 255)
	for name, c := range map[string]struct {
		metric Metric
		want   []string
	}{
		"a number":       {number("Orders"), nil},
		"no namespace":   {Metric{Name: "Orders"}, []string{"Metric.Namespace is missing: name the metric's, such as AWS/Kinesis"}},
		"no name":        {Metric{Namespace: "Shop"}, []string{"Metric.Name is missing: name the metric, such as IncomingRecords"}},
		"30 dimensions":  {dimensions(30), nil},
		"31 dimensions":  {dimensions(31), []string{"Metric.Dimensions must be at most 30, got 31"}},
		"no value":       {with(func(m *Metric) { m.Dimensions = map[string]string{"Queue": "", "": "orders"} }), []string{`Metric.Dimensions must have a name and a value each, got "": "orders"`, `Metric.Dimensions must have a name and a value each, got "Queue": ""`}},
		"sum":            {read(Sum), nil},
		"minimum":        {read(Minimum), nil},
		"maximum":        {read(Maximum), nil},
		"sample count":   {read(SampleCount), nil},
		"a percentile":   {read("p99.99"), nil},
		"p5":             {read("p5"), nil},
		"p100":           {read("p100"), nil},
		"p101":           {read("p101"), []string{statistic + `"p101"`}},
		"trimmed mean":   {read("tm90"), nil},
		"a range":        {read("TM(10%:90%)"), nil},
		"from a value":   {read("PR(:300)"), nil},
		"the middle":     {read("IQM"), nil},
		"three digits":   {read("p99.999"), []string{statistic + `"p99.999"`}},
		"a median":       {read("Median"), []string{statistic + `"Median"`}},
		"a small letter": {read("sum"), []string{statistic + `"sum"`}},

		"10s":              {every(10 * time.Second), nil},
		"20s":              {every(20 * time.Second), nil},
		"30s":              {every(30 * time.Second), nil},
		"a minute":         {every(time.Minute), nil},
		"a day":            {every(24 * time.Hour), nil},
		"a second":         {every(time.Second), []string{period + "1s"}},
		"40s":              {every(40 * time.Second), []string{period + "40s"}},
		"half minutes":     {every(90 * time.Second), []string{period + "1m30s"}},
		"more than a day":  {every(24*time.Hour + time.Minute), []string{period + "24h1m0s"}},
		"time run back":    {every(-time.Minute), []string{period + "-1m0s"}},
		"period of a part": {Metric{Expression: "a", Over: map[string]Metric{"a": every(time.Second)}}, []string{`Metric.Over["a"].Period must be the expression's (1m0s), got 1s`}},

		"an expression":              {over("a"), nil},
		"an expression over nothing": {Metric{Expression: "a"}, []string{`Metric.Over is missing: name the metrics of the expression "a" by their IDs`}},
		"parts without expression":   {Metric{Namespace: "Shop", Name: "Orders", Over: map[string]Metric{"b": number("Orders"), "a": number("Late")}}, []string{`Metric.Expression is missing: set it to an expression over the metrics of Over, such as "a"`}},
		"an expression and a name":   {with(func(m *Metric) { m.Expression, m.Over = "a", over("a").Over }), []string{own + `"Shop" and "Orders"`}},
		"an expression's statistic":  {Metric{Expression: "a", Statistic: Sum, Over: over("a").Over}, []string{own + `"" and ""`}},
		"an expression's dimension":  {Metric{Expression: "a", Dimensions: map[string]string{"Queue": "orders"}, Over: over("a").Over}, []string{own + `"" and ""`}},

		"nothing": {Metric{Label: "Orders"}, []string{"Metric is missing: give a Namespace and a Name, or an Expression; a service without routes has no metrics of requests"}},
		"an ID that is not there": {Metric{Expression: "a / b + SUM(METRICS(\"c\"))", Over: over("a").Over}, []string{
			`Metric.Over has no metric of the ID "b", which the expression names: add it`,
		}},
		"an ID that is not named": {Metric{Expression: "a / 2e5", Over: over("a", "b").Over}, []string{
			`Metric.Expression does not name "b", which is in Over: name it, or leave it out`,
		}},

		"IDs":               {over("a", "aB_9", long), nil},
		"an ID in capitals": {over("a", "Orders"), []string{ids + `"Orders"`}},
		"an ID of a digit":  {over("1"), []string{ids + `"1"`}},
		"no ID":             {over(""), []string{ids + `""`}},
		"an ID with a dot":  {over("a.b"), []string{ids + `"a.b"`}},
		"too long an ID":    {over(long + "i"), []string{ids + `"` + long + `i"`}},
		"the result's ID":   {over("watched"), []string{`Metric.Over must not have the ID "watched", which is that of the metric itself: choose another`}},
		"one ID for two": {
			Metric{Expression: "a + b", Over: map[string]Metric{
				"a": {Expression: "x", Over: map[string]Metric{"x": number("Orders")}}, "b": {Expression: "x", Over: map[string]Metric{"x": number("Late")}},
			}},
			[]string{`Metric.Over["b"].Over has the ID "x" for two metrics: choose another for one`},
		},
		"one ID, outside and in": {
			Metric{Expression: "a + b", Over: map[string]Metric{
				"a": number("Orders"), "b": {Expression: "a", Over: map[string]Metric{"a": number("Late")}},
			}},
			[]string{`Metric.Over["b"].Over has the ID "a" for two metrics: choose another for one`},
		},
		"everything, at any depth": {
			Metric{Name: "Orders", Expression: "a", Period: time.Second, Over: map[string]Metric{
				"A": {Expression: "b", Over: map[string]Metric{"b": {Statistic: "Median"}}}, "c": {},
			}},
			[]string{
				period + "1s", own + `"" and "Orders"`,
				`Metric.Over has no metric of the ID "a", which the expression names: add it`,
				`Metric.Expression does not name "c", which is in Over: name it, or leave it out`,
				`Metric.Over["A"].Over["b"].Namespace is missing: name the metric's, such as AWS/Kinesis`,
				`Metric.Over["A"].Over["b"].Name is missing: name the metric, such as IncomingRecords`,
				`Metric.Over["A"].Over["b"].Statistic must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90, got "Median"`,
				`Metric.Over["c"].Namespace is missing: name the metric's, such as AWS/Kinesis`,
				`Metric.Over["c"].Name is missing: name the metric, such as IncomingRecords`,
				ids + `"A"`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.metric.Validate("Metric"), c.want...) })
	}
}
