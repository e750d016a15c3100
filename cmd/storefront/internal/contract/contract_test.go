package contract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCount(t *testing.T) {
	const report = `{"LoadingFinished": {"statistic": {"operations": {"selected": 3}}}}
{"ScenarioFinished": {"phase": "examples", "recorder": {"label": "PUT /cart/items/{id}"}}}
{"ScenarioFinished": {"phase": "coverage", "recorder": {"label": "PUT /cart/items/{id}",
  "cases": {"a": {"value": {"method": "PUT", "path": "/cart/items/{id}"}}, "b": {"value": {"method": "TRACE", "path": "/cart/items/{id}"}},
    "c": {"value": {"method": "PUT", "path": "/cart/items/{id}"}}, "d": {"value": {"method": "PUT", "path": "/cart/items/{id}"}}},
  "interactions": {"a": {"response": {"status_code": 200}}, "b": {"response": {"status_code": 405}}, "c": {"response": {"status_code": 409}},
    "d": {"response": null}}}}}
{"ScenarioFinished": {"phase": "coverage", "recorder": {"label": "GET /cart",
  "cases": {"e": {"value": {"method": "GET", "path": "/cart"}}}, "interactions": {"e": {"response": {"status_code": 302}}}}}}
`
	got, missing, err := count(strings.NewReader(report))
	if err != nil {
		t.Fatal(err)
	}
	want := []Operation{{Operation: "GET /cart", Succeeded: 1}, {Operation: "PUT /cart/items/{id}", Succeeded: 1, Refused: 1, Failed: 1}}
	if diff := cmp.Diff(want, got); diff != "" || missing != 1 {
		t.Errorf("%d are missing\n%s", missing, diff)
	}
}

func TestFound(t *testing.T) {
	const output = "Schemathesis\n progress\n===== FAILURES =====\n__ GET /cart __\n- Server error\n===== WARNINGS =====\n===== SUMMARY =====\n"
	if got := found(output); got != "===== FAILURES =====\n__ GET /cart __\n- Server error" {
		t.Errorf("got %q", got)
	}
}
