package scaling

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
	"time"
)

// Chart is a drawing of values by the minute, such as those of [Policy.Simulate], one panel below the other over one
// axis of time.
type Chart struct {
	// Title stands above all.
	Title string
	// Start is when the first value is. Times are written in its time zone.
	Start time.Time
	// Panels are drawn from top to bottom.
	Panels []Panel
}

// Panel is one pair of axes.
type Panel struct {
	// Title says what the values are, with their unit.
	Title string
	// Curves are drawn in their order, the first below the others.
	Curves []Curve
}

// Curve is a series of values, one for each minute.
type Curve struct {
	// Name is what the legend says.
	Name string
	// Values are one for each minute.
	Values []float64
	// Style is how the curve is drawn.
	Style Style
}

// Style is how a curve is drawn.
type Style int

// The styles.
const (
	Plain Style = iota
	Area
	Dashed
)

// Values are what of gives for each minute.
func Values(minutes []Minute, of func(Minute) float64) []float64 {
	values := make([]float64, len(minutes))
	for n, m := range minutes {
		values[n] = of(m)
	}
	return values
}

// Sizes in pixels, and colours that are told apart without seeing colours well (Okabe and Ito). The background is the
// chart's own, so that it can be read on a light page and on a dark one.
const (
	chartWidth   = 880
	chartLeft    = 64
	chartRight   = 24
	chartTop     = 48
	panelHeight  = 150
	panelGap     = 52
	chartBottom  = 44
	plotWidth    = chartWidth - chartLeft - chartRight
	mostTicksX   = 12
	ticksY       = 4
	legendStroke = 18
)

var colours = []string{"#0072b2", "#d55e00", "#009e73", "#555555", "#cc79a7"}

// SVG draws the chart.
func (c Chart) SVG() []byte {
	d := &drawing{minutes: c.minutes()}
	height := chartTop + len(c.Panels)*(panelHeight+panelGap) - panelGap + chartBottom
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
		chartWidth, height, chartWidth, height)
	d.add(`<title>%s</title>`, html.EscapeString(c.Title))
	d.add(`<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" fill="#ffffff" stroke="#cccccc"/>`, chartWidth-1, height-1)
	d.text(chartLeft, 26, "start", ` font-size="15" font-weight="bold"`, c.Title)
	for n, panel := range c.Panels {
		d.panel(c, panel, chartTop+n*(panelHeight+panelGap), n == len(c.Panels)-1)
	}
	d.add(`</svg>`)
	return d.out.Bytes()
}

// minutes is how many there are on the axis.
func (c Chart) minutes() int {
	most := 1
	for _, panel := range c.Panels {
		for _, curve := range panel.Curves {
			most = max(most, len(curve.Values))
		}
	}
	return most
}

type drawing struct {
	out     bytes.Buffer
	minutes int
}

func (d *drawing) add(format string, values ...any) { fmt.Fprintf(&d.out, format+"\n", values...) }

func (d *drawing) text(x, y float64, anchor, style, text string) {
	d.add(`<text x="%s" y="%s" text-anchor="%s" fill="#222222"%s>%s</text>`, number(x), number(y), anchor, style, html.EscapeString(text))
}

// number writes a coordinate in tenths of a pixel, without what is not needed.
func number(x float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
}

func (d *drawing) panel(c Chart, p Panel, top int, isLast bool) {
	step := niceStep(p.largest() / ticksY)
	most := step * math.Max(math.Ceil(p.largest()/step-1e-9), 1)
	bottom := top + panelHeight
	y := func(value float64) float64 { return float64(bottom) - value/most*(panelHeight-20) }

	d.text(chartLeft, float64(top+10), "start", ` font-weight="bold"`, p.Title)
	d.legend(p, top+10)
	for value := 0.0; value <= most+step/2; value += step {
		d.add(`<line x1="%d" x2="%d" y1="%s" y2="%s" stroke="#e3e3e3"/>`, chartLeft, chartLeft+plotWidth, number(y(value)), number(y(value)))
		d.text(chartLeft-8, y(value)+4, "end", "", fmt.Sprintf("%.6g", value))
	}
	d.axisOfTime(c.Start, top+20, bottom, isLast)
	for n, curve := range p.Curves {
		d.curve(curve, colours[n%len(colours)], bottom, y)
	}
}

func (p Panel) largest() float64 {
	largest := 0.0
	for _, curve := range p.Curves {
		for _, value := range curve.Values {
			largest = math.Max(largest, value)
		}
	}
	return math.Max(largest, 1e-9)
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that is at least about is.
func niceStep(about float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(about)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= about*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// legend is written from the right, in the line of the panel's title.
func (d *drawing) legend(p Panel, y int) {
	const characterWidth = 6.3
	x := float64(chartLeft + plotWidth)
	for n := len(p.Curves) - 1; n >= 0; n-- {
		curve := p.Curves[n]
		d.text(x, float64(y), "end", "", curve.Name)
		x -= float64(len([]rune(curve.Name)))*characterWidth + 6
		d.add(`<line x1="%s" x2="%s" y1="%d" y2="%d" stroke="%s" stroke-width="%s"%s/>`,
			number(x-legendStroke), number(x), y-4, y-4, colours[n%len(colours)], curve.Style.width(), curve.Style.dashes())
		x -= legendStroke + 14
	}
}

func (d *drawing) x(minute int) float64 {
	return chartLeft + float64(minute)/float64(d.minutes)*plotWidth
}

// axisOfTime has its ticks at full hours where there are hours.
func (d *drawing) axisOfTime(start time.Time, top, bottom int, named bool) {
	every := 1
	for _, candidate := range []int{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440} {
		every = candidate
		if d.minutes/candidate <= mostTicksX {
			break
		}
	}
	_, offset := start.Zone()
	midnight := start.Hour()*60 + start.Minute()
	for minute := (every - midnight%every) % every; minute <= d.minutes; minute += every {
		x := number(d.x(minute))
		d.add(`<line x1="%s" x2="%s" y1="%d" y2="%d" stroke="#eeeeee"/>`, x, x, top, bottom)
		if named {
			d.text(d.x(minute), float64(bottom+16), "middle", "", start.Add(time.Duration(minute)*time.Minute).In(time.FixedZone("", offset)).Format("15:04"))
		}
	}
	d.add(`<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#888888"/>`, chartLeft, chartLeft+plotWidth, bottom, bottom)
}

// curve draws steps: a value holds for its minute.
func (d *drawing) curve(c Curve, colour string, bottom int, y func(float64) float64) {
	if len(c.Values) == 0 {
		return
	}
	var path strings.Builder
	before := number(y(c.Values[0]))
	fmt.Fprintf(&path, "M%s %s", number(d.x(0)), before)
	for n, value := range c.Values {
		if now := number(y(value)); now != before {
			fmt.Fprintf(&path, "H%sV%s", number(d.x(n)), now)
			before = now
		}
	}
	fmt.Fprintf(&path, "H%s", number(d.x(len(c.Values))))
	if c.Style == Area {
		d.add(`<path d="%sV%dH%sZ" fill="%s" fill-opacity="0.18"/>`, path.String(), bottom, number(d.x(0)), colour)
	}
	d.add(`<path d="%s" fill="none" stroke="%s" stroke-width="%s"%s/>`, path.String(), colour, c.Style.width(), c.Style.dashes())
}

func (s Style) width() string {
	if s == Dashed {
		return "1.2"
	}
	return "1.6"
}

func (s Style) dashes() string {
	if s == Dashed {
		return ` stroke-dasharray="5 4"`
	}
	return ""
}
