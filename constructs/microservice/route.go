package microservice

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Route is a path of the environment's API that a service handles.
type Route struct {
	// Path starts with a slash. A segment may be a variable, such as {id}, and the last one a greedy variable, such as
	// {proxy+}, that matches the rest of a path. A greedy path also matches without its last segment: /cart/{proxy+}
	// also matches /cart, unless another route for all methods does. Required.
	Path string
	// Methods are HTTP methods such as "GET" or http.MethodPost. If empty, all but OPTIONS, with which browsers send
	// CORS preflight requests: the platform responds to those. A route with a method takes precedence over one for all
	// methods.
	Methods []string
	// Public allows unauthenticated calls. If false, callers must be signed in. If a public greedy path contains a
	// signed-in one, the application must distinguish the two by [HeaderUserID], not by the path: /login/me/ is not
	// /login/me.
	Public bool
	// Scopes are OAuth 2.0 scopes, such as "orders/read", of which the caller's token must have at least one in its claim
	// scope or scp; else API Gateway responds with 403. At most 10, of at most 64 characters. If empty, any token of the
	// identity is accepted. Cognito's access tokens have scopes, its ID tokens have none.
	Scopes []string
}

// The limits of API Gateway.
//
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html and
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
const (
	maxScopes      = 10
	maxScopeLength = 64
)

// scopeToken matches a scope of RFC 6749.
var scopeToken = regexp.MustCompile(`^[!#-\[\]-~]+$`)

// anyMethod matches all methods in API Gateway.
const anyMethod = "ANY"

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// Characters as in RFC 3986's pchar, without percent-encoding, which API Gateway decodes before it matches.
var (
	literalSegment  = regexp.MustCompile(`^[A-Za-z0-9._~!$&'()*+,;=:@-]+$`)
	variableSegment = regexp.MustCompile(`^\{([A-Za-z0-9._-]+)(\+?)\}$`)
	variables       = regexp.MustCompile(`\{[^}]*\}`)
)

// endpoint is one route of the API: one method, or ANY, on one path.
type endpoint struct {
	method, path string
	public       bool
	scopes       []string
}

// key is the route key of API Gateway.
func (e endpoint) key() string { return e.method + " " + e.path }

// id is the construct ID of the route. It is derived from the shape, so that a route whose variable is renamed is updated
// in place: API Gateway would reject a second route of the same shape before the first is deleted. The CDK replaces
// slashes by hyphens, with which two paths may have the same ID, so it has bars, which no path contains.
func (e endpoint) id() string { return strings.ReplaceAll(e.shape(), "/", "|") }

// shape is the route key as API Gateway compares it: without the names of path variables.
func (e endpoint) shape() string {
	return e.method + " " + variables.ReplaceAllStringFunc(e.path, func(v string) string {
		if strings.HasSuffix(v, "+}") {
			return "{+}"
		}
		return "{}"
	})
}

