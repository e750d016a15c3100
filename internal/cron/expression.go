package cron

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Expression is when a schedule fires. The zero value never fires; [Parse] makes others.
type Expression struct{ form form }

// form is one of cron, at and rate. No schedule fires more often than once a minute, so a form is asked minute by minute.
type form interface {
	fires(start, now time.Time) bool
}

// Fires reports whether the schedule fires in the minute that begins at now, in the time zone that now has. A rate is
// counted from start, and does not fire at start itself.
func (e Expression) Fires(start, now time.Time) bool {
	return e.form != nil && e.form.fires(start, now)
}

// Error is a problem of an expression, and its column.
type Error struct {
	// Column is the first character that is wrong, counted from 1.
	Column int
	// Problem is what the expression must be instead, and what it is.
	Problem string
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Problem) }

func problemAt(column int, format string, values ...any) *Error {
	return &Error{Column: column, Problem: fmt.Sprintf(format, values...)}
}

// firstYear is the year of this package's first release. An expression that ends before it never fires, whenever it is
// read. The clock is not consulted: a program that defines a stack today must define the same stack tomorrow.
const firstYear = 2026

// Parse reads an expression. Its error, if any, is an [*Error].
func Parse(text string) (Expression, error) {
	form, err := parse(text)
	if err != nil {
		// The parsers count bytes, a reader counts characters.
		err.Column = utf8.RuneCountInString(text[:err.Column-1]) + 1
		return Expression{}, err
	}
	return Expression{form}, nil
}

func parse(text string) (form, *Error) {
	name, rest, found := strings.Cut(text, "(")
	if !found || !slices.Contains([]string{"cron", "at", "rate"}, name) {
		return nil, problemAt(1, "must be cron(…), at(…) or rate(…)")
	}
	inside, closed := strings.CutSuffix(rest, ")")
	if !closed {
		return nil, problemAt(len(text)+1, "must end in )")
	}
	column := len(name) + 2
	switch name {
	case "at":
		return parseAt(column, inside)
	case "rate":
		return parseRate(column, inside)
	default:
		return parseCron(column, inside)
	}
}
