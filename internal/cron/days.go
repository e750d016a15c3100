package cron

import (
	"strconv"
	"strings"
	"time"
)

// parseDays reads day-of-month and day-of-week, of which exactly one is "?".
func parseDays(ofMonth, ofWeek word) (func(time.Time) bool, *Error) {
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

func parseDaysOfMonth(w word) (func(time.Time) bool, *Error) {
	switch w.text {
	case "L": // the last day of the month
		return func(date time.Time) bool { return date.Day() == daysIn(date) }, nil
	case "LW": // the last weekday of the month
		return func(date time.Time) bool { return date.Day() == nearestWeekday(date, daysIn(date)) }, nil
	}
	if before, ok := strings.CutSuffix(w.text, "W"); ok { // the weekday nearest to a day
		day, err := dayOfMonthField.value(word{w.column, before})
		return func(date time.Time) bool { return date.Day() == nearestWeekday(date, day) }, err
	}
	days, err := dayOfMonthField.values(w)
	return func(date time.Time) bool { return days[date.Day()] }, err
}

func parseDaysOfWeek(w word) (func(time.Time) bool, *Error) {
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

func parseNthDayOfWeek(w word, before, after string) (func(time.Time) bool, *Error) {
	day, problem := dayOfWeekField.value(word{w.column, before})
	if problem != nil {
		return nil, problem
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

// nearestWeekday is the day from Monday to Friday that is nearest to a day of date's month and in the same month, and 0
// where the month has no such day.
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
