// Package chart draws values by the minute as an SVG image, such as those that a scaling policy would lead to:
//
//	minutes, err := policy.Simulate(load)
//	…
//	var tasks []float64
//	for _, m := range minutes {
//		tasks = append(tasks, float64(m.Running))
//	}
//	svg, err := chart.Chart{Start: load.Start, Panels: []chart.Panel{
//		{Title: "Running tasks", Lines: []chart.Line{{Values: tasks}}},
//	}}.SVG()
//
// It is independent of scaling: any series with one value a minute can be drawn, several lines in a panel and several
// panels below one another with a common time axis. The drawing has its own white background and colors that can be
// distinguished with any color vision, so that it can be read on a light page and on a dark one. The same values result
// in the same bytes, so a drawing can be committed and compared in a test.
//
// It adds nothing to a template, and costs nothing.
package chart
