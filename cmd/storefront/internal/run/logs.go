package run

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Log is the file with what all tasks have written, a line each: when, the task, and the text.
type Log struct {
	mutex sync.Mutex
	file  *os.File
}

// Line is one line of it.
type Line struct {
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	Task    string    `json:"task"` // its service and a number
	Text    string    `json:"text"`
}

const logTime = "2006-01-02T15:04:05.000Z"

// newLog creates the file.
func newLog(path string) (*Log, error) {
	file, err := os.Create(path)
	return &Log{file: file}, err
}

func (l *Log) line(task, text string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	_, _ = fmt.Fprintf(l.file, "%s %s %s\n", time.Now().UTC().Format(logTime), task, text)
}

// longest is where a line of a task is cut.
const longest = 64 << 10

// copy copies the lines of a task until it closes its output.
func (l *Log) copy(task string, from io.Reader) {
	lines := bufio.NewReaderSize(from, longest)
	for {
		text, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		l.line(task, string(text))
	}
}

// parse reads a line of the file.
func parse(text string) (Line, bool) {
	parts := strings.SplitN(strings.TrimSuffix(text, "\n"), " ", 3)
	if len(parts) != 3 {
		return Line{}, false
	}
	at, err := time.Parse(logTime, parts[0])
	service, _, _ := strings.Cut(parts[1], ".")
	return Line{at, service, parts[1], parts[2]}, err == nil
}

// Follow calls show for the last lines of a file, and then for each one that is added until done is closed. If done is nil, it
// returns at the end.
func Follow(path string, last int, of func(Line) bool, show func(Line) error, done <-chan struct{}) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewReader(file)
	var before []Line
	partial := ""
	for shown := false; ; {
		text, err := lines.ReadString('\n')
		partial += text
		if err == nil {
			line, ok := parse(partial)
			partial = ""
			switch {
			case !ok || !of(line):
			case shown:
				if err := show(line); err != nil {
					return err
				}
			default:
				if before = append(before, line); len(before) > last {
					before = before[1:]
				}
			}
			continue
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		if !shown {
			shown = true
			for _, line := range before {
				if err := show(line); err != nil {
					return err
				}
			}
		}
		if done == nil {
			return nil
		}
		select {
		case <-done:
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}
