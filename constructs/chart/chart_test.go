package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/chart"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func draw(t *testing.T, c chart.Chart) string {
	t.Helper()
	svg, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	return string(svg)
}

func panel(lines ...chart.Line) chart.Chart {
	return chart.Chart{Panels: []chart.Panel{{Lines: lines}}}
}

func line(values ...float64) chart.Line { return chart.Line{Values: values} }

// The golden has all that can be drawn. make golden draws it again; look at it before you commit it.
func TestDrawing(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	var rising, falling []float64
	for minute := range 45 {
		rising = append(rising, float64(minute/5))
		falling = append(falling, 4-float64(minute)/15)
	}
	drawn := draw(t, chart.Chart{
		Title: "Orders & returns",
		Start: time.Date(2026, 11, 27, 19, 52, 0, 0, berlin),
		Panels: []chart.Panel{
			{Title: "Orders a minute", Target: 6, Lines: []chart.Line{
				{Name: "this week", Values: rising, Filled: true}, {Name: "last week", Values: falling[:30]},
			}},
			{Title: "Returns a minute", Lines: []chart.Line{{Name: "all", Values: falling}}},
		},
	})
	const path = "testdata/drawing.svg"
	if os.Getenv("SNAPSHOT_UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(drawn), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != drawn {
		t.Errorf("%s is not what the code draws: run make golden, and look at it", path)
	}
}

func TestAChartIsWellFormed(t *testing.T) {
	for name, c := range map[string]chart.Chart{
		"empty":                 {},
		"without lines":         {Panels: []chart.Panel{{}}},
		"without values":        panel(chart.Line{Filled: true}),
		"with markup":           {Title: `a < b & "c"`, Panels: []chart.Panel{{Title: "<", Lines: []chart.Line{{Name: "&", Values: []float64{0, 0}}}}}},
		"with control codes":    {Title: "a\x00b\xff", Panels: []chart.Panel{{Title: "\x1b[31m", Lines: []chart.Line{{Name: "\x00"}}}}},
		"small":                 panel(line(0.001, 0.003)),
		"smallest":              panel(line(math.SmallestNonzeroFloat64)),
		"largest":               panel(line(0, 1e300, math.SmallestNonzeroFloat64)),
		"a target alone":        {Panels: []chart.Panel{{Target: 1e300}}},
		"more lines than hues":  panel(line(1), line(2), line(3), line(4), line(5), line(6), line(7)),
		"a month":               panel(line(make([]float64, 31*24*60)...)),
		"before the common era": {Start: time.Date(-9999, 1, 1, 0, 0, 0, 0, time.UTC), Panels: []chart.Panel{{Lines: []chart.Line{line(1, 2)}}}},
	} {
		svg := draw(t, c)
		decoder := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, svg)
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s: a coordinate is not a number\n%s", name, svg)
		}
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	svg, err := chart.Chart{Panels: []chart.Panel{
		{Lines: []chart.Line{line(1, math.NaN(), math.NaN()), line(math.Inf(1)), line(0, 0, -1)}},
		{Lines: []chart.Line{line(math.MaxFloat64), line(make([]float64, 31*24*60+1)...)}, Target: math.NaN()},
		{Target: -1},
	}}.SVG()
	expect.Problems(t, err,
		"Chart.Panels[0].Lines[0].Values[1] must be a number from 0 to 1e+300, got NaN",
		"Chart.Panels[0].Lines[1].Values[0] must be a number from 0 to 1e+300, got +Inf",
		"Chart.Panels[0].Lines[2].Values[2] must be a number from 0 to 1e+300, got -1",
		"Chart.Panels[1].Target must be a number from 0 to 1e+300, got NaN",
		"Chart.Panels[1].Lines[0].Values[0] must be a number from 0 to 1e+300, got 1.7976931348623157e+308",
		"Chart.Panels[1].Lines[1].Values must be at most 44640, which are 31 days by the minute, got 44641: draw a part of them",
		"Chart.Panels[2].Target must be a number from 0 to 1e+300, got -1",
	)
	if svg != nil {
		t.Errorf("it is drawn all the same: %s", svg)
	}
}

// One panel of two minutes, by hand: the plot is 792 wide from 64 on and 130 high, from 198 up; 4 is the largest value,
// so the ticks are 0 to 4; the second minute begins in the middle, at 64 + 396 = 460, and its value 1 is at
// 198 - 130/4 = 165.5.
func TestALineHoldsItsValueForAMinute(t *testing.T) {
	svg := draw(t, panel(line(4, 1)))
	for _, want := range []string{`d="M64 68H460V165.5H856"`, `y="202" text-anchor="end" fill="#222222">0<`, `y="72" text-anchor="end" fill="#222222">4<`} {
		if !strings.Contains(svg, want) {
			t.Errorf("%s is missing in\n%s", want, svg)
		}
	}
}

func TestTheLegendNamesLines(t *testing.T) {
	svg := draw(t, panel(chart.Line{Name: "named", Values: []float64{1}}, line(2)))
	// Beside its text, a legend has a stroke in the color of the line, and the line itself has the other.
	if first, second := strings.Count(svg, `stroke="#0072b2"`), strings.Count(svg, `stroke="#d55e00"`); first != 2 || second != 1 {
		t.Errorf("the named line is drawn %d times, want 2, the other %d times, want 1\n%s", first, second, svg)
	}
}

// A target of 5 is above the largest value, so the ticks are 0, 2, 4 and 6: 198 - 130 × 5/6 = 89.7.
func TestATargetIsPartOfTheScale(t *testing.T) {
	c := panel(line(4, 1))
	c.Panels[0].Target = 5
	svg := draw(t, c)
	for _, want := range []string{`d="M64 89.7H856" fill="none" stroke="#d55e00" stroke-width="1.2" stroke-dasharray="5 4"`, `>target<`, `>6<`} {
		if !strings.Contains(svg, want) {
			t.Errorf("%s is missing in\n%s", want, svg)
		}
	}
}

// Ticks are at round times, however the chart begins, and no more than a dozen or so that can be read.
func TestTheAxisOfTime(t *testing.T) {
	start := time.Date(2026, 11, 27, 19, 52, 0, 0, time.UTC)
	for minutes, want := range map[int][]string{
		12:           {"19:52", "19:53", "20:04"},
		13:           {"19:52", "19:54", "20:04"},
		60:           {"19:55", "20:00", "20:50"},
		24 * 60:      {"20:00", "22:00", "18:00"},
		7 * 24 * 60:  {"28 Nov", "29 Nov", "4 Dec"},
		13 * 24 * 60: {"28 Nov", "30 Nov", "10 Dec"},
		31 * 24 * 60: {"28 Nov", "1 Dec", "28 Dec"},
	} {
		svg := []byte(draw(t, chart.Chart{Start: start, Panels: []chart.Panel{{Lines: []chart.Line{line(make([]float64, minutes)...)}}}}))
		var labels []string
		for _, part := range bytes.Split(svg, []byte(`text-anchor="middle" fill="#222222">`))[1:] {
			label, _, _ := bytes.Cut(part, []byte("<"))
			labels = append(labels, string(label))
		}
		if len(labels) < 3 || len(labels) > 13 || labels[0] != want[0] || labels[1] != want[1] || labels[len(labels)-1] != want[2] {
			t.Errorf("%d minutes: got %q, want %q, %q … %q", minutes, labels, want[0], want[1], want[2])
		}
	}
}
