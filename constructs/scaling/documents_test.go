package scaling_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/chart"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// The policies of docs/scaling.md, and its day.
var (
	byTarget    = scaling.Policy{Min: 2, Max: 30, RequestsPerTask: 400}
	withSteps   = scaling.Policy{Min: 2, Max: 30, RequestsPerTask: 400, Steps: []scaling.StepPolicy{{Measure: scaling.Requests(), Intervals: []scaling.Interval{{Lower: 600, Upper: 1000, Change: 4}, {Lower: 1000, Change: 10}}}}}
	byForesight = scaling.Policy{Min: 2, Max: 30, RequestsPerTask: 400, Schedules: []scaling.Schedule{
		{Name: "BeforeTheEvening", Expression: "cron(45 19 * * ? *)", TimeZone: "Europe/Berlin", Min: 20},
		{Name: "AfterTheEvening", Expression: "cron(30 20 * * ? *)", TimeZone: "Europe/Berlin"},
	}}
)

// day is a Friday of a shop: few requests at night, a peak at noon, and at 20:00 the advertisement before the news, after
// which requests arrive four times as fast within two minutes, and decline over two hours.
func day(t *testing.T) scaling.Load {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	load := scaling.Load{Start: time.Date(2026, 11, 27, 0, 0, 0, 0, berlin), TaskStart: time.Minute}
	for minute := range 24 * 60 {
		hour := float64(minute) / 60
		requests := 300 + bell(hour, 12.5, 2.2, 2200) + bell(hour, 19.5, 2.5, 1800)
		if hour >= 20 {
			rise := math.Min((hour-20)*30, 1)
			requests += 6000 * rise * math.Exp(-(hour-20)/0.8)
		}
		load.Demand = append(load.Demand, scaling.Demand{Requests: math.Round(requests)})
	}
	return load
}

func bell(hour, middle, width, height float64) float64 {
	away := (hour - middle) / width
	return height * math.Exp(-away*away)
}

func simulate(t *testing.T, policy scaling.Policy, load scaling.Load) []scaling.Minute {
	t.Helper()
	minutes, err := policy.Simulate(load)
	if err != nil {
		t.Fatal(err)
	}
	return minutes
}

func values(minutes []scaling.Minute, of func(scaling.Minute) float64) []float64 {
	values := make([]float64, len(minutes))
	for n, m := range minutes {
		values[n] = of(m)
	}
	return values
}

func running(m scaling.Minute) float64 { return float64(m.Running) }
func each(m scaling.Minute) float64    { return m.RequestsPerTask }
func all(m scaling.Minute) float64     { return m.Demand.Requests }

func dayChart(t *testing.T) chart.Chart {
	load := day(t)
	minutes := simulate(t, byTarget, load)
	return chart.Chart{
		Title: "A day with a peak, at 400 requests a minute for each task",
		Start: load.Start,
		Panels: []chart.Panel{
			{Title: "Requests a minute", Lines: []chart.Line{{Name: "all", Values: values(minutes, all), Filled: true}}},
			{Title: "Tasks", Lines: []chart.Line{{Name: "running", Values: values(minutes, running), Filled: true}}},
			{Title: "Requests a minute for each running task", Lines: []chart.Line{
				{Name: "each task", Values: values(minutes, each)},
			}, Target: 400},
		},
	}
}

// eveningChart is an hour and a half of that day, with three policies.
func eveningChart(t *testing.T) chart.Chart {
	const from, to = 19*60 + 30, 21 * 60
	load := day(t)
	alone := simulate(t, byTarget, load)[from:to]
	stepping := simulate(t, withSteps, load)[from:to]
	scheduled := simulate(t, byForesight, load)[from:to]
	return chart.Chart{
		Title: "The evening of that day: a target alone, with steps, with a schedule",
		Start: alone[0].Time,
		Panels: []chart.Panel{
			{Title: "Running tasks", Lines: []chart.Line{
				{Name: "target alone", Values: values(alone, running), Filled: true},
				{Name: "with steps", Values: values(stepping, running)},
				{Name: "with a schedule", Values: values(scheduled, running)},
			}},
			{Title: "Requests a minute for each running task", Lines: []chart.Line{
				{Name: "target alone", Values: values(alone, each), Filled: true},
				{Name: "with steps", Values: values(stepping, each)},
				{Name: "with a schedule", Values: values(scheduled, each)},
			}, Target: 400},
		},
	}
}

// make golden draws them again; look at them before you commit them.
func TestTheChartsInTheDocumentsAreWhatTheCodeDraws(t *testing.T) {
	for path, drawing := range map[string]chart.Chart{
		"../../docs/scaling-day.svg":     dayChart(t),
		"../../docs/scaling-evening.svg": eveningChart(t),
	} {
		drawn, err := drawing.SVG()
		if err != nil {
			t.Fatal(err)
		}
		if os.Getenv("SNAPSHOT_UPDATE") == "1" {
			if err := os.WriteFile(path, drawn, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(committed, drawn) {
			t.Errorf("%s is not what the code draws: run make golden, and look at it", path)
		}
	}
}

func TestTheFiguresInTheDocuments(t *testing.T) {
	page, err := os.ReadFile("../../docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	load := day(t)
	for name, policy := range map[string]scaling.Policy{"target alone": byTarget, "with steps": withSteps, "with a schedule": byForesight} {
		most, above, taskMinutes := 0.0, 0, 0
		for _, m := range simulate(t, policy, load) {
			most = max(most, m.RequestsPerTask)
			taskMinutes += m.Desired
			if m.RequestsPerTask > 600 {
				above++
			}
		}
		if row := fmt.Sprintf("\n| %s | %.0f | %d | %d |\n", name, most, above, taskMinutes); !strings.Contains(string(page), row) {
			t.Errorf("docs/scaling.md has no row %s", row)
		}
	}
}
