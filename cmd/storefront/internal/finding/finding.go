// Package finding is the result of a check, of an account or of this machine, and how it is shown: one line for each check, and
// below it the remedy for what is missing.
package finding

import (
	"fmt"
	"io"
	"strings"
)

// Status is the outcome of one check.
type Status int

// The outcomes, from harmless to what ends the command with exit status 1.
const (
	// OK is what needs nothing.
	OK Status = iota
	// Warning is what does not fail a deployment, and should be reviewed.
	Warning
	// Unknown is what could not be read. Its Detail names the API, its Fix the permission to add.
	Unknown
	// Missing is what would make a deployment fail or hang.
	Missing
	// Refused is a change that AWS refuses, or makes and loses requests or data.
	Refused
)

// String returns the status as it is shown.
func (s Status) String() string {
	return [...]string{"ok", "warning", "unknown", "MISSING", "REFUSED"}[s]
}

// MarshalText returns the status in lower case, for JSON.
func (s Status) MarshalText() ([]byte, error) { return []byte(strings.ToLower(s.String())), nil }

// Finding is the outcome of one check of one thing.
type Finding struct {
	Check   string `json:"check"`             // what was checked, in at most 18 characters: "Fargate vCPU"
	Subject string `json:"subject,omitempty"` // the thing that was checked, such as an image or a role; may be empty
	Detail  string `json:"detail"`            // what was found, with its numbers
	Fix     string `json:"fix,omitempty"`     // the commands, or one sentence, that fix it, separated by line breaks; empty where Status is OK
	Status  Status `json:"status"`
}

// Passes reports whether a deployment may start: nothing is missing or refused and everything could be read.
func Passes(findings []Finding) bool {
	for _, f := range findings {
		if f.Status >= Unknown {
			return false
		}
	}
	return true
}

// Columns is the width that the text is wrapped to. A fix is not wrapped, since it is copied to a command line.
const Columns = 100

// Where the columns of a line begin.
const (
	checkColumn  = 9
	detailColumn = checkColumn + 20
)

// Write writes the findings, a paragraph each, in their order, and a last line with their number by status. Status is
// colored if color is set.
func Write(w io.Writer, findings []Finding, color bool) error {
	var b strings.Builder
	counts := map[Status]int{}
	for _, f := range findings {
		counts[f.Status]++
		text := f.Detail
		if f.Subject != "" {
			text = f.Subject + ": " + text
		}
		lines := wrap(text, Columns-detailColumn)
		status := fmt.Sprintf("%-*s", checkColumn, f.Status)
		if color {
			status = colors[f.Status] + status + "\x1b[0m"
		}
		fmt.Fprintf(&b, "%s%-*s%s\n", status, detailColumn-checkColumn, f.Check, lines[0])
		for _, line := range lines[1:] {
			fmt.Fprintf(&b, "%*s%s\n", detailColumn, "", line)
		}
		if f.Fix != "" {
			for line := range strings.SplitSeq(f.Fix, "\n") {
				fmt.Fprintf(&b, "%*s%s\n", checkColumn, "", line)
			}
		}
	}
	fmt.Fprintf(&b, "\n%d ok, %d warning, %d unknown, %d missing", counts[OK], counts[Warning], counts[Unknown], counts[Missing])
	if counts[Refused] > 0 {
		fmt.Fprintf(&b, ", %d refused", counts[Refused])
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

var colors = map[Status]string{OK: "\x1b[32m", Warning: "\x1b[33m", Unknown: "\x1b[33m", Missing: "\x1b[31m", Refused: "\x1b[31m"}

// wrap returns text in lines of at most width characters, broken at spaces. A longer word has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
