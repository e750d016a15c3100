package metric

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"time"
)

// Metric is a CloudWatch metric, or an expression over metrics. Values of dimensions may be CDK tokens.
type Metric struct {
	// Label describes the metric to people, with its unit. If empty, CloudWatch generates one.
	Label string
	// Namespace is the metric's, such as "AWS/SQS". Required, unless there is an Expression.
	Namespace string
	// Name is the metric's, such as "ApproximateNumberOfMessagesVisible". Required, unless there is an Expression.
	Name string
	// Dimensions identify the metric among those of that name, at most 30.
	Dimensions map[string]string
	// Statistic is the aggregation of the values of one period: Average, Sum, Minimum, Maximum, SampleCount, a percentile
	// such as p99, or another of CloudWatch's, such as tm90 or IQM. If empty, Average.
	Statistic string
	// Expression is CloudWatch's metric math over the metrics of Over, by their IDs. If empty, Namespace and
	// Name are required.
	//
	// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
	Expression string
	// Over contains the metrics of the expression. An ID is letters, digits and underscores, starting with a lower-case
	// letter, and identifies one metric everywhere in the expression.
	Over map[string]Metric
	// Period is the period of one datapoint: 10, 20 or 30 seconds, or whole minutes up to a day. If zero, one minute,
	// or in Over the expression's. An expression and all its metrics have one period.
	Period time.Duration
}

// MaxValue is the largest value, target and threshold that CloudWatch accepts. The smallest is -MaxValue.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
const MaxValue = 0x1p360

// The statistics that are not percentiles.
const (
	Average     = "Average"
	Sum         = "Sum"
	Minimum     = "Minimum"
	Maximum     = "Maximum"
	SampleCount = "SampleCount"
)

// IsZero reports whether the metric is empty.
func (m Metric) IsZero() bool { return m.Namespace == "" && m.Name == "" && m.Expression == "" }

// WithDefaults returns the metric and all metrics of Over with the default statistic and period.
func (m Metric) WithDefaults() Metric {
	if m.Period == 0 {
		m.Period = time.Minute
	}
	if m.Expression == "" && m.Statistic == "" {
		m.Statistic = Average
	}
	if m.Over != nil {
		m.Over = maps.Clone(m.Over)
		for id, other := range m.Over {
			if other.Period == 0 {
				other.Period = m.Period
			}
			m.Over[id] = other.WithDefaults()
		}
	}
	return m
}

// Count returns the number of metrics that the metric reads, by which CloudWatch charges for an alarm on it.
func (m Metric) Count() int {
	count := 0
	for _, query := range m.Queries() {
		if query.Metric.Expression == "" {
			count++
		}
	}
	return count
}

// Query is one entry of metric math: the metric itself, or one of Over.
type Query struct {
	ID     string
	Metric Metric
	// Result is set on the one entry whose values are the result.
	Result bool
}

// resultID is the ID of the metric itself. No metric of Over may have it.
const resultID = "watched"

// Queries lists the metric with its defaults, and then those of Over in the order of their IDs, each followed by those
// of its own Over. A metric that is used in several places is listed once.
func (m Metric) Queries() []Query {
	m = m.WithDefaults()
	return m.collect([]Query{{resultID, m, true}}, map[string]bool{})
}

func (m Metric) collect(queries []Query, listed map[string]bool) []Query {
	for _, id := range slices.Sorted(maps.Keys(m.Over)) {
		if listed[id] {
			continue
		}
		listed[id] = true
		queries = m.Over[id].collect(append(queries, Query{id, m.Over[id], false}), listed)
	}
	return queries
}

