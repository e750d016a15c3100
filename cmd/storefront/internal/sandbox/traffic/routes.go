package traffic

import (
	"cmp"
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
	method, path     string // ANY and $default for the route of all other requests
	api              string // its ID
	service          string // that the integration names
	preflight        bool   // whether it is one of the platform's CORS preflight routes, which are of no service
	elsewhere        string // why no request is sent to it, if it is neither: such as an integration with another system
	signedIn         bool
	scopes           []string
	caller           *caller // of a signed-in route
}

func (r *route) key() string {
	if r.path == defaultPath {
		return defaultPath
	}
	return r.method + " " + r.path
}

// caller is a user pool's client, whose users may call the routes of an authorizer, and a user who is signed in.
type caller struct {
	pool, client string // their IDs; empty if the tokens are of an issuer that the app does not define
	user         *user
	forged       map[string]string // tokens, by their defect
}

const (
	anyMethod   = "ANY"
	defaultPath = "$default"
)

// methods are the methods with which an ANY route is called.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// headerService names the service that a request is for, and named is the parameter mapping that sets it.
const (
	headerService = "x-microservice"
	named         = "overwrite:header." + headerService
)

// Route is one route of a deployed app that reaches a service.
type Route struct {
	Service  string
	Method   string // or ANY
	Path     string // such as "/cart/{proxy+}"
	Example  string // a path that it matches
	SignedIn bool
	Scopes   []string // that a token must have
	API      string   // the ID of its API
	Pool     string   // the IDs of the user pool and the client whose tokens it accepts; empty if the app has none
	Client   string
}

// Routes returns the routes of an app's services, in the order of their stacks and paths. It calls nothing.
func Routes(s *deployed.App) ([]Route, error) {
	all, err := declared(s)
	if err != nil {
		return nil, err
	}
	var routes []Route
	for _, r := range all {
		if r.service == "" {
			continue
		}
		route := Route{Service: r.service, Method: r.method, Path: r.path, Example: samples(r.path)[0], SignedIn: r.signedIn, Scopes: r.scopes, API: r.api}
		if r.caller != nil {
			route.Pool, route.Client = r.caller.pool, r.caller.client
		}
		routes = append(routes, route)
	}
	return routes, nil
}

// declared returns the routes of all templates.
func declared(s *deployed.App) ([]*route, error) {
	var all []*route
	callers := map[string]*caller{}
	for _, stack := range s.Stacks {
		var own []*route
		for _, resource := range stack.Template.Resources("AWS::ApiGatewayV2::Route") {
			r, err := declaredBy(s, stack, resource)
			if err != nil {
				return nil, err
			}
			if r.signedIn {
				r.caller = callerOf(s, stack, resource)
				if known := callers[r.caller.client]; known != nil {
					r.caller = known
				}
				callers[r.caller.client] = r.caller
			}
			own = append(own, r)
		}
		slices.SortFunc(own, func(a, b *route) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method)) })
		all = append(all, own...)
	}
	return all, nil
}

func declaredBy(s *deployed.App, stack *deployed.Stack, resource snapshot.Resource) (*route, error) {
	key, _ := resource.Get("Properties.RouteKey").(string)
	method, path, ok := strings.Cut(key, " ")
	if key == defaultPath {
		method, path, ok = anyMethod, defaultPath, true
	}
	if !ok {
		return nil, fmt.Errorf("%s: %s: want a route key of a method and a path, got %v", stack.Name, resource.LogicalID, resource.Get("Properties.RouteKey"))
	}
	r := &route{stack: stack.Name, logicalID: resource.LogicalID, method: method, path: path}
	_, api := s.Referenced(stack, resource.Get("Properties.ApiId"))
	if api == nil {
		return nil, fmt.Errorf("%s: %s: its API is of another app", stack.Name, resource.LogicalID)
	}
	r.api = api.PhysicalID
	r.integrate(s.Referenced(stack, resource.Get("Properties.Target")))
	switch kind := resource.Get("Properties.AuthorizationType"); kind {
	case nil, "NONE":
	case "JWT":
		r.signedIn = true
		r.scopes = texts(resource.Get("Properties.AuthorizationScopes"))
	default:
		r.service, r.elsewhere = "", fmt.Sprintf("its authorization is %v, for which there are no credentials here", kind)
	}
	return r, nil
}

// integrate sets what the integration of a route says: the service that it names, or that of CORS preflights, which is the one
// of a platform that removes no user ID and names no service.
func (r *route) integrate(stack *deployed.Stack, integration *deployed.Resource) {
	if integration != nil {
		parameters, _ := stack.Template.Get("Resources." + integration.LogicalID + ".Properties.RequestParameters").(map[string]any)
		name, _ := parameters[named].(string)
		switch {
		case name == preflight:
			r.preflight = true
			return
		case name != "":
			r.service = name
			return
		}
	}
	r.elsewhere = "its integration names no service in " + headerService
}

// callerOf returns the user pool and the client whose tokens the authorizer of a route accepts.
func callerOf(s *deployed.App, stack *deployed.Stack, route snapshot.Resource) *caller {
	in, authorizer := s.Referenced(stack, route.Get("Properties.AuthorizerId"))
	if authorizer == nil {
		return &caller{}
	}
	audience := in.Template.Get("Resources." + authorizer.LogicalID + ".Properties.JwtConfiguration.Audience.0")
	in, client := s.Referenced(in, audience)
	if client == nil || client.Type != "AWS::Cognito::UserPoolClient" {
		return &caller{}
	}
	_, pool := s.Referenced(in, in.Template.Get("Resources."+client.LogicalID+".Properties.UserPoolId"))
	if pool == nil {
		return &caller{}
	}
	return &caller{pool: pool.PhysicalID, client: client.PhysicalID}
}

func texts(list any) []string {
	all, _ := list.([]any)
	var found []string
	for _, each := range all {
		found = append(found, fmt.Sprint(each))
	}
	return found
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
		if r.api != api {
			continue
		}
		there, ok := got[r.key()]
		delete(got, r.key())
		if !ok {
			findings = append(findings, r.finding("the route "+r.key()+" in the API", "as declared", "none"))
			continue
		}
		if wanted := authorization(r.signedIn); r.elsewhere == "" && there.AuthorizationType != wanted && (r.signedIn || there.AuthorizationType != "") {
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
	if a.path == defaultPath || b.path == defaultPath {
		return a.path != defaultPath
	}
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
	if pattern == defaultPath {
		return true
	}
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
	if path == defaultPath {
		return []string{"/not/a/route"}
	}
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
	api, method, path string
	route             *route
}

func (s shape) String() string { return s.method + " " + s.path }

// shapes returns the requests for all routes of one API: those that match one, with each of its methods, and those that match none.
func shapes(routes []*route) (answered, unknown []shape) {
	add := func(method, path string) {
		s := shape{routes[0].api, method, path, pick(routes, method, path)}
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
		if r.path == defaultPath {
			continue
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
