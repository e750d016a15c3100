package chart_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/chart"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// A peak of 15 minutes, and what a policy does with it. Write the bytes to a file, and open it in a browser.
func Example() {
	policy := scaling.Policy{Min: 2, Max: 20, RequestsPerTask: 100}
	load := scaling.Load{Start: time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC), TaskStart: time.Minute}
	for minute := range 30 {
		requests := 150.0
		if minute >= 5 && minute < 20 {
			requests = 900
		}
		load.Demand = append(load.Demand, scaling.Demand{Requests: requests})
	}
	minutes, err := policy.Simulate(load)
	if err != nil {
		fmt.Println(err)
		return
	}
	var tasks, each []float64
	for _, m := range minutes {
		tasks = append(tasks, float64(m.Running))
		each = append(each, m.RequestsPerTask)
	}
	svg, err := chart.Chart{Title: "A peak", Start: load.Start, Panels: []chart.Panel{
		{Title: "Running tasks", Lines: []chart.Line{{Values: tasks, Filled: true}}},
		{Title: "Requests a minute for each task", Lines: []chart.Line{{Name: "each task", Values: each}}, Target: 100},
	}}.SVG()
	if err != nil {
		fmt.Println(err)
		return
	}
	opening, _, _ := strings.Cut(string(svg), " role=")
	fmt.Println(opening)
	// Output: <svg xmlns="http://www.w3.org/2000/svg" width="880" height="444" viewBox="0 0 880 444"
}
