package scaling

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// expression is when a schedule fires. Nothing fires within a minute, so it is asked minute by minute.
type expression interface {
	// fires reports whether the schedule fires in the minute that begins at now, of a run that began at start.
	fires(start, now time.Time) bool
}

// problemAt is what is wrong with an expression at a column, counted from 1.
func problemAt(column int, format string, values ...any) error {
	return fmt.Errorf("column %d: "+format, append([]any{column}, values...)...)
}

// parseExpression reads what Application Auto Scaling takes as the schedule of a scheduled action.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
func parseExpression(text string) (expression, error) {
	form, rest, found := strings.Cut(text, "(")
	if !found || !slices.Contains([]string{"cron", "at", "rate"}, form) {
		return nil, problemAt(1, "must be cron(…), at(…) or rate(…)")
	}
	inside, closed := strings.CutSuffix(rest, ")")
	if !closed {
		return nil, problemAt(len(text)+1, "must end in )")
	}
	column := len(form) + 2
	switch form {
	case "at":
		return parseAt(column, inside)
	case "rate":
		return parseRate(column, inside)
	default:
		return parseCron(column, inside)
	}
}

// at is a moment of the schedule's time zone.
type at struct{ moment time.Time }

const atLayout = "2006-01-02T15:04:05"

func parseAt(column int, text string) (expression, error) {
	moment, err := time.Parse(atLayout, text)
	written := moment.Format(atLayout)
	var parse *time.ParseError
	switch {
	case err == nil && written == text:
		return at{moment}, nil
	case err == nil: // Go also reads an hour of one digit, and parts of a second
		column += differAt(written, text)
	case errors.As(err, &parse) && (parse.Message == "" || strings.HasPrefix(parse.Message, ": extra text")):
		column += len(text) - len(parse.ValueElem) // else some part is out of range, and the whole is at fault
	}
	return nil, problemAt(column, "must be a moment such as at(2026-11-27T06:00:00)")
}

// differAt is where the two begin to differ.
func differAt(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func (a at) fires(_, now time.Time) bool {
	return a.moment.Truncate(time.Minute).Equal(wallClock(now))
}

// wallClock is what a clock on the wall shows at now, in the form that at has.
func wallClock(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(), 0, 0, time.UTC)
}

// rate is how much time lies between two moments.
type rate struct{ every time.Duration }

