package command

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
)

func TestTheReportOfTheChecks(t *testing.T) {
	results := []struct {
		name   string
		result check.Result
	}{
		{"complete", check.Result{Numbers: []string{"54 resources", "and more"}}},
		{"routed", check.Result{NotRun: []string{"requests: the app has no routes"}}},
		{"true", check.Result{Numbers: []string{"1 resource"}, Findings: []string{"cart: Items: want a, got b"}, NotRun: []string{"a secret"}}},
	}
	var out strings.Builder
	r := newTestReport(&out, false, false)
	for _, each := range results {
		if err := r.add(each.name, 1240*time.Millisecond, each.result); err != nil {
			t.Fatal(err)
		}
	}
	err := r.end()
	want := `ok         1.2 s  complete         54 resources
not run    1.2 s  routed
         not run: requests: the app has no routes
failed     1.2 s  true             1 resource
         not run: a secret
         cart: Items: want a, got b

3 checks, 1 findings, 0 s
`
	var status failure
	if out.String() != want || !errors.As(err, &status) || status != statusFailed || r.Passed {
		t.Errorf("%v, got\n%s\nwant\n%s", err, out.String(), want)
	}

	out.Reset()
	r = newTestReport(&out, false, true)
	for _, each := range results[:2] {
		if err := r.add(each.name, time.Second, each.result); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.end(); err != nil || !strings.HasPrefix(out.String(), "{\n  \"passed\": true,\n") || !strings.Contains(out.String(), `"status": "not run"`) {
		t.Errorf("%v, got\n%s", err, out.String())
	}
}
