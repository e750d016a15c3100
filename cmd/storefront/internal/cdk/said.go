package cdk

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// Outcome is what a run did to one stack.
type Outcome struct {
	ID        string // that the CLI takes
	Unchanged bool   // whether there was nothing to deploy
	Took      time.Duration
}

// said is the output of the CLI so far, and what it means.
type said struct {
	command  string
	progress io.Writer
	started  time.Time
	text     strings.Builder

	outcomes []Outcome
	mark     time.Time // when the current stack began

	shown  time.Time // when the last progress line was written
	ended  bool      // whether a line about a finished stack was written
	failed *Error    // the first resource that failed
	errors []string  // lines from the first one that reports a failure
}

var (
	// A line such as: storefront-sandbox-cart | 2/19 | 11:52:56 PM | CREATE_FAILED | AWS::Logs::LogGroup | Cart/Cart/Logs (CartLogs8FA33D46) why.
	event = regexp.MustCompile(`^(\S+) +\| +([\d/]+) \| [^|]+ \| ([A-Z_]+) +\| (\S+) +\| (.*?) ?$`)
	// The end of it: Cart/Cart/Logs (CartLogs8FA33D46) why.
	failedResource = regexp.MustCompile(`^(.*?\(\w+\)|\S+) (.+)$`)
	// A line such as: Cart (storefront-sandbox-cart): deploying... [1/8].
	begun = regexp.MustCompile(`: (?:deploying|destroying)\.\.\. `)
	// A line such as: ✅  Cart (storefront-sandbox-cart) (no changes), or ✅  Cart: destroyed.
	finished = regexp.MustCompile(`^ *✅ +(([^\s:]+).*)$`)
	// A line such as: ❌  storefront-sandbox-cart failed to deploy.
	failing = regexp.MustCompile(`^ *❌ +(.*)$`)
	// A line such as: storefront-sandbox-cart: fail: no bucket of that name.
	unpublished = regexp.MustCompile(`^(\S+): fail: (.*)$`)
)

// noise matches lines that do not explain a failure.
var noise = regexp.MustCompile(`^(Source Location|\(no user code)|: Subprocess exited with error 1$`)

// After this time without a line, progress shows the current event.
const silence = 10 * time.Second

func (s *said) line(line string) {
	s.text.WriteString(line + "\n")
	if match := event.FindStringSubmatch(line); match != nil {
		s.event(match[1], match[2], match[3], match[4], match[5])
		return
	}
	if begun.MatchString(line) {
		s.mark = time.Now()
	}
	if match := finished.FindStringSubmatch(line); match != nil {
		s.outcomes = append(s.outcomes, Outcome{ID: match[2], Unchanged: strings.HasSuffix(match[1], "(no changes)"), Took: time.Since(s.mark)})
		s.mark = time.Now()
		s.say("%s: %s", s.command, match[1])
		s.ended = true
	}
	if match := unpublished.FindStringSubmatch(line); match != nil && s.failed == nil {
		s.failed = &Error{Command: s.command, Stack: match[1], Resource: "its template or another asset", Reason: match[2]}
	}
	if failing.MatchString(line) || len(s.errors) > 0 {
		s.errors = append(s.errors, strings.TrimSpace(line))
	}
}

func (s *said) event(stack, count, status, kind, rest string) {
	if strings.HasSuffix(status, "_FAILED") && s.failed == nil && !strings.Contains(rest, "cancelled") {
		resource, reason := rest, status
		if match := failedResource.FindStringSubmatch(rest); match != nil {
			resource, reason = match[1], match[2]
		}
		s.failed = &Error{Command: s.command, Stack: stack, Resource: kind + " " + resource, Reason: reason}
	}
	if time.Since(s.shown) > silence && time.Since(s.started) > silence {
		s.say("%s: %s: %s resources, now %s %s", s.command, stack, count, kind, strings.ToLower(status))
	}
}

// done ends a successful run. Some commands print nothing then.
func (s *said) done() {
	if !s.ended {
		s.say("%s: done", s.command)
	}
}

func (s *said) say(format string, values ...any) {
	s.shown = time.Now()
	if s.progress != nil {
		_, _ = fmt.Fprintf(s.progress, "%5.1f s  %s\n", time.Since(s.started).Seconds(), fmt.Sprintf(format, values...))
	}
}

// failure is the best explanation why the CLI failed: the first resource that failed, or else the output from the first
// report of a failure on, or else the last line.
func (s *said) failure() *Error {
	if s.failed != nil {
		return s.failed
	}
	failure := &Error{Command: s.command, Reason: lastLine(s.text.String())}
	var reasons []string
	for _, line := range s.errors {
		if line != "" && !noise.MatchString(line) {
			reasons = append(reasons, strings.TrimLeft(line, "❌‣ "))
		}
	}
	if len(reasons) > 0 {
		failure.Reason = strings.Join(reasons, "; ")
	}
	return failure
}

func lastLine(text string) string {
	last := ""
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !noise.MatchString(line) {
			last = line
		}
	}
	return last
}
