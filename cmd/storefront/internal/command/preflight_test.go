package command

import (
	"errors"
	"strings"
	"testing"
)

func TestRunWithoutAnAssembly(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	var out, problems strings.Builder
	err := runPreflight(t.Context(), t.TempDir(), false, &out, &problems)
	if !errors.Is(err, failure(statusUsage)) || out.Len() != 0 || !strings.HasPrefix(problems.String(), "preflight: read cloud assembly: ") {
		t.Errorf("got %v, %q, %q", err, out.String(), problems.String())
	}
}
