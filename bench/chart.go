package main

import (
	"bytes"
	"fmt"
	"math"
)

// Sizes in pixels.
const (
	chartWidth  = 880
	panelWidth  = 370
	panelHeight = 250
	panelLeft   = 56
	panelTop    = 70
	panelGap    = 60
	chartHeight = panelTop + panelHeight + 60
)

// Colors can be distinguished with any color vision (Okabe and Ito), and on the white that the chart brings.
var strokes = map[language]string{inGo: "#0072b2", inTypeScript: "#d55e00"}

// chart draws the time, without validation, by the number of services, a panel for each environment. Both axes are logarithmic, so that
// a constant ratio is a constant distance.
func (r *results) chart() []byte {
	d := &drawing{}
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
		chartWidth, chartHeight, chartWidth, chartHeight)
	d.add(`<title>Seconds of a synthesis by the number of services, in Go and in TypeScript</title>`)
	d.add(`<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" fill="#ffffff" stroke="#cccccc"/>`, chartWidth-1, chartHeight-1)
	d.text(panelLeft, 28, "start", ` font-size="15" font-weight="bold"`, "Seconds of a synthesis by the number of services")
	x := 660.0
	for _, l := range languages {
		d.add(`<line x1="%.0f" x2="%.0f" y1="24" y2="24" stroke="%s" stroke-width="2.4"/>`, x, x+22, strokes[l])
		d.text(x+28, 28, "start", "", string(l))
		x += 70
	}
	for n, environment := range environments {
		r.panel(d, environment, float64(panelLeft+n*(panelWidth+panelGap)))
	}
	d.add(`</svg>`)
	return d.out.Bytes()
}

func (r *results) panel(d *drawing, environment string, left float64) {
	const least, most = 0.5, 200.0
	x := func(services int) float64 {
		return left + math.Log(float64(services))/math.Log(500)*panelWidth
	}
	y := func(seconds float64) float64 {
		return panelTop + panelHeight*(1-math.Log(seconds/least)/math.Log(most/least))
	}
	d.text(left, panelTop-14, "start", ` font-weight="bold"`, environment)
	for _, seconds := range []float64{0.5, 1, 2, 5, 10, 20, 50, 100, 200} {
		d.add(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#e3e3e3"/>`, left, left+panelWidth, y(seconds), y(seconds))
		d.text(left-8, y(seconds)+4, "end", "", fmt.Sprintf("%g", seconds))
	}
	for _, size := range sizes {
		services := scenario{Fleet: size.fleet}.services()
		d.add(`<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#eeeeee"/>`, x(services), x(services), panelTop, panelTop+panelHeight)
		d.text(x(services), panelTop+panelHeight+18, "middle", "", fmt.Sprint(services))
	}
	d.text(left+panelWidth/2, panelTop+panelHeight+38, "middle", "", "services")
	for _, l := range languages {
		var path string
		for _, size := range sizes {
			s := scenario{Fleet: size.fleet, Environment: environment}
			f, measured := r.figures(s)
			if !measured {
				continue
			}
			at := f.Go.Wall
			if l == inTypeScript {
				at = f.TypeScript.Wall
			}
			command := "L"
			if path == "" {
				command = "M"
			}
			path += fmt.Sprintf("%s%.1f %.1f", command, x(s.services()), y(at))
			d.add(`<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x(s.services()), y(at), strokes[l])
		}
		if path != "" {
			d.add(`<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`, path, strokes[l])
		}
	}
}

type drawing struct{ out bytes.Buffer }

func (d *drawing) add(format string, values ...any) { fmt.Fprintf(&d.out, format+"\n", values...) }

func (d *drawing) text(x, y float64, anchor, style, text string) {
	d.add(`<text x="%.1f" y="%.1f" text-anchor="%s" fill="#222222"%s>%s</text>`, x, y, anchor, style, text)
}
