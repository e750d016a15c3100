package snapshot_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// recorder replaces the testing.TB of a test that is expected to fail.
type recorder struct {
	testing.TB
	errors []string
	logs   []string
}

func (r *recorder) Helper() {}

func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// record runs test in its own goroutine, as package testing does, so that Fatalf
// ends only the test.
func record(test func(tb testing.TB)) *recorder {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	return r
}

// wantMessages checks that there is one message for each entry of want and that
// it contains every part of that entry.
func wantMessages(t *testing.T, kind string, got []string, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d %s, want %d:\n%s", len(got), kind, len(want), strings.Join(got, "\n"))
	}
	for i, parts := range want {
		for _, part := range parts {
			if !strings.Contains(got[i], part) {
				t.Errorf("%s %d lacks %q:\n%s", kind, i, part, got[i])
			}
		}
	}
}
