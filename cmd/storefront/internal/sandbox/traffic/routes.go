package traffic

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// route is one route that a template declares.
type route struct {
	stack, logicalID string
	method, path     string
	service          string // that declares it, or "" for the platform's CORS preflight routes
	signedIn         bool
}

func (r *route) key() string { return r.method + " " + r.path }

const anyMethod = "ANY"

// methods are the methods with which an ANY route is called.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// headerService names the service that a request is for.
const headerService = "x-microservice"

// serviceIn is the name of the service in a stack's listener rule, or "" if the stack has no routes.
func serviceIn(stack *deployed.Stack) (string, error) {
	routes := stack.Template.Resources("AWS::ApiGatewayV2::Route")
	if len(routes) == 0 {
		return "", nil
	}
	var names []string
	for _, rule := range stack.Template.Resources("AWS::ElasticLoadBalancingV2::ListenerRule") {
		conditions, _ := rule.Get("Properties.Conditions").([]any)
		for i := range conditions {
			at := fmt.Sprintf("Properties.Conditions.%d.HttpHeaderConfig.", i)
			values, _ := rule.Get(at + "Values").([]any)
			if rule.Get(at+"HttpHeaderName") == headerService && len(values) == 1 {
				names = append(names, fmt.Sprint(values[0]))
			}
		}
	}
	if len(names) != 1 {
		return "", fmt.Errorf("%s: the stack has routes, so it must have one listener rule for one value of the header %s, got %d: %s", stack.Name, headerService, len(names), strings.Join(names, ", "))
	}
	return names[0], nil
}

// declared returns the routes of a stack's template, which belong to the service.
func declared(stack *deployed.Stack, service string) ([]*route, error) {
	var all []*route
	for _, resource := range stack.Template.Resources("AWS::ApiGatewayV2::Route") {
		key, _ := resource.Get("Properties.RouteKey").(string)
		method, path, ok := strings.Cut(key, " ")
		if !ok {
			return nil, fmt.Errorf("%s: %s: want a route key of a method and a path, got %v", stack.Name, resource.LogicalID, resource.Get("Properties.RouteKey"))
		}
		r := &route{stack: stack.Name, logicalID: resource.LogicalID, method: method, path: path, service: service}
		if !ownIntegration(stack, resource) {
			r.service = ""
		}
		switch kind := resource.Get("Properties.AuthorizationType"); kind {
		case nil, "NONE":
		case "JWT":
			r.signedIn = true
		default:
			return nil, fmt.Errorf("%s: %s: want authorization by JWT or none, got %v", stack.Name, resource.LogicalID, kind)
		}
		all = append(all, r)
	}
	return all, nil
}

// ownIntegration reports whether the integration of a route is in its own stack. That of CORS preflight routes is the
// platform's.
func ownIntegration(stack *deployed.Stack, route snapshot.Resource) bool {
	target, _ := route.Get("Properties.Target.Fn::Join.1").([]any)
	for _, part := range target {
		reference, _ := part.(map[string]any)
		if id, ok := reference["Ref"].(string); ok && stack.Resources[id].Type == "AWS::ApiGatewayV2::Integration" {
			return true
		}
	}
	return false
}

// compareRoutes compares the routes of the API with those of the templates.
func compareRoutes(ctx context.Context, config aws.Config, api string, want []*route) ([]Finding, error) {
	client := apigatewayv2.NewFromConfig(config)
	got := map[string]types.Route{}
	var token *string
	for {
		page, err := client.GetRoutes(ctx, &apigatewayv2.GetRoutesInput{ApiId: &api, NextToken: token})
		if err != nil {
			return nil, fmt.Errorf("list the routes of API %s: %w", api, err)
		}
		for _, each := range page.Items {
			got[aws.ToString(each.RouteKey)] = each
		}
		if token = page.NextToken; token == nil {
			break
		}
	}
	var findings []Finding
	for _, r := range want {
		there, ok := got[r.key()]
		delete(got, r.key())
		if !ok {
			findings = append(findings, r.finding("the route "+r.key()+" in the API", "as declared", "none"))
			continue
		}
		if wanted := authorization(r.signedIn); there.AuthorizationType != wanted && (r.signedIn || there.AuthorizationType != "") {
			findings = append(findings, r.finding("the authorization of route "+r.key()+" in the API", string(wanted), string(there.AuthorizationType)))
		}
	}
	for key := range got {
		findings = append(findings, Finding{What: "the route " + key + " in the API", Want: "none, since no template declares it", Got: "there"})
	}
	return findings, nil
}

