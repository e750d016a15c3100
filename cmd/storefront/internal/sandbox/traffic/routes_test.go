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
		stack := &deployed.Stack{Name: "storefront-sandbox-" + strings.ToLower(strings.TrimSuffix(filepath.Base(file), ".json")), Template: template, Resources: map[string]deployed.Resource{}}
		for _, r := range template.Resources("") {
			stack.Resources[r.LogicalID] = deployed.Resource{LogicalID: r.LogicalID, Type: r.Type, PhysicalID: r.LogicalID}
		}
		stacks = append(stacks, stack)
	}
	return stacks
}

func TestEachRouteOfTheStorefrontIsCalled(t *testing.T) {
	h := &Harness{urls: map[string]string{}}
	if err := h.find(&deployed.App{Stacks: golden(t)}); err != nil {
		t.Fatal(err)
	}
	answered, _ := h.shapes()
	called := map[*route]int{}
	for _, s := range answered {
		called[s.route]++
	}
	services := map[string]int{}
	for _, r := range h.routes {
		if called[r] == 0 {
			t.Errorf("%s: %s: no request is for it", r.stack, r.key())
		}
		if r.preflight != (r.method == "OPTIONS") || r.preflight != (r.service == "") || r.elsewhere != "" {
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

// app is an app of one stack, with its logical IDs as physical IDs.
func app(t *testing.T, resources string) *deployed.App {
	t.Helper()
	template, err := snapshot.Parse([]byte(`{"Resources": {` + resources + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	stack := &deployed.Stack{Name: "s", Template: template, Resources: map[string]deployed.Resource{}}
	for _, r := range template.Resources("") {
		stack.Resources[r.LogicalID] = deployed.Resource{LogicalID: r.LogicalID, Type: r.Type, PhysicalID: r.LogicalID}
	}
	return &deployed.App{Stacks: []*deployed.Stack{stack}}
}

const (
	anAPI = `"Api": {"Type": "AWS::ApiGatewayV2::Api"}, "To": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"RequestParameters": {"overwrite:header.x-microservice": "a"}}}`
	aRule = `, "Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {
		"Conditions": [{"Field": "path-pattern"}, {"HttpHeaderConfig": {"HttpHeaderName": "x-microservice", "Values": ["a"]}}],
		"Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "One"}, "Weight": 100}, {"TargetGroupArn": {"Ref": "Two"}, "Weight": 0}]}}]}},
		"One": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"}, "Two": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"}`
)

func aRoute(more string) string {
	return `, "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "GET /a",
		"Target": {"Fn::Join": ["", ["integrations/", {"Ref": "To"}]]}` + more + `}}`
}

func TestAppsThatCannotBeRead(t *testing.T) {
	for resources, want := range map[string]string{
		anAPI + aRoute(""): "s: Route: want a listener rule for x-microservice: a with a target group, got none",
		anAPI + strings.Replace(aRoute(""), `{"Ref": "Api"}`, `{"Fn::GetStackOutput": {"StackName": "platform", "OutputName": "ApiId"}}`, 1): "s: Route: its API is of another app",
		anAPI + strings.Replace(aRoute(""), "GET /a", "/a", 1):                                                                               "s: Route: want a route key of a method and a path, got /a",
	} {
		h := &Harness{urls: map[string]string{}}
		if err := h.find(app(t, resources)); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func TestOtherApps(t *testing.T) {
	elsewhere := `, "Old": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"IntegrationUri": "https://old.example.com"}},
		"Default": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "$default", "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Old"}]]}}}`
	for name, test := range map[string]struct {
		resources string
		services  int
		groups    int
		notRun    []string
	}{
		"no API":                           {`"Queue": {"Type": "AWS::SQS::Queue"}`, 0, 0, nil},
		"no routes":                        {anAPI, 0, 0, nil},
		"a service with two target groups": {anAPI + aRoute("") + aRule, 1, 2, nil},
		"another system behind $default":   {anAPI + aRoute("") + aRule + elsewhere, 1, 2, []string{"requests for $default of s: its integration names no service in x-microservice"}},
		"signed requests": {
			anAPI + aRoute(`, "AuthorizationType": "AWS_IAM"`), 0, 0,
			[]string{"requests for GET /a of s: its authorization is AWS_IAM, for which there are no credentials here"},
		},
	} {
		h := &Harness{urls: map[string]string{}}
		if err := h.find(app(t, test.resources)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		groups := 0
		for _, s := range h.services {
			groups += len(s.groups)
		}
		if len(h.services) != test.services || groups != test.groups {
			t.Errorf("%s: got %d services with %d target groups, want %d with %d", name, len(h.services), groups, test.services, test.groups)
		}
		if diff := cmp.Diff(test.notRun, h.notRun); diff != "" {
			t.Errorf("%s: not run (-want +got):\n%s", name, diff)
		}
	}
}

func TestRoutesOfAnApp(t *testing.T) {
	users := `, "Pool": {"Type": "AWS::Cognito::UserPool"}, "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "Pool"}}},
		"Authorizer": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {"JwtConfiguration": {"Audience": [{"Ref": "Client"}]}}}`
	got, err := Routes(app(t, anAPI+aRoute(`, "AuthorizationType": "JWT", "AuthorizerId": {"Ref": "Authorizer"}, "AuthorizationScopes": ["a/read"]`)+users))
	want := []Route{{Service: "a", Method: "GET", Path: "/a", Example: "/a", SignedIn: true, Scopes: []string{"a/read"}, API: "Api", Pool: "Pool", Client: "Client"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
