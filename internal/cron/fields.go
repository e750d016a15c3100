package cron

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// schedule is the six fields of cron(…). One of day-of-month and day-of-week is "?", and day is what the other says.
type schedule struct {
	minutes, hours, months, years map[int]bool
	day                           func(date time.Time) bool
}

// field is what one of the six may hold.
type field struct {
	name        string
	least, most int
	names       []string // of least and the values after it
	steps       bool     // whether it accepts a slash
}

var (
	minuteField     = field{"minutes", 0, 59, nil, true}
	hourField       = field{"hours", 0, 23, nil, true}
	dayOfMonthField = field{"day-of-month", 1, 31, nil, true}
	monthField      = field{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}, true}
	dayOfWeekField  = field{"day-of-week", 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, false}
	yearField       = field{"year", 1970, 2199, nil, true}
)

// word is a part of an expression and the column at which it begins.
type word struct {
	column int
	text   string
}

func words(column int, text string) []word {
	var all []word
	for n, part := range strings.Split(text, " ") {
		if n > 0 {
			column++
		}
		if part != "" {
			all = append(all, word{column, part})
		}
		column += len(part)
	}
	return all
}

func parseCron(column int, text string) (form, *Error) {
	fields := words(column, text)
	switch {
	case len(fields) < 6:
		return nil, problemAt(column+len(text), "cron must have six fields (minutes, hours, day-of-month, month, day-of-week, year), not %d", len(fields))
	case len(fields) > 6:
		return nil, problemAt(fields[6].column, "cron must have six fields (minutes, hours, day-of-month, month, day-of-week, year), not %d", len(fields))
	}
	var s schedule
	var errs [5]*Error
	s.minutes, errs[0] = minuteField.values(fields[0])
	s.hours, errs[1] = hourField.values(fields[1])
	s.day, errs[2] = parseDays(fields[2], fields[4])
	s.months, errs[3] = monthField.values(fields[3])
	s.years, errs[4] = yearField.values(fields[5])
	for _, err := range errs { // the first is enough: the others may follow from it
		if err != nil {
			return nil, err
		}
	}
	switch {
	case s.hasDay(firstYear, yearField.most):
		return s, nil
	case s.hasDay(yearField.least, firstYear-1):
		return nil, problemAt(fields[5].column, "year must be %d or later, not %q, which never comes again", firstYear, fields[5].text)
	}
	return nil, problemAt(fields[2].column, "cron must name a day that exists")
}

func (s schedule) fires(_, now time.Time) bool {
	return s.minutes[now.Minute()] && s.hours[now.Hour()] && s.onDay(now)
}

func (s schedule) onDay(date time.Time) bool {
	return s.months[int(date.Month())] && s.years[date.Year()] && s.day(date)
}

// hasDay reports whether the schedule fires in any of the years. 30 February never comes, though it is well formed.
func (s schedule) hasDay(first, last int) bool {
	for year := first; year <= last; year++ {
		if !s.years[year] {
			continue
		}
		for date := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); date.Year() == year; date = date.AddDate(0, 0, 1) {
			if s.onDay(date) {
				return true
			}
		}
	}
	return false
}

// values are all values of a comma-separated list of single values, ranges and steps.
func (f field) values(w word) (map[int]bool, *Error) {
	values := map[int]bool{}
	column := w.column
	for item := range strings.SplitSeq(w.text, ",") {
		if err := f.add(values, word{column, item}); err != nil {
			return nil, err
		}
		column += len(item) + 1
	}
	return values, nil
}

func (f field) add(values map[int]bool, item word) *Error {
	span, step, stepped := strings.Cut(item.text, "/")
	first, last, err := f.span(word{item.column, span}, stepped)
	if err != nil {
		return err
	}
	by := 1
	if stepped {
		column := item.column + len(span) + 1
		if !f.steps {
			return problemAt(column-1, "%s takes no /", f.name)
		}
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 || n > f.most {
			return problemAt(column, "%s must have a whole number from 1 to %d after /, not %q", f.name, f.most, step)
		}
		by = n
	}
	for value := first; value <= last; value += by {
		values[value] = true
	}
	return nil
}

// span is the first and the last value of an item: all values for *, both ends of a range, one value to the end of the
// field where a step follows, and one value alone otherwise.
func (f field) span(item word, stepped bool) (first, last int, err *Error) {
	if item.text == "*" {
		return f.least, f.most, nil
	}
	from, to, ranged := strings.Cut(item.text, "-")
	if first, err = f.value(word{item.column, from}); err != nil {
		return 0, 0, err
	}
	switch {
	case ranged:
		last, err = f.value(word{item.column + len(from) + 1, to})
		if err == nil && last < first {
			err = problemAt(item.column, "%s must have its ranges ascend, not %s: write two, with a comma", f.name, item.text)
		}
		return first, last, err
	case stepped:
		return first, f.most, nil
	}
	return first, first, nil
}

func (f field) value(item word) (int, *Error) {
	if n := slices.Index(f.names, item.text); n >= 0 {
		return f.least + n, nil
	}
	n, err := strconv.Atoi(item.text)
	if err != nil || n < f.least || n > f.most || strings.HasPrefix(item.text, "+") {
		named := ""
		if len(f.names) > 0 {
			named = fmt.Sprintf(" or %s-%s", f.names[0], f.names[len(f.names)-1])
		}
		return 0, problemAt(item.column, "%s must be from %d to %d%s, not %q", f.name, f.least, f.most, named, item.text)
	}
	return n, nil
}
