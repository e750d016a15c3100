// Package progress shows that a command works while nothing is printed: on a terminal one line that is overwritten and counts
// the seconds, elsewhere, as in CI, a plain line for each step that takes long.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// Line is the standard error of a command, and the current step below what was written to it.
type Line struct {
	to       io.Writer
	width    func() int // of the terminal, or nil
	patience time.Duration

	mutex sync.Mutex
	step  *step // the current one, or nil
	shown bool  // whether the last line of the terminal is the step
}

type step struct {
	text  string
	began time.Time
	ended chan struct{}
}

// Patience is how long a step runs before a plain line names it, so that what is quick prints nothing.
const Patience = 10 * time.Second

// New returns the line of a writer. A writer that is one already is returned as it is, so that everything that writes to
// standard error shares it.
func New(to io.Writer) *Line {
	if line, ok := to.(*Line); ok {
		return line
	}
	line := &Line{to: to, patience: Patience}
	if Terminal(to) && os.Getenv("TERM") != "dumb" && os.Getenv("CI") == "" {
		fd := int(to.(*os.File).Fd()) //nolint:gosec // file descriptors are small
		line.patience = 200 * time.Millisecond
		line.width = func() int {
			if width, _, err := term.GetSize(fd); err == nil && width > 0 {
				return width
			}
			return 80
		}
	}
	return line
}

// Terminal reports whether a reader or writer is a terminal.
func Terminal(stream any) bool {
	if line, ok := stream.(*Line); ok {
		stream = line.to
	}
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) //nolint:gosec // file descriptors are small
}

// Colored reports whether a writer is a terminal on which colors are wanted: NO_COLOR is unset, and TERM is not dumb.
func Colored(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && Terminal(w)
}

// Begin names what is being done until the returned function is called, such as "compiling the app". It replaces the step
// before it, so a step that changes is begun again; call only what the last Begin returned, or each, in any order.
func (l *Line) Begin(format string, values ...any) (end func()) {
	s := &step{fmt.Sprintf(format, values...), time.Now(), make(chan struct{})}
	l.mutex.Lock()
	if l.step != nil {
		close(l.step.ended)
	}
	l.step = s
	if l.shown {
		l.show(s)
	}
	l.mutex.Unlock()
	go l.watch(s)
	return func() {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		if l.step == s {
			l.hide()
			l.step = nil
			close(s.ended)
		}
	}
}

// watch shows a step once it has taken longer than patience, and on a terminal again each second.
func (l *Line) watch(s *step) {
	next := time.NewTimer(l.patience)
	defer next.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-next.C:
		}
		l.mutex.Lock()
		if l.step == s {
			l.show(s)
		}
		l.mutex.Unlock()
		if l.width == nil {
			return
		}
		next.Reset(time.Second - time.Since(s.began)%time.Second)
	}
}

func (l *Line) show(s *step) {
	if l.width == nil {
		_, _ = fmt.Fprintf(l.to, "%s ...\n", s.text)
		return
	}
	seconds := ""
	if took := time.Since(s.began); took >= time.Second {
		seconds = fmt.Sprintf(" %d s", int(took.Seconds()))
	}
	// A line that wraps could not be overwritten.
	text, room := []rune(s.text), l.width()-len(seconds)-len(" ...")-1
	if len(text) > room && room > 0 {
		text = text[:room]
	}
	_, _ = fmt.Fprintf(l.to, "\r\x1b[K%s ...%s", string(text), seconds)
	l.shown = true
}

func (l *Line) hide() {
	if l.shown {
		_, _ = io.WriteString(l.to, "\r\x1b[K")
		l.shown = false
	}
}

// Write writes text that remains, above the current step. It should be whole lines.
func (l *Line) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	shown := l.shown
	l.hide()
	written, err := l.to.Write(text)
	if shown && l.step != nil && strings.HasSuffix(string(text), "\n") {
		l.show(l.step)
	}
	return written, err
}

// Over returns a writer of text to the same terminal, such as standard output: it removes the step first. Elsewhere it is the
// writer itself.
func (l *Line) Over(w io.Writer) io.Writer {
	if l.width == nil {
		return w
	}
	return over{l, w}
}

type over struct {
	line *Line
	to   io.Writer
}

func (o over) Write(text []byte) (int, error) {
	o.line.mutex.Lock()
	defer o.line.mutex.Unlock()
	o.line.hide()
	return o.to.Write(text)
}
