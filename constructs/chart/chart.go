package chart

import (
	"errors"
	"fmt"
	"time"
)

// Chart is a drawing of values by the minute: panels below one another with a common time axis.
type Chart struct {
	// Title is the heading of the whole drawing. If empty, there is none.
	Title string
	// Start is the time of the first value. The axis shows the time of day in Start's time zone, with the offset from UTC
	// that it has at Start.
	Start time.Time
	// Panels are drawn from top to bottom.
	Panels []Panel
}

// Panel is one pair of axes. Its scale begins at 0.
type Panel struct {
	// Title describes the values, with their unit.
	Title string
	// Lines are drawn in their order, each over those before it.
	Lines []Line
	// Target is a value that is drawn as a dashed line from the first minute to the last and named target in the legend.
	// If zero, there is none.
	Target float64
}

// Line is a series of values.
type Line struct {
	// Name is the line's name in the legend. If empty, the line is not in the legend.
	Name string
	// Values are one for each minute, from 0 to 1e300. Lines may end at different minutes; at most 44,640 minutes, which
	// are 31 days, can be drawn.
	Values []float64
	// Filled colors the area below the line.
	Filled bool
}

const (
	mostMinutes = 31 * 24 * 60
	mostValue   = 1e300 // the steps of the scale above it are no numbers
)

// SVG draws the chart. Its error lists each value that cannot be drawn.
func (c Chart) SVG() ([]byte, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return c.draw(), nil
}

func (c Chart) validate() error {
	var problems []error
	for n, panel := range c.Panels {
		if !drawable(panel.Target) {
			problems = append(problems, fmt.Errorf("Chart.Panels[%d].Target must be a number from 0 to %v, got %v", n, mostValue, panel.Target))
		}
		for m, line := range panel.Lines {
			problems = append(problems, line.validate(fmt.Sprintf("Chart.Panels[%d].Lines[%d].Values", n, m)))
		}
	}
	return errors.Join(problems...)
}

func (l Line) validate(field string) error {
	if len(l.Values) > mostMinutes {
		return fmt.Errorf("%s must be at most %d, which are 31 days by the minute, got %d: draw a part of them", field, mostMinutes, len(l.Values))
	}
	for n, value := range l.Values {
		if !drawable(value) { // the first is enough: a calculation that goes wrong often does so for every minute after it
			return fmt.Errorf("%s[%d] must be a number from 0 to %v, got %v", field, n, mostValue, value)
		}
	}
	return nil
}

// drawable returns false for NaN, which is not within any limits.
func drawable(value float64) bool { return value >= 0 && value <= mostValue }

// minutes returns the number of minutes of the time axis.
func (c Chart) minutes() int {
	most := 1
	for _, panel := range c.Panels {
		for _, line := range panel.Lines {
			most = max(most, len(line.Values))
		}
	}
	return most
}

// largest returns the largest value of the panel. It is never 0, so that there is a scale.
func (p Panel) largest() float64 {
	largest := max(p.Target, 1e-9)
	for _, line := range p.Lines {
		for _, value := range line.Values {
			largest = max(largest, value)
		}
	}
	return largest
}