func authorization(signedIn bool) types.AuthorizationType {
	if signedIn {
		return types.AuthorizationTypeJwt
	}
	return types.AuthorizationTypeNone
}

// pick returns the route that API Gateway selects for a request, or nil: the one with the most specific path, segment by
// segment, and of several the one for the method before ANY.
func pick(routes []*route, method, path string) *route {
	var best *route
	for _, r := range routes {
		if (r.method == method || r.method == anyMethod) && matches(r.path, path) && (best == nil || before(r, best)) {
			best = r
		}
	}
	return best
}

func before(a, b *route) bool {
	if order := slices.Compare(specificity(a.path), specificity(b.path)); order != 0 {
		return order > 0
	}
	return a.method != anyMethod && b.method == anyMethod
}

// specificity ranks the segments of a route's path: a literal before a variable, a variable before a greedy one.
func specificity(path string) []int {
	var ranks []int
	for _, segment := range segments(path) {
		switch {
		case strings.HasSuffix(segment, "+}"):
			ranks = append(ranks, 0)
		case strings.HasPrefix(segment, "{"):
			ranks = append(ranks, 1)
		default:
			ranks = append(ranks, 2)
		}
	}
	return ranks
}

func matches(pattern, path string) bool {
	want, got := segments(pattern), segments(path)
	for i, segment := range want {
		switch {
		case strings.HasSuffix(segment, "+}"):
			return len(got) > i
		case i >= len(got) || segment != got[i] && !strings.HasPrefix(segment, "{"):
			return false
		}
	}
	return len(got) == len(want)
}

func segments(path string) []string {
	path, _, _ = strings.Cut(path, "?")
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

// samples returns paths that match a route: for a greedy one a short one, and a longer one with a query.
func samples(path string) []string {
	var filled []string
	greedy := false
	for _, segment := range segments(path) {
		if strings.HasPrefix(segment, "{") {
			greedy = strings.HasSuffix(segment, "+}")
			segment = "x"
		}
		filled = append(filled, segment)
	}
	short := "/" + strings.Join(filled, "/")
	if !greedy {
		return []string{short}
	}
	return []string{short, short + "/y.z?a=1&b=c%20d&a=2"}
}

// shape is a request to send: a method on a path, and the route that must match it, or none.
type shape struct {
	method, path string
	route        *route
}

func (s shape) String() string { return s.method + " " + s.path }

// shapes returns the requests for all routes: those that match one, with each of its methods, and those that match none.
func shapes(routes []*route) (answered, unknown []shape) {
	add := func(method, path string) {
		s := shape{method, path, pick(routes, method, path)}
		list := &answered
		if s.route == nil {
			list = &unknown
		}
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, r := range routes {
		for _, path := range samples(r.path) {
			for _, method := range methods {
				add(method, path)
			}
		}
		// Routes are matched by whole segments.
		add(http.MethodGet, "/"+segments(r.path)[0]+"s-not")
	}
	add(http.MethodGet, "/")
	add(http.MethodGet, "/health")
	add(http.MethodGet, "/not/a/route")
	// A preflight on a path without routes is answered by the API's CORS configuration, which is compared elsewhere.
	unknown = slices.DeleteFunc(unknown, func(s shape) bool { return s.method == http.MethodOptions })
	return answered, unknown
}
