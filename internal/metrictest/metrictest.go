// Package metrictest is what the tests of metrics share: it computes metrics as CloudWatch would, and finds what CloudWatch
// would refuse.
package metrictest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Numbers are the numbers that the metric is over, by their IDs: namespace, name, statistic and dimensions of each. A metric
// that is a number itself has the ID "watched".
func Numbers(of metric.Metric) map[string]string {
	numbers := map[string]string{}
	for _, query := range of.Queries() {
		if m := query.Metric; m.Expression == "" {
			numbers[query.ID] = fmt.Sprintf("%s %s %s %v", m.Namespace, m.Name, m.Statistic, m.Dimensions)
		}
	}
	return numbers
}

// FitsAlarm checks what CloudWatch takes for an alarm, and what it needs to be quick: one period, of a minute.
func FitsAlarm(t testing.TB, name string, of metric.Metric) {
	t.Helper()
	if err := of.Validate(name); err != nil {
		t.Errorf("%s is not valid: %v", name, err)
	}
	if of.Label == "" {
		t.Errorf("%s has no label", name)
	}
	if of.Count() > 10 {
		t.Errorf("%s is over %d numbers, more than 10", name, of.Count())
	}
	for _, query := range of.Queries() {
		if query.Metric.Period != time.Minute {
			t.Errorf("%s: %s has a period of %s", name, query.ID, query.Metric.Period)
		}
		if len(query.Metric.Expression) > 1024 {
			t.Errorf("%s: the expression of %s has %d characters", name, query.ID, len(query.Metric.Expression))
		}
	}
}

// Minute is one minute in numbers, by their IDs. What is not there was not published.
type Minute map[string]float64

// Value computes an expression in one minute. NaN is a missing datapoint: whatever is computed from one is missing too, but
// for FILL and SUM.
func (m Minute) Value(t testing.TB, of metric.Metric) float64 {
	t.Helper()
	return Values(t, of, m)[0]
}

// Expect compares the value of an expression in one minute. NaN is a missing datapoint.
func (m Minute) Expect(t testing.TB, of metric.Metric, want float64) {
	t.Helper()
	got := m.Value(t, of)
	if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s: got %g, want %g", of.Label, got, want)
	}
}

// Values computes an expression in minutes that follow each other.
func Values(t testing.TB, of metric.Metric, minutes ...Minute) []float64 {
	t.Helper()
	values := make([]float64, len(minutes))
	for n := range minutes {
		value, err := (series{minutes, n}).value(of)
		if err != nil {
			t.Fatal(err)
		}
		values[n] = value
	}
	return values
}

// series are minutes, looked at in one of them.
type series struct {
	minutes []Minute
	at      int
}

func (s series) value(of metric.Metric) (float64, error) {
	// Arrays stand as the arguments of functions alone, and are these arguments.
	expression, err := parser.ParseExpr(strings.NewReplacer("[", "", "]", "").Replace(of.Expression))
	if err != nil {
		return 0, fmt.Errorf("cannot read %q: %w", of.Expression, err)
	}
	return s.evaluate(of, expression)
}

func (s series) evaluate(of metric.Metric, node ast.Expr) (float64, error) {
	switch e := node.(type) {
	case *ast.ParenExpr:
		return s.evaluate(of, e.X)
	case *ast.BasicLit:
		return strconv.ParseFloat(e.Value, 64)
	case *ast.Ident:
		return s.number(of, e.Name)
	case *ast.BinaryExpr:
		x, err := s.evaluate(of, e.X)
		if err != nil {
			return 0, err
		}
		y, err := s.evaluate(of, e.Y)
		if err != nil {
			return 0, err
		}
		return operate(e.Op, x, y)
	case *ast.CallExpr:
		return s.call(of, e)
	}
	return 0, fmt.Errorf("cannot evaluate %T in %s", node, of.Expression)
}

func (s series) number(of metric.Metric, id string) (float64, error) {
	other, ok := of.Over[id]
	if !ok {
		return 0, fmt.Errorf("%s is over no %s", of.Expression, id)
	}
	if other.Expression != "" {
		return s.value(other)
	}
	if value, published := s.minutes[s.at][id]; published {
		return value, nil
	}
	return math.NaN(), nil
}

func operate(operator token.Token, x, y float64) (float64, error) {
	switch operator {
	case token.ADD:
		return x + y, nil
	case token.SUB:
		return x - y, nil
	case token.MUL:
		return x * y, nil
	case token.QUO:
		return x / y, nil
	case token.GEQ:
		switch {
		case math.IsNaN(x) || math.IsNaN(y):
			return math.NaN(), nil
		case x >= y:
			return 1, nil
		}
		return 0, nil
	}
	return 0, fmt.Errorf("no such operator: %s", operator)
}

func (s series) call(of metric.Metric, e *ast.CallExpr) (float64, error) {
	name := e.Fun.(*ast.Ident).Name
	arguments := make([]float64, len(e.Args))
	for n, argument := range e.Args {
		value, err := s.evaluate(of, argument)
		if err != nil {
			return 0, err
		}
		arguments[n] = value
	}
	if name != "DIFF" {
		return function(name, arguments)
	}
	if s.at == 0 {
		return math.NaN(), nil
	}
	before, err := (series{s.minutes, s.at - 1}).evaluate(of, e.Args[0])
	return arguments[0] - before, err
}

func function(name string, arguments []float64) (float64, error) {
	switch name {
	case "FILL":
		if math.IsNaN(arguments[0]) {
			return arguments[1], nil
		}
		return arguments[0], nil
	case "IF":
		switch {
		case math.IsNaN(arguments[0]):
			return math.NaN(), nil
		case arguments[0] != 0:
			return arguments[1], nil
		}
		return arguments[2], nil
	case "MAX":
		highest := arguments[0]
		for _, argument := range arguments {
			highest = math.Max(highest, argument)
		}
		return highest, nil
	case "SUM": // of what there is
		sum := math.NaN()
		for _, argument := range arguments {
			switch {
			case math.IsNaN(sum):
				sum = argument
			case !math.IsNaN(argument):
				sum += argument
			}
		}
		return sum, nil
	}
	return 0, fmt.Errorf("no such function: %s", name)
}
