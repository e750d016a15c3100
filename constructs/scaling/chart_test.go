package scaling_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// The policies of docs/scaling.md, and its day.
var (
	byTarget    = scaling.Policy{Min: 2, Max: 30, RequestsPerTask: 400}
	withSteps   = scaling.Policy{Min: 2, Max: 30, RequestsPerTask: 400, Steps: []scaling.StepPolicy{{Metric: scaling.Requests(), Intervals: []scaling.Interval{{Lower: 600, Upper: 1000, Change: 4}, {Lower: 1000, Change: 10}}}}}
	byForesight = scaling.Policy{Min: 2, Max: 30, RequestsPerTask: 400, Schedules: []scaling.Schedule{
		{Name: "BeforeTheEvening", Expression: "cron(45 19 * * ? *)", TimeZone: "Europe/Berlin", Min: 20},
		{Name: "AfterTheEvening", Expression: "cron(30 20 * * ? *)", TimeZone: "Europe/Berlin"},
	}}
)

// day is a Friday of a shop: hardly anything at night, a noon, and at 20:00 the spot before the news, after which
// requests come four times as fast within two minutes, and fade over two hours.
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

func running(m scaling.Minute) float64 { return float64(m.Running) }
func each(m scaling.Minute) float64    { return m.RequestsPerTask }
func target(scaling.Minute) float64    { return 400 }
func all(m scaling.Minute) float64     { return m.Demand.Requests }

func dayChart(t *testing.T) scaling.Chart {
	load := day(t)
	minutes := simulate(t, byTarget, load)
	return scaling.Chart{
		Title: "A day with a peak, at 400 requests a minute for each task",
		Start: load.Start,
		Panels: []scaling.Panel{
			{Title: "Requests a minute", Curves: []scaling.Curve{{Name: "all", Values: scaling.Values(minutes, all), Style: scaling.Area}}},
			{Title: "Tasks", Curves: []scaling.Curve{{Name: "running", Values: scaling.Values(minutes, running), Style: scaling.Area}}},
			{Title: "Requests a minute for each running task", Curves: []scaling.Curve{
				{Name: "each task", Values: scaling.Values(minutes, each)},
				{Name: "target", Values: scaling.Values(minutes, target), Style: scaling.Dashed},
			}},
		},
	}
}

// eveningChart is an hour and a half of that day, with three policies.
func eveningChart(t *testing.T) scaling.Chart {
	const from, to = 19*60 + 30, 21 * 60
	load := day(t)
	alone := simulate(t, byTarget, load)[from:to]
	stepping := simulate(t, withSteps, load)[from:to]
	scheduled := simulate(t, byForesight, load)[from:to]
	return scaling.Chart{
		Title: "The evening of that day: a target alone, with steps, with a schedule",
		Start: alone[0].Time,
		Panels: []scaling.Panel{
			{Title: "Running tasks", Curves: []scaling.Curve{
				{Name: "target alone", Values: scaling.Values(alone, running), Style: scaling.Area},
				{Name: "with steps", Values: scaling.Values(stepping, running)},
				{Name: "with a schedule", Values: scaling.Values(scheduled, running)},
			}},
			{Title: "Requests a minute for each running task", Curves: []scaling.Curve{
				{Name: "target alone", Values: scaling.Values(alone, each), Style: scaling.Area},
				{Name: "with steps", Values: scaling.Values(stepping, each)},
				{Name: "with a schedule", Values: scaling.Values(scheduled, each)},
				{Name: "target", Values: scaling.Values(alone, target), Style: scaling.Dashed},
			}},
		},
	}
}

// make golden draws them again.
func TestTheChartsInTheDocumentsAreWhatTheCodeDraws(t *testing.T) {
	for path, chart := range map[string]scaling.Chart{
		"../../docs/scaling-day.svg":     dayChart(t),
		"../../docs/scaling-evening.svg": eveningChart(t),
	} {
		drawn := chart.SVG()
		if os.Getenv("SNAPSHOT_UPDATE") != "" {
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

func TestAChartIsWellFormed(t *testing.T) {
	for name, chart := range map[string]scaling.Chart{
		"empty":        {},
		"without data": {Panels: []scaling.Panel{{Curves: []scaling.Curve{{}}}}},
		"with markup":  {Title: `a < b & "c"`, Panels: []scaling.Panel{{Title: "<", Curves: []scaling.Curve{{Name: "&", Values: []float64{0, 0}}}}}},
		"small":        {Panels: []scaling.Panel{{Curves: []scaling.Curve{{Values: []float64{0.001, 0.003}}}}}},
	} {
		svg := chart.SVG()
		decoder := xml.NewDecoder(bytes.NewReader(svg))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, svg)
			}
		}
		if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
			t.Errorf("%s: a coordinate is no number\n%s", name, svg)
		}
	}
}

// One panel of two minutes, by hand: the plot is 792 wide from 64 on and 130 high, from 198 up; 4 is the largest value,
// so the ticks are 0 to 4; the second minute begins in the middle, at 64 + 396 = 460, and its value 1 is at
// 198 - 130/4 = 165.5.
func TestACurveHoldsItsValueForAMinute(t *testing.T) {
	svg := string(scaling.Chart{Panels: []scaling.Panel{{Curves: []scaling.Curve{{Values: []float64{4, 1}}}}}}.SVG())
	for _, want := range []string{`d="M64 68H460V165.5H856"`, `y="202" text-anchor="end" fill="#222222">0<`, `y="72" text-anchor="end" fill="#222222">4<`} {
		if !strings.Contains(svg, want) {
			t.Errorf("%s is missing in\n%s", want, svg)
		}
	}
}
