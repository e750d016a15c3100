package cdk

import (
	"regexp"
	"strings"
	"testing"
)

// What the app prints is shown, and nothing of the CLI's own.
func TestCopyShowsWhatTheAppPrints(t *testing.T) {
	for name, test := range map[string]struct {
		printed, want string
		any           bool
		status        string
	}{
		"nothing":                  {"", "", false, ""},
		"only the CLI":             {"\nSuccessfully synthesized to /shop/cdk.out\nSupply a stack id (Cart) to display its template.\n", "", false, ""},
		"a warning":                {"[Warning at /Cart] old\n\nSuccessfully synthesized to /shop/cdk.out\n", "[Warning at /Cart] old\n\n", true, ""},
		"a problem":                {"\nName is missing\n/shop/.cache/app: Subprocess exited with error 1\n\n", "Name is missing\n", true, "1"},
		"without a line break":     {"Name is missing/shop/.cache/app: Subprocess exited with error 1\n", "Name is missing\n", true, "1"},
		"nothing, and a status":    {"/shop/.cache/app: Subprocess exited with error 3\n", "", false, "3"},
		"nothing, and no stacks":   {"ENOENT: no such file or directory, open '/shop/cdk.out/manifest.json'\n", "the app has written no stacks: its main function must end with app.Synth(nil), or with what calls it\n", true, ""},
		"the end of another's app": {"./shop: Subprocess exited with error 1\n", "./shop: Subprocess exited with error 1\n", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			output := lines{app: regexp.MustCompile(`^(.*)/shop/\.cache/app: Subprocess exited with error (\d+)$`)}
			var got strings.Builder
			output.copy(t.Context(), strings.NewReader(test.printed), &got)
			if got.String() != test.want || output.any != test.any || output.status != test.status {
				t.Errorf("got %q, any %t, status %q, want %q, %t, %q", got.String(), output.any, output.status, test.want, test.any, test.status)
			}
		})
	}
}
