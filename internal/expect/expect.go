// Package expect is what the tests of validation share.
package expect

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Problems compares all that is wrong, one line for each problem. Nothing wanted is nothing wrong.
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
