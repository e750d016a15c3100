package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Sizes in pixels.
const (
	chartWidth   = 880
	chartLeft    = 64
	chartRight   = 24
	chartTop     = 48
	panelHeight  = 150
	panelGap     = 52
	chartBottom  = 44
	plotWidth    = chartWidth - chartLeft - chartRight
	legendStroke = 18
)

// The maximum or approximate number of ticks of an axis.
const (
	mostTicksX = 12
	ticksY     = 4
)

// colors can be distinguished with any color vision.
//
// Source: Okabe and Ito, https://jfly.uni-koeln.de/color/
var colors = []string{"#0072b2", "#d55e00", "#009e73", "#555555", "#cc79a7"}

func (c Chart) draw() []byte {
	d := &drawing{minutes: c.minutes()}
	height := chartTop + len(c.Panels)*(panelHeight+panelGap) - panelGap + chartBottom
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
		chartWidth, height, chartWidth, height)
	d.add(`<title>%s</title>`, escape(c.Title))
	d.add(`<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" fill="#ffffff" stroke="#cccccc"/>`, chartWidth-1, height-1)
	d.text(chartLeft, 26, "start", ` font-size="15" font-weight="bold"`, c.Title)
	for n, panel := range c.Panels {
		d.panel(c, panel, chartTop+n*(panelHeight+panelGap), n == len(c.Panels)-1)
	}
	d.add(`</svg>`)
	return d.out.Bytes()
}

type drawing struct {
	out     bytes.Buffer
	minutes int
}

func (d *drawing) add(format string, values ...any) { fmt.Fprintf(&d.out, format+"\n", values...) }

func (d *drawing) text(x, y float64, anchor, style, text string) {
	d.add(`<text x="%s" y="%s" text-anchor="%s" fill="#222222"%s>%s</text>`, number(x), number(y), anchor, style, escape(text))
}

// escape also replaces characters that XML does not allow.
func escape(text string) string {
	var escaped strings.Builder
	if err := xml.EscapeText(&escaped, []byte(text)); err != nil {
		return "" // a Builder never fails
	}
	return escaped.String()
}

// number formats a coordinate in tenths of a pixel.
func number(x float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
}

func (d *drawing) panel(c Chart, p Panel, top int, isLast bool) {
	step := niceStep(p.largest() / ticksY)
	most := step * math.Max(math.Ceil(p.largest()/step-1e-9), 1)
	bottom := top + panelHeight
	y := func(value float64) float64 { return float64(bottom) - value/most*(panelHeight-20) }

	d.text(chartLeft, float64(top+10), "start", ` font-weight="bold"`, p.Title)
	strokes := p.strokes(d.minutes)
	d.legend(strokes, top+10)
	for value := 0.0; value <= most+step/2; value += step {
		d.add(`<line x1="%d" x2="%d" y1="%s" y2="%s" stroke="#e3e3e3"/>`, chartLeft, chartLeft+plotWidth, number(y(value)), number(y(value)))
		d.text(chartLeft-8, y(value)+4, "end", "", fmt.Sprintf("%.6g", value))
	}
	d.timeAxis(c.Start, top+20, bottom, isLast)
	for _, s := range strokes {
		d.stroke(s, bottom, y)
	}
}

// stroke is a line with its style.
type stroke struct {
	Line
	color, style string
}

// strokes returns the lines of a panel and its target, with a color each.
func (p Panel) strokes(minutes int) []stroke {
	var strokes []stroke
	for n, line := range p.Lines {
		strokes = append(strokes, stroke{line, colors[n%len(colors)], `stroke-width="1.6"`})
	}
	if p.Target > 0 {
		target := Line{Name: "target", Values: slices.Repeat([]float64{p.Target}, minutes)}
		strokes = append(strokes, stroke{target, colors[len(p.Lines)%len(colors)], `stroke-width="1.2" stroke-dasharray="5 4"`})
	}
	return strokes
}

// niceStep returns the smallest of 1, 2 and 5 times a power of ten that is at least about.
func niceStep(about float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(about)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= about*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// legend is drawn from right to left, at the height of the panel's title.
func (d *drawing) legend(strokes []stroke, y int) {
	const characterWidth = 6.3
	x := float64(chartLeft + plotWidth)
	for _, s := range slices.Backward(strokes) {
		if s.Name == "" {
			continue
		}
		d.text(x, float64(y), "end", "", s.Name)
		x -= float64(len([]rune(s.Name)))*characterWidth + 6
		d.add(`<line x1="%s" x2="%s" y1="%d" y2="%d" stroke="%s" %s/>`, number(x-legendStroke), number(x), y-4, y-4, s.color, s.style)
		x -= legendStroke + 14
	}
}

func (d *drawing) x(minute int) float64 {
	return chartLeft + float64(minute)/float64(d.minutes)*plotWidth
}

const minutesOfDay = 24 * 60

// timeAxis has its ticks at round times of day, and beyond twelve days at midnights, which it labels with their date.
func (d *drawing) timeAxis(start time.Time, top, bottom int, labeled bool) {
	every, layout := d.interval(), "15:04"
	if every >= minutesOfDay {
		layout = "2 Jan"
	}
	_, offset := start.Zone()
	round := min(every, minutesOfDay)
	sinceMidnight := start.Hour()*60 + start.Minute()
	for minute := (round - sinceMidnight%round) % round; minute <= d.minutes; minute += every {
		x := number(d.x(minute))
		d.add(`<line x1="%s" x2="%s" y1="%d" y2="%d" stroke="#eeeeee"/>`, x, x, top, bottom)
		if labeled {
			at := start.Add(time.Duration(minute) * time.Minute).In(time.FixedZone("", offset))
			d.text(d.x(minute), float64(bottom+16), "middle", "", at.Format(layout))
		}
	}
	d.add(`<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#888888"/>`, chartLeft, chartLeft+plotWidth, bottom, bottom)
}

// interval returns the number of minutes between two ticks.
func (d *drawing) interval() int {
	for _, every := range []int{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, minutesOfDay} {
		if d.minutes/every <= mostTicksX {
			return every
		}
	}
	days := (d.minutes - 1) / minutesOfDay
	return (days/mostTicksX + 1) * minutesOfDay
}

// stroke draws steps: a value lasts for its minute.
func (d *drawing) stroke(s stroke, bottom int, y func(float64) float64) {
	if len(s.Values) == 0 {
		return
	}
	var path strings.Builder
	before := number(y(s.Values[0]))
	fmt.Fprintf(&path, "M%s %s", number(d.x(0)), before)
	for n, value := range s.Values {
		if now := number(y(value)); now != before {
			fmt.Fprintf(&path, "H%sV%s", number(d.x(n)), now)
			before = now
		}
	}
	fmt.Fprintf(&path, "H%s", number(d.x(len(s.Values))))
	if s.Filled {
		d.add(`<path d="%sV%dH%sZ" fill="%s" fill-opacity="0.18"/>`, path.String(), bottom, number(d.x(0)), s.color)
	}
	d.add(`<path d="%s" fill="none" stroke="%s" %s/>`, path.String(), s.color, s.style)
}