var (
	queryID   = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,254}$`)
	statistic = regexp.MustCompile(`^(Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,2})?|100)|(TM|WM|TC|TS|PR)\([0-9.%]*:[0-9.%]*\))$`)
	// word matches names and numbers in an expression, and quoted what contains none.
	word   = regexp.MustCompile(`[A-Za-z0-9_]+`)
	quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)
)

const maxDimensions = 30

// Validate returns one error that lists every problem with the metric, or nil. Its messages begin with field.
func (m Metric) Validate(field string) error {
	if m.IsZero() {
		return fmt.Errorf("%s is missing: give a Namespace and a Name, or an Expression; a service without routes has no metrics of requests", field)
	}
	m = m.WithDefaults()
	var period error
	if !legalPeriod(m.Period) {
		period = fmt.Errorf("%s.Period must be 10s, 20s, 30s or whole minutes up to 24h, got %s", field, m.Period)
	}
	return errors.Join(period, m.validate(field), m.validateIDs(field, map[string]Metric{}))
}

func (m Metric) validate(field string) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("%s."+format, append([]any{field}, values...)...))
	}
	if m.Expression != "" {
		if m.Namespace != "" || m.Name != "" || len(m.Dimensions) > 0 || m.Statistic != "" {
			add("Expression excludes Namespace, Name, Dimensions and Statistic: set them on a metric of Over, got %q and %q", m.Namespace, m.Name)
		}
		if len(m.Over) == 0 {
			add("Over is missing: name the metrics of the expression %q by their IDs", m.Expression)
		} else {
			problems = append(problems, m.validateExpression(field))
		}
		for _, id := range slices.Sorted(maps.Keys(m.Over)) {
			other := m.Over[id]
			if other.Period != m.Period {
				add("Over[%q].Period must be the expression's (%s), got %s", id, m.Period, other.Period)
			}
			problems = append(problems, other.validate(fmt.Sprintf("%s.Over[%q]", field, id)))
		}
		return errors.Join(problems...)
	}
	if len(m.Over) > 0 {
		add("Expression is missing: set it to an expression over the metrics of Over, such as %q", slices.Sorted(maps.Keys(m.Over))[0])
	}
	if m.Namespace == "" {
		add("Namespace is missing: name the metric's, such as AWS/Kinesis")
	}
	if m.Name == "" {
		add("Name is missing: name the metric, such as IncomingRecords")
	}
	if !statistic.MatchString(m.Statistic) {
		add("Statistic must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90, got %q", m.Statistic)
	}
	if len(m.Dimensions) > maxDimensions {
		add("Dimensions must be at most %d, got %d", maxDimensions, len(m.Dimensions))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		if name == "" || m.Dimensions[name] == "" {
			add("Dimensions must have a name and a value each, got %q: %q", name, m.Dimensions[name])
		}
	}
	return errors.Join(problems...)
}

// validateExpression rejects an expression that names an ID which is not in Over, or leaves one out. CloudWatch's functions
// are written in capital letters, and IDs start with a lower-case letter.
func (m Metric) validateExpression(field string) error {
	names := word.FindAllString(quoted.ReplaceAllString(m.Expression, ""), -1)
	slices.Sort(names)
	names = slices.Compact(names)
	var problems []error
	for _, name := range names {
		if _, known := m.Over[name]; !known && queryID.MatchString(name) {
			problems = append(problems, fmt.Errorf("%s.Over has no metric of the ID %q, which the expression names: add it", field, name))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(m.Over)) {
		if queryID.MatchString(id) && !slices.Contains(names, id) && !slices.Contains(names, "METRICS") {
			problems = append(problems, fmt.Errorf("%s.Expression does not name %q, which is in Over: name it, or leave it out", field, id))
		}
	}
	return errors.Join(problems...)
}

// validateIDs rejects one ID for two metrics.
func (m Metric) validateIDs(field string, known map[string]Metric) error {
	var problems []error
	for _, id := range slices.Sorted(maps.Keys(m.Over)) {
		other, taken := known[id]
		switch {
		case !queryID.MatchString(id):
			problems = append(problems, fmt.Errorf("%s.Over must have IDs of letters, digits and underscores that start with a lower-case letter, got %q", field, id))
		case id == resultID:
			problems = append(problems, fmt.Errorf("%s.Over must not have the ID %q, which is that of the metric itself: choose another", field, id))
		case taken && !reflect.DeepEqual(other, m.Over[id]):
			problems = append(problems, fmt.Errorf("%s.Over has the ID %q for two metrics: choose another for one", field, id))
		}
		known[id] = m.Over[id]
		problems = append(problems, m.Over[id].validateIDs(fmt.Sprintf("%s.Over[%q]", field, id), known))
	}
	return errors.Join(problems...)
}

func legalPeriod(period time.Duration) bool {
	switch period {
	case 10 * time.Second, 20 * time.Second, 30 * time.Second:
		return true
	}
	return period >= time.Minute && period <= 24*time.Hour && period%time.Minute == 0
}
