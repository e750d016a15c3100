package main

import (
	"strings"
	"testing"
)

func TestRunWithoutAnAssembly(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	var out, problems strings.Builder
	code := run(t.Context(), t.TempDir(), &out, &problems)
	if code != 2 || out.Len() != 0 || !strings.HasPrefix(problems.String(), "preflight: read cloud assembly: ") {
		t.Errorf("got %d, %q, %q", code, out.String(), problems.String())
	}
}
