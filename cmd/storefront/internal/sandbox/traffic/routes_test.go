package traffic

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

func routesOf(keys ...string) []*route {
	var all []*route
	for _, key := range keys {
		method, path, _ := strings.Cut(key, " ")
		all = append(all, &route{method: method, path: path, service: key})
	}
	return all
}

func TestPick(t *testing.T) {
	routes := routesOf("ANY /login/{proxy+}", "ANY /login", "GET /login/{proxy+}", "ANY /login/me", "GET /a/{id}", "POST /a/{id}/b", "GET /{all+}", "GET /")
	for request, want := range map[string]string{
		"GET /login":        "ANY /login",
		"PUT /login":        "ANY /login",
		"GET /login/x":      "GET /login/{proxy+}",
		"PUT /login/x/y":    "ANY /login/{proxy+}",
		"GET /login/me":     "ANY /login/me", // the path before the method
		"GET /login/me/x":   "GET /login/{proxy+}",
		"GET /login/me?a=b": "ANY /login/me",
		"GET /logins":       "GET /{all+}",
		"PUT /logins":       "",
		"GET /a/1":          "GET /a/{id}",
		"POST /a/1":         "",
		"POST /a/1/b":       "POST /a/{id}/b",
		"GET /a/1/b":        "GET /{all+}",
		"GET /":             "GET /",
	} {
		method, path, _ := strings.Cut(request, " ")
		got := ""
		if r := pick(routes, method, path); r != nil {
			got = r.key()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", request, got, want)
		}
		slices.Reverse(routes) // the order in which they were declared does not count
	}
}

func TestSamples(t *testing.T) {
	for path, want := range map[string][]string{
		"/search":       {"/search"},
		"/a/{id}/b":     {"/a/x/b"},
		"/cart/{rest+}": {"/cart/x", "/cart/x/y.z?a=1&b=c%20d&a=2"},
		"/":             {"/"},
	} {
		if diff := cmp.Diff(want, samples(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestShapes(t *testing.T) {
	answered, unknown := shapes(routesOf("GET /search", "ANY /me", "OPTIONS /me"))
	var got []string
	for _, s := range answered {
		got = append(got, s.String()+" by "+s.route.key())
	}
	want := []string{"GET /search by GET /search"}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		want = append(want, method+" /me by ANY /me")
	}
	want = append(want, "OPTIONS /me by OPTIONS /me")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answered (-want +got):\n%s", diff)
	}
	got = nil
	for _, s := range unknown {
		got = append(got, s.String())
	}
	want = []string{
		"HEAD /search", "POST /search", "PUT /search", "PATCH /search", "DELETE /search", "GET /searchs-not", "GET /mes-not",
		"GET /", "GET /health", "GET /not/a/route",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}

// golden is the storefront of the golden templates, with the logical IDs as physical IDs.
func golden(t *testing.T) []*deployed.Stack {
	t.Helper()
	files, err := filepath.Glob("../../../../../test/testdata/golden/sandbox/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("want golden templates, got %v, %v", files, err)
	}
	var stacks []*deployed.Stack
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		template, err := snapshot.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		stack := &deployed.Stack{Name: strings.TrimSuffix(filepath.Base(file), ".json"), Template: template, Resources: map[string]deployed.Resource{}}
		for _, r := range template.Resources("") {
			stack.Resources[r.LogicalID] = deployed.Resource{LogicalID: r.LogicalID, Type: r.Type, PhysicalID: r.LogicalID}
		}
		stacks = append(stacks, stack)
	}
	return stacks
}

func TestEachRouteOfTheStorefrontIsCalled(t *testing.T) {
	h := &Harness{}
	if err := h.findServices(&deployed.Storefront{Stacks: golden(t)}); err != nil {
		t.Fatal(err)
	}
	answered, _ := shapes(h.routes)
	called := map[*route]int{}
	for _, s := range answered {
		called[s.route]++
	}
	services := map[string]int{}
	for _, r := range h.routes {
		if called[r] == 0 {
			t.Errorf("%s: %s: no request is for it", r.stack, r.key())
		}
		if (r.service == "") != (r.method == "OPTIONS") {
			t.Errorf("%s: %s: answered by %q", r.stack, r.key(), r.service)
		}
		services[r.service]++
	}
	if len(h.services) < 6 || len(services) != len(h.services)+1 {
		t.Errorf("got services %v, routes of %v", h.services, services)
	}
	if r := pick(h.routes, "GET", "/login/me"); r == nil || !r.signedIn || r.service != "login" {
		t.Errorf("GET /login/me: got %+v, want one of login for callers who are signed in", r)
	}
	if r := pick(h.routes, "GET", "/login/you"); r == nil || r.signedIn {
		t.Errorf("GET /login/you: got %+v, want one for all", r)
	}
}

func TestStacksThatCannotBeRead(t *testing.T) {
	const route = `"Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /a"}}`
	rule := func(id, name string) string {
		return `"` + id + `": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"Conditions": [{"HttpHeaderConfig": {"HttpHeaderName": "x-microservice", "Values": ["` + name + `"]}}]}}`
	}
	for resources, want := range map[string]string{
		route: "s: the stack has routes, so it must have one listener rule for one value of the header x-microservice, got 0: ",
		route + "," + rule("A", "a") + "," + rule("B", "b"):                                                    "s: the stack has routes, so it must have one listener rule for one value of the header x-microservice, got 2: a, b",
		route + "," + rule("A", "a"):                                                                           "s: want one target group, got 0",
		strings.Replace(route, "GET /a", "$default", 1) + "," + rule("A", "a"):                                 "s: Route: want a route key of a method and a path, got $default",
		strings.Replace(route, `GET /a"`, `GET /a", "AuthorizationType": "AWS_IAM"`, 1) + "," + rule("A", "a"): "s: Route: want authorization by JWT or none, got AWS_IAM",
		rule("A", "a"): "want stacks with routes, got none",
	} {
		template, err := snapshot.Parse([]byte(`{"Resources": {` + resources + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		err = new(Harness).findServices(&deployed.Storefront{Stacks: []*deployed.Stack{{Name: "s", Template: template}}})
		if err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}
