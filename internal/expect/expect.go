// Package expect has the assertion that tests of validation share.
package expect

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Problems compares the lines of err, one for each problem, with want. Without want, err must be nil.
func Problems(t testing.TB, err error, want ...string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