// rateUnits are those of 1, and those of more, which AWS holds apart.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
var rateUnits = map[bool]map[string]time.Duration{
	false: {"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour},
	true:  {"minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour},
}

func parseRate(column int, text string) (expression, error) {
	number, unit, found := strings.Cut(text, " ")
	value, err := strconv.Atoi(number)
	if err != nil || value < 1 || strings.HasPrefix(number, "+") {
		return nil, problemAt(column, "rate must be a whole number of at least 1 and a unit, such as rate(6 hours), not %q", number)
	}
	every, known := rateUnits[value > 1][unit]
	if !known {
		if found {
			column++ // the space
		}
		return nil, problemAt(column+len(number), "rate must be in minutes, hours or days, and of 1 in minute, hour or day, not %q", unit)
	}
	return rate{time.Duration(value) * every}, nil
}

func (r rate) fires(start, now time.Time) bool {
	since := now.Sub(start)
	return since > 0 && since%r.every == 0
}

// cron is six fields. Of the days of the month and those of the week one says "?", and every day matches it.
type cron struct {
	minutes, hours, months, years map[int]bool
	day                           func(date time.Time) bool
}

// cronField is what a field may hold.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
type cronField struct {
	name        string
	least, most int
	names       []string // of least and those after it
	steps       bool     // whether it takes a slash
}

var (
	minuteField     = cronField{"minutes", 0, 59, nil, true}
	hourField       = cronField{"hours", 0, 23, nil, true}
	dayOfMonthField = cronField{"day-of-month", 1, 31, nil, true}
	monthField      = cronField{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}, true}
	dayOfWeekField  = cronField{"day-of-week", 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, false}
	yearField       = cronField{"year", 1970, 2199, nil, true}
)

// word is one field of an expression, and the column where it stands.
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

func parseCron(column int, text string) (expression, error) {
	fields := words(column, text)
	switch {
	case len(fields) < 6:
		return nil, problemAt(column+len(text), "cron must have six fields (minutes, hours, day-of-month, month, day-of-week, year), not %d", len(fields))
	case len(fields) > 6:
		return nil, problemAt(fields[6].column, "cron must have six fields (minutes, hours, day-of-month, month, day-of-week, year), not %d", len(fields))
	}
	var c cron
	var errs [5]error
	c.minutes, errs[0] = minuteField.values(fields[0])
	c.hours, errs[1] = hourField.values(fields[1])
	c.day, errs[2] = parseDays(fields[2], fields[4])
	c.months, errs[3] = monthField.values(fields[3])
	c.years, errs[4] = yearField.values(fields[5])
	for _, err := range errs { // the first is enough: the rest may follow from it
		if err != nil {
			return nil, err
		}
	}
	if !c.everHappens() {
		return nil, problemAt(fields[2].column, "cron must name a day that exists")
	}
	return c, nil
}

func (c cron) fires(_, now time.Time) bool {
	return c.minutes[now.Minute()] && c.hours[now.Hour()] && c.onDay(now)
}

func (c cron) onDay(date time.Time) bool {
	return c.months[int(date.Month())] && c.years[date.Year()] && c.day(date)
}

// everHappens finds expressions such as the 30th of February, which parse and never fire.
func (c cron) everHappens() bool {
	for date := time.Date(yearField.least, 1, 1, 0, 0, 0, 0, time.UTC); date.Year() <= yearField.most; date = date.AddDate(0, 0, 1) {
		if c.onDay(date) {
			return true
		}
	}
	return false
}

// values are those that a list of single values, ranges and steps stands for.
func (f cronField) values(w word) (map[int]bool, error) {
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

func (f cronField) add(values map[int]bool, item word) error {
	span, step, stepped := strings.Cut(item.text, "/")
	first, last, err := f.span(word{item.column, span}, stepped)
	if err != nil {
		return err
	}
	by := 1
	if stepped {
		by, err = strconv.Atoi(step)
		column := item.column + len(span) + 1
		switch {
		case !f.steps:
			return problemAt(column-1, "%s takes no /", f.name)
		case err != nil || by < 1 || by > f.most:
			return problemAt(column, "%s must have a whole number from 1 to %d after /, not %q", f.name, f.most, step)
		}
	}
	for value := first; value <= last; value += by {
		values[value] = true
	}
	return nil
}

// span is where an item begins and ends: all, from one value to another, from one to the end where a step follows, or
// one value alone.
func (f cronField) span(item word, stepped bool) (first, last int, err error) {
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

func (f cronField) value(item word) (int, error) {
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

// parseDays reads the two fields of which exactly one is "?".
func parseDays(ofMonth, ofWeek word) (func(time.Time) bool, error) {
	switch {
	case ofMonth.text == "?" && ofWeek.text == "?":
		return nil, problemAt(ofWeek.column, "one of day-of-month and day-of-week must say which days, not both ?")
	case ofMonth.text != "?" && ofWeek.text != "?":
		return nil, problemAt(ofWeek.column, "one of day-of-month and day-of-week must be ?, not %s and %s", ofMonth.text, ofWeek.text)
	case ofMonth.text == "?":
		return parseDaysOfWeek(ofWeek)
	}
	return parseDaysOfMonth(ofMonth)
}

func parseDaysOfMonth(w word) (func(time.Time) bool, error) {
	if w.text == "L" {
		return func(date time.Time) bool { return date.Day() == daysIn(date) }, nil
	}
	if before, ok := strings.CutSuffix(w.text, "W"); ok {
		day, err := dayOfMonthField.value(word{w.column, before})
		return func(date time.Time) bool { return date.Day() == nearestWeekday(date, day) }, err
	}
	days, err := dayOfMonthField.values(w)
	return func(date time.Time) bool { return days[date.Day()] }, err
}

func parseDaysOfWeek(w word) (func(time.Time) bool, error) {
	if w.text == "L" { // the last day of the week
		return func(date time.Time) bool { return date.Weekday() == time.Saturday }, nil
	}
	if before, ok := strings.CutSuffix(w.text, "L"); ok { // the last such day of the month
		day, err := dayOfWeekField.value(word{w.column, before})
		return func(date time.Time) bool { return weekday(date) == day && date.Day()+7 > daysIn(date) }, err
	}
	if before, after, ok := strings.Cut(w.text, "#"); ok {
		return parseNthDayOfWeek(w, before, after)
	}
	days, err := dayOfWeekField.values(w)
	return func(date time.Time) bool { return days[weekday(date)] }, err
}

func parseNthDayOfWeek(w word, before, after string) (func(time.Time) bool, error) {
	day, err := dayOfWeekField.value(word{w.column, before})
	if err != nil {
		return nil, err
	}
	nth, err := strconv.Atoi(after)
	if err != nil || nth < 1 || nth > 5 {
		return nil, problemAt(w.column+len(before)+1, "day-of-week must have a whole number from 1 to 5 after #, and no other day, not %q", after)
	}
	return func(date time.Time) bool { return weekday(date) == day && (date.Day()-1)/7 == nth-1 }, nil
}

// weekday counts from Sunday, which is 1.
func weekday(date time.Time) int { return int(date.Weekday()) + 1 }

func daysIn(date time.Time) int {
	return time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearestWeekday is the day from Monday to Friday that is nearest to a day of date's month, and in that month.
func nearestWeekday(date time.Time, day int) int {
	last := daysIn(date)
	if day > last {
		return 0
	}
	switch time.Date(date.Year(), date.Month(), day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	}
	return day
}