// parseRoutes validates routes and expands them: by method, and greedy paths by the path before the variable. It
// returns one error that lists every problem.
func parseRoutes(routes []Route) ([]endpoint, error) {
	var problems []error
	for n, route := range routes {
		problems = append(problems, route.validate(n))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	var all, implied []endpoint
	seen := map[string]string{}
	for n, route := range routes {
		for _, method := range route.methods() {
			e := endpoint{method: method, path: route.Path, public: route.Public, scopes: route.Scopes}
			if other, taken := seen[e.shape()]; taken {
				problems = append(problems, fmt.Errorf("Routes[%d]: %s is already a route of this service, as %s", n, e.key(), other))
				continue
			}
			seen[e.shape()] = e.key()
			all = append(all, e)
			if stem, ok := stem(route.Path); ok {
				implied = append(implied, endpoint{method: method, path: stem, public: route.Public, scopes: route.Scopes})
			}
		}
	}
	given := maps.Clone(seen)
	for _, e := range implied {
		// A route with a method would take precedence over the one for all methods, and could make public what that one
		// does not.
		_, decided := given[endpoint{method: anyMethod, path: e.path}.shape()]
		if _, taken := seen[e.shape()]; !taken && !decided {
			seen[e.shape()] = e.key()
			all = append(all, e)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return all, nil
}

// preflights returns the CORS preflight routes: one beside each route for all methods, unless the service has one for
// OPTIONS itself. API Gateway responds to a preflight request by itself only if no route matches it, and one for all
// methods does.
func preflights(all []endpoint) []endpoint {
	seen := map[string]bool{}
	for _, e := range all {
		seen[e.shape()] = true
	}
	var preflights []endpoint
	for _, e := range all {
		preflight := endpoint{method: http.MethodOptions, path: e.path, public: true}
		if e.method == anyMethod && !seen[preflight.shape()] {
			preflights = append(preflights, preflight)
		}
	}
	return preflights
}

// stem is a greedy path without its last segment.
func stem(path string) (string, bool) {
	slash := strings.LastIndex(path, "/")
	if !strings.HasSuffix(path, "+}") {
		return "", false
	}
	return "/" + strings.Trim(path[:slash], "/"), true
}

func (r Route) methods() []string {
	if len(r.Methods) == 0 {
		return []string{anyMethod}
	}
	return r.Methods
}

// validate returns what API Gateway would reject in the nth route.
func (r Route) validate(n int) error {
	field := fmt.Sprintf("Routes[%d]", n)
	var problems []error
	for i, method := range r.Methods {
		switch {
		case !slices.Contains(methods, method):
			problems = append(problems, fmt.Errorf("%s.Methods must be of %s, or empty for all, got %q", field, strings.Join(methods, ", "), method))
		case slices.Contains(r.Methods[:i], method):
			problems = append(problems, fmt.Errorf("%s.Methods must name each method once, got %s twice", field, method))
		}
	}
	if err := validatePath(r.Path); err != nil {
		for problem := range strings.Lines(err.Error()) {
			problems = append(problems, fmt.Errorf("%s.Path %s, got %q", field, strings.TrimSuffix(problem, "\n"), r.Path))
		}
	}
	return errors.Join(append(problems, r.validateScopes(field+".Scopes"))...)
}

func (r Route) validateScopes(field string) error {
	if len(r.Scopes) == 0 {
		return nil
	}
	var problems []error
	if r.Public {
		problems = append(problems, fmt.Errorf("%s need a route that is not Public, since they are in the caller's token, got %q with Public: remove one of the two", field, r.Scopes))
	}
	if len(r.Scopes) > maxScopes {
		problems = append(problems, fmt.Errorf("%s must be at most %d, got %d", field, maxScopes, len(r.Scopes)))
	}
	for n, scope := range r.Scopes {
		switch {
		case len(scope) > maxScopeLength || !scopeToken.MatchString(scope):
			problems = append(problems, fmt.Errorf(`%s must be 1 to %d characters of ASCII without spaces, quotation marks and backslashes, such as "orders/read", got %q`, field, maxScopeLength, scope))
		case slices.Contains(r.Scopes[:n], scope):
			problems = append(problems, fmt.Errorf("%s must name each scope once, got %q twice", field, scope))
		}
	}
	return errors.Join(problems...)
}

// validatePath returns one error that lists every problem of a path.
func validatePath(path string) error {
	if path == "/" {
		return nil
	}
	var problems []error
	add := func(format string, values ...any) {
		if err := fmt.Errorf(format, values...); !slices.ContainsFunc(problems, func(other error) bool { return other.Error() == err.Error() }) {
			problems = append(problems, err)
		}
	}
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		add("must start with a slash, such as /cart/{proxy+}")
	}
	if path == "" {
		return errors.Join(problems...)
	}
	names := map[string]bool{}
	segments := strings.Split(rest, "/")
	for n, segment := range segments {
		variable := variableSegment.FindStringSubmatch(segment)
		switch {
		case segment == "":
			add("must not have an empty segment or end in a slash")
		case strings.Count(segment, "{") != strings.Count(segment, "}"):
			add("must close each brace in the segment that opens it")
		case variable == nil && segment == variables.FindString(segment):
			add("must name variables by letters, digits and ._-, such as {id} or {proxy+}, not %s", segment)
		case variable == nil && strings.ContainsAny(segment, "{}"):
			add("must have variables as whole segments, such as {id} or {proxy+}")
		case variable == nil && !literalSegment.MatchString(segment):
			add("must be of letters, digits and .~!$&'()*+,;=:@-_, not %q", segment)
		}
		if variable == nil {
			continue
		}
		if variable[2] == "+" && n < len(segments)-1 {
			add("must have its greedy variable %s last", segment)
		}
		if names[variable[1]] {
			add("must name each variable once, not {%s} twice", variable[1])
		}
		names[variable[1]] = true
	}
	return errors.Join(problems...)
}
